package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.projection.Projections;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** An optimiser that starts anew takes too large steps at first; one whose state was carried along does not. */
class ResumedTrainingTest {

    private static final int FEATURES = 12;
    private static final int CLASSES = 4;
    private static final int BATCH = 64;
    private static final int STEPS = 12;

    static Stream<IUpdater> updaters() {
        return Stream.of(new Adam(3e-3), new AMSGrad(3e-3), new Nadam(3e-3), new RmsProp(3e-3), new AdaGrad(3e-2));
    }

    @ParameterizedTest
    @MethodSource("updaters")
    void training_resumes_without_the_spike_of_a_reset(IUpdater updater) {
        List<DataSet> data = data();
        ComputationGraph model = model(updater);
        for (int epoch = 0; epoch < 40; epoch++) {
            data.forEach(model::fit);
        }
        NetworkGraph network = Dl4jGraphs.read(model);
        // Growing by copies changes nothing by itself, so that what happens next is the optimiser's doing.
        NetworkGraph grown = Actions.addNeurons(network.space("first"), 1.5).apply(network, Projections.replication());
        grown = Actions.addNeurons(grown.space("second"), 1.5).apply(grown, Projections.replication());
        double before = model.score(DataSet.merge(data));
        assertThat(Dl4jGraphs.toComputationGraph(grown).score(DataSet.merge(data)))
                .isCloseTo(before, withinPercentage(0.1));

        double carried = largestLoss(grown, data) / before;
        double reset = largestLoss(withoutState(grown), data) / before;

        assertThat(carried).as("largest loss relative to that before").isLessThan(1.2);
        assertThat(reset).as("the same after a reset").isGreaterThan(1.5 * carried);
    }

    /** The largest loss on all data over the first steps. */
    private static double largestLoss(NetworkGraph network, List<DataSet> data) {
        ComputationGraph model = Dl4jGraphs.toComputationGraph(network);
        DataSet all = DataSet.merge(data);
        double largest = 0;
        for (int step = 0; step < STEPS; step++) {
            model.fit(data.get(step % data.size()));
            largest = Math.max(largest, model.score(all));
        }
        return largest;
    }

    private static NetworkGraph withoutState(NetworkGraph network) {
        List<Vertex> vertices = new ArrayList<>();
        for (Vertex vertex : network.vertices()) {
            Map<String, Parameter> parameters = new LinkedHashMap<>();
            vertex.parameters().forEach((key, parameter) -> parameters.put(key, Parameter.of(parameter.value())));
            vertices.add(vertex.withParameters(parameters));
        }
        return network.with(vertices);
    }

    /** Classes by the largest of four random projections, a tenth of the labels wrong so that gradients never vanish. */
    private static List<DataSet> data() {
        Nd4j.getRandom().setSeed(3);
        INDArray directions = Nd4j.randn(FEATURES, CLASSES);
        List<DataSet> batches = new ArrayList<>();
        for (int batch = 0; batch < 12; batch++) {
            INDArray features = Nd4j.randn(BATCH, FEATURES);
            INDArray best = features.mmul(directions).argMax(1);
            INDArray labels = Nd4j.zeros(BATCH, CLASSES);
            for (int i = 0; i < BATCH; i++) {
                labels.putScalar(i, (best.getInt(i) + (i % 10 == 0 ? 1 : 0)) % CLASSES, 1);
            }
            batches.add(new DataSet(features, labels));
        }
        return batches;
    }

    private static ComputationGraph model(IUpdater updater) {
        ComputationGraph model = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(5)
                .updater(updater)
                .graphBuilder()
                .addInputs("in")
                .addLayer("first", dense(), "in")
                .addLayer("second", dense(), "first")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(CLASSES)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "second")
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(FEATURES))
                .build());
        model.init();
        return model;
    }

    private static DenseLayer dense() {
        return new DenseLayer.Builder().nOut(40).activation(Activation.RELU).build();
    }
}
