package org.growingnn.dl4j.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffLambdaLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.RandomNetwork;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** What nobody has described is carried along untouched, keeps the widths around it, and leaves the rest free. */
class UnknownLayersTest {

    private static final int CLASSES = 3;

    /** A layer of the user's own code, which the library cannot know. */
    public static final class Doubling extends SameDiffLambdaLayer {

        @Override
        public SDVariable defineLayer(SameDiff sameDiff, SDVariable input) {
            return input.mul(2);
        }

        @Override
        public InputType getOutputType(int layerIndex, InputType inputType) {
            return inputType;
        }
    }

    @Test
    void the_users_own_layer_keeps_its_width_and_that_of_what_feeds_it() {
        GraphBuilder builder = builder()
                .addLayer("first", dense(6), "in")
                .addLayer("before", dense(4), "first")
                .addLayer("own", new Doubling(), "before")
                .addLayer("after", dense(5), "own")
                .addLayer("out", output(), "after");

        RandomNetwork network = network(builder, InputType.feedForward(3));

        assertComesBack(network);
        assertFrozen(network, "no adapter for Doubling in 'own'", "before", "own");
        assertResizable(network, "first", "after");
    }

    @Test
    void what_is_summed_with_an_unknown_width_is_frozen() {
        GraphBuilder builder = builder()
                .addLayer("left", dense(4), "in")
                .addLayer("own", new Doubling(), "left")
                .addLayer("right", dense(4), "in")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "own", "right")
                .addLayer("after", dense(5), "sum")
                .addLayer("out", output(), "after");

        RandomNetwork network = network(builder, InputType.feedForward(3));

        assertComesBack(network);
        assertFrozen(network, "no adapter for Doubling in 'own'", "left", "own");
        assertFrozen(network, "'sum'", "right");
        assertResizable(network, "after");
    }

    @Test
    void what_is_concatenated_with_an_unknown_width_is_frozen() {
        GraphBuilder builder = builder()
                .addLayer("left", convolution(4), "in")
                .addLayer("own", new Doubling(), "left")
                .addLayer("right", convolution(3), "in")
                .addVertex("both", new MergeVertex(), "own", "right")
                .addLayer("bn", new BatchNormalization(), "both")
                .addLayer("after", convolution(5), "bn")
                .addLayer("dense", dense(6), "after")
                .addLayer("out", output(), "dense");

        RandomNetwork network = network(builder, InputType.convolutional(6, 6, 2));

        assertComesBack(network);
        assertFrozen(network, "no adapter for Doubling in 'own'", "left", "own");
        assertFrozen(network, "'both'", "right", "both");
        assertResizable(network, "after", "dense");
    }

    @Test
    void flattening_maps_of_an_unknown_width_freezes_no_more_than_them() {
        GraphBuilder builder = builder()
                .addLayer("before", convolution(4), "in")
                .addLayer("own", new Doubling(), "before")
                .addLayer("dense", dense(6), "own")
                .addLayer("out", output(), "dense");

        RandomNetwork network = network(builder, InputType.convolutional(6, 6, 2));

        assertComesBack(network);
        assertFrozen(network, "no adapter for Doubling in 'own'", "before", "own");
        assertResizable(network, "dense");
    }

    @Test
    void the_table_of_layers_shows_the_reason() {
        RandomNetwork network = network(
                builder()
                        .addLayer("before", dense(4), "in")
                        .addLayer("own", new Doubling(), "before")
                        .addLayer("out", output(), "own"),
                InputType.feedForward(3));

        assertThat(network.read().describe().lines().filter(line -> line.startsWith("before")))
                .singleElement()
                .asString()
                .endsWith("no: no adapter for Doubling in 'own'");
    }

    private static GraphBuilder builder() {
        return new NeuralNetConfiguration.Builder()
                .seed(5)
                .dataType(DataType.FLOAT)
                .updater(new Adam(0.01))
                .activation(Activation.TANH)
                .graphBuilder()
                .addInputs("in")
                .setOutputs("out");
    }

    private static DenseLayer dense(int units) {
        return new DenseLayer.Builder().nOut(units).build();
    }

    private static ConvolutionLayer convolution(int units) {
        return new ConvolutionLayer.Builder(2, 2).nOut(units).build();
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static RandomNetwork network(GraphBuilder builder, InputType type) {
        ComputationGraph model =
                new ComputationGraph(builder.setInputTypes(type).build());
        model.init();
        RandomNetworks.randomize(model, new Random(5));
        RandomNetwork network = new RandomNetwork(5, model, List.of(type));
        Models.fit(model, network.batch(1), 1);
        return network;
    }

    private static void assertComesBack(RandomNetwork network) {
        INDArray[] features = network.features(2);
        ComputationGraph written = Dl4jGraphs.toComputationGraph(network.read());
        assertThat(Models.state(written)).isEqualTo(Models.state(network.model()));
        assertThat(Models.values(Models.outputs(written, features)[0]))
                .containsExactly(Models.values(Models.outputs(network.model(), features)[0]));
        Models.fit(network.model(), network.batch(3), 3);
        Models.fit(written, network.batch(3), 3);
        assertThat(Models.state(written)).isEqualTo(Models.state(network.model()));
    }

    private static void assertFrozen(RandomNetwork network, String reason, String... layers) {
        NetworkGraph graph = network.read();
        for (String layer : layers) {
            List<UnitSpace> spaces = producedBy(graph, layer);
            assertThat(spaces).as(layer).isNotEmpty().allSatisfy(space -> {
                assertThat(space.frozen()).as(layer).get().asString().contains(reason);
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> Actions.addNeurons(space, 2).apply(graph, Projections.replication()))
                        .withMessageContaining(space.name())
                        .withMessageContaining(reason);
            });
        }
        assertThat(Actions.neurons().generate(graph).map(StructuralAction::toString))
                .noneMatch(action -> Arrays.stream(layers).anyMatch(layer -> action.contains("space=" + layer + ",")));
    }

    private static List<UnitSpace> producedBy(NetworkGraph graph, String layer) {
        return graph.spaces().stream()
                .filter(space -> space.producers().contains(layer))
                .toList();
    }

    /** Exactly these can be resized, one by one and all together, and the network still runs and trains. */
    private static void assertResizable(RandomNetwork network, String... layers) {
        NetworkGraph graph = network.read();
        assertThat(graph.spaces().stream()
                        .filter(UnitSpace::resizable)
                        .map(UnitSpace::producers)
                        .flatMap(Collection::stream))
                .containsExactlyInAnyOrder(layers);
        INDArray[] features = network.features(2);
        double[] outputs = Models.values(Models.outputs(network.model(), features)[0]);
        NetworkGraph grown = graph;
        NetworkGraph shrunk = graph;
        for (String layer : layers) {
            UnitSpace space = graph.space(layer);
            grown = Actions.addNeurons(space, 1.5).apply(grown, Projections.replication());
            shrunk = Actions.removeNeurons(space, 0.5).apply(shrunk, Projections.pseudoInverse());
        }
        assertThat(Models.values(Models.outputs(Dl4jGraphs.toComputationGraph(grown), features)[0]))
                .usingComparatorWithPrecision(1e-5)
                .containsExactly(outputs);
        ComputationGraph smaller = Dl4jGraphs.toComputationGraph(shrunk);
        assertThat(smaller.numParams()).isEqualTo(shrunk.parameterCount()).isLessThan(graph.parameterCount());
        Models.fit(smaller, network.batch(4), 4);
        assertThat(smaller.score()).isFinite();
        assertThat(Dl4jGraphs.read(smaller).structureHash()).isEqualTo(shrunk.structureHash());
    }
}
