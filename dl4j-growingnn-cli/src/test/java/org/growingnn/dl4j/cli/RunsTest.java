package org.growingnn.dl4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deeplearning4j.util.ModelSerializer;
import org.growingnn.dl4j.folder.RunFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.databind.JsonNode;

/** Runs from nothing but files: begun, stopped, resumed, continued, reported and replayed. */
class RunsTest {

    private static final int FEATURES = 9;

    @TempDir
    private Path directory;

    private Path model;
    private Path run;

    @BeforeEach
    void save() throws IOException {
        model = TinyModels.save(TinyModels.regression(FEATURES), directory.resolve("model.zip"));
        run = directory.resolve("run");
    }

    private List<Object> optimize(Object... further) {
        List<Object> arguments = new ArrayList<>(List.of(
                "optimize",
                model,
                "--data",
                Cli.resource("data/diamonds.csv"),
                "--label",
                "price",
                "--out",
                run,
                "--set",
                "training.epochsPerGeneration=1",
                "--set",
                "training.fineTuneEpochs=1",
                "--max-drop",
                "1"));
        arguments.addAll(List.of(further));
        return arguments;
    }

    private static Cli.Result start(List<Object> arguments) throws Exception {
        return Cli.start(arguments.toArray());
    }

    @Test
    void a_run_is_begun_continued_reported_and_replayed() throws Exception {
        byte[] before = Files.readAllBytes(model);
        Cli.Result first = start(optimize("--generations", "2", "--seed", "3"));

        first.done();
        assertThat(first.out())
                .contains(
                        "parameters",
                        "On validation data",
                        run.resolve("best.zip").toString());
        assertThat(first.err()).contains("generation 0", "generation 1", "as given");
        assertThat(Files.readAllBytes(model)).isEqualTo(before);
        assertThat(ModelSerializer.restoreMultiLayerNetwork(
                                run.resolve("best.zip").toFile())
                        .getnLayers())
                .isEqualTo(2);
        assertThat(Files.readString(run.resolve("report.html"))).contains("<svg", "Generations");

        Path settings = Files.writeString(
                directory.resolve("more.yaml"), "generations: 12\nworkers: 1\nacceptance:\n  maxDrop: 1\n");
        JsonNode further = Cli.start(
                        "resume", run, "--settings", settings, "--target", "params=0.6", "--json", "--quiet")
                .done()
                .json();
        assertThat(further.path("generations").size()).isGreaterThan(3);
        assertThat(further.at("/parameters/after").asLong()).isLessThanOrEqualTo((long)
                (0.6 * further.at("/parameters/before").asLong()));

        Path page = directory.resolve("page.html");
        Cli.run("report", run, "--out", page).done();
        assertThat(Files.readString(page)).contains("</html>");
        Cli.run("report", run, "--out", page).refused("exists");

        Path replayed = directory.resolve("replayed.zip");
        Cli.run(
                        "replay",
                        run.resolve("recipe.json"),
                        model,
                        "--data",
                        Cli.resource("data/diamonds.csv"),
                        "--label",
                        "price",
                        "--out",
                        replayed)
                .done();
        assertThat(ModelSerializer.restoreMultiLayerNetwork(replayed.toFile()).numParams())
                .isEqualTo(further.at("/parameters/after").asLong());
    }

    @Test
    void a_goal_that_is_not_reached_is_told_by_the_exit_code() throws Exception {
        Cli.Result result = start(optimize("--generations", "1", "--target", "params=0.01"));
        assertThat(result.code()).as(result.err()).isEqualTo(ExitCode.GOAL_MISSED);
        assertThat(result.out()).contains("Not reached: parameters");
    }

    @Test
    void a_goal_of_latency_is_met_by_times_that_are_measured_before_the_run() throws Exception {
        Cli.Result result = Cli.run(
                optimize("--generations", "3", "--target", "latency=0.999").toArray());
        assertThat(result.code()).as(result.err()).isIn(ExitCode.DONE, ExitCode.GOAL_MISSED);
        assertThat(result.err()).contains("Measuring what each layer takes");
        assertThat(result.out()).contains("forward pass");
    }

    @Test
    void the_normaliser_of_the_model_is_in_the_result() throws Exception {
        NormalizerStandardize normalizer = new NormalizerStandardize(
                Nd4j.rand(1, FEATURES), Nd4j.rand(1, FEATURES).addi(1));
        ModelSerializer.addNormalizerToModel(model.toFile(), normalizer);
        Cli.run(optimize("--generations", "1", "--quiet").toArray()).done();
        assertThat(ModelSerializer.<NormalizerStandardize>restoreNormalizerFromFile(
                        run.resolve("best.zip").toFile()))
                .isEqualTo(normalizer);
    }

