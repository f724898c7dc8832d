package org.growingnn.dl4j.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class ReadingTest {

    private static Reading share(double value) {
        return Reading.of(value, 0.01, Scale.SHARE);
    }

    private static Reading loss(double value) {
        return Reading.of(value, 0.1, Scale.LOWER);
    }

    @Test
    void a_share_is_its_own_place_and_falls_in_points() {
        assertThat(share(0.9).goodness(share(0.95))).isEqualTo(0.9);
        assertThat(share(-3).goodness(share(0.95))).isZero();
        assertThat(share(0.9).drop(share(0.95))).isCloseTo(0.05, within(1e-12));
        assertThat(share(0.9).goodnessError(share(0.95))).isEqualTo(0.01);
        assertThat(share(0.9).meets(0.9)).isTrue();
        assertThat(share(0.9).meets(0.91)).isFalse();
    }

    @Test
    void a_loss_is_compared_with_that_of_the_start() {
        assertThat(loss(2).goodness(loss(2))).isEqualTo(0.5);
        assertThat(loss(3).goodness(loss(2))).isCloseTo(1 / (1 + Math.exp(0.5)), within(1e-12));
        assertThat(loss(2.2).drop(loss(2))).isCloseTo(0.1, within(1e-12));
        assertThat(loss(2).meets(2.5)).isTrue();
        assertThat(loss(3).meets(2.5)).isFalse();
        double slope = (loss(2.001).goodness(loss(2)) - loss(1.999).goodness(loss(2))) / 0.002;
        assertThat(loss(2).goodnessError(loss(2))).isCloseTo(-slope * 0.1, within(1e-4));
    }

    @Test
    void losses_below_zero_and_likelihoods_have_an_order_too() {
        assertThat(loss(-3).goodness(loss(-2))).isGreaterThan(0.5);
        assertThat(loss(-1).drop(loss(-2))).isCloseTo(0.5, within(1e-12));
        Reading start = Reading.of(4, 0, Scale.HIGHER);
        assertThat(Reading.of(5, 0, Scale.HIGHER).goodness(start)).isGreaterThan(0.5);
        assertThat(Reading.of(3, 0, Scale.HIGHER).drop(start)).isCloseTo(0.25, within(1e-12));
        assertThat(loss(0).goodness(loss(0))).isEqualTo(0.5);
    }

    @Test
    void the_worst_output_decides_and_means_are_weighted() {
        Reading initial = several(share(0.9), share(0.8));
        Reading now = several(share(0.95), share(0.7));
        assertThat(now.drop(initial)).isCloseTo(0.1, within(1e-12));
        assertThat(now.value()).isCloseTo((0.95 + 3 * 0.7) / 4, within(1e-12));
        assertThat(now.goodness(initial)).isCloseTo((0.95 + 3 * 0.7) / 4, within(1e-12));
        assertThat(now.meets(0.7)).isTrue();
        assertThat(now.meets(0.8)).isFalse();
        assertThat(now.toString()).contains("a 0.95", "b 0.70");
        Reading mixed = several(share(0.9), loss(2));
        assertThat(mixed.goodness(mixed)).isCloseTo((0.9 + 3 * 0.5) / 4, within(1e-12));
        assertThat(several(share(0.9), loss(3)).drop(mixed)).isCloseTo(0.5, within(1e-12));
    }

    private static Reading several(Reading a, Reading b) {
        return Reading.of(List.of(new Reading.Part("a", 1, a), new Reading.Part("b", 3, b)));
    }

    @Test
    void what_was_not_measured_is_worse_than_anything() {
        for (Reading none : List.of(Reading.NONE, several(share(0.9), share(Double.NaN)))) {
            assertThat(none.measured()).isFalse();
            assertThat(none.goodness(several(share(1), share(1)))).isZero();
            assertThat(none.drop(several(share(0), share(0)))).isInfinite();
            assertThat(none.meets(0)).isFalse();
        }
    }

    @Test
    void a_drop_is_allowed_by_default() {
        assertThat(share(0.9).defaultDrop()).isEqualTo(0.015);
        assertThat(loss(1).defaultDrop()).isEqualTo(0.05);
        assertThat(several(share(0.9), loss(2)).defaultDrop()).isEqualTo(0.015);
    }
}
