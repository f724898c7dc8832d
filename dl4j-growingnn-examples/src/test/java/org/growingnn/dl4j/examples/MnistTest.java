package org.growingnn.dl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.zip.GZIPInputStream;
import org.deeplearning4j.common.resources.DL4JResources;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import picocli.CommandLine;

class MnistTest {

    private static final int IMAGES = 2051;
    private static final int LABELS = 2049;

    /** The number of each digit among the 60,000 training and the 10,000 test digits of MNIST. */
    private static final int[] FULL_TRAIN = {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949};

    private static final int[] FULL_TEST = {980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009};

    private static Mnist bundled;

    @BeforeAll
    static void read() {
        bundled = Mnist.bundled();
    }

    @Nested
    class BundledSlice {

        @Test
        void has_8000_training_and_2000_test_digits() {
            assertThat(bundled.trainSize()).isEqualTo(8_000);
            assertThat(bundled.testSize()).isEqualTo(2_000);
            assertThat(bundled.directory()).hasFileName("mnist");
        }

        @Test
        void holds_every_class_in_the_proportion_of_the_full_set() {
            assertStratified(bundled.trainDigits().labels(), FULL_TRAIN);
            assertStratified(bundled.testDigits().labels(), FULL_TEST);
        }

        private void assertStratified(byte[] labels, int[] full) {
            int total = Arrays.stream(full).sum();
            int[] counts = new int[Mnist.CLASSES];
            for (byte label : labels) {
                counts[label]++;
            }
            for (int c = 0; c < Mnist.CLASSES; c++) {
                assertThat((double) counts[c]).isCloseTo(full[c] * (double) labels.length / total, within(1.0));
            }
        }

        @Test
        void is_flat_float_rows_from_0_to_1_with_one_hot_labels() {
            for (DataSet data : List.of(bundled.trainSet(), bundled.testSet())) {
                INDArray features = data.getFeatures();
                INDArray labels = data.getLabels();
                int size = data.numExamples();
                assertThat(features.shape()).containsExactly(size, Mnist.FEATURES);
                assertThat(labels.shape()).containsExactly(size, Mnist.CLASSES);
                assertThat(features.dataType()).isEqualTo(DataType.FLOAT);
                assertThat(features.minNumber().floatValue()).isZero();
                assertThat(features.maxNumber().floatValue()).isEqualTo(1f);
                assertThat(features.meanNumber().doubleValue()).isCloseTo(0.13, within(0.01));
                assertThat(labels.sum(1).toFloatVector()).containsOnly(1f);
                assertThat(labels.max(1).toFloatVector()).containsOnly(1f);
            }
        }

        @Test
        void is_found_from_a_module_of_the_repository_and_by_default() {
            assertThat(Mnist.find(null).directory()).isEqualTo(bundled.directory());
            assertThat(Mnist.find(bundled.directory()).trainSize()).isEqualTo(8_000);
        }
    }

    @Nested
    class Iterators {

        @Test
        void cover_every_digit_once_per_epoch() {
            DataSetIterator train = bundled.train(300, 7);
            List<Integer> sizes = new ArrayList<>();
            List<Float> sums = new ArrayList<>();
            while (train.hasNext()) {
                DataSet batch = train.next();
                sizes.add(batch.numExamples());
                sums.addAll(sumsOfRows(batch));
            }
            assertThat(sizes).hasSize(27).endsWith(200);
            assertThat(sizes.subList(0, 26)).containsOnly(300);
            assertThat(sums.stream().sorted())
                    .containsExactlyElementsOf(
                            sumsOfRows(bundled.trainSet()).stream().sorted().toList());
            assertThatExceptionOfType(NoSuchElementException.class)
                    .isThrownBy(train::next)
                    .withMessageContaining("reset()");
        }

        private List<Float> sumsOfRows(DataSet data) {
            List<Float> sums = new ArrayList<>();
            for (float sum : data.getFeatures().sum(1).toFloatVector()) {
                sums.add(sum);
            }
            return sums;
        }

        @Test
        void repeat_an_epoch_for_the_same_seed() {
            DataSetIterator one = bundled.train(4_000, 7);
            DataSetIterator other = bundled.train(4_000, 7);
            for (int epoch = 0; epoch < 3; epoch++) {
                while (one.hasNext()) {
                    assertThat(one.next()).isEqualTo(other.next());
                }
                one.reset();
                other.reset();
            }
        }

