package org.growingnn.dl4j.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.Costs;
import org.growingnn.dl4j.metric.Reading;
import org.growingnn.dl4j.metric.Scale;
import org.growingnn.dl4j.run.Stopper.Verdict;
import org.junit.jupiter.api.Test;

class StoppersTest {

    static Generation generation(int number, double accuracy, double reduction, double score, boolean accepted) {
        return new Generation(
                number,
                Optional.empty(),
                accepted ? Optional.empty() : Optional.of("it was worse"),
                Reading.of(accuracy, 0, Scale.SHARE),
                Reading.of(accuracy, 0, Scale.SHARE),
                accuracy,
                accuracy,
                1,
                new Costs(Map.of(Cost.PARAMETERS, 100L)),
                reduction,
                score,
                1,
                0,
                Duration.ofSeconds(number));
    }

    private static List<Generation> history(double... accuracyAndReduction) {
        List<Generation> history = new ArrayList<>();
        for (int i = 0; i < accuracyAndReduction.length; i += 2) {
            history.add(generation(i / 2, accuracyAndReduction[i], accuracyAndReduction[i + 1], 0, true));
        }
        return history;
    }

    @Test
    void both_goals_must_be_reached_together() {
        Stopper stopper = Stoppers.accuracyAndReduction(0.95, 0.85);
        assertThat(stopper.judge(history(0.99, 0))).isEqualTo(Verdict.CONTINUE);
        assertThat(stopper.judge(history(0.99, 0, 0.94, 0.9))).isEqualTo(Verdict.CONTINUE);
        assertThat(stopper.judge(history(0.99, 0, 0.95, 0.85))).isEqualTo(Verdict.GOAL_REACHED);
    }

    @Test
    void a_generation_that_was_taken_back_reaches_no_goal() {
        List<Generation> history = history(0.99, 0);
        history.add(generation(1, 0.99, 0.9, 1, false));
        assertThat(Stoppers.reduction(0.85).judge(history)).isEqualTo(Verdict.CONTINUE);
    }

    private static Generation costing(int number, long parameters, OptionalLong macs, boolean accepted) {
        Map<Cost, Long> costs = new EnumMap<>(Map.of(Cost.PARAMETERS, parameters));
        macs.ifPresent(count -> costs.put(Cost.MACS, count));
        return costing(number, costs, accepted);
    }

    private static Generation costing(int number, Map<Cost, Long> costs, boolean accepted) {
        return new Generation(
                number,
                Optional.empty(),
                accepted ? Optional.empty() : Optional.of("it was worse"),
                Reading.NONE,
                Reading.NONE,
                0,
                0,
                1,
                new Costs(costs),
                0,
                0,
                1,
                0,
                Duration.ZERO);
    }

    @Test
    void costs_reach_their_goals_alone_and_together() {
        Stopper both = Stoppers.atMost(Cost.PARAMETERS, 50).and(Stoppers.left(Cost.MACS, 0.25));
        List<Generation> history = new ArrayList<>(List.of(costing(0, 100, OptionalLong.of(1000), true)));
        assertThat(both.judge(history)).isEqualTo(Verdict.CONTINUE);
        history.add(costing(1, 50, OptionalLong.of(251), true));
        assertThat(both.judge(history)).isEqualTo(Verdict.CONTINUE);
        assertThat(Stoppers.atMost(Cost.PARAMETERS, 50).judge(history)).isEqualTo(Verdict.GOAL_REACHED);
        assertThat(Stoppers.atMost(Cost.PARAMETERS, 49).judge(history)).isEqualTo(Verdict.CONTINUE);
        assertThat(Stoppers.atMost(Cost.MACS, 251).judge(history)).isEqualTo(Verdict.GOAL_REACHED);
        assertThat(Stoppers.left(Cost.PARAMETERS, 0.5).judge(history)).isEqualTo(Verdict.GOAL_REACHED);
        history.add(costing(2, 50, OptionalLong.of(250), false));
        assertThat(both.judge(history)).isEqualTo(Verdict.CONTINUE);
        history.add(costing(3, 50, OptionalLong.of(250), true));
        assertThat(both.judge(history)).isEqualTo(Verdict.GOAL_REACHED);
    }

