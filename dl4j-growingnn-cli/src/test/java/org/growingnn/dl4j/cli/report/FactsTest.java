package org.growingnn.dl4j.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FactsTest {

    @TempDir
    private Path folder;

    private Facts facts(String... lines) throws IOException {
        return new Facts(RunLog.read(SimulatedRun.write(folder, List.of(lines))));
    }

    private static String generation(int number, long parameters, double metric, double goodness, double score) {
        return String.format(
                Locale.ROOT,
                "{\"event\":\"generation\",\"number\":%d,\"accepted\":%b,\"costs\":{\"parameters\":%d},"
                        + "\"validationMetric\":%f,\"goodness\":%f,\"score\":%f,\"widthsBefore\":{\"a\":%d},"
                        + "\"widthsAfter\":{\"a\":%d}}",
                number,
                number != 3,
                parameters,
                metric,
                goodness,
                score,
                parameters,
                parameters - 1);
    }

    private static final String[] UNDER_WAY = {
        generation(0, 100, 0.5, 0.9, 1.0),
        generation(1, 80, 0.4, 0.95, 1.2),
        generation(2, 60, 0.8, 0.7, 1.1),
        generation(3, 10, 0.1, 0.99, 2.0),
        generation(4, 60, 0.7, 0.75, 0.5)
    };

    @Test
    void theBestSoFarHasTheHighestScoreOfThoseThatWereAccepted() throws IOException {
        Facts facts = facts(UNDER_WAY);

        assertThat(facts.chosen().orElseThrow().number()).isEqualTo(1);
        assertThat(facts.next()).isEqualTo(5);
        assertThat(facts.widthsBefore()).containsEntry("a", 100L);
        assertThat(facts.widthsAfter()).containsEntry("a", 79L);
    }

    @Test
    void theFrontSoFarIsWhatNoOtherOneBeats() throws IOException {
        assertThat(facts(UNDER_WAY).front())
                .extracting(RunLog.Point::generation)
                .containsExactly(4, 1);
    }

    @Test
    void theResultIsWhatTheRunTells() throws IOException {
        List<String> lines = new ArrayList<>(List.of(UNDER_WAY));
        lines.add("{\"event\":\"ended\",\"status\":\"stopped\",\"reason\":\"\",\"generation\":2,\"pareto\":"
                + "[{\"generation\":2,\"parameters\":60},{\"generation\":0,\"parameters\":100}]}");
        Facts facts = facts(lines.toArray(String[]::new));

        assertThat(facts.chosen().orElseThrow().number()).isEqualTo(2);
        assertThat(facts.front()).extracting(RunLog.Point::generation).containsExactly(2, 0);
    }

    @Test
    void aMetricThatRisesWhereGoodnessFallsIsBetterWhenLower() throws IOException {
        assertThat(facts(UNDER_WAY).direction()).isEqualTo("lower is better");
        assertThat(facts(UNDER_WAY[0]).direction()).isEmpty();
    }
}