        @Test
        void shuffle_anew_for_every_epoch_and_seed() {
            DataSetIterator train = bundled.train(64, 7);
            DataSet first = train.next();
            train.reset();
            assertThat(train.next()).isNotEqualTo(first);
            assertThat(bundled.train(64, 8).next()).isNotEqualTo(first);
            assertThat(bundled.trainInOrder(64).next()).isNotEqualTo(first);
        }

        @Test
        void keep_the_epoch_when_they_are_reset_before_anything_was_read() {
            DataSetIterator train = bundled.train(64, 7);
            train.reset();
            train.reset();
            assertThat(train.next()).isEqualTo(bundled.train(64, 7).next());
        }

        @Test
        void do_not_depend_on_how_the_epochs_before_were_read() {
            DataSetIterator whole = bundled.train(1_000, 7);
            while (whole.hasNext()) {
                whole.next();
            }
            whole.reset();
            DataSetIterator partial = bundled.train(64, 7);
            partial.next();
            partial.reset();
            assertThat(partial.next(10)).isEqualTo(whole.next(10));
        }

        @Test
        void of_test_digits_keep_the_order_of_the_file() {
            DataSetIterator test = bundled.test(2_000);
            DataSet first = test.next();
            test.reset();
            assertThat(test.next()).isEqualTo(first).isEqualTo(bundled.testSet());
        }

        @Test
        void hand_out_copies() {
            bundled.test(10).next().getFeatures().assign(5);
            assertThat(bundled.test(10).next().getFeatures().maxNumber().floatValue())
                    .isLessThanOrEqualTo(1f);
        }

        @Test
        void tell_DL4J_what_they_hold() {
            DataSetIterator train = bundled.train(128, 1);
            assertThat(train.batch()).isEqualTo(128);
            assertThat(train.inputColumns()).isEqualTo(784);
            assertThat(train.totalOutcomes()).isEqualTo(10);
            assertThat(train.resetSupported()).isTrue();
            assertThat(train.asyncSupported()).isFalse();
            assertThat(train.getLabels()).hasSize(10).startsWith("0").endsWith("9");
        }

        @Test
        void apply_a_preprocessor() {
            DataSetIterator test = bundled.test(10);
            test.setPreProcessor(data -> data.getFeatures().muli(2));
            assertThat(test.next().getFeatures())
                    .isEqualTo(bundled.test(10).next().getFeatures().mul(2));
        }

