package org.growingnn.dl4j.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.growingnn.dl4j.testing.Chains;
import org.junit.jupiter.api.Test;

/** The settings of searches are values: compared, written down, and refused where they are nonsense. */
class SettingsTest {

    @Test
    void equal_settings_make_equal_strategies() {
        assertThat(GreedySearch.create().maxEvaluations(5).tieMargin(2))
                .isEqualTo(new GreedySearch(new Budget(Optional.empty(), OptionalInt.of(5)), 2))
                .isNotEqualTo(GreedySearch.create().maxEvaluations(5));
        assertThat(SuccessiveHalving.create().timeLimit(Duration.ofSeconds(3)))
                .isEqualTo(new SuccessiveHalving(Budget.unlimited().withTimeLimit(Duration.ofSeconds(3)), 1));
        assertThat(MonteCarloTreeSearch.builder()
                        .puct(0.2)
                        .progressiveWidening(2, 0.5)
                        .build())
                .isEqualTo(MonteCarloTreeSearch.builder()
                        .progressiveWidening(2, 0.5)
                        .puct(0.2)
                        .build())
                .isNotEqualTo(MonteCarloTreeSearch.builder().puct(0.2).build());
        assertThat(new RandomSearch()).isEqualTo(new RandomSearch());
    }

    @Test
    void settings_can_be_read() {
        assertThat(GreedySearch.create().timeLimit(Duration.ofSeconds(3)))
                .hasToString("greedy(timeLimit=PT3S, no limit of evaluations, tieMargin=1.0)");
        assertThat(SuccessiveHalving.create().maxEvaluations(7))
                .hasToString("successiveHalving(maxEvaluations=7, tieMargin=1.0)");
        assertThat(MonteCarloTreeSearch.builder()
                        .puct(0.1)
                        .progressiveWidening(2, 0.5)
                        .build())
                .hasToString(
                        "mcts(maxEvaluations=100, rolloutDepth=2, explorationConstant=1.4142135623730951, scaledValues,"
                                + " backup=BEST, batchSize=4, tieMargin=1.0, puct(0.1), progressiveWidening(2.0, 0.5))");
    }

    @Test
    void time_limits_below_a_millisecond_are_refused() {
        for (Duration limit : List.of(Duration.ofNanos(999_999), Duration.ZERO, Duration.ofSeconds(-1))) {
            assertThatThrownBy(() -> GreedySearch.create().timeLimit(limit)).hasMessageContaining(limit.toString());
            assertThatThrownBy(() -> SuccessiveHalving.create().timeLimit(limit))
                    .hasMessageContaining(limit.toString());
            assertThatThrownBy(() -> MonteCarloTreeSearch.builder().timeLimit(limit))
                    .hasMessageContaining(limit.toString());
        }
        assertThat(GreedySearch.create().timeLimit(Duration.ofMillis(1)).isDeterministic())
                .isFalse();
    }

    @Test
    void numbers_that_are_none_are_refused_by_name() {
        MonteCarloTreeSearch.Builder builder = MonteCarloTreeSearch.builder();
        for (double number : new double[] {Double.NaN, Double.POSITIVE_INFINITY, -1}) {
            String text = String.valueOf(number);
            assertThatThrownBy(() -> builder.explorationConstant(number))
                    .hasMessageContaining("explorationConstant (" + text);
            assertThatThrownBy(() -> builder.tieMargin(number).build()).hasMessageContaining("tieMargin (" + text);
            assertThatThrownBy(() -> builder.puct(number)).hasMessageContaining("temperature (" + text);
            assertThatThrownBy(() -> builder.progressiveWidening(number, 0.5)).hasMessageContaining(text);
            assertThatThrownBy(() -> builder.progressiveWidening(2, number)).hasMessageContaining(text);
            assertThatThrownBy(() -> GreedySearch.create().tieMargin(number)).hasMessageContaining(text);
            assertThatThrownBy(() -> SuccessiveHalving.create().tieMargin(number))
                    .hasMessageContaining(text);
        }
        assertThatThrownBy(() -> new Grade(Double.NaN, Chains.dense(2, 2))).hasMessageContaining("NaN");
        assertThatThrownBy(() -> new Grade(0.5, -1, Chains.dense(2, 2))).hasMessageContaining("-1");
    }

    @Test
    void what_is_missing_is_named() {
        assertThatThrownBy(() -> GreedySearch.create().timeLimit(null)).hasMessage("timeLimit");
        assertThatThrownBy(() -> new GreedySearch(null, 1)).hasMessage("budget");
        assertThatThrownBy(() -> new SuccessiveHalving(null, 1)).hasMessage("budget");
        assertThatThrownBy(() -> new Budget(null, OptionalInt.empty())).hasMessage("timeLimit");
        assertThatThrownBy(() -> MonteCarloTreeSearch.builder().backup(null)).hasMessage("backup");
        assertThatThrownBy(() -> new Grade(0.5, null)).hasMessage("trained");
    }
}
