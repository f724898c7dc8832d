package org.growingnn.dl4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class LiveModelTest {

    private static final int INPUTS = 2;

    /** Adam's state of the network: first the means, then the mean squares. */
    private static ComputationGraph withState(double... state) {
        ComputationGraph model = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .updater(new Adam(0.01))
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.feedForward(INPUTS))
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MSE)
                                .activation(Activation.IDENTITY)
                                .nOut(1)
                                .hasBias(false)
                                .build(),
                        "in")
                .setOutputs("out")
                .build());
        model.init();
        INDArray view = model.getUpdater().getStateViewArray();
        view.assign(Nd4j.createFromArray(state).castTo(view.dataType()).reshape(view.shape()));
        return model;
    }

    @Test
    void state_that_decays_to_denormal_numbers_is_dropped_where_it_would_slow_down_training() {
        ComputationGraph model = withState(-1e-40, 1e-29, 1e-31, 0.5);

        NetworkGraph network = Dl4jGraphs.read(model);

        try (LiveModel live = LiveModel.of(network)) {
            assertThat(live.model().getUpdater().getStateViewArray().toFloatVector())
                    .containsExactly(0, 1e-29f, 0, 0.5f);
        }
        assertThat(Dl4jGraphs.toComputationGraph(network)
                        .getUpdater()
                        .getStateViewArray()
                        .toFloatVector())
                .as("a network that is not trained keeps what was read")
                .containsExactly(model.getUpdater().getStateViewArray().toFloatVector());
    }
}
