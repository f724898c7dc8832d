package org.growingnn.dl4j.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.growingnn.dl4j.testing.Chains;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goals allow, and what is no goal. */
class CostGoalTest {

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.1, 50, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void shares_outside_of_0_to_1_are_refused(double share) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CostGoal.left(Cost.MACS, share))
                .withMessageContainingAll("share of " + Cost.MACS.unit() + " to leave (" + share, "[0, 1]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CostGoal.without(Cost.MACS, share))
                .withMessageContainingAll("share of " + Cost.MACS.unit() + " to remove (" + share, "[0, 1]");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new CostGoal(Cost.MACS, OptionalDouble.of(share), OptionalLong.empty(), "It is out of reach"))
                .withMessageContaining("(" + share);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void numbers_below_1_are_refused(long most) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CostGoal.atMost(Cost.MEMORY, most))
                .withMessageContainingAll("largest number of " + Cost.MEMORY.unit(), "(" + most + ")", "at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new CostGoal(Cost.MEMORY, OptionalDouble.empty(), OptionalLong.of(most), "It is out of reach"))
                .withMessageContaining("(" + most + ")");
    }

    @Test
    void a_goal_is_a_share_or_a_number_of_a_cost() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CostGoal(Cost.MACS, OptionalDouble.of(0.5), OptionalLong.of(3), "no"))
                .withMessageContaining("either");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CostGoal(Cost.MACS, OptionalDouble.empty(), OptionalLong.empty(), "no"))
                .withMessageContaining("either");
        OptionalDouble half = OptionalDouble.of(0.5);
        assertThatNullPointerException()
                .isThrownBy(() -> new CostGoal(null, half, OptionalLong.empty(), "no"))
                .withMessage("cost");
        assertThatNullPointerException()
                .isThrownBy(() -> new CostGoal(Cost.MACS, null, OptionalLong.empty(), "no"))
                .withMessage("left");
        assertThatNullPointerException()
                .isThrownBy(() -> new CostGoal(Cost.MACS, half, null, "no"))
                .withMessage("most");
        assertThatNullPointerException()
                .isThrownBy(() -> new CostGoal(Cost.MACS, half, OptionalLong.empty(), null))
                .withMessage("unreachable");
        assertThatNullPointerException()
                .isThrownBy(() -> CostGoal.left(null, 0.5))
                .withMessage("cost");
        assertThatNullPointerException()
                .isThrownBy(() -> CostGoal.without(null, 0.5))
                .withMessage("cost");
        assertThatNullPointerException()
                .isThrownBy(() -> CostGoal.atMost(null, 3))
                .withMessage("cost");
        assertThatNullPointerException()
                .isThrownBy(() -> CostGoal.latency(null))
                .withMessage("most");
        assertThatNullPointerException()
                .isThrownBy(() -> CostGoal.limits(null, Chains.dense(3, 2)))
                .withMessage("goals");
        assertThatNullPointerException()
                .isThrownBy(() -> CostGoal.limits(List.of(), null))
                .withMessage("initial");
    }

    @Test
    void costs_below_0_are_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CostGoal.left(Cost.MACS, 0.5).limit(-1))
                .withMessageContaining("(-1)");
    }

    @ParameterizedTest
    @EnumSource(Cost.class)
    void the_ends_of_the_ranges_are_goals(Cost cost) {
        assertThat(CostGoal.left(cost, 1).limit(1000)).isBetween(1000.0, 1000.001);
        assertThat(CostGoal.left(cost, 0).limit(1000)).isBetween(0.0, 0.001);
        assertThat(CostGoal.without(cost, 0)).extracting(CostGoal::left).isEqualTo(OptionalDouble.of(1));
        assertThat(CostGoal.without(cost, 1).limit(1000)).isBetween(0.0, 0.001);
        assertThat(CostGoal.atMost(cost, 1).limit(1000)).isEqualTo(1);
        assertThat(CostGoal.latency(Duration.ofNanos(7)).limit(0)).isEqualTo(7);
    }

    @Test
    void the_least_of_what_several_goals_allow_counts() {
        NetworkGraph network = Chains.dense(3, 2);
        long parameters = Cost.PARAMETERS.of(network);
        assertThat(CostGoal.limits(
                        List.of(CostGoal.left(Cost.PARAMETERS, 1), CostGoal.atMost(Cost.PARAMETERS, parameters - 1)),
                        network))
                .isEqualTo(Map.of(Cost.PARAMETERS, parameters - 1.0));
        assertThat(CostGoal.limits(List.of(), network)).isEmpty();
    }
}
