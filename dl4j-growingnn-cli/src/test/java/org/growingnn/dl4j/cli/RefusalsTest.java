package org.growingnn.dl4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.databind.JsonNode;
import picocli.CommandLine;

/** What commands make of wrong input, of options that contradict each other, and of what model files hold besides a model. */
class RefusalsTest {

    @TempDir
    private Path directory;

    private Path model = Path.of("");
    private Path out = Path.of("");

    @BeforeEach
    void saveModel() throws IOException {
        model = TinyModels.save(TinyModels.regression(9), directory.resolve("model.zip"));
        out = directory.resolve("out.zip");
    }

    private static Path diamonds() {
        return Cli.resource("data/diamonds.csv");
    }

    @Nested
    class ModelFiles {

        @Test
        void damaged_files_are_told_apart() throws Exception {
            byte[] whole = Files.readAllBytes(model);
            Path cut = Files.write(directory.resolve("cut.zip"), Arrays.copyOf(whole, whole.length / 2));
            Path empty = Files.createFile(directory.resolve("empty.zip"));
            Path text = Files.writeString(directory.resolve("text.zip"), "hello");
            Path other = directory.resolve("other.zip");
            try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(other))) {
                zip.putNextEntry(new ZipEntry("readme.txt"));
                zip.write("hello".getBytes(StandardCharsets.UTF_8));
            }