    @Test
    void costs_that_no_generation_tells_are_refused() {
        List<Generation> unknown = List.of(costing(0, 100, OptionalLong.empty(), true));
        assertThatThrownBy(() -> Stoppers.atMost(Cost.MACS, 5).judge(unknown))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("generation 0");
        assertThatThrownBy(() -> Stoppers.latency(Duration.ofNanos(5)).judge(unknown))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("nanoseconds of latency of generation 0");
        assertThatThrownBy(() -> Stoppers.atMost(Cost.PARAMETERS, 0)).hasMessageContaining("(0)");
        assertThatThrownBy(() -> Stoppers.left(Cost.PARAMETERS, 10))
                .hasMessageContaining("(10.0)")
                .hasMessageContaining("0.1");
    }

    private static Generation taking(int number, long nanos, long fileSize) {
        return costing(number, Map.of(Cost.PARAMETERS, 10L, Cost.LATENCY, nanos, Cost.FILE_SIZE, fileSize), true);
    }

    @Test
    void a_latency_reaches_its_goal_as_a_time_and_as_a_share_and_so_does_a_file() {
        List<Generation> history = List.of(taking(0, 1000, 90), taking(1, 500, 60));
        assertThat(Stoppers.latency(Duration.ofNanos(500)).judge(history)).isEqualTo(Verdict.GOAL_REACHED);
        assertThat(Stoppers.latency(Duration.ofNanos(499)).judge(history)).isEqualTo(Verdict.CONTINUE);
        assertThat(Stoppers.left(Cost.LATENCY, 0.5).judge(history)).isEqualTo(Verdict.GOAL_REACHED);
        assertThat(Stoppers.left(Cost.LATENCY, 0.49).judge(history)).isEqualTo(Verdict.CONTINUE);
        Stopper both = Stoppers.left(Cost.LATENCY, 0.5).and(Stoppers.atMost(Cost.FILE_SIZE, 59));
        assertThat(both.judge(history)).isEqualTo(Verdict.CONTINUE);
        assertThat(both.judge(List.of(taking(0, 1000, 90), taking(1, 500, 59)))).isEqualTo(Verdict.GOAL_REACHED);
        assertThatThrownBy(() -> Stoppers.latency(Duration.ZERO)).hasMessageContaining("PT0S");
        assertThatThrownBy(() -> Stoppers.latency(Duration.ofDays(2))).hasMessageContaining("PT48H");
    }

    @Test
    void limits_are_told_by_cost_the_lowest_of_all_and_the_highest_of_any() {
        Stopper half = Stoppers.left(Cost.LATENCY, 0.5);
        Stopper most = Stoppers.latency(Duration.ofNanos(700)).and(Stoppers.atMost(Cost.PARAMETERS, 7));
        assertThat(half.and(most).limits(cost -> 1000)).containsOnlyKeys(Cost.LATENCY, Cost.PARAMETERS);
        assertThat(half.and(most).limits(cost -> 1000).get(Cost.LATENCY)).isCloseTo(500, within(1e-6));
        assertThat(half.or(most).limits(cost -> 1000)).containsEntry(Cost.LATENCY, 700.0);
        assertThat(Stoppers.accuracy(0.9).or(Stoppers.never()).limits(cost -> 1000))
                .isEmpty();
    }

    @Test
    void a_cost_that_one_of_several_goals_leaves_open_is_looked_at_but_has_no_limit() {
        Stopper half = Stoppers.left(Cost.LATENCY, 0.5);
        Stopper few = Stoppers.atMost(Cost.PARAMETERS, 7);
        double open = Double.POSITIVE_INFINITY;
        assertThat(half.or(few).limits(cost -> 1000))
                .containsOnly(Map.entry(Cost.LATENCY, open), Map.entry(Cost.PARAMETERS, open));
        assertThat(half.or(Stoppers.accuracy(0.9)).limits(cost -> 1000)).containsOnly(Map.entry(Cost.LATENCY, open));
        assertThat(half.or(few).or(half).limits(cost -> 1000)).containsEntry(Cost.LATENCY, open);
        Stopper both = half.or(few).and(Stoppers.latency(Duration.ofNanos(700)));
        assertThat(both.limits(cost -> 1000))
                .containsOnly(Map.entry(Cost.LATENCY, 700.0), Map.entry(Cost.PARAMETERS, open));
        assertThat(both.or(Stoppers.latency(Duration.ofNanos(800))).limits(cost -> 1000))
                .containsEntry(Cost.LATENCY, 800.0);
    }