        @Test
        void refuse_an_empty_batch() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> bundled.train(0, 1))
                    .withMessageContaining("batch size (0)");
        }
    }

    @Nested
    class Series {

        private final Mnist series = bundled.asSeries();

        @Test
        void have_a_step_for_every_row_and_a_feature_for_every_column() {
            INDArray images = bundled.testSet().getFeatures();
            INDArray features = series.testSet().getFeatures();
            assertThat(features.shape()).containsExactly(2_000, 28, 28);
            assertThat(features.dataType()).isEqualTo(DataType.FLOAT);
            assertThat(features.maxNumber().floatValue()).isEqualTo(1f);
            for (int digit : new int[] {0, 1_999}) {
                for (int row = 0; row < 28; row++) {
                    for (int column = 0; column < 28; column++) {
                        assertThat(features.getFloat(digit, column, row))
                                .isEqualTo(images.getFloat(digit, 28 * row + column));
                    }
                }
            }
        }

        @Test
        void hold_the_same_digits_in_the_same_order() {
            assertThat(series.trainSize()).isEqualTo(8_000);
            assertThat(series.testSize()).isEqualTo(2_000);
            assertThat(series.directory()).isEqualTo(bundled.directory());
            assertThat(series.train(100, 7).next().getLabels())
                    .isEqualTo(bundled.train(100, 7).next().getLabels());
            assertThat(series.trainSet().getLabels())
                    .isEqualTo(bundled.trainSet().getLabels());
        }

        @Test
        void tell_DL4J_what_they_hold() {
            assertThat(series.train(128, 1).inputColumns()).isEqualTo(28);
            assertThat(series.train(128, 1).totalOutcomes()).isEqualTo(10);
        }
    }

    @Nested
    class IdxFile {

        @TempDir
        Path directory;

        @BeforeEach
        void write() throws IOException {
            images(Mnist.TRAIN_IMAGES, 3);
            labels(Mnist.TRAIN_LABELS, 0, 5, 9);
            images(Mnist.TEST_IMAGES, 2);
            labels(Mnist.TEST_LABELS, 1, 2);
        }

        @Test
        void may_be_plain() {
            Mnist mnist = Mnist.at(directory);
            assertThat(mnist.trainSize()).isEqualTo(3);
            assertThat(mnist.testSize()).isEqualTo(2);
            assertThat(mnist.trainSet().getLabels().argMax(1).toIntVector()).containsExactly(0, 5, 9);
            assertThat(mnist.testSet().getFeatures().getFloat(1, 3)).isEqualTo(3 / 255f);
            assertThat(mnist.testSet().getFeatures().getFloat(0, 255)).isEqualTo(1f);
        }

        @Test
        void may_be_gzipped_one_by_one() throws IOException {
            Files.delete(directory.resolve(Mnist.TRAIN_LABELS));
            IdxFiles.writeLabels(directory.resolve(Mnist.TRAIN_LABELS + ".gz"), new byte[] {4, 4, 4});
            assertThat(Mnist.at(directory).trainSet().getLabels().argMax(1).toIntVector())
                    .containsExactly(4, 4, 4);
        }

        @Test
        void must_exist() throws IOException {
            Files.delete(directory.resolve(Mnist.TEST_LABELS));
            assertRefused(Mnist.TEST_LABELS, "must contain", "t10k-labels-idx1-ubyte.gz", directory.toString());
        }

        @Test
        void must_not_be_truncated() throws IOException {
            Path file = directory.resolve(Mnist.TRAIN_IMAGES);
            Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 16 + 2 * 784));
            assertRefused(file.toString(), "(1568 bytes)", "2352 bytes", "fetch the file again");
        }

        @Test
        void must_not_be_truncated_within_the_header() throws IOException {
            Path file = directory.resolve(Mnist.TRAIN_IMAGES);
            Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 6));
            assertRefused(file.toString(), "ends early", "fetch the file again");
        }

        @Test
        void must_not_be_truncated_when_gzipped() throws IOException {
            Files.delete(directory.resolve(Mnist.TRAIN_IMAGES));
            Path file = directory.resolve(Mnist.TRAIN_IMAGES + ".gz");
            IdxFiles.writeImages(file, new byte[3 * 784]);
            Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 20));
            assertRefused(file.toString(), "ends early", "fetch the file again");
        }

        @Test
        void must_be_gzip_data_when_their_name_says_so() throws IOException {
            Path file = directory.resolve(Mnist.TEST_IMAGES + ".gz");
            Files.move(directory.resolve(Mnist.TEST_IMAGES), file);
            assertRefused(file.toString(), "not gzip data");
        }

        @Test
        void must_not_go_on_after_the_last_example() throws IOException {
            Path file = directory.resolve(Mnist.TEST_LABELS);
            Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 11));
            assertRefused(file.toString(), "must end after 2 bytes");
        }

        @Test
        void must_not_be_swapped() throws IOException {
            Files.copy(
                    directory.resolve(Mnist.TEST_IMAGES),
                    directory.resolve(Mnist.TEST_LABELS),
                    StandardCopyOption.REPLACE_EXISTING);
            assertRefused(Mnist.TEST_LABELS, "magic number (2051)", "must be 2049", "mixed up");
        }

        @Test
        void must_hold_images_of_28_by_28() throws IOException {
            write(Mnist.TEST_IMAGES, new int[] {IMAGES, 2, 32, 32}, new byte[2 * 1024]);
            assertRefused(Mnist.TEST_IMAGES, "32 x 32", "must be 28 x 28");
        }

        @Test
        void must_hold_something() throws IOException {
            images(Mnist.TRAIN_IMAGES, 0);
            assertRefused(Mnist.TRAIN_IMAGES, "number of examples (0)", "must be positive");
        }

        @Test
        void must_hold_labels_below_10() throws IOException {
            labels(Mnist.TRAIN_LABELS, 0, 10, 1);
            assertRefused(Mnist.TRAIN_LABELS, "label (10) of example 1", "between 0 and 9");
        }

        @Test
        void must_hold_as_many_images_as_labels() throws IOException {
            labels(Mnist.TRAIN_LABELS, 0, 1);
            assertRefused("number of images (3)", "number of labels (2)", Mnist.TRAIN_IMAGES, Mnist.TRAIN_LABELS);
        }

        @Test
        void are_found_in_the_cache_of_DL4J_where_this_and_earlier_releases_keep_it() throws IOException {
            File before = DL4JResources.getBaseDirectory();
            Path base = Files.createDirectory(directory.resolve("base"));
            try {
                DL4JResources.setBaseDirectory(directory.toFile());
                assertThat(Mnist.find(Path.of("dl4j")).trainSize()).isEqualTo(3);

                DL4JResources.setBaseDirectory(base.toFile());
                assertThatIllegalStateException()
                        .isThrownBy(Mnist::dl4jCache)
                        .withMessageContaining(base.toString())
                        .withMessageContaining("MnistDataSetIterator");

                Path earlier = Files.createDirectories(base.resolve("data")).resolve("MNIST");
                Files.createDirectory(earlier);
                for (String name :
                        List.of(Mnist.TRAIN_IMAGES, Mnist.TRAIN_LABELS, Mnist.TEST_IMAGES, Mnist.TEST_LABELS)) {
                    Files.move(directory.resolve(name), earlier.resolve(name));
                }
                assertThat(Mnist.dl4jCache().directory()).isEqualTo(earlier);
            } finally {
                DL4JResources.setBaseDirectory(before);
            }
        }

        private void assertRefused(String... parts) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Mnist.at(directory))
                    .satisfies(e -> assertThat(e.getMessage()).contains(parts));
        }

        private void images(String name, int count) throws IOException {
            byte[] pixels = new byte[count * 784];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (byte) (i % 784);
            }
            write(name, new int[] {IMAGES, count, 28, 28}, pixels);
        }

        private void labels(String name, int... values) throws IOException {
            byte[] labels = new byte[values.length];
            for (int i = 0; i < values.length; i++) {
                labels[i] = (byte) values[i];
            }
            write(name, new int[] {LABELS, values.length}, labels);
        }

        private void write(String name, int[] header, byte[] body) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            for (int value : header) {
                out.writeInt(value);
            }
            out.write(body);
            Files.write(directory.resolve(name), bytes.toByteArray());
        }
    }

    @Nested
    class Slices {

        @TempDir
        Path directory;

        @Test
        void are_stratified_and_the_same_for_the_same_seed() throws IOException {
            Path one = slice("one", "--seed", "3");
            Path other = slice("other", "--seed", "3");
            Path third = slice("third", "--seed", "4");
            Mnist slice = Mnist.at(one);
            assertThat(slice.trainSize()).isEqualTo(401);
            assertThat(slice.testSize()).isEqualTo(100);
            int[] counts = new int[Mnist.CLASSES];
            for (byte label : slice.trainDigits().labels()) {
                counts[label]++;
            }
            for (int c = 0; c < Mnist.CLASSES; c++) {
                assertThat((double) counts[c]).isCloseTo(FULL_TRAIN[c] * 401.0 / 60_000, within(1.1));
            }
            assertThat(unpacked(one)).isEqualTo(unpacked(other)).isNotEqualTo(unpacked(third));
        }

        @Test
        void cannot_be_larger_than_their_source() {
            int exit = new CommandLine(new MakeMnistSlice())
                    .setExecutionExceptionHandler((e, command, result) -> {
                        assertThat(e)
                                .hasMessageContaining("training digits (8001)")
                                .hasMessageContaining("8000");
                        return 9;
                    })
                    .execute(
                            "--data", bundled.directory().toString(), "--out", directory.toString(), "--train", "8001");
            assertThat(exit).isEqualTo(9);
        }

        private Path slice(String name, String... options) {
            List<String> arguments = new ArrayList<>(List.of(
                    "--data",
                    bundled.directory().toString(),
                    "--out",
                    directory.resolve(name).toString(),
                    "--train",
                    "401",
                    "--test",
                    "100"));
            arguments.addAll(List.of(options));
            int exit = new CommandLine(new MakeMnistSlice()).execute(arguments.toArray(String[]::new));
            assertThat(exit).isZero();
            return directory.resolve(name);
        }

        private byte[] unpacked(Path slice) throws IOException {
            try (GZIPInputStream in =
                    new GZIPInputStream(Files.newInputStream(slice.resolve(Mnist.TRAIN_IMAGES + ".gz")))) {
                return in.readAllBytes();
            }
        }
    }
}
