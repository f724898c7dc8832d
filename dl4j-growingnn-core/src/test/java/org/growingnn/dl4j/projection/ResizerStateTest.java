package org.growingnn.dl4j.projection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Parameter.Moment;
import org.growingnn.dl4j.graph.SparseMatrix;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.RandomNetwork;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.growingnn.dl4j.testing.RandomNetworks.Trait;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.AdaMax;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;

/** The optimiser's state follows its parameters as if the resized network had been trained itself. */
class ResizerStateTest {

    private static final int NETWORKS = 3;

    /** Updaters whose state follows from gradients alone; AdaDelta's also follows from its own updates. */
    private static List<IUpdater> homogeneous() {
        return List.of(
                new Adam(0.01),
                new Nadam(0.01),
                new AMSGrad(0.01),
                new AdaMax(0.01),
                new Nesterovs(0.01, 0.9),
                new RmsProp(0.01),
                new AdaGrad(0.01));
    }

    private static List<IUpdater> all() {
        return Stream.concat(homogeneous().stream(), Stream.of(new AdaDelta())).toList();
    }

    static Stream<Arguments> homogeneousUpdaters() {
        return cases(homogeneous());
    }

    static Stream<Arguments> updaters() {
        return cases(all());
    }

    private static Stream<Arguments> cases(List<IUpdater> updaters) {
        return IntStream.range(0, updaters.size())
                .boxed()
                .flatMap(i -> IntStream.range(0, NETWORKS)
                        .mapToObj(network -> Arguments.of(updaters.get(i), 100L * i + network + 5)));
    }

    @ParameterizedTest
    @MethodSource("homogeneousUpdaters")
    void state_grown_after_a_step_is_the_state_that_the_grown_network_accumulates_in_that_step(
            IUpdater updater, long seed) {
        RandomNetwork network = resizable(
                seed, updater, Trait.NO_MIXING, Trait.PLAIN_TRAINING, Trait.UNTRAINED, Trait.DOUBLE_PRECISION);
        NetworkGraph graph = network.read();
        MultiDataSet batch = network.batch(1);

        NetworkGraph grownAfter = grow(trained(graph, batch));
        NetworkGraph grownBefore = trained(grow(graph), batch);

        forEachMoment(grownBefore, (name, index, expected) -> {
            Moment actual = moments(grownAfter, name).get(index);
            assertThat(actual.kind()).isEqualTo(expected.kind());
            assertClose(
                    actual.value().toDoubles(),
                    expected.value().toDoubles(),
                    start(updater) + rounding(expected.kind()),
                    () -> expected.kind() + " of " + name + " in " + network);
        });
    }

    private static RandomNetwork resizable(long seed, IUpdater updater, Trait... traits) {
        return LongStream.iterate(seed, other -> other + 1000)
                .mapToObj(other -> RandomNetworks.graph(other, updater, traits))
                .filter(network -> network.read().spaces().stream().anyMatch(UnitSpace::resizable))
                .findFirst()
                .orElseThrow();
    }

    /** Some statistics start at an epsilon, which the share of a copy scales, but a fresh network does not. */
    private static double start(IUpdater updater) {
        if (updater instanceof AdaGrad adaGrad) {
            return adaGrad.getEpsilon();
        }
        return updater instanceof RmsProp rmsProp ? rmsProp.getEpsilon() : 0;
    }

    /** A bias in front of a batch norm has no gradient but rounding errors. */
    private static double rounding(Moment.Kind kind) {
        return switch (kind) {
            case GRADIENT, GRADIENT_MAGNITUDE -> 1e-12;
            case GRADIENT_SQUARED, UPDATE_SQUARED -> 1e-24;
        };
    }

    @ParameterizedTest
    @MethodSource("updaters")
    void selected_units_keep_their_state(IUpdater updater, long seed) {
        RandomNetwork network = resizable(seed, updater);
        Models.fit(network.model(), network.batch(1), 1);
        NetworkGraph graph = network.read();
        List<UnitSpace> spaces = graph.spaces().stream()
                .filter(space -> space.resizable() && space.size() > space.minimum())
                .limit(2)
                .toList();
        for (UnitSpace space : spaces) {
            NetworkGraph selected = Actions.removeNeurons(space, 0.5).apply(graph, Projections.replication());
            forEachMoment(selected, (name, index, actual) -> {
                // Selection does the same to every array, so an array of state may stand in for the weights.
                NetworkGraph stateAsWeights = graph.with(List.of(weightsFromState(graph, name, index)));
                assertThat(actual.value())
                        .as(name)
                        .isEqualTo(parameter(
                                        Actions.removeNeurons(space, 0.5)
                                                .apply(stateAsWeights, Projections.replication()),
                                        name)
                                .value());
            });
        }
    }

    private static Vertex weightsFromState(NetworkGraph graph, String name, int index) {
        Vertex vertex = graph.vertex(name.substring(0, name.lastIndexOf('/')));
        Map<String, Parameter> parameters = new LinkedHashMap<>(vertex.parameters());
        parameters.put(
                name.substring(name.lastIndexOf('/') + 1),
                Parameter.of(parameter(graph, name).state().get(index).value()));
        return vertex.withParameters(parameters);
    }

    private static Parameter parameter(NetworkGraph graph, String name) {
        int slash = name.lastIndexOf('/');
        return graph.vertex(name.substring(0, slash)).parameters().get(name.substring(slash + 1));
    }