    @Test
    void what_only_gives_up_takes_no_limit_away() {
        Stopper most = Stoppers.latency(Duration.ofNanos(700));
        Stopper late = Stoppers.time(Duration.ofHours(1));
        for (Stopper giving : List.of(
                late,
                Stoppers.noImprovement(3),
                Stoppers.never(),
                late.or(Stoppers.noImprovement(3)),
                late.and(Stoppers.accuracy(0.9)))) {
            assertThat(most.or(giving).limits(cost -> 1000)).containsOnly(Map.entry(Cost.LATENCY, 700.0));
            assertThat(giving.or(most).limits(cost -> 1000)).containsOnly(Map.entry(Cost.LATENCY, 700.0));
        }
        // The first one's verdict counts.
        assertThat(most.or(Stoppers.accuracy(0.9).and(late)).limits(cost -> 1000))
                .containsOnly(Map.entry(Cost.LATENCY, Double.POSITIVE_INFINITY));
        assertThat(late.and(most).or(Stoppers.never()).limits(cost -> 1000))
                .containsOnly(Map.entry(Cost.LATENCY, Double.POSITIVE_INFINITY));
    }

    @Test
    void gives_up_after_a_time_or_without_improvement() {
        assertThat(Stoppers.time(Duration.ofSeconds(2)).judge(history(1, 0, 1, 0)))
                .isEqualTo(Verdict.CONTINUE);
        assertThat(Stoppers.time(Duration.ofSeconds(2)).judge(history(1, 0, 1, 0, 1, 0)))
                .isEqualTo(Verdict.GIVE_UP);
        List<Generation> history = new ArrayList<>();
        double[] scores = {0.5, 0.6, 0.6, 0.9, 0.55};
        boolean[] accepted = {true, true, true, false, true};
        for (int i = 0; i < scores.length; i++) {
            history.add(generation(i, 1, 0, scores[i], accepted[i]));
        }
        assertThat(Stoppers.noImprovement(3).judge(history)).isEqualTo(Verdict.GIVE_UP);
        assertThat(Stoppers.noImprovement(4).judge(history)).isEqualTo(Verdict.CONTINUE);
    }

    @Test
    void combinations_prefer_the_goal() {
        Stopper goal = h -> Verdict.GOAL_REACHED;
        Stopper giveUp = h -> Verdict.GIVE_UP;
        Stopper never = Stoppers.never();
        List<Generation> history = history(1, 0);
        assertThat(giveUp.or(goal).judge(history)).isEqualTo(Verdict.GOAL_REACHED);
        assertThat(goal.or(giveUp).judge(history)).isEqualTo(Verdict.GOAL_REACHED);
        assertThat(never.or(giveUp).judge(history)).isEqualTo(Verdict.GIVE_UP);
        assertThat(never.or(never).judge(history)).isEqualTo(Verdict.CONTINUE);
        assertThat(goal.and(never).judge(history)).isEqualTo(Verdict.CONTINUE);
        assertThat(never.and(goal).judge(history)).isEqualTo(Verdict.CONTINUE);
        assertThat(goal.and(goal).judge(history)).isEqualTo(Verdict.GOAL_REACHED);
    }

    @Test
    void percentages_given_as_whole_numbers_are_refused_with_a_hint() {
        assertThatThrownBy(() -> Stoppers.accuracy(95))
                .hasMessageContaining("(95.0)")
                .hasMessageContaining("0.95");
        assertThatThrownBy(() -> Stoppers.reduction(-0.1)).hasMessageContaining("reduction");
        assertThatThrownBy(() -> Stoppers.time(Duration.ZERO)).hasMessageContaining("PT0S");
        assertThatThrownBy(() -> Stoppers.noImprovement(0)).hasMessageContaining("0");
    }
}
