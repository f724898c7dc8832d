package org.growingnn.dl4j.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SampleTest {

    @Test
    void the_interval_is_students() {
        // The classic data of Student's paper on sleep: differences of ten patients.
        Sample sleep = new Sample(1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4);
        assertThat(sleep.mean()).isCloseTo(1.58, within(1e-9));
        assertThat(sleep.mean() - sleep.halfWidth()).isCloseTo(0.7001, within(1e-3));
        assertThat(sleep.mean() + sleep.halfWidth()).isCloseTo(2.4599, within(1e-3));
    }

    @Test
    void a_single_value_has_no_interval() {
        assertThat(new Sample(2).halfWidth()).isNaN();
        assertThat(new Sample(2).format(1)).isEqualTo("2.0");
    }

    @Test
    void paired_differences_do_not_see_what_both_share() {
        Sample one = new Sample(1, 5, 9);
        Sample other = new Sample(0, 4, 8);
        assertThat(one.minus(other).format(2)).isEqualTo("1.00 ± 0.00");
    }
}
