package org.growingnn.dl4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerMinMaxScaler;
import org.nd4j.linalg.factory.Nd4j;
import picocli.CommandLine;

/** Data of every format, as models take it, and what is said of data that cannot be read. */
class DataTest {

    @TempDir
    private Path directory;

    private LoadedModel loaded(Model model) throws IOException {
        return Models.load(TinyModels.save(model, directory.resolve("model.zip")));
    }

    private Path file(String name, String... lines) throws IOException {
        return Files.write(directory.resolve(name), List.of(lines));
    }

    private static DataParts load(LoadedModel model, Object... options) {
        String[] texts = Arrays.stream(options).map(Object::toString).toArray(String[]::new);
        return CommandLine.populateCommand(new LabelledDataOptions(), texts).load(model);
    }

    private static org.nd4j.linalg.dataset.api.MultiDataSet first(Data data) {
        return data.batches().get(0);
    }

    private static float[][] rows(INDArray array) {
        return array.toFloatMatrix();
    }

    private static void assertRefused(LoadedModel model, List<Object> options, String... parts) {
        assertThatThrownBy(() -> load(model, options.toArray()))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll(parts);
    }

    @Nested
    class Tables {

        @Test
        void numbers_are_standardised_by_the_training_data() throws Exception {
            Path train = file("train.csv", "a,price,b", "1,10,5", "3,20,5");
            Path test = file("test.csv", "b,a,price", "6,5,30");

            DataParts parts =
                    load(loaded(TinyModels.regression(2)), "--data", train, "--test", test, "--target", "price");

            org.nd4j.linalg.dataset.api.MultiDataSet some = first(parts.train().orElseThrow());
            assertThat(some.getFeatures(0).sum(0).toFloatVector()).containsExactly(new float[] {0, 0}, within(1e-6f));
            assertThat(some.getLabels(0).sumNumber().doubleValue()).isEqualTo(30);
            // A column without variance is shifted only.
            assertThat(rows(first(parts.test().orElseThrow()).getFeatures(0))[0])
                    .containsExactly(new float[] {3, 1}, within(1e-6f));
        }

        @Test
        void no_normalize_leaves_numbers_as_they_are() throws Exception {
            Path train = file("train.csv", "a,price", "1,10");

            DataParts parts =
                    load(loaded(TinyModels.regression(1)), "--data", train, "--label", "price", "--no-normalize");

            assertThat(rows(first(parts.train().orElseThrow()).getFeatures(0))[0])
                    .containsExactly(1);
        }

        @Test
        void the_models_own_normaliser_is_applied_instead() throws Exception {
            Path path = TinyModels.save(TinyModels.regression(1), directory.resolve("model.zip"));
            NormalizerMinMaxScaler normalizer = new NormalizerMinMaxScaler();
            normalizer.fit(new DataSet(Nd4j.create(new float[][] {{0}, {10}}), Nd4j.create(new float[][] {{0}, {1}})));
            ModelSerializer.addNormalizerToModel(path.toFile(), normalizer);

            DataParts parts =
                    load(Models.load(path), "--data", file("train.csv", "a,price", "5,1", "20,2"), "--label", "price");

            assertThat(first(parts.train().orElseThrow())
                            .getFeatures(0)
                            .maxNumber()
                            .doubleValue())
                    .isEqualTo(2, within(1e-5));
        }

        @Test
        void texts_become_columns_and_classes_are_sorted() throws Exception {
            Path train = file("train.csv", "colour;size;kind", "red;1;zebra", "blue;3;ape", "\"red\";2;zebra");

            DataParts parts = load(
                    loaded(TinyModels.classifier(3, 2)), "--validation", train, "--label", "kind", "--no-normalize");

            org.nd4j.linalg.dataset.api.MultiDataSet some =
                    first(parts.validation().orElseThrow());
            assertThat(rows(some.getFeatures(0))).isDeepEqualTo(new float[][] {{0, 1, 1}, {1, 0, 3}, {0, 1, 2}});
            assertThat(rows(some.getLabels(0))).isDeepEqualTo(new float[][] {{0, 1}, {1, 0}, {0, 1}});
        }

        @Test
        void class_numbers_keep_their_places_where_some_are_missing() throws Exception {
            Path train = file("train.csv", "1,0", "2,3");

            DataParts parts = load(loaded(TinyModels.classifier(1, 4)), "--test", train, "--label", "2");

            assertThat(rows(first(parts.test().orElseThrow()).getLabels(0)))
                    .isDeepEqualTo(new float[][] {{1, 0, 0, 0}, {0, 0, 0, 1}});
        }

        @Test
        void whether_there_is_a_header_can_be_said() throws Exception {
            Path texts = file("texts.csv", "red,x", "blue,y");
            Path years = file("years.csv", "2024,2025", "1,2");

            DataParts headless =
                    load(loaded(TinyModels.classifier(2, 2)), "--test", texts, "--label", "2", "--no-header");
            DataParts named = load(loaded(TinyModels.regression(1)), "--test", years, "--label", "2025", "--header");

            assertThat(headless.test().orElseThrow().batches().examples()).isEqualTo(2);
            assertThat(named.test().orElseThrow().batches().examples()).isEqualTo(1);
        }

