package org.growingnn.dl4j.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.ContentHash;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What every structural action must keep; subclass it for those of your own. Each action that is offered for a network gives one that
 * Deeplearning4j runs and trains, with outputs of the same shapes, and that is read again as what it is; the same one every time, without
 * any change to the network that it was applied to. Where it claims to preserve the function, it does. Its textual and its JSON form are
 * read back as an equal action.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class ActionContract {

    /** Not 0, which ND4J takes for "any". */
    private static final long RANDOM_STATE = 17;

    /** For subclasses. */
    protected ActionContract() {}

    /**
     * Gives the actions to check.
     *
     * @return offers at least one action for one of the networks
     */
    protected abstract ActionGenerator actions();

    /**
     * Gives the networks to try the actions on; a {@link RandomNetwork} may also hold a model of your own. One that is a
     * {@code MultiLayerNetwork} must still be a chain afterwards.
     *
     * @return by default some random graphs of the library's layers: chains, sums, concatenations, maps, series
     */
    protected Stream<RandomNetwork> networks() {
        return LongStream.rangeClosed(1, 6).mapToObj(RandomNetworks::graph);
    }

    /**
     * Gives the projections by which weights follow.
     *
     * @return by default the paper's, those that preserve what can be preserved, and one that selects units
     */
    protected List<Projection> projections() {
        return List.of(Projections.paper(), Projections.replication(), Projections.importance());
    }

    /** An action on a network. */
    private record Offer(RandomNetwork network, NetworkGraph graph, StructuralAction action, Projection projection) {
        @Override
        public String toString() {
            return action + ", " + projection + ", seed " + network.seed();
        }
    }

    Stream<Offer> offers() {
        return networks().flatMap(network -> {
            NetworkGraph graph = network.read();
            return actions()
                    .generate(graph)
                    .flatMap(action ->
                            projections().stream().map(projection -> new Offer(network, graph, action, projection)));
        });
    }

    @ParameterizedTest
    @MethodSource("offers")
    void an_action_gives_a_network_that_runs_trains_and_is_read_again_the_same_one_every_time(Offer offer) {
        ContentHash before = ContentHash.of(offer.graph());

        NetworkGraph changed = offer.action().apply(offer.graph(), offer.projection());

        assertThat(ContentHash.of(changed))
                .as("the same every time")
                .isEqualTo(ContentHash.of(offer.action().apply(offer.graph(), offer.projection())));
        assertRunsTrainsAndIsReadAgain(offer.network(), changed, offer.toString());
        assertThat(ContentHash.of(offer.graph())).as("the network before").isEqualTo(before);
        if (offer.action().preservesFunction(offer.graph(), offer.projection())) {
            assertSameOutputs(offer.network(), changed, offer.toString());
        }
    }

    @ParameterizedTest
    @MethodSource("offers")
    void an_action_survives_text_and_json(Offer offer) {
        assertThat(Actions.parse(offer.action().toString())).isEqualTo(offer.action());
        assertThat(Actions.fromJson(Actions.toJson(offer.action()))).isEqualTo(offer.action());
    }

    /**
     * Requires that Deeplearning4j runs and trains a network, and that it is then read again as what it is.
     *
     * @param network the model before
     * @param changed what became of it
     * @param description what was done
     */
    public static void assertRunsTrainsAndIsReadAgain(RandomNetwork network, NetworkGraph changed, String description) {
        String done = description + "\n" + changed.describe();

        Model written = write(network, changed);

        assertThat(written.numParams()).as(done).isEqualTo(changed.parameterCount());
        INDArray[] features = network.features(1);
        INDArray[] outputs = Models.outputs(written, features);
        INDArray[] expected = Models.outputs(network.model(), features);
        for (int i = 0; i < expected.length; i++) {
            assertThat(outputs[i].shape()).as("output " + i + " after " + done).isEqualTo(expected[i].shape());
        }
        assertThat(Arrays.stream(flat(outputs)).allMatch(Double::isFinite))
                .as("finite outputs after " + done)
                .isTrue();
        Models.fit(written, network.batch(2), RANDOM_STATE);
        assertThat(written.score()).as("score after " + done).isFinite();
        NetworkGraph again = Dl4jGraphs.read(written, network.inputTypes().toArray(InputType[]::new));
        assertThat(again.structureHash()).as(done).isEqualTo(changed.structureHash());
        assertThat(again.describe()).isEqualTo(changed.describe());
    }

    /**
     * Requires that a network computes what it computed before, to 1e-5 relative in single precision and 1e-12 in double precision.
     *
     * @param network the model before
     * @param changed what became of it
     * @param description what was done
     */
    public static void assertSameOutputs(RandomNetwork network, NetworkGraph changed, String description) {
        INDArray[] features = network.features(1);
        double[] expected = flat(Models.outputs(network.model(), features));
        double[] actual = flat(Models.outputs(write(network, changed), features));
        double scale = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
        }
        assertThat(difference / Math.max(scale, 1e-6))
                .as(description)
                .isLessThan(network.dataType() == DataType.FLOAT ? 1e-5 : 1e-12);
    }

    /** Writes a network as the kind of model that it was. */
    private static Model write(RandomNetwork network, NetworkGraph changed) {
        return network.model() instanceof ComputationGraph
                ? Dl4jGraphs.toComputationGraph(changed)
                : Dl4jGraphs.toMultiLayerNetwork(changed);
    }

    private static double[] flat(INDArray[] arrays) {
        return Arrays.stream(arrays)
                .flatMapToDouble(array -> Arrays.stream(Models.values(array)))
                .toArray();
    }
}
