package org.growingnn.dl4j.cli.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLogTest {

    @TempDir
    private Path folder;

    private RunLog read(List<String> lines) throws IOException {
        return RunLog.read(SimulatedRun.write(folder.resolve("run"), lines));
    }

    @Test
    void readsAllOfARun() throws IOException {
        RunLog log = read(RunFolders.small());

        assertThat(log.name()).isEqualTo("run");
        assertThat(log.notes()).isEmpty();
        assertThat(log.metric().name()).isEqualTo("accuracy");
        assertThat(log.settings()).contains("\"maxEvaluations\" : 200");
        assertThat(log.versions()).containsEntry("java", "17.0.15");
        assertThat(log.generations())
                .extracting(RunLog.Generation::number)
                .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
        assertThat(log.generation(3).orElseThrow().accepted()).isFalse();
        assertThat(log.generation(3).orElseThrow().rejection().orElseThrow()).contains("floor");
        assertThat(log.generation(3).orElseThrow().network()).isEmpty();
        assertThat(log.generation(4).orElseThrow().network()).isPresent();
        assertThat(log.generation(0).orElseThrow().action()).isEmpty();
        assertThat(log.generation(1).orElseThrow().cost("latency")).isPresent();
        assertThat(log.generation(1).orElseThrow().cost("memory")).isEqualTo(OptionalLong.empty());
        assertThat(log.searches()).hasSize(12);
        assertThat(log.searches().get(2).tree().orElseThrow().children()).hasSize(4);
        assertThat(log.candidates().get(2)).hasSize(12);
        assertThat(log.candidates().get(2).get(5).failure()).isPresent();
        assertThat(log.candidates().get(2).get(5).score()).isNaN();
        assertThat(log.forecast().orElseThrow().runSeconds()).isEqualTo(360);
        assertThat(log.end().orElseThrow().status()).isEqualTo("finished");
        assertThat(log.end().orElseThrow().pareto()).isNotEmpty();
        RunLog.Network network = log.network().orElseThrow();
        assertThat(network.vertices()).hasSize(18);
        assertThat(network.vertices().get(5).inputs()).containsExactly("b0-conv2", "b0-skip");
        assertThat(network.vertices().get(17).reason()).hasValue("it is an output");
    }

    @Test
    void leavesOutATornLastLineAndTellsSo() throws IOException {
        List<String> lines = RunFolders.small();
        String last = lines.get(lines.size() - 1);
        List<String> torn = new ArrayList<>(lines.subList(0, lines.size() - 1));
        torn.add(last.substring(0, last.length() / 2));

        RunLog log = read(torn);

        assertThat(log.end()).isEmpty();
        assertThat(log.generations()).hasSize(13);
        assertThat(log.notes()).singleElement().asString().contains("last line", "torn");
    }

    @Test
    void aCharacterMayBeTorn() throws IOException {
        Path run = SimulatedRun.write(folder.resolve("run"), RunFolders.small());
        byte[] arrow = "{\"time\":\"2026-03-01T08:00:00Z\",\"event\":\"\u2192".getBytes(StandardCharsets.UTF_8);
        byte[] log = Files.readAllBytes(run.resolve("events.jsonl"));
        byte[] torn = Arrays.copyOf(log, log.length + arrow.length - 1);
        System.arraycopy(arrow, 0, torn, log.length, arrow.length - 1);
        Files.write(run.resolve("events.jsonl"), torn);

        assertThat(RunLog.read(run).notes()).singleElement().asString().contains("torn");
    }

    @Test
    void whatFollowsATornLineIsRead() throws IOException {
        List<String> lines = new ArrayList<>(new SimulatedRun(7, 2, 8).underWay(4));
        int last = lines.size() - 1;
        lines.set(
                last,
                lines.get(last).substring(0, 60)
                        + "{\"time\":\"2026-03-01T09:00:00Z\",\"event\":\"run-resumed\",\"generation\":4}");
        lines.add("{\"time\":\"2026-03-01T09:00:01Z\",\"event\":\"something-new\"}");

        RunLog log = read(lines);

        assertThat(log.resumed()).containsExactly(4);
        assertThat(log.candidates()).doesNotContainKey(5);
        assertThat(log.notes()).singleElement().asString().contains("1 of ", "line " + (last + 1));
    }

    @Test
    void ofGenerationsThatWereDoneTwiceTheLaterOnesCount() throws IOException {
        RunLog once = read(new SimulatedRun(7, 2, 8).finished());
        RunLog resumed = read(new SimulatedRun(7, 2, 8).resumed(4));

        assertThat(resumed.resumed()).containsExactly(4);
        assertThat(resumed.generations()).isEqualTo(once.generations());
        assertThat(resumed.candidates()).isEqualTo(once.candidates());
        assertThat(resumed.searches()).isEqualTo(once.searches());
        assertThat(resumed.end()).isEqualTo(once.end());
    }

    @Test
    void aRunThatEndedAndWasResumedIsUnderWay() throws IOException {
        List<String> lines = new ArrayList<>(new SimulatedRun(7, 2, 8).ended(3, "cancelled", "it was asked to end"));
        lines.add("{\"time\":\"2026-03-01T09:00:00Z\",\"event\":\"run-resumed\",\"generation\":3}");

        assertThat(read(lines).end()).isEmpty();
    }

    @Test
    void unknownEventsAndMissingFieldsAreNoError() throws IOException {
        RunLog log = read(List.of(
                "{\"event\":\"from-the-future\",\"payload\":[1,2]}",
                "{\"event\":\"run-started\"}",
                "{\"event\":\"generation\"}",
                "{\"event\":\"search\"}",
                "{\"event\":\"candidate\"}",
                "{\"event\":\"ended\"}",
                "{}"));

        assertThat(log.notes()).isEmpty();
        assertThat(log.generations()).singleElement().satisfies(some -> {
            assertThat(some.validationMetric()).isNaN();
            assertThat(some.accepted()).isTrue();
        });
        assertThat(log.started()).isEmpty();
    }

    @Test
    void settingsAreAlsoFoundBesideTheLog() throws IOException {
        Path run = SimulatedRun.write(folder.resolve("run"), List.of("{\"event\":\"run-started\"}"));
        Files.writeString(run.resolve("settings.json"), "{\"generations\":20}");

        assertThat(RunLog.read(run).settings()).contains("\"generations\" : 20");
    }

    @Test
    void aFolderWithoutLogIsRefused() {
        assertThatThrownBy(() -> RunLog.read(folder))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("Maybe");
    }
}
