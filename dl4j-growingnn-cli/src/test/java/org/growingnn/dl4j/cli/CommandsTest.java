package org.growingnn.dl4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.deeplearning4j.util.ModelSerializer;
import org.growingnn.dl4j.Sensitivity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.shade.jackson.databind.JsonNode;

/** Every command as users start it: as a process. */
class CommandsTest {

    @TempDir
    private Path directory;

    @Test
    void inspect_tells_what_a_model_is_made_of() throws Exception {
        Cli.Result result = Cli.start("inspect", Cli.model("lenet"));

        result.done();
        assertThat(result.err()).isEmpty();
        assertThat(result.out())
                .contains("ComputationGraph, zip of Deeplearning4j")
                .contains("conv2   ConvolutionLayer  20x12x12  50x8x8        25,050  1,600,000  conv2")
                .contains("431,080 parameters, 2,293,000 multiply-accumulates for one example")
                .contains("output' is judged by accuracy");
    }

    @Test
    void prune_writes_a_smaller_model_which_compare_puts_beside_the_original() throws Exception {
        Path model = Path.of(Cli.model("mlp"));
        byte[] before = Files.readAllBytes(model);
        Path small = directory.resolve("small.zip");
        Path images = Path.of(Cli.mnist(), "train-images-idx3-ubyte.gz");

        Cli.Result pruned = Cli.start(
                "prune", model, "--target", "params=0.1", "--data", images, "--test", Cli.mnist(), "--out", small);

        pruned.done();
        assertThat(pruned.out()).contains("669,706", "accuracy", "dense1", "Written to " + small);
        assertThat(Files.readAllBytes(model)).isEqualTo(before);
        assertThat(ModelSerializer.restoreMultiLayerNetwork(small.toFile()).numParams())
                .isBetween(60_000L, 66_970L);
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(small);
        }

        JsonNode compared = Cli.start("compare", model, small, "--test", Cli.mnist(), "--json")
                .done()
                .json();

        assertThat(compared.at("/parameters/a").asLong()).isEqualTo(669_706);
        assertThat(compared.at("/metric/name").asText()).isEqualTo("accuracy");
        assertThat(compared.at("/metric/a").asDouble()).isEqualTo(0.9855, within(0.001));
        assertThat(compared.at("/metric/b").asDouble()).isBetween(0.9, 0.985);
        assertThat(compared.at("/latencyNanos/b").asLong()).isPositive();
        assertThat(compared.at("/fileBytes/b").asLong()).isEqualTo(Files.size(small));
    }

    @Test
    void sensitivity_prints_a_table_and_writes_json_and_a_picture() throws Exception {
        Path model = TinyModels.save(TinyModels.regression(9), directory.resolve("model.zip"));
        Path json = directory.resolve("losses.json");
        Path picture = directory.resolve("losses.svg");

        Cli.Result result = Cli.start(
                "sensitivity",
                model,
                "--data",
                Cli.resource("data/diamonds.csv"),
                "--target",
                "price",
                "--ratios",
                "0.25,0.5",
                "--json",
                json,
                "--picture",
                picture);

        result.done();
        assertThat(result.out()).contains("| layer | units | removed |", "| hidden | 8 | 50 % | 4 |");
        assertThat(Sensitivity.fromJson(Files.readString(json)).rows()).hasSize(2);
        assertThat(Files.readString(picture)).contains("<svg");
    }

    @Test
    void replay_applies_a_recipe() throws Exception {
        Path recipe = Files.writeString(
                directory.resolve("recipe.json"),
                "{\"projection\": \"pseudo-inverse\", \"actions\": [{\"action\": \"remove-neurons\", \"space\": \"conv2\","
                        + " \"ratio\": 0.5, \"minimum\": 1}]}");
        Path out = directory.resolve("out.zip");

        Cli.Result result = Cli.start("replay", recipe, Cli.model("lenet"), "--out", out);

        result.done();
        assertThat(result.out()).contains("1 actions applied");
        assertThat(ModelSerializer.restoreComputationGraph(out.toFile()).numParams())
                .isEqualTo(218_555);
    }

    @Test
    void doctor_tells_what_models_are_computed_with() throws Exception {
        JsonNode told = Cli.start("doctor", "--json").done().json();

        assertThat(told.path("ompNumThreads").asText()).isEqualTo("1");
        assertThat(told.path("heapBytes").asLong()).isBetween(900L << 20, 1L << 30);
        assertThat(told.path("javacppMaxPhysicalBytes").asLong()).isZero();
        assertThat(told.path("backend").asText()).isEqualTo("CPU");
        assertThat(told.path("advice").isArray()).isTrue();
    }

    @Test
    void shells_can_complete_commands() throws Exception {
        Cli.Result result = Cli.start("generate-completion");

        result.done();
        assertThat(result.out()).contains("complete -F _complete_growingnn", "--target", "sensitivity");
    }

    @Test
    void wrong_input_is_told_in_one_message() throws Exception {
        Path broken = Files.writeString(directory.resolve("model.zip"), "PK, but nothing else", StandardCharsets.UTF_8);

        Cli.start("inspect", directory.resolve("nothing.zip")).refused("nothing.zip does not exist");
        Cli.start("inspect", broken).refused("cannot be read", "interrupted");
        Cli.start("shrink", broken).refused("'shrink'", "growingnn --help");
        assertThat(Cli.start("inspect", broken, "--stacktrace").err()).contains("\tat org.growingnn");
    }

    @Test
    void pictures_may_be_bitmaps() throws Exception {
        Path picture = directory.resolve("losses.PNG");

        SensitivityChart.of(picture)
                .write(
                        Sensitivity.of(TinyModels.regression(9), graph -> graph.numParams(), 0.5),
                        "number of parameters");

        assertThat(ImageIO.read(picture.toFile()).getWidth()).isEqualTo(1000);
    }
}
