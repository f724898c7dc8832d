package org.growingnn.dl4j.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.AddSequential;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Selection;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.projection.Resizer;
import org.growingnn.dl4j.projection.UnitMap;
import org.growingnn.dl4j.testing.RandomNetwork;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Networks that are given the types of their inputs after they were read are those that are read with them. */
class InputTypesAfterReadingTest {

    static Stream<RandomNetwork> networks() {
        return LongStream.rangeClosed(1, 20)
                .boxed()
                .flatMap(seed -> Stream.of(RandomNetworks.graph(seed), RandomNetworks.chain(seed)));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void the_network_is_the_same_as_if_it_had_been_read_with_the_types(RandomNetwork network) {
        NetworkGraph untyped = ModelReader.read(network.model(), List.of());
        NetworkGraph typed = ModelReader.withInputTypes(untyped, network.inputTypes());

        assertSame(typed, network.read());
        for (String name : untyped.order()) {
            assertThat(typed.vertex(name)).isSameAs(untyped.vertex(name));
        }
    }

    @Test
    void a_written_selection_is_one_with_and_without_types() {
        NetworkGraph full = Selection.insert(Dl4jGraphs.read(model(8, false)), "in");
        NetworkGraph reduced = Resizer.resize(full, full.space("in-selected"), UnitMap.selection(8, 0, 1, 4, 7));
        ComputationGraph written = Dl4jGraphs.toComputationGraph(reduced);

        NetworkGraph untyped = Dl4jGraphs.read(written);
        NetworkGraph typed = Dl4jGraphs.withInputTypes(untyped, InputType.feedForward(8));

        assertThat(typed.space("in-selected").selectionOnly()).isTrue();
        assertSame(typed, Dl4jGraphs.read(written, InputType.feedForward(8)));
        assertThat(typed.structureHash()).isEqualTo(reduced.structureHash());
    }

    @Test
    void a_range_of_everything_is_no_selection_once_the_width_is_known() {
        ComputationGraph model = model(4, true);
        NetworkGraph untyped = Dl4jGraphs.read(model);
        assertThat(untyped.vertex("range").operation()).isInstanceOf(Selection.class);

        NetworkGraph typed = Dl4jGraphs.withInputTypes(untyped, InputType.feedForward(4));

        assertThat(typed.vertex("range").operation()).isNotInstanceOf(Selection.class);
        assertSame(typed, Dl4jGraphs.read(model, InputType.feedForward(4)));
        // Wide enough to leave something out.
        assertSame(
                Dl4jGraphs.withInputTypes(untyped, InputType.feedForward(9)),
                Dl4jGraphs.read(model, InputType.feedForward(9)));
        NetworkGraph narrow =
                Actions.removeNeurons(untyped.space("hidden"), 0.5).apply(untyped, Projections.paper());
        assertThat(Dl4jGraphs.withInputTypes(narrow, InputType.feedForward(4))
                        .space("hidden")
                        .size())
                .isEqualTo(3);
        NetworkGraph edited =
                new AddSequential("hidden", "out", AddSequential.AUTO).apply(untyped, Projections.paper());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dl4jGraphs.withInputTypes(edited, InputType.feedForward(4)))
                .withMessageContaining("changed since it was read")
                .withMessageContaining("Maybe");
    }

    @Test
    void no_types_change_nothing_and_too_many_are_refused() {
        NetworkGraph graph = Dl4jGraphs.read(model(4, false));

        assertThat(Dl4jGraphs.withInputTypes(graph)).isSameAs(graph);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dl4jGraphs.withInputTypes(graph, InputType.feedForward(4), InputType.feedForward(4)))
                .withMessageContaining("1 inputs [in]")
                .withMessageContaining("2 input types");
    }

    private static void assertSame(NetworkGraph actual, NetworkGraph expected) {
        assertThat(actual.structureHash()).isEqualTo(expected.structureHash());
        assertThat(actual.describe()).isEqualTo(expected.describe());
        assertThat(actual.inputs()).isEqualTo(expected.inputs());
        assertThat(actual.macsKnown()).isEqualTo(expected.macsKnown());
        if (expected.macsKnown()) {
            assertThat(actual.macs()).isEqualTo(expected.macs());
        }
        assertThat(actual.origin().fingerprint()).isEqualTo(expected.origin().fingerprint());
        assertThat(actual.spaces().stream().map(UnitSpace::minimum))
                .containsExactlyElementsOf(
                        expected.spaces().stream().map(UnitSpace::minimum).toList());
        assertThat(actual.vertices().stream().map(Vertex::parameters))
                .containsExactlyElementsOf(
                        expected.vertices().stream().map(Vertex::parameters).toList());
    }

    private static ComputationGraph model(int width, boolean range) {
        GraphBuilder builder =
                new NeuralNetConfiguration.Builder().graphBuilder().addInputs("in");
        if (range) {
            builder.addVertex("range", new SubsetVertex(0, width - 1), "in");
        }
        ComputationGraph model = new ComputationGraph(builder.addLayer(
                        "hidden", new DenseLayer.Builder().nIn(width).nOut(6).build(), range ? "range" : "in")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(6)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "hidden")
                .setOutputs("out")
                .build());
        model.init();
        RandomNetworks.randomize(model, new Random(2));
        return model;
    }
}
