package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.GlobalRanking.Limits;
import org.growingnn.dl4j.testing.Models;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The smallest network of a ranking that passes, against an exhaustive search. */
class SmallestPassingTest {

    private static MultiLayerNetwork chain;
    private static ComputationGraph model;

    @BeforeAll
    static void train() {
        chain = TestData.trainedChain();
        model = TestData.trainedGraph();
    }

    private static StructuralPruner.Builder pruner(Predicate<ComputationGraph> passes, int checks) {
        return StructuralPruner.to(PruningTarget.smallest(passes, checks)).criterion(Criteria.absolute(Criteria.l1()));
    }

    /** All networks that the order of all ratings makes, by their number of parameters, and what they keep of each layer. */
    private static TreeMap<Long, Map<String, List<Integer>>> candidates() {
        NetworkGraph network = Dl4jGraphs.read(model);
        record Rated(String space, int unit, double rating) {}
        List<Rated> all = new ArrayList<>();
        Map<String, List<Integer>> kept = new LinkedHashMap<>();
        for (UnitSpace space : network.spaces()) {
            if (space.resizable()) {
                double[] ratings = Criteria.l1().rate(network, space);
                kept.put(space.name(), new ArrayList<>());
                for (int unit = 0; unit < ratings.length; unit++) {
                    all.add(new Rated(space.name(), unit, ratings[unit]));
                    kept.get(space.name()).add(unit);
                }
            }
        }
        assertThat(kept).hasSize(2);
        all.sort(Comparator.comparingDouble(Rated::rating));
        TreeMap<Long, Map<String, List<Integer>>> candidates = new TreeMap<>();
        candidates.put(network.parameterCount(), copy(kept));
        for (Rated next : all) {
            List<Integer> units = kept.get(next.space);
            if (units.size() > 1) {
                units.remove((Integer) next.unit);
                List<Integer> widths = kept.values().stream().map(List::size).toList();
                long parameters = (TestData.FEATURES + 1L) * widths.get(0)
                        + (widths.get(0) + 1L) * widths.get(1)
                        + (widths.get(1) + 1L) * TestData.CLASSES;
                candidates.put(parameters, copy(kept));
            }
        }
        return candidates;
    }

