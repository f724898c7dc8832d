package org.growingnn.dl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LinearDecayTest {

    @Test
    void falls_linearly_to_zero_and_stays_there() {
        LinearDecay decay = new LinearDecay(1e-3, 200);
        assertThat(decay.valueAt(0, 0)).isEqualTo(1e-3);
        assertThat(decay.valueAt(50, 9)).isCloseTo(7.5e-4, within(1e-12));
        assertThat(decay.valueAt(199, 0)).isCloseTo(5e-6, within(1e-12));
        assertThat(decay.valueAt(200, 0)).isZero();
        assertThat(decay.valueAt(1_000, 0)).isZero();
        assertThat(decay.clone()).isEqualTo(decay);
    }

    @Test
    void refuses_values_that_make_no_sense() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LinearDecay(0, 10))
                .withMessageContaining("(0.0)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LinearDecay(Double.NaN, 10))
                .withMessageContaining("(NaN)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LinearDecay(0.1, 0))
                .withMessageContaining("(0)");
    }
}
