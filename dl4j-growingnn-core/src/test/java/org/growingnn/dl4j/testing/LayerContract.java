package org.growingnn.dl4j.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.SparseMatrix;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.projection.Resizer;
import org.growingnn.dl4j.projection.UnitMap;
import org.growingnn.dl4j.testing.LayerCase.Removal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What must hold around every layer, vertex and preprocessor class that has an adapter; subclass it for those of your own. The network
 * comes back from the library bit by bit and trains on as before. The spaces of units are those that the case states. Permuted units
 * change neither outputs nor training, replicated ones no outputs; removed ones do what silencing their readers in Deeplearning4j's own
 * arrays does; and whatever was shrunk or grown runs, trains, and is read again as what it is.
 *
 * <p>An axis that an adapter declares wrongly shows in at least one of these, if the widths around the layer differ from each other.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class LayerContract {

    private static final double TOLERANCE = 1e-6;

    private @Nullable List<LayerCase> shared;

    /**
     * Makes the networks to check.
     *
     * @return new ones at every call
     */
    protected abstract Stream<LayerCase> cases();

    /** For checks that leave the models as they are. */
    Stream<LayerCase> sharedCases() {
        if (shared == null) {
            shared = cases().toList();
        }
        return shared.stream();
    }

    Stream<LayerCase> casesWithUnmixedUnits() {
        return sharedCases()
                .filter(testCase -> resizable(testCase.read())
                        .anyMatch(space -> space.mixed().isEmpty()));
    }

    Stream<LayerCase> freshCases() {
        return cases();
    }

    Stream<LayerCase> freshCasesWithRemovals() {
        return cases().filter(testCase -> !testCase.removals().isEmpty());
    }

    @ParameterizedTest
    @MethodSource("freshCases")
    void it_comes_back_bit_by_bit_and_trains_on_as_before(LayerCase testCase) {
        ComputationGraph model = testCase.model();

        ComputationGraph written = Dl4jGraphs.toComputationGraph(testCase.read());

        assertThat(Models.state(written)).isEqualTo(Models.state(model));
        if (testCase.runs()) {
            assertThat(testCase.outputs(written, testCase.isMasked()))
                    .containsExactly(testCase.outputs(model, testCase.isMasked()));
        }
        if (testCase.trains()) {
            testCase.fit(model, 3);
            testCase.fit(written, 3);
            assertThat(Models.state(written)).isEqualTo(Models.state(model));
        }
    }

    @ParameterizedTest
    @MethodSource("sharedCases")
    void it_tells_what_can_be_resized_and_why_the_rest_cannot(LayerCase testCase) {
        assertThat(testCase.read().spaces().stream()
                        .map(LayerContract::describe)
                        .filter(text -> !text.matches("in\\d* .* frozen: network input|out .* frozen: network output")))
                .containsExactlyElementsOf(testCase.expectedSpaces());
    }

    private static String describe(UnitSpace space) {
        return space.name() + " " + space.size()
                + (space.minimum() > 1 ? " at least " + space.minimum() : "")
                + space.mixed().map(reason -> " mixed: " + reason).orElse("")
                + space.frozen().map(reason -> " frozen: " + reason).orElse("");
    }

    @ParameterizedTest
    @MethodSource("sharedCases")
    void permuting_units_changes_neither_outputs_nor_training(LayerCase testCase) {
        NetworkGraph graph = testCase.read();
        List<UnitSpace> spaces = resizable(graph)
                .filter(space -> !testCase.isOrdered(space.name()))
                .toList();
        NetworkGraph all = graph;
        for (UnitSpace space : spaces) {
            assertSameFunction(testCase, permute(graph, space), "permuting " + space);
            all = permute(all, space);
        }
        if (testCase.runs()) {
            assertThat(testCase.score(Dl4jGraphs.toComputationGraph(all), testCase.isMasked()))
                    .as("score after permuting " + spaces)
                    .isCloseTo(testCase.score(testCase.model(), testCase.isMasked()), byAtMost(TOLERANCE));
        }
        if (testCase.trains() && testCase.isRepeatable()) {
            NetworkGraph trained = trained(testCase, graph);
            for (UnitSpace space : spaces) {
                trained = permute(trained, space);
            }
            assertSameArrays(trained(testCase, all), trained, "training after permuting " + spaces);
        }
    }

    private static Offset<Double> byAtMost(double offset) {
        return Offset.offset(offset);
    }

    private static Stream<UnitSpace> resizable(NetworkGraph graph) {
        return graph.spaces().stream().filter(UnitSpace::resizable);
    }

    /** Moves every unit by two and reverses the order, so that no unit of a larger space stays where it is by accident. */
    private static NetworkGraph permute(NetworkGraph graph, UnitSpace space) {
        int size = Math.toIntExact(space.size());
        return resize(
                graph,
                space.name(),
                IntStream.range(0, size).map(i -> (2 * size + 1 - i) % size).toArray());
    }

    /**
     * Selects units of a space.
     *
     * @param graph the network
     * @param space name of the space
     * @param units which units to keep, in their new order
     * @return the network with these units
     */
    public static NetworkGraph resize(NetworkGraph graph, String space, int... units) {
        UnitSpace target = graph.spaceNamed(space);
        SparseMatrix.Builder builder = SparseMatrix.builder(Math.toIntExact(target.size()));
        for (int unit : units) {
            builder.entry(unit, 1).endRow();
        }
        SparseMatrix selection = builder.build();
        return Resizer.resize(graph, target, new UnitMap(selection, selection, selection));
    }

    private static void assertSameFunction(LayerCase testCase, NetworkGraph graph, String what) {
        ComputationGraph written = Dl4jGraphs.toComputationGraph(graph);
        if (testCase.runs()) {
            // The first example of a masked batch is not masked.
            assertClose(testCase.outputs(written, testCase.isMasked()), testCase.reference(), what);
        }
    }

    private static void assertClose(double[] actual, double[] expected, String what) {
        double scale = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        assertThat(scale).as("the outputs before " + what).isFinite().isPositive();
        assertThat(actual).as("outputs after " + what).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i])
                    .as("output " + i + " after " + what)
                    .isCloseTo(expected[i], byAtMost(TOLERANCE * scale));
        }
    }

    private static NetworkGraph trained(LayerCase testCase, NetworkGraph graph) {
        ComputationGraph model = Dl4jGraphs.toComputationGraph(graph);
        testCase.fit(model, 4);
        return testCase.read(model);
    }

    private static void assertSameArrays(NetworkGraph actual, NetworkGraph expected, String what) {
        for (Vertex vertex : expected.vertices()) {
            vertex.parameters().forEach((key, parameter) -> {
                Parameter other = actual.vertex(vertex.name()).parameters().get(key);
                String where = vertex.name() + " " + key + " after " + what;
                assertThat(other.value().toDoubles())
                        .as(where)
                        .usingComparatorWithPrecision(TOLERANCE)
                        .containsExactly(parameter.value().toDoubles());
                for (int i = 0; i < parameter.state().size(); i++) {
                    assertThat(other.state().get(i).value().toDoubles())
                            .as("updater state " + i + " of " + where)
                            .usingComparatorWithPrecision(TOLERANCE)
                            .containsExactly(parameter.state().get(i).value().toDoubles());
                }
            });
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("casesWithUnmixedUnits")
    void replicating_units_preserves_the_function_unless_they_are_mixed(LayerCase testCase) {
        NetworkGraph graph = testCase.read();
        List<UnitSpace> spaces =
                resizable(graph).filter(space -> space.mixed().isEmpty()).toList();
        NetworkGraph all = graph;
        for (UnitSpace space : spaces) {
            assertSameFunction(testCase, grow(graph, space), "growing " + space);
            all = grow(all, space);
        }
        assertSameFunction(testCase, all, "growing all");
    }

    private static NetworkGraph grow(NetworkGraph graph, UnitSpace space) {
        return Actions.addNeurons(space, 1.5).apply(graph, Projections.replication());
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("freshCasesWithRemovals")
    void removing_units_does_what_silencing_their_readers_does(LayerCase testCase) {
        NetworkGraph graph = testCase.read();
        INDArray parameters = testCase.model().params().dup();
        for (Removal removal : testCase.removals()) {
            int size = Math.toIntExact(graph.spaceNamed(removal.space()).size());
            int[] kept = IntStream.range(0, size)
                    .filter(unit -> Arrays.stream(removal.units()).noneMatch(removed -> removed == unit))
                    .toArray();
            ComputationGraph written = Dl4jGraphs.toComputationGraph(resize(graph, removal.space(), kept));
            double[] before = testCase.outputs(testCase.model(), testCase.isMasked());

            removal.zeros().forEach(zero -> LayerCase.silence(testCase.model(), zero));

            double[] silenced = testCase.outputs(testCase.model(), testCase.isMasked());
            assertThat(silenced).as("the units matter").isNotEqualTo(before);
            assertClose(testCase.outputs(written, testCase.isMasked()), silenced, "removing from " + removal.space());
            testCase.model().params().assign(parameters);
        }
    }

    @ParameterizedTest
    @MethodSource("sharedCases")
    void shrunk_and_grown_networks_run_train_and_are_read_again(LayerCase testCase) {
        NetworkGraph graph = testCase.read();
        assertUsable(testCase, graph, space -> Actions.removeNeurons(space, 0.5), Projections.importance());
        assertUsable(testCase, graph, space -> Actions.removeNeurons(space, 0.5), Projections.pseudoInverse());
        assertUsable(testCase, graph, space -> Actions.addNeurons(space, 2), Projections.replication());
    }

    private static void assertUsable(
            LayerCase testCase,
            NetworkGraph graph,
            Function<UnitSpace, StructuralAction> action,
            Projection projection) {
        NetworkGraph resized = graph;
        for (UnitSpace space : resizable(graph).toList()) {
            resized = action.apply(space).apply(resized, projection);
        }
        ComputationGraph written = Dl4jGraphs.toComputationGraph(resized);
        assertThat(written.params().length()).isEqualTo(resized.parameterCount());
        NetworkGraph again = testCase.read(written);
        assertThat(again.structureHash()).isEqualTo(resized.structureHash());
        assertThat(again.describe()).isEqualTo(resized.describe());
        if (testCase.runs()) {
            assertThat(testCase.outputs(written, testCase.isMasked()))
                    .hasSameSizeAs(testCase.reference())
                    .doesNotContain(Double.NaN);
        }
        if (testCase.trains()) {
            testCase.fit(written, 5);
            assertThat(written.score()).isFinite();
        }
    }
}