        @Test
        void a_question_takes_two_texts() throws Exception {
            Path test = file("test.csv", "a,bought", "1,yes", "2,no");

            DataParts parts = load(loaded(TinyModels.question(1)), "--test", test, "--label", "bought");

            assertThat(rows(first(parts.test().orElseThrow()).getLabels(0))).isDeepEqualTo(new float[][] {{1}, {0}});
        }

        @Test
        void without_labels_all_columns_are_features() throws Exception {
            Data data = load(loaded(TinyModels.regression(2)), "--data", file("train.csv", "1,2", "3,4"))
                    .train()
                    .orElseThrow();

            assertThat(data.labelled()).isFalse();
            assertThat(first(data).getFeatures(0).shape()).containsExactly(2, 2);
            assertThatThrownBy(() -> data.requireLabels("train")).hasMessageContaining("--label");
        }

        @Test
        void gzipped_tables_and_columns_to_ignore() throws Exception {
            Path packed = directory.resolve("train.csv.gz");
            try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
                out.write("id,a,price\n7,1,10\n8,2,20\n".getBytes(StandardCharsets.UTF_8));
            }

            Data data = load(loaded(TinyModels.regression(1)), "--data", packed, "--label", "price", "--ignore", "id")
                    .train()
                    .orElseThrow();

            assertThat(data.batches().examples()).isEqualTo(2);
        }

        @Test
        void what_cannot_be_read_is_named_with_its_line() throws Exception {
            LoadedModel model = loaded(TinyModels.regression(2));

            assertRefused(
                    model,
                    List.of("--data", file("a.csv", "a,b,price", "1,2,3", "1,2"), "--label", "price"),
                    "Line 3",
                    "2 values",
                    "3 columns");
            assertRefused(
                    model,
                    List.of("--data", file("b.csv", "a,b,price", "1,2,3", "1,,3"), "--label", "price"),
                    "'b' in line 3",
                    "missing");
            assertRefused(
                    model,
                    List.of("--data", file("c.csv", "a,b,price", "1,2,3", "1,2,3", "1,n/a,3"), "--label", "price"),
                    "'n/a' of column 'b' in line 4");
            assertRefused(
                    model,
                    List.of("--data", file("d.csv", "a,b,price", "1,2,3", "1,2,cheap"), "--label", "price"),
                    "'cheap'",
                    "line 3",
                    "predicts numbers");
            assertRefused(
                    model,
                    List.of("--data", file("e.csv", "a,b,price", "1,2,3"), "--label", "cost"),
                    "no column 'cost'",
                    "[a, b, price]");
            assertRefused(
                    model,
                    List.of("--data", file("f.csv", "a,b,c,price", "1,2,3,4"), "--label", "price"),
                    "3 features (a, b, c)",
                    "vectors of 2 features");
            assertRefused(model, List.of("--data", file("g.csv", "a,b,price"), "--label", "price"), "no rows");
            assertRefused(model, List.of("--data", file("h.csv", ""), "--label", "price"), "empty");
            assertRefused(
                    model,
                    List.of("--data", file("i.csv", "a,b,price", "1,2,\"3"), "--label", "price"),
                    "Line 2",
                    "never ends");
        }

