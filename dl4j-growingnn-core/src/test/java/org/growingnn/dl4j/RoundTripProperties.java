package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import org.deeplearning4j.nn.api.Model;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.Models.State;
import org.growingnn.dl4j.testing.RandomNetwork;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

/** Reading a model and writing it back gives the same model, down to what the next training step does. */
class RoundTripProperties {

    private static final long STEP_SEED = 11;

    @Provide
    static Arbitrary<RandomNetwork> graphs() {
        return Arbitraries.longs().map(RandomNetworks::graph).dontShrink();
    }

    @Provide
    static Arbitrary<RandomNetwork> chains() {
        return Arbitraries.longs().map(RandomNetworks::chain).dontShrink();
    }

    @Property(tries = 60, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void a_graph_comes_back_as_it_was(@ForAll("graphs") RandomNetwork network) {
        assertSameModel(network, Dl4jGraphs.toComputationGraph(network.read()));
    }

    @Property(tries = 60, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void a_chain_comes_back_as_it_was(@ForAll("chains") RandomNetwork network) {
        assertSameModel(network, Dl4jGraphs.toMultiLayerNetwork(network.read()));
    }

    @Property(tries = 60, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void a_chain_trains_the_same_as_a_graph(@ForAll("chains") RandomNetwork network) {
        assertSameTraining(network, Dl4jGraphs.toComputationGraph(network.read()));
    }

    @Property(tries = 40, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void input_types_do_not_matter_for_what_is_written(@ForAll("graphs") RandomNetwork network) {
        NetworkGraph untyped = Dl4jGraphs.read(network.model());

        assertThat(untyped.structureHash()).isEqualTo(network.read().structureHash());
        assertThat(Models.state(Dl4jGraphs.toComputationGraph(untyped))).isEqualTo(Models.state(network.model()));
    }

    private static void assertSameModel(RandomNetwork network, Model written) {
        assertThat(Models.state(written)).as("%s", network).isEqualTo(Models.state(network.model()));
        assertSameTraining(network, written);
    }

    /** Configurations may differ in kind, everything that training reads or writes may not. */
    private static void assertSameTraining(RandomNetwork network, Model written) {
        assertSameValues(network, written, "before training");
        INDArray[] features = network.features(1);
        INDArray[] expected = Models.outputs(network.model(), features);
        INDArray[] actual = Models.outputs(written, features);
        for (int i = 0; i < expected.length; i++) {
            assertThat(Models.values(actual[i])).as("output " + i).isEqualTo(Models.values(expected[i]));
        }
        MultiDataSet batch = network.batch(2);
        Models.fit(network.model(), batch, STEP_SEED);
        Models.fit(written, batch, STEP_SEED);
        assertSameValues(network, written, "after a step");
        assertThat(written.score()).isEqualTo(network.model().score());
    }

    private static void assertSameValues(RandomNetwork network, Model written, String when) {
        State expected = Models.state(network.model());
        State actual = Models.state(written);
        assertThat(actual.parameters()).as("parameters " + when).isEqualTo(expected.parameters());
        assertThat(actual.updaterState()).as("updater state " + when).isEqualTo(expected.updaterState());
        assertThat(Tuple.of(actual.iterations(), actual.epochs()))
                .as("iterations and epochs " + when)
                .isEqualTo(Tuple.of(expected.iterations(), expected.epochs()));
    }
}
