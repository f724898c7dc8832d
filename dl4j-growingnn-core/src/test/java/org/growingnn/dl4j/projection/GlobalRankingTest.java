package org.growingnn.dl4j.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.GlobalRanking.Limits;
import org.growingnn.dl4j.testing.Chains;
import org.junit.jupiter.api.Test;

class GlobalRankingTest {

    /** With 4 · 8 + 8, 8 · 6 + 6 and 6 · 2 + 2 parameters. */
    private final NetworkGraph network = Chains.dense(4, 8, 6, 2);

    private GlobalRanking ranking(Limits limits) {
        return new GlobalRanking(network, Criteria.l1(), space -> limits, space -> false);
    }

    @Test
    void a_share_out_of_reach_is_refused_with_the_least_widths() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ranking(new Limits(1, 0.5, 1)).reduceBy(Cost.PARAMETERS, 0.9))
                // 20 + 15 + 8 of 108 parameters stay.
                .withMessageContainingAll("0.9 ", "0.6019", "d1=4", "d2=3", "\nMaybe");
    }

    @Test
    void limits_can_be_used_up_to_the_last_unit() {
        for (double ratio : new double[] {0.25, 0.5, 0.75}) {
            GlobalRanking ranking = ranking(new Limits(1, ratio, 1));
            double largest = ranking.largestShare(Cost.PARAMETERS);
            for (double share : new double[] {Math.nextDown(largest), largest, Math.nextUp(largest)}) {
                assertThat(ranking.allows(Cost.PARAMETERS, share)).isTrue();
                Map<String, int[]> kept = ranking.reduceBy(Cost.PARAMETERS, share);
                assertThat(kept.get("d1")).hasSize((int) Math.round(8 * (1 - ratio)));
            }
            assertThat(ranking.allows(Cost.PARAMETERS, largest + 0.001)).isFalse();
        }
    }

    @Test
    void several_costs_are_met_by_one_selection_that_none_of_them_would_let_grow() {
        Map<Cost, Double> goals = Map.of(Cost.PARAMETERS, 70.0, Cost.MACS, 45.0);
        Map<String, int[]> kept = ranking(Limits.NONE).reduceTo(goals);
        int first = kept.containsKey("d1") ? kept.get("d1").length : 8;
        int second = kept.containsKey("d2") ? kept.get("d2").length : 6;
        assertThat(parameters(first, second)).isLessThanOrEqualTo(70);
        assertThat(macs(first, second)).isLessThanOrEqualTo(45);
        assertThat(parameters(first + 1, second) > 70 || macs(first + 1, second) > 45)
                .isTrue();
        assertThat(parameters(first, second + 1) > 70 || macs(first, second + 1) > 45)
                .isTrue();
        // Alone, the looser goal lets more stay.
        assertThat(ranking(Limits.NONE).reduceTo(Map.of(Cost.PARAMETERS, 70.0)))
                .usingRecursiveComparison()
                .isNotEqualTo(kept);
    }

    private static int parameters(int first, int second) {
        return 5 * first + (first + 1) * second + 2 * (second + 1);
    }

    private static int macs(int first, int second) {
        return 4 * first + first * second + 2 * second;
    }

    @Test
    void goals_that_are_out_of_reach_leave_what_limits_ask_for() {
        Map<String, int[]> kept =
                ranking(new Limits(1, 0.5, 1)).reduceTo(Map.of(Cost.PARAMETERS, 70.0, Cost.MACS, 3.0));
        assertThat(kept.get("d1")).hasSize(4);
        assertThat(kept.get("d2")).hasSize(3);
    }

    @Test
    void an_allowed_width_is_the_least_that_is_not_below() {
        Limits limits = new Limits(3, 1, 4);
        var space = network.space("d2");
        assertThat(limits.width(space, 0)).isEqualTo(4);
        assertThat(limits.width(space, 4)).isEqualTo(4);
        // 8 would be more than there are.
        assertThat(limits.width(space, 5)).isEqualTo(6);
    }

    @Test
    void each_step_leaves_the_network_a_little_smaller_until_the_limits_are_reached() {
        GlobalRanking ranking = ranking(new Limits(2, 1, 3));
        int[] steps = ranking.steps();
        assertThat(steps).startsWith(0).isSorted();
        assertThat(ranking.without(0)).isEmpty();
        long before = network.parameterCount();
        for (int step = 1; step < steps.length; step++) {
            NetworkGraph smaller =
                    Resizer.resize(network, GlobalRanking.maps(network, ranking.without(steps[step])), false);
            assertThat(smaller.parameterCount()).isLessThan(before);
            before = smaller.parameterCount();
        }
        // 8 units become 6 and 3, 6 units become 3, in an order that the ratings tell.
        assertThat(steps).hasSize(4);
        Map<String, int[]> least = ranking.without(steps[3]);
        assertThat(least.get("d1")).hasSize(3);
        assertThat(least.get("d2")).hasSize(3);
        assertThat(ranking.without(14).keySet()).isEqualTo(least.keySet());
    }

    /** Rates the units of a space by a multiple of another criterion. */
    private record Multiple(Criterion criterion, String space, double factor) implements Criterion {

        @Override
        public String name() {
            return criterion.name();
        }

        @Override
        public double[] rate(NetworkGraph graph, UnitSpace rated) {
            double times = rated.name().equals(space) ? factor : 1;
            return Arrays.stream(criterion.rate(graph, rated))
                    .map(rating -> times * rating)
                    .toArray();
        }
    }

    private Map<String, int[]> kept(Criterion criterion) {
        return new GlobalRanking(network, criterion, space -> Limits.NONE, space -> false)
                .reduceBy(Cost.PARAMETERS, 0.4);
    }

    @Test
    void the_scale_of_a_space_does_not_decide_how_much_of_it_goes() {
        Criterion random = Criteria.random(3);
        Criterion uncompared = new Multiple(random, "", 1);
        assertThat(kept(new Multiple(random, "d1", 1000)))
                .usingRecursiveComparison()
                .isEqualTo(kept(uncompared));
        assertThat(kept(uncompared)).usingRecursiveComparison().isEqualTo(kept(Criteria.share(random)));
    }

    @Test
    void ratings_that_are_comparable_are_compared_as_they_are() {
        Criterion favoured = Criteria.absolute(new Multiple(Criteria.l1(), "d1", 1000));
        assertThat(kept(favoured)).containsOnlyKeys("d2");
        assertThat(List.of(
                        Criteria.absolute(Criteria.l2()),
                        Criteria.share(Criteria.l1()),
                        Criteria.relative(Criteria.gain()),
                        Criteria.taylor(),
                        Criteria.random(1)))
                .allMatch(Criterion::comparable);
        assertThat(List.of(
                        Criteria.l1(),
                        Criteria.l2(),
                        Criteria.gain(),
                        Criteria.activation(),
                        Criteria.batchNormScale(),
                        Criteria.pivotedQr()))
                .noneMatch(Criterion::comparable);
        assertThat(Criteria.absolute(Criteria.l2()).name()).isEqualTo("l2");
        assertThat(Criteria.absolute(Criteria.activation()).needsCalibration()).isTrue();
    }
}
