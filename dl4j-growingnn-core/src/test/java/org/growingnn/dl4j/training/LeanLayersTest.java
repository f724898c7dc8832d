package org.growingnn.dl4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.AlphaDropout;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Deeplearning4j's own layers are the oracle: the same network, trained by the same steps. */
class LeanLayersTest {

    private static final int INPUTS = 7;
    private static final int STEPS = 6;

    static Stream<IActivation> activations() {
        return Stream.concat(
                Arrays.stream(Activation.values())
                        // Deeplearning4j's own draws random slopes, and one asks for masks, or for an even number of
                        // units.
                        .filter(activation -> activation != Activation.RRELU)
                        .map(Activation::getActivationFunction),
                Stream.of(new ActivationReLU(6.0, null, null), new ActivationReLU(null, 0.1, 0.2)));
    }

    @ParameterizedTest
    @MethodSource("activations")
    void training_is_what_Deeplearning4js_own_layers_do(IActivation activation) {
        assertTrainsAlike(network(activation, 0, false));
    }

    @ParameterizedTest
    @EnumSource(
            value = Activation.class,
            names = {"RELU", "TANH"})
    void dropout_hits_the_same_units(Activation activation) {
        assertTrainsAlike(network(activation.getActivationFunction(), 0.6, false));
    }

    @Test
    void weight_noise_is_left_to_Deeplearning4j() {
        assertTrainsAlike(network(Activation.RELU.getActivationFunction(), 0, true));
    }

    @Test
    void errors_still_reach_what_stands_between_the_inputs_and_a_layer() {
        ComputationGraph model = initialised(new NeuralNetConfiguration.Builder()
                .seed(5)
                .updater(new Adam(0.01))
                .activation(Activation.RELU)
                .graphBuilder()
                .addInputs("in")
                .addLayer("left", dense(6), "in")
                .addLayer("right", dense(6), "in")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "left", "right")
                .addLayer(
                        "activated",
                        new ActivationLayer.Builder()
                                .activation(Activation.TANH)
                                .build(),
                        "sum")
                .addLayer("deep", dense(5), "activated")
                .addVertex("both", new MergeVertex(), "deep", "in", "left")
                .addLayer("out", output(), "both")
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(INPUTS))
                .build());
        assertTrainsAlike(model);
    }

    /** Deeplearning4j applies dropout and noise to the array of the layer in front, which must not pass for its sums. */
    @ParameterizedTest
    @MethodSource("noises")
    void what_is_done_to_the_output_of_a_layer_does_not_change_its_derivative(IDropout noise) {
        assertTrainsAlike(initialised(new NeuralNetConfiguration.Builder()
                .seed(5)
                .updater(new Adam(0.01))
                .activation(Activation.RELU)
                .graphBuilder()
                .addInputs("in")
                .addLayer("first", dense(6), "in")
                .addLayer("branch", dense(6), "first")
                .addLayer("noisy", new DropoutLayer(noise), "first")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "branch", "noisy")
                .addLayer("second", dense(5), "sum")
                .addLayer("noisier", new DropoutLayer(noise), "second")
                .addLayer("out", output(), "noisier")
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(INPUTS))
                .build()));
    }

    static Stream<IDropout> noises() {
        return Stream.of(new Dropout(0.5), new GaussianNoise(0.5), new GaussianDropout(0.5), new AlphaDropout(0.5));
    }

    private static ComputationGraph network(IActivation activation, double dropout, boolean noise) {
        NeuralNetConfiguration.Builder builder = new NeuralNetConfiguration.Builder()
                .seed(3)
                .l2(0.01)
                .updater(new Adam(0.01))
                .activation(activation);
        if (dropout > 0) {
            builder.dropOut(new Dropout(dropout));
        }
        if (noise) {
            builder.weightNoise(new DropConnect(0.8));
        }
        return initialised(builder.graphBuilder()
                .addInputs("in")
                .addLayer("first", dense(6), "in")
                .addLayer(
                        "second",
                        new DenseLayer.Builder().nOut(4).hasBias(false).build(),
                        "first")
                .addLayer("out", output(), "second")
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(INPUTS))
                .build());
    }

    private static DenseLayer dense(int units) {
        return new DenseLayer.Builder().nOut(units).build();
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(3)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static ComputationGraph initialised(ComputationGraphConfiguration configuration) {
        ComputationGraph model = new ComputationGraph(configuration);
        model.init();
        return model;
    }

    private static void assertTrainsAlike(ComputationGraph model) {
        NetworkGraph network = Dl4jGraphs.read(model);
        try (LiveModel lean = LiveModel.of(network)) {
            ComputationGraph own = Dl4jGraphs.toComputationGraph(network);
            for (int step = 0; step < STEPS; step++) {
                MultiDataSet batch = batch(step);
                for (ComputationGraph each : new ComputationGraph[] {own, lean.model()}) {
                    Nd4j.getRandom().setSeed(step + 1);
                    each.fit(batch);
                }
                assertThat(lean.model().score()).isCloseTo(own.score(), Offset.offset(1e-5));
            }
            assertThat(lean.model().params().toDoubleVector())
                    .containsExactly(own.params().toDoubleVector());
        }
    }

    private static MultiDataSet batch(int step) {
        Nd4j.getRandom().setSeed(100 + step);
        INDArray labels = Nd4j.zeros(8, 3);
        for (int row = 0; row < 8; row++) {
            labels.putScalar(row, (row + step) % 3, 1);
        }
        return new MultiDataSet(Nd4j.randn(8, INPUTS), labels);
    }
}