        @Test
        void other_classes_than_the_model_knows_are_refused() throws Exception {
            LoadedModel model = loaded(TinyModels.classifier(1, 2));
            Path three = file("three.csv", "a,kind", "1,x", "2,y", "3,z");
            Path two = file("two.csv", "a,kind", "1,x", "2,y");

            assertRefused(
                    model, List.of("--data", three, "--label", "kind"), "3 different classes [x, y, z]", "2 units");
            assertRefused(
                    model, List.of("--data", two, "--test", three, "--label", "kind"), "'z' in line 4", "three.csv");
        }
    }

    @Nested
    class Idx {

        @Test
        void images_are_brought_into_the_shape_that_the_model_takes() {
            Data vectors = load(Models.load(Path.of(Cli.model("mlp"))), "--test", Cli.mnist())
                    .test()
                    .orElseThrow();
            Data series = load(Models.load(Path.of(Cli.model("lstm"))), "--test", Cli.mnist())
                    .test()
                    .orElseThrow();

            assertThat(vectors.batches().examples()).isEqualTo(2000);
            assertThat(first(vectors).getFeatures(0).shape()).containsExactly(64, 784);
            assertThat(first(vectors).getFeatures(0).maxNumber().doubleValue()).isEqualTo(1, within(1e-6));
            assertThat(first(vectors).getLabels(0).shape()).containsExactly(64, 10);
            assertThat(first(series).getFeatures(0).shape()).containsExactly(64, 28, 28);
        }

        @Test
        void labels_may_be_anywhere() throws Exception {
            Path images = directory.resolve("digits");
            Path labels = directory.resolve("answers");
            Files.copy(Path.of(Cli.mnist(), "t10k-images-idx3-ubyte.gz"), images);
            Files.copy(Path.of(Cli.mnist(), "t10k-labels-idx1-ubyte.gz"), labels);
            LoadedModel model = Models.load(Path.of(Cli.model("mlp")));

            assertThat(load(model, "--data", images + "," + labels)
                            .train()
                            .orElseThrow()
                            .labelled())
                    .isTrue();
            assertThat(load(model, "--data", images).train().orElseThrow().labelled())
                    .isFalse();
            assertRefused(model, List.of("--data", labels + "," + images), "magic number", "mixed up");
        }

        @Test
        void damaged_files_and_classes_that_the_model_does_not_know_are_refused() throws Exception {
            byte[] images = Files.readAllBytes(Path.of(Cli.mnist(), "t10k-images-idx3-ubyte.gz"));
            Path cut = Files.write(directory.resolve("t10k-images-idx3-ubyte.gz"), Arrays.copyOf(images, 9000));

            assertRefused(Models.load(Path.of(Cli.model("mlp"))), List.of("--data", cut), "ends in the middle");
            assertRefused(
                    loaded(TinyModels.classifier(784, 5)),
                    List.of("--data", Cli.mnist()),
                    "10 different classes",
                    "5 units");
        }
    }

    @Nested
    class Images {

        private Path image(String name, Color colour) throws IOException {
            Path file = directory.resolve("images").resolve(name);
            Files.createDirectories(file.getParent());
            BufferedImage image = new BufferedImage(12, 12, BufferedImage.TYPE_INT_RGB);
            Graphics2D graphics = image.createGraphics();
            graphics.setColor(colour);
            graphics.fillRect(0, 0, 12, 12);
            graphics.dispose();
            ImageIO.write(image, "png", file.toFile());
            return file;
        }

        @Test
        void folders_are_classes_and_images_are_scaled() throws Exception {
            image("b/1.png", Color.BLACK);
            image("a/1.png", Color.WHITE);
            image("a/2.png", Color.WHITE);
            LoadedModel model = loaded(TinyModels.images(8, 3, 2)).withInputSize(List.of(8, 8));

            Data data = load(model, "--validation", directory.resolve("images"))
                    .validation()
                    .orElseThrow();

            assertThat(first(data).getFeatures(0).shape()).containsExactly(3, 3, 8, 8);
            assertThat(first(data).getFeatures(0).mean(1, 2, 3).toFloatVector())
                    .containsExactly(new float[] {1, 1, 0}, within(1e-6f));
            assertThat(rows(first(data).getLabels(0))).isDeepEqualTo(new float[][] {{1, 0}, {1, 0}, {0, 1}});
        }

        @Test
        void what_does_not_fit_is_refused() throws Exception {
            image("a/1.png", Color.WHITE);
            LoadedModel model = loaded(TinyModels.images(8, 3, 2));
            Path images = directory.resolve("images");

            assertRefused(model, List.of("--data", images), "--input-size");
            assertRefused(
                    model.withInputSize(List.of(8, 8)),
                    List.of("--data", images),
                    "1 different classes [a]",
                    "2 units");

            Files.writeString(Files.createDirectories(images.resolve("b")).resolve("2.png"), "no image");
            Data data = load(model.withInputSize(List.of(8, 8)), "--validation", images)
                    .validation()
                    .orElseThrow();
            assertThatThrownBy(() -> first(data)).hasMessageContaining("2.png");
        }
    }

    @Nested
    class Saved {

        @Test
        void single_batches_and_directories_of_them() throws Exception {
            DataSet batch = new DataSet(Nd4j.ones(3, 2), Nd4j.zeros(3, 1));
            batch.save(directory.resolve("1.bin").toFile());
            LoadedModel model = loaded(TinyModels.regression(2));
            MultiDataSet several = new MultiDataSet(Nd4j.ones(4, 2), Nd4j.zeros(4, 1));
            several.save(directory.resolve("2.ds").toFile());

            Data one = load(model, "--data", directory.resolve("1.bin")).train().orElseThrow();
            Data all = load(model, "--data", directory).train().orElseThrow();

            assertThat(one.batches().examples()).isEqualTo(3);
            assertThat(all.batches().count()).isEqualTo(2);
            assertThat(all.batches().examples()).isEqualTo(7);
            assertThat(all.trainingData().check(model.network()).examples()).isEqualTo(7);
        }

        @Test
        void damaged_batches_are_refused() throws Exception {
            Path file = Files.writeString(directory.resolve("1.bin"), "nothing of the kind");

            assertRefused(loaded(TinyModels.regression(2)), List.of("--data", file), "1.bin", "DataSet.save");
        }
    }

    @Test
    void missing_files_and_directories_without_data_are_refused() throws Exception {
        LoadedModel model = loaded(TinyModels.regression(2));
        Path empty = Files.createDirectory(directory.resolve("empty"));

        assertRefused(model, List.of("--data", directory.resolve("nothing.csv")), "nothing.csv", "does not exist");
        assertRefused(model, List.of("--data", empty), "holds no data");
        assertRefused(model, List.of("--data", empty, "--batch", "0"), "--batch (0)");
    }
}
