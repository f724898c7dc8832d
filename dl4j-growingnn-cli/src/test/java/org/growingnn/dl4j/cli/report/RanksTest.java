package org.growingnn.dl4j.cli.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RanksTest {

    @Test
    void onlyTheOrderCounts() {
        assertThat(Ranks.correlation(new double[] {1, 2, 3, 4, 5}, new double[] {1, 10, 11, 500, 501}))
                .hasValueCloseTo(1.0, within(1e-12));
        assertThat(Ranks.correlation(new double[] {1, 2, 3, 4, 5}, new double[] {5, 4, 3, 2, 1}))
                .hasValueCloseTo(-1.0, within(1e-12));
    }

    @Test
    void equalValuesShareTheirRank() {
        // Ranks 1, 2.5, 2.5, 4, 5 and 1, 2, 3, 4, 5: 9.5 / sqrt(9.5 · 10).
        assertThat(Ranks.correlation(new double[] {1, 2, 2, 3, 4}, new double[] {1, 2, 3, 4, 5}))
                .hasValueCloseTo(Math.sqrt(0.95), within(1e-12));
    }

    @Test
    void fewOrEqualValuesSayNothing() {
        assertThat(Ranks.correlation(new double[] {1, 2, 3, 4}, new double[] {1, 2, 3, 4}))
                .isEmpty();
        assertThat(Ranks.correlation(new double[] {1, 2, 3, 4, 5}, new double[5]))
                .isEmpty();
    }
}