    /** Windows has no signal that a process is asked to end by. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void a_run_that_is_asked_to_end_can_be_watched_before_and_resumed_afterwards() throws Exception {
        List<String> command = Cli.command(
                "-Xmx1g", optimize("--generations", "400", "--watch").toArray());
        Path err = directory.resolve("err.txt");
        Process process = new ProcessBuilder(command)
                .redirectOutput(directory.resolve("out.txt").toFile())
                .redirectError(err.toFile())
                .start();
        try {
            Matcher address = awaited(process, err, Pattern.compile("report is at (http://\\S+)"));
            awaited(process, err, Pattern.compile("generation 1,"));
            HttpResponse<String> page = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(address.group(1))).build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(page.body()).contains("<svg");
            assertThat(URI.create(address.group(1)).getHost()).isIn("127.0.0.1", "localhost", "[::1]");
            process.destroy();
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(Files.readString(err)).contains("Ending the run", "growingnn resume " + run);

        JsonNode resumed = Cli.run("resume", run, "--generations", "401", "--time-limit", "0.001", "--json", "--quiet")
                .done()
                .json();
        assertThat(resumed.path("generations").size()).isGreaterThan(1);
        assertThat(resumed.path("status").asText()).isEqualTo("stopped");
    }

    @Test
    void a_run_for_which_the_memory_does_not_suffice_ends_with_advice_and_leaves_room_for_another() throws Exception {
        Path large = Path.of(Cli.model("mlp"));
        byte[] before = Files.readAllBytes(large);
        Cli.Result result =
                Cli.start(Cli.command("-Xmx40m", "optimize", large, "--data", Cli.mnist(), "--out", run, "--quiet"));
        assertThat(result.code()).as(result.err()).isEqualTo(ExitCode.FAILED);
        assertThat(result.err())
                .contains("The memory does not suffice", "JAVA_OPTS=-Xmx")
                .doesNotContain("\tat ");
        assertThat(result.out()).isEmpty();
        assertThat(Files.readAllBytes(large)).isEqualTo(before);
        assertThat(RunFolder.create(run).hasBegun()).isFalse();
    }

    /** Files that may not grow are the nearest to a full disk that a test can have without being root. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void a_run_whose_files_cannot_grow_ends_with_the_reason_and_can_be_resumed() throws Exception {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -f 32; exec \"$@\"", "sh"));
        command.addAll(Cli.command("-Xmx1g", optimize("--generations", "400").toArray()));
        Cli.Result result = Cli.start(command);
        assertThat(result.code()).as(result.err()).isEqualTo(ExitCode.FAILED);
        assertThat(result.err()).contains(run + " of the run cannot be written", "growingnn resume " + run);
        Cli.run("resume", run, "--generations", "1", "--quiet").done();
        assertThat(run.resolve("report.html")).exists();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void folders_and_files_that_may_not_be_written_or_read_are_named() throws Exception {
        Path closed = Files.createDirectory(directory.resolve("closed"));
        Path secret = Files.copy(model, directory.resolve("secret.zip"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("---------"));
        assumeFalse(Files.isReadable(secret), "root may do everything");
        run = closed.resolve("run");
        Cli.run(optimize().toArray()).refused("The folder " + run, "cannot be made", "AccessDenied");
        Cli.run("prune", model, "--target", "params=0.5", "--out", closed.resolve("out.zip"))
                .refused("may not be written", "permissions");
        Cli.run("inspect", secret).refused("secret.zip", "permission");
    }

    @Test
    void what_convolutions_are_computed_with_is_kept_for_resuming() throws Exception {
        Cli.run(optimize("--generations", "1", "--no-onednn", "--quiet").toArray())
                .done();
        assertThat(Session.kept(RunFolder.open(run)).oneDnn()).isFalse();
        Cli.run("resume", run, "--generations", "2", "--quiet").done();
        assertThat(Session.kept(RunFolder.open(run)).oneDnn()).isFalse();
    }

    private static Matcher awaited(Process process, Path file, Pattern pattern) throws Exception {
        for (int tries = 0; tries < 3000; tries++) {
            Matcher matcher = pattern.matcher(Files.readString(file, StandardCharsets.UTF_8));
            if (matcher.find()) {
                return matcher;
            }
            assertThat(process.isAlive()).as(Files.readString(file)).isTrue();
            Thread.sleep(20);
        }
        throw new AssertionError(pattern + " in " + Files.readString(file));
    }

    @Test
    void what_cannot_be_a_run_is_refused() throws Exception {
        Cli.run("optimize", model, "--out", run).refused("--data");
        Cli.run(optimize("--set", "search.stategy=random").toArray()).refused("--set", "stategy", "strategy");
        Path yaml = Files.writeString(directory.resolve("bad.yaml"), "generations: 3\nworkers: many\n");
        Cli.run(optimize("--settings", yaml).toArray()).refused("bad.yaml", "workers", "line 2");
        Cli.run(optimize("--target", "price=3").toArray()).refused("price=3", "params=0.1");
        Cli.run(optimize("--deterministic", "--time-limit", "1").toArray()).refused("deterministic");
        assertThat(Files.exists(run)).isFalse();
        Cli.run("resume", run).refused(run.toString(), "holds no run");
        Cli.run("report", run).refused(run.toString(), "holds no run");
        Files.createDirectories(run);
        Files.writeString(run.resolve("something.txt"), "of mine");
        Cli.run(optimize().toArray()).refused("must be empty");
        assertThat(Files.readString(run.resolve("something.txt"))).isEqualTo("of mine");
    }
}