    @ParameterizedTest
    @MethodSource("updaters")
    void statistics_of_squares_and_magnitudes_never_turn_negative(IUpdater updater, long seed) {
        RandomNetwork network = resizable(seed, updater);
        Models.fit(network.model(), network.batch(1), 1);
        NetworkGraph graph = network.read();
        for (Projection projection :
                List.of(Projections.paper(), Projections.pseudoInverse(), Projections.replication())) {
            for (UnitSpace space : graph.spaces()) {
                if (space.resizable() && space.size() > space.minimum() + 1) {
                    NetworkGraph shrunk = Actions.removeNeurons(space, 0.4).apply(graph, projection);
                    NetworkGraph grown = Actions.addNeurons(space, 1.6).apply(shrunk, projection);
                    assertNonNegative(shrunk, () -> projection + " shrinks " + space.name() + " of " + network);
                    assertNonNegative(grown, () -> projection + " grows " + space.name() + " of " + network);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("updaters")
    void the_state_reaches_the_written_model_unchanged(IUpdater updater, long seed) {
        RandomNetwork network = resizable(seed, updater);
        Models.fit(network.model(), network.batch(1), 1);
        NetworkGraph resized = grow(network.read());

        NetworkGraph again = Dl4jGraphs.read(Dl4jGraphs.toComputationGraph(resized));

        forEachMoment(resized, (name, index, expected) -> {
            Moment actual = moments(again, name).get(index);
            assertThat(actual.kind()).as(name).isEqualTo(expected.kind());
            assertThat(actual.value()).as(name).isEqualTo(expected.value());
        });
    }

    @ParameterizedTest
    @MethodSource("updaters")
    void a_network_that_was_never_trained_starts_like_any_other(IUpdater updater, long seed) {
        RandomNetwork network = resizable(seed, updater, Trait.UNTRAINED);
        ComputationGraph written = Dl4jGraphs.toComputationGraph(grow(network.read()));
        ComputationGraph fresh = new ComputationGraph(ComputationGraphConfiguration.fromJson(
                written.getConfiguration().toJson()));
        fresh.init(written.params().dup(), true);
        MultiDataSet batch = network.batch(1);

        Models.fit(written, batch, 1);
        Models.fit(fresh, batch, 1);

        assertThat(Models.state(written).parameters())
                .containsExactly(Models.state(fresh).parameters());
        assertThat(Models.state(written).updaterState())
                .containsExactly(Models.state(fresh).updaterState());
    }

    private static NetworkGraph trained(NetworkGraph graph, MultiDataSet batch) {
        ComputationGraph model = Dl4jGraphs.toComputationGraph(graph);
        Models.fit(model, batch, 1);
        return Dl4jGraphs.read(model);
    }

    /** Replicates units of every space, each with equal shares of its outgoing weights. */
    private static NetworkGraph grow(NetworkGraph graph) {
        NetworkGraph result = graph;
        for (UnitSpace space : graph.spaces()) {
            if (space.resizable()) {
                UnitSpace current = result.spaceNamed(space.name());
                result = Resizer.resize(result, current, replication((int) current.size()));
            }
        }
        return result;
    }

    /** Unit 0 three times, every second of the others twice. */
    private static UnitMap replication(int size) {
        int[] copies = IntStream.range(0, size)
                .map(unit -> unit == 0 ? 3 : 1 + unit % 2)
                .toArray();
        double[][] replicas = new double[Arrays.stream(copies).sum()][size];
        double[][] shares = new double[replicas.length][size];
        int row = 0;
        for (int unit = 0; unit < size; unit++) {
            for (int copy = 0; copy < copies[unit]; copy++) {
                replicas[row][unit] = 1;
                shares[row++][unit] = 1.0 / copies[unit];
            }
        }
        SparseMatrix replicate = SparseMatrix.ofDense(replicas);
        return new UnitMap(replicate, SparseMatrix.ofDense(shares), replicate);
    }

    private interface MomentVisitor {
        void visit(String name, int index, Moment moment);
    }

    private static void forEachMoment(NetworkGraph graph, MomentVisitor visitor) {
        int visited = 0;
        for (Vertex vertex : graph.vertices()) {
            for (Map.Entry<String, Parameter> entry : vertex.parameters().entrySet()) {
                List<Moment> state = entry.getValue().state();
                for (int i = 0; i < state.size(); i++) {
                    visitor.visit(vertex.name() + "/" + entry.getKey(), i, state.get(i));
                    visited++;
                }
            }
        }
        assertThat(visited).as("arrays of optimiser state").isPositive();
    }

    private static List<Moment> moments(NetworkGraph graph, String name) {
        return parameter(graph, name).state();
    }

    private static void assertNonNegative(NetworkGraph graph, Supplier<String> description) {
        forEachMoment(graph, (name, index, moment) -> {
            if (moment.kind() != Moment.Kind.GRADIENT) {
                assertThat(Arrays.stream(moment.value().toDoubles()).min().orElse(0))
                        .as(() -> moment.kind() + " of " + name + " when " + description.get())
                        .isNotNegative();
            }
        });
    }

    private static void assertClose(double[] actual, double[] expected, double absolute, Supplier<String> description) {
        assertThat(actual).as(description).hasSameSizeAs(expected);
        double scale = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        double difference = IntStream.range(0, expected.length)
                .mapToDouble(i -> Math.abs(actual[i] - expected[i]))
                .max()
                .orElse(0);
        assertThat(difference).as(description).isLessThanOrEqualTo(1e-5 * scale + absolute);
    }
}