    private static Map<String, List<Integer>> copy(Map<String, List<Integer>> kept) {
        Map<String, List<Integer>> copy = new LinkedHashMap<>();
        kept.forEach((space, units) -> copy.put(space, List.copyOf(units)));
        return copy;
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.02, 0.1, 0.33, 0.5, 0.77, 0.99, 1})
    void what_passes_from_some_size_on_is_found_exactly(double share) {
        TreeMap<Long, Map<String, List<Integer>>> candidates = candidates();
        long least = Math.round(share * model.numParams());
        long expected = candidates.ceilingKey(least);

        PruningResult result = pruner(graph -> graph.numParams() >= least, 12).prune(model);

        assertThat(result.network().parameterCount()).isEqualTo(expected);
        assertThat(result.graph().numParams()).isEqualTo(expected);
        // The model itself, then as often as 70 steps can be halved.
        assertThat(result.checks()).isBetween(7, 8);
        candidates
                .get(expected)
                .forEach((space, units) -> assertThat(result.kept()
                                .getOrDefault(
                                        space,
                                        units.stream()
                                                .mapToInt(Integer::intValue)
                                                .toArray()))
                        .as(space)
                        .containsExactly(
                                units.stream().mapToInt(Integer::intValue).toArray()));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void of_checks_that_pass_here_and_there_the_smallest_that_was_seen_to_pass_is_given(int salt) {
        Map<Long, Boolean> seen = new LinkedHashMap<>();
        PruningResult result = pruner(
                        graph -> {
                            long size = graph.numParams();
                            boolean passes =
                                    size == model.numParams() || (size * 2654435761L + salt * 977L >> 7) % 3 == 0;
                            assertThat(seen.put(size, passes))
                                    .as("no network is checked twice")
                                    .isNull();
                            return passes;
                        },
                        12)
                .prune(model);

        long smallest = seen.entrySet().stream()
                .filter(Map.Entry::getValue)
                .mapToLong(Map.Entry::getKey)
                .min()
                .orElseThrow();
        assertThat(result.network().parameterCount()).isEqualTo(smallest);
        assertThat(result.checks()).isEqualTo(seen.size());
        assertThat(candidates().keySet()).containsAll(seen.keySet());
    }

    @Test
    void checks_end_when_their_number_is_used_up() {
        for (int checks : new int[] {1, 2, 3, 4}) {
            List<Long> seen = new ArrayList<>();
            PruningResult result = pruner(
                            graph -> {
                                seen.add(graph.numParams());
                                return graph.numParams() >= 300;
                            },
                            checks)
                    .prune(model);
            assertThat(seen).hasSize(checks);
            assertThat(result.checks()).isEqualTo(checks);
            assertThat(result.network().parameterCount())
                    .isEqualTo(seen.stream()
                            .filter(size -> size >= 300)
                            .min(Comparator.naturalOrder())
                            .orElseThrow());
        }
    }

    @Test
    void a_model_that_does_not_pass_as_it_is_is_refused() {
        List<Long> seen = new ArrayList<>();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StructuralPruner.smallest(model, graph -> {
                    seen.add(graph.numParams());
                    return false;
                }))
                .withMessageContainingAll("does not pass", "before anything is removed", "\nMaybe");
        assertThat(seen).containsExactly(model.numParams());
    }

    @Test
    void an_accuracy_is_held_by_the_network_that_is_given() {
        double needed = model.evaluate(TestData.clouds(300, 100, 9)).accuracy() - 0.02;
        for (boolean calibrated : new boolean[] {false, true}) {
            StructuralPruner.Builder pruner = StructuralPruner.to(PruningTarget.smallest(
                    graph -> graph.evaluate(TestData.clouds(300, 100, 9)).accuracy() >= needed));
            PruningResult result = (calibrated ? pruner.calibrate(TestData.clouds(600, 60, 1)) : pruner).prune(chain);
            assertThat(result.graph().evaluate(TestData.clouds(300, 100, 9)).accuracy())
                    .isGreaterThanOrEqualTo(needed);
            assertThat(result.reduction()).isGreaterThan(0.3);
            assertThat(result.multiLayerNetwork().numParams())
                    .isEqualTo(result.network().parameterCount());
        }
    }

    @Test
    void what_a_check_does_to_its_network_does_not_get_out() {
        double[] before = Models.values(model.params());
        PruningResult result = pruner(
                        graph -> {
                            boolean passes = graph.numParams() >= 500;
                            graph.params().assign(7);
                            return passes;
                        },
                        12)
                .prune(model);
        assertThat(Models.values(model.params())).isEqualTo(before);
        INDArray features = TestData.cloud(5, 3).getFeatures();
        assertThat(Models.values(result.graph().output(features)[0]))
                .isEqualTo(Models.values(
                        Dl4jGraphs.toComputationGraph(result.network()).output(features)[0]));
        assertThat(Arrays.stream(Models.values(result.graph().params()))).doesNotContain(7.0);
    }

    @Test
    void limits_and_exclusions_hold_whatever_passes() {
        PruningResult result = pruner(graph -> true, 12)
                .limits(new Limits(3, 1, 4))
                .exclude("layer1")
                .prune(model);
        assertThat(result.network().space("layer0").size()).isEqualTo(4);
        assertThat(result.network().space("layer1").size()).isEqualTo(30);
        assertThat(result.kept()).containsOnlyKeys("layer0");
    }

    @Test
    void a_model_of_which_nothing_can_go_is_checked_once_and_given_back() {
        PruningResult result =
                pruner(graph -> true, 12).exclude("layer0", "layer1").prune(model);
        assertThat(result.checks()).isEqualTo(1);
        assertThat(result.kept()).isEmpty();
        assertThat(Models.values(result.graph().params())).isEqualTo(Models.values(model.params()));
    }

    @Test
    void settings_that_have_no_place_here_are_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pruner(graph -> true, 12)
                        .rounds(2, (live, round, rounds) -> {})
                        .build())
                .withMessageContainingAll("rounds(2, …)", "contradicts", "\nMaybe");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PruningTarget.smallest(graph -> true, 0))
                .withMessageContaining("checks (0)");
        assertThatNullPointerException().isThrownBy(() -> PruningTarget.smallest(null));
    }

    @Test
    void other_targets_have_no_checks() {
        assertThat(StructuralPruner.to(PruningTarget.reduction(0.5))
                        .prune(model)
                        .checks())
                .isZero();
    }
}
