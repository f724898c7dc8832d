package org.growingnn.dl4j.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.Costs;
import org.junit.jupiter.api.Test;

class ScoreTest {

    private static Measurement measurement(double accuracy, double loss, long parameters, long macs) {
        return new Measurement(accuracy, loss, costs(parameters, macs), costs(400_000, 2_000_000));
    }

    private static Costs costs(long parameters, long macs) {
        return new Costs(Map.of(Cost.PARAMETERS, parameters, Cost.MACS, macs));
    }

    @Test
    void paper_score_is_the_weighted_mean_of_accuracy_and_the_parameter_term() {
        Score score = Score.accuracy(1).parameters(4);
        // (0.9 + 4 / (1 + 0.001 * 9000)) / 5
        assertThat(score.grade(measurement(0.9, 1, 9000, 1))).isCloseTo((0.9 + 4 * 0.1) / 5, within(1e-12));
    }

    @Test
    void relative_terms_measure_savings_against_the_start_at_any_size() {
        Score score = Score.accuracy(1).relativeParameters(2).macs(1);
        assertThat(score.grade(measurement(1, 1, 100_000, 500_000)))
                .isCloseTo((1 + 2 * 0.75 + 0.75) / 4, within(1e-12));
        assertThat(score.grade(measurement(1, 1, 800_000, 4_000_000))).isCloseTo(0.25, within(1e-12));
    }

    @Test
    void every_halving_is_worth_the_same_to_the_compression_term() {
        Score score = Score.accuracy(1).compression(0.2);
        assertThat(score.grade(measurement(1, 1, 400_000, 1))).isCloseTo(1 / 1.2, within(1e-12));
        double before = 1 / 1.2;
        for (long parameters = 200_000; parameters > 400; parameters /= 2) {
            double after = score.grade(measurement(1, 1, parameters, 1));
            // As much as two points of accuracy.
            assertThat(after - before).isCloseTo(0.02 / 1.2, within(1e-3));
            before = after;
        }
        assertThat(score.grade(measurement(1, 1, 10, 1))).isCloseTo(1, within(1e-12));
        assertThat(score.grade(measurement(1, 1, 900_000, 1))).isCloseTo(1 / 1.2, within(1e-12));
    }

    @Test
    void loss_term_is_the_clipped_inverse_and_worthless_when_training_diverged() {
        Score score = Score.accuracy(0).loss(1);
        assertThat(score.grade(measurement(0, 4, 1, 1))).isEqualTo(0.25);
        assertThat(score.grade(measurement(0, 0.5, 1, 1))).isEqualTo(1);
        assertThat(score.grade(measurement(0, 0, 1, 1))).isEqualTo(1);
        assertThat(score.grade(measurement(0, Double.NaN, 1, 1))).isZero();
        assertThat(score.needsLoss()).isTrue();
        assertThat(Score.accuracy(1).loss(0).needsLoss()).isFalse();
    }

    @Test
    void likelihood_is_the_geometric_mean_of_the_probabilities_of_the_right_classes() {
        Score score = Score.accuracy(0).likelihood(1);
        double crossEntropy = -(Math.log(0.5) + Math.log(0.9) + Math.log(0.8)) / 3;
        assertThat(score.grade(measurement(0, crossEntropy, 1, 1)))
                .isCloseTo(Math.cbrt(0.5 * 0.9 * 0.8), within(1e-12));
        assertThat(score.grade(measurement(0, 0, 1, 1))).isEqualTo(1);
        assertThat(score.grade(measurement(0, -0.5, 1, 1))).isEqualTo(1);
        assertThat(score.grade(measurement(0, Double.NaN, 1, 1))).isZero();
        assertThat(score.needsLoss()).isTrue();
    }

    @Test
    void nonsense_is_refused_with_the_value() {
        assertThatThrownBy(() -> Score.accuracy(-1)).hasMessageContaining("-1").hasMessageContaining("accuracy");
        assertThatThrownBy(() -> Score.accuracy(1).parameters(Double.NaN)).hasMessageContaining("NaN");
        assertThatThrownBy(() -> Score.accuracy(1).parameters(1, 0)).hasMessageContaining("beta");
        assertThatThrownBy(() -> Score.accuracy(0).grade(measurement(1, 1, 1, 1)))
                .hasMessageContaining("weights");
    }

    @Test
    void macs_that_are_unknown_are_reported_where_they_are_needed() {
        Costs few = new Costs(Map.of(Cost.PARAMETERS, 10L));
        Measurement unknown = new Measurement(1, 1, few, few);
        assertThat(Score.accuracy(1).parameters(1).grade(unknown)).isPositive();
        assertThatThrownBy(() -> Score.accuracy(1).macs(1).grade(unknown)).hasMessageContaining("unknown");
    }

    @Test
    void saved_latency_counts_as_a_share_of_the_start_and_is_asked_for() {
        Costs before = new Costs(Map.of(Cost.PARAMETERS, 10L, Cost.LATENCY, 4000L));
        Costs faster = new Costs(Map.of(Cost.PARAMETERS, 10L, Cost.LATENCY, 1000L));
        Score score = Score.metric(1).latency(3);
        assertThat(score.grade(new Measurement(0.5, 1, faster, before))).isCloseTo((0.5 + 3 * 0.75) / 4, within(1e-12));
        assertThat(score.grade(new Measurement(0.5, 1, before, faster))).isCloseTo(0.5 / 4, within(1e-12));
        assertThat(score.costs()).containsExactly(Cost.LATENCY);
        assertThat(Score.metric(1).parameters(1).costs()).isEmpty();
        assertThat(score.toString()).contains("3.0 · latency");
        assertThatThrownBy(() -> score.grade(measurement(1, 1, 1, 1)))
                .hasMessageContaining("nanoseconds of latency are unknown");
    }
}
