package org.growingnn.dl4j.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NumbersTest {

    @Test
    void axesAreBrief() {
        assertThat(Numbers.brief(0)).isEqualTo("0");
        assertThat(Numbers.brief(1500)).isEqualTo("1.5k");
        assertThat(Numbers.brief(2_000_000)).isEqualTo("2M");
        assertThat(Numbers.digits(0.25)).isEqualTo("0.25");
        assertThat(Numbers.digits(100)).isEqualTo("100");
    }

    @Test
    void metricsKeepWhatTellsSomething() {
        assertThat(Numbers.real(0.98765)).isEqualTo("0.9877");
        assertThat(Numbers.real(-0.00001234)).isEqualTo("\u22121.234e\u221205");
        assertThat(Numbers.real(Double.NaN)).isEqualTo("unknown");
        assertThat(Numbers.difference(0.5, 0.25)).isEqualTo("\u22120.2500");
        assertThat(Numbers.difference(0.9938, 0.99432)).isEqualTo("+0.0005");
        assertThat(Numbers.change(200, 50)).isEqualTo("\u221275.0\u00a0%");
        assertThat(Numbers.change(0, 50)).isEmpty();
    }

    @Test
    void timesHaveTheirUnit() {
        assertThat(Numbers.seconds(0.000_123)).isEqualTo("123\u00a0\u00b5s");
        assertThat(Numbers.seconds(0.012)).isEqualTo("12\u00a0ms");
        assertThat(Numbers.seconds(59)).isEqualTo("59.0\u00a0s");
        assertThat(Numbers.seconds(61)).isEqualTo("1\u00a0min 1\u00a0s");
        assertThat(Numbers.seconds(3 * 3600 + 60)).isEqualTo("3\u00a0h 1\u00a0min");
    }
}
