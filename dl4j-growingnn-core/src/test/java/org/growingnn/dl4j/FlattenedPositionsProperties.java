package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Selection;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.projection.Resizer;
import org.growingnn.dl4j.projection.UnitMap;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.RandomNetwork;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.growingnn.dl4j.testing.RandomNetworks.Trait;
import org.growingnn.dl4j.testing.SubArrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What holds wherever positions of flattened maps are left out, in any network. */
class FlattenedPositionsProperties {

    /** Of double precision, so that all values differ. */
    @Provide
    static Arbitrary<RandomNetwork> networks() {
        return Arbitraries.longs()
                .map(seed -> RandomNetworks.graph(seed, Trait.DOUBLE_PRECISION))
                .filter(network -> !flatteningLayers(network.read()).isEmpty())
                .dontShrink();
    }

    private static List<String> flatteningLayers(NetworkGraph network) {
        return network.order().stream()
                .filter(name -> network.vertex(name).parameters().containsKey("W")
                        && Selection.flatteningObstacle(network, name).isEmpty())
                .toList();
    }

    @Property(tries = 15, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void positions_that_are_left_out_count_as_if_they_had_no_weights(
            @ForAll("networks") RandomNetwork network, @ForAll long choice) {
        Random random = new Random(choice);
        NetworkGraph read = network.read();
        String layer = any(flatteningLayers(read), random);
        int[] positions = some((int) weights(read, layer).size(0), random);

        NetworkGraph left = selected(read, layer, positions);

        assertSameOutputs(left, silenced(read, layer, positions), network);
        assertThat(SubArrays.positions(weights(left, layer), weights(read, layer))
                        .get(0))
                .containsExactly(positions);
        assertComesBack(left, network);
    }

    @Property(tries = 15, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void channels_that_go_take_their_positions_along(@ForAll("networks") RandomNetwork network, @ForAll long choice) {
        Random random = new Random(choice);
        NetworkGraph read = network.read();
        String layer = any(flatteningLayers(read), random);
        List<String> channels = channelsInFront(read, layer);
        Assume.that(!channels.isEmpty());
        String name = any(channels, random);
        UnitSpace space = read.spaceNamed(name);
        int[] units = some((int) space.size(), random);
        Assume.that(units.length >= space.minimum());
        UnitMap map = UnitMap.selection((int) space.size(), units);
        NetworkGraph narrow = Resizer.resize(read, space, map);
        int[] there = SubArrays.positions(weights(narrow, layer), weights(read, layer))
                .get(0);
        int[] positions = with(some((int) weights(read, layer).size(0), random), there[0]);

        NetworkGraph selected = selected(read, layer, positions);
        NetworkGraph left = Resizer.resize(selected, selected.spaceNamed(name), map);

        int[] expected = IntStream.of(there)
                .filter(position -> Arrays.binarySearch(positions, position) >= 0)
                .toArray();
        assertThat(SubArrays.positions(weights(left, layer), weights(read, layer))
                        .get(0))
                .containsExactly(expected);
        int[] rows = IntStream.range(0, there.length)
                .filter(row -> Arrays.binarySearch(positions, there[row]) >= 0)
                .toArray();
        assertSameOutputs(left, silenced(narrow, layer, rows), network);
        assertComesBack(left, network);
        // In whatever order it is said.
        NetworkGraph atOnce = Resizer.resize(
                Selection.insertInFrontOf(read, layer),
                Map.of(
                        name,
                        map,
                        layer(read, layer),
                        UnitMap.selection((int) weights(read, layer).size(0), positions)),
                false);
        assertThat(Models.state(Dl4jGraphs.toComputationGraph(atOnce)))
                .isEqualTo(Models.state(Dl4jGraphs.toComputationGraph(left)));
    }

    @Property(tries = 10, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void any_actions_leave_a_network_that_is_read_back_and_trains(
            @ForAll("networks") RandomNetwork network, @ForAll long choice) {
        Random random = new Random(choice);
        NetworkGraph read = network.read();
        String layer = any(flatteningLayers(read), random);
        NetworkGraph current =
                selected(read, layer, some((int) weights(read, layer).size(0), random));
        for (int step = 0; step < 6; step++) {
            List<StructuralAction> offered = offered(current, random);
            if (!offered.isEmpty()) {
                current = any(offered, random).apply(current, Projections.importance());
            }
        }
        assertComesBack(current, network);
    }

    private static List<StructuralAction> offered(NetworkGraph network, Random random) {
        ActionGenerator kind =
                any(List.of(Actions.neurons(), Actions.layers().maximumParameters(8_000), Actions.global()), random);
        return kind.generate(network).toList();
    }

    private static <T> T any(List<T> list, Random random) {
        return list.get(random.nextInt(list.size()));
    }

    private static int[] some(int size, Random random) {
        List<Integer> all = IntStream.range(0, size).boxed().collect(Collectors.toList());
        Collections.shuffle(all, random);
        return all.subList(0, 1 + random.nextInt(size)).stream()
                .mapToInt(Integer::intValue)
                .sorted()
                .toArray();
    }

    private static int[] with(int[] positions, int position) {
        return IntStream.concat(IntStream.of(positions), IntStream.of(position))
                .distinct()
                .sorted()
                .toArray();
    }

    private static String layer(NetworkGraph read, String layer) {
        NetworkGraph inserted = Selection.insertInFrontOf(read, layer);
        return inserted.space(Selection.inFrontOf(inserted, layer).orElseThrow().name())
                .name();
    }

    private static NetworkGraph selected(NetworkGraph read, String layer, int... positions) {
        NetworkGraph inserted = Selection.insertInFrontOf(read, layer);
        UnitSpace space = inserted.space(
                Selection.inFrontOf(inserted, layer).orElseThrow().name());
        return Resizer.resize(inserted, space, UnitMap.selection((int) space.size(), positions));
    }

    private static Tensor weights(NetworkGraph network, String layer) {
        return network.vertex(layer).parameters().get("W").value();
    }

    private static List<String> channelsInFront(NetworkGraph network, String layer) {
        String source = network.vertex(layer).inputs().get(0);
        Set<UnitSpace> arriving = network.signal(source).units().blocks().stream()
                .map(network::space)
                .collect(Collectors.toSet());
        return arriving.stream()
                .filter(UnitSpace::resizable)
                .map(UnitSpace::name)
                .sorted()
                .toList();
    }

    /** The same model without the weights of all other rows. */
    private static NetworkGraph silenced(NetworkGraph network, String layer, int... rows) {
        ComputationGraph model = Dl4jGraphs.toComputationGraph(network);
        INDArray weights = model.getLayer(layer).paramTable().get("W");
        IntStream.range(0, (int) weights.size(0))
                .filter(row -> Arrays.binarySearch(rows, row) < 0)
                .forEach(row -> weights.getRow(row).assign(0));
        return Dl4jGraphs.read(model);
    }

    private static void assertSameOutputs(NetworkGraph actual, NetworkGraph expected, RandomNetwork network) {
        INDArray[] features = network.features(3);
        INDArray[] left = Models.outputs(Dl4jGraphs.toComputationGraph(actual), features);
        INDArray[] wanted = Models.outputs(Dl4jGraphs.toComputationGraph(expected), features);
        for (int i = 0; i < wanted.length; i++) {
            assertThat(Models.values(left[i]))
                    .usingComparatorWithPrecision(1e-9)
                    .containsExactly(Models.values(wanted[i]));
        }
    }

    private static void assertComesBack(NetworkGraph network, RandomNetwork data) {
        ComputationGraph written = Dl4jGraphs.toComputationGraph(network);
        assertThat(written.getConfiguration().toJson()).doesNotContain("growingnn");
        NetworkGraph read = Dl4jGraphs.read(written);
        assertThat(read.structureHash())
                .isEqualTo(Selection.withoutIdentities(network).structureHash());
        assertThat(Models.state(Dl4jGraphs.toComputationGraph(read))).isEqualTo(Models.state(written));
        Models.fit(written, data.batch(5), 1);
        assertThat(written.params().isNaN().any()).isFalse();
    }
}