            Cli.run("inspect", cut).refused("cut.zip", "cannot be read");
            Cli.run("inspect", empty).refused("it is empty");
            Cli.run("inspect", text).refused("neither a zip of Deeplearning4j nor an HDF5 file");
            Cli.run("inspect", other).refused("no entry 'configuration.json'");
            Cli.run("inspect", directory).refused("is a directory");
        }

        @Test
        void networks_from_keras_are_read() {
            JsonNode told = Cli.run("inspect", Cli.repository("src-test-models/keras/digits.h5"), "--json")
                    .done()
                    .json();

            assertThat(told.path("writtenBy").asText()).isEqualTo("keras");
            assertThat(told.path("macs").asLong()).isEqualTo(706_432);
            assertThat(told.at("/outputs/0/metric").asText()).isEqualTo("accuracy");
        }

        @Test
        void the_size_of_inputs_can_be_given() {
            JsonNode unknown =
                    Cli.run("inspect", Cli.model("lstm"), "--json").done().json();
            JsonNode known = Cli.run("inspect", Cli.model("lstm"), "--json", "--input-size", "28")
                    .done()
                    .json();

            assertThat(unknown.path("macs").isNull()).isTrue();
            assertThat(known.path("macs").asLong()).isEqualTo(3_613_312);
            Cli.run("inspect", Cli.model("lstm"), "--input-size", "28x28").refused("--input-size", "fits none");
        }
    }

    @Nested
    class Writing {

        @Test
        void nothing_is_replaced_unless_that_is_asked_for() throws Exception {
            byte[] before = Files.readAllBytes(model);
            Files.writeString(out, "precious");

            Cli.run("prune", model, "--target", "params=0.5", "--out", out).refused("exists", "--force");
            Cli.run("prune", model, "--target", "params=0.5", "--out", model, "--force")
                    .refused("is the model that is read");
            Cli.run("prune", model, "--target", "params=0.5", "--out", directory.resolve("no/out.zip"))
                    .refused("does not exist");

            assertThat(Files.readString(out)).isEqualTo("precious");
            assertThat(Files.readAllBytes(model)).isEqualTo(before);

            Cli.Result forced = Cli.run("prune", model, "--target", "params=0.5", "--out", out, "--force", "--quiet");
            forced.done();
            assertThat(forced.out()).isEmpty();
            assertThat(Models.load(out).network().parameterCount()).isLessThanOrEqualTo(44);
        }

        @Test
        void normaliser_and_optimiser_state_are_kept() throws Exception {
            MultiLayerNetwork trained = TinyModels.regression(2);
            DataSet data = new DataSet(Nd4j.rand(8, 2), Nd4j.rand(8, 1));
            trained.fit(data);
            TinyModels.save(trained, model);
            NormalizerStandardize normalizer = new NormalizerStandardize();
            normalizer.fit(data);
            ModelSerializer.addNormalizerToModel(model.toFile(), normalizer);

            Cli.run("prune", model, "--target", "params=0.6", "--out", out).done();

            NormalizerStandardize kept = ModelSerializer.restoreNormalizerFromFile(out.toFile());
            assertThat(kept.getMean()).isEqualTo(normalizer.getMean());
            assertThat(Models.load(out).hasUpdater()).isTrue();
            assertThat(Models.load(out).isChain()).isTrue();
        }

        @Test
        void files_are_no_larger_than_asked_for() throws Exception {
            Path large = Path.of(Cli.model("mlp"));

            JsonNode told = Cli.run("prune", large, "-t", "file-size=500KB,macs=0.5", "--out", out, "--json")
                    .done()
                    .json();

            assertThat(Files.size(out)).isLessThanOrEqualTo(500_000);
            assertThat(told.path("goals")).allMatch(goal -> goal.path("met").asBoolean());
        }
    }

    @Nested
    class Goals {

        @Test
        void goals_that_make_no_sense_are_refused() {
            for (String goal :
                    new String[] {"params", "params=half", "latency=5", "macs<=0", "speed=2", "file-size=1PB"}) {
                Cli.run("prune", model, "--target", goal, "--out", out).refused("'" + goal + "'", "Maybe params=0.1");
            }
            assertThat(out).doesNotExist();
        }

        @Test
        void goals_out_of_reach_are_refused_with_the_reason() {
            Cli.run("prune", model, "--target", "params=0.01", "--out", out).refused("cannot fall");
            assertThat(out).doesNotExist();
        }

        @Test
        void goals_that_depend_on_unknown_sizes_are_refused() {
            Cli.run("prune", Cli.model("lstm"), "--target", "macs=0.5", "--out", out)
                    .refused("--input-size");
        }

        @Test
        void a_name_that_is_no_goal_is_that_of_the_label() {
            Cli.Result result = Cli.run(
                    "prune", model, "--target", "params=0.5", "--target", "price", "--data", diamonds(), "--out", out);

            result.done();
            assertThat(result.out()).contains("diamonds.csv (200 examples)");
        }

        @Test
        void widths_are_searched_without_labels() {
            Cli.run(
                            "prune",
                            model,
                            "--target",
                            "params=0.5",
                            "--search-widths",
                            "5",
                            "--data",
                            diamonds(),
                            "--ignore",
                            "price",
                            "--out",
                            out)
                    .done();
            assertThat(Models.load(out).network().parameterCount()).isLessThanOrEqualTo(44);
            Cli.run("prune", model, "--target", "params=0.5", "--search-widths", "5", "--out", out, "--force")
                    .refused("--search-widths 5", "--data");
        }

        @Test
        void rounds_train_in_between() {
            Cli.run(
                            "prune",
                            model,
                            "--target",
                            "params=0.5",
                            "--rounds",
                            "2",
                            "--data",
                            diamonds(),
                            "--label",
                            "price",
                            "--out",
                            out)
                    .done();
            Cli.run("prune", model, "--target", "params=0.5", "--rounds", "2", "--out", out, "--force")
                    .refused("there is no --data");
        }
    }

    @Nested
    class Recipes {

        private Path recipe(String json) throws IOException {
            return Files.writeString(directory.resolve("recipe.json"), json);
        }

        @Test
        void recipes_that_do_not_apply_are_refused_with_the_action() throws Exception {
            Path good = recipe("{\"projection\": \"replication\", \"actions\": ["
                    + "{\"action\": \"remove-neurons\", \"space\": \"hidden\", \"ratio\": 0.5, \"minimum\": 1},"
                    + "{\"action\": \"remove-neurons\", \"space\": \"nothing\", \"ratio\": 0.5, \"minimum\": 1}]}");

            Cli.run("replay", good, model, "--out", out).refused("Action 2", "space=nothing", "Maybe one of");
            assertThat(out).doesNotExist();
        }

        @Test
        void what_is_no_recipe_is_refused() throws Exception {
            Cli.run("replay", recipe("[1"), model, "--out", out).refused("no JSON", "line 1");
            Cli.run("replay", recipe("{}"), model, "--out", out).refused("'projection'");
            Cli.run("replay", recipe("{\"projection\": \"paper\", \"steps\": []}"), model, "--out", out)
                    .refused("'steps'");
            Cli.run("replay", recipe("{\"projection\": \"magic\", \"actions\": []}"), model, "--out", out)
                    .refused("no projection 'magic'");
            Cli.run(
                            "replay",
                            recipe("{\"projection\": \"paper\", \"actions\": [{\"action\": \"explode\"}]}"),
                            model,
                            "--out",
                            out)
                    .refused("Action 1", "explode");
            Cli.run(
                            "replay",
                            recipe("{\"projection\": \"clusters\", \"actions\": [{\"action\": \"no-op\"}]}"),
                            model,
                            "--out",
                            out)
                    .refused("looks at data", "--data");
        }
    }

    @Nested
    class Judging {

        @Test
        void labels_are_needed_to_judge() {
            Cli.run("compare", model, model, "--data", diamonds(), "--ignore", "price")
                    .refused("has no labels", "--label");
            Cli.run("sensitivity", model).refused("--data");
            Cli.run("sensitivity", model, "--data", diamonds(), "--label", "price", "--picture", "losses.gif")
                    .refused("must end with .png or .svg");
        }

        @Test
        void test_data_is_for_judging_alone() throws Exception {
            Path blind = directory.resolve("blind.zip");
            Cli.run("prune", model, "--target", "params=0.5", "--out", blind).done();
            Cli.Result judged =
                    Cli.run("prune", model, "-t", "params=0.5", "--test", diamonds(), "--label", "price", "--out", out);

            assertThat(judged.done().out()).contains("diamonds.csv (200 examples)");
            assertThat(Models.load(out).model().params())
                    .isEqualTo(Models.load(blind).model().params());
            Cli.run("sensitivity", model, "--test", diamonds(), "--label", "price")
                    .refused("--data");
        }

        @Test
        void the_metric_can_be_chosen() {
            Cli.Result result = Cli.run(
                    "compare", model, model, "--data", diamonds(), "--target", "price", "--metric", "mae", "--json");

            assertThat(result.done().json().at("/metric/name").asText()).isEqualTo("mean absolute error");
            Cli.run("compare", model, model, "--data", diamonds(), "--metric", "beauty")
                    .refused("beauty", "macro-f1");
        }

        @Test
        void sizes_can_be_compared_without_data() {
            JsonNode told =
                    Cli.run("compare", model, Cli.model("mlp"), "--json").done().json();

            assertThat(told.at("/parameters/b").asLong()).isEqualTo(669_706);
            assertThat(told.has("metric")).isFalse();
        }
    }

    @Test
    void unknown_options_are_refused_with_what_may_be_meant() {
        Cli.run("prune", model, "--tarket", "params=0.5", "--out", out)
                .refused("--tarket", "--target", "growingnn prune --help");
        Cli.run().refused("There is no command");
        Cli.run("inspect").refused("MODEL");
    }

    @Test
    void a_cluster_without_spark_on_the_class_path_is_refused_with_what_is_missing() {
        Object[] command = {
            "optimize", model, "--data", diamonds(), "--label", "price", "--out", out, "--master", "local[2]"
        };
        Cli.run(command).refused("dl4j-growingnn-spark", "docs/spark.md");
        Object[] both = Arrays.copyOf(command, command.length + 1);
        both[command.length] = "--processes";
        Cli.run(both).refused("--processes", "--master");
        assertThat(out).doesNotExist();
    }

    @Test
    void help_and_version_are_no_errors() {
        assertThat(Cli.run("--help").done().out())
                .contains("inspect", "prune", "sensitivity", "compare", "replay", "doctor");
        assertThat(Cli.run("prune", "--help").done().out()).contains("--target", "--quiet");
        assertThat(Cli.run("--version").done().out()).contains("growingnn", "Deeplearning4j");
    }

    @Test
    void too_little_memory_is_a_failure_with_advice() {
        StringWriter err = new StringWriter();
        CommandLine line = new CommandLine(new OutputFile()).setErr(new PrintWriter(err));

        int code = Failures.execution(
                new IllegalStateException("a candidate failed", new OutOfMemoryError("Java heap space")), line, null);

        assertThat(code).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString()).contains("Java heap space", "JAVA_OPTS=-Xmx");
    }
}
