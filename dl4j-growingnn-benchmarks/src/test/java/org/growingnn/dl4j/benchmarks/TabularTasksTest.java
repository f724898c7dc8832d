package org.growingnn.dl4j.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class TabularTasksTest {

    @TempDir
    private Path folder;

    @Test
    void every_part_has_its_share_of_every_class() throws IOException {
        // A class of 10 among 100 rows.
        Table table = Table.read(table(100, i -> i % 10 == 0 ? 1 : 0), Table.Target.CLASSES, 1);

        assertThat(table.train().getLabels().sum(0).toDoubleVector()).containsExactly(54, 6);
        assertThat(table.validation().getLabels().sum(0).toDoubleVector()).containsExactly(18, 2);
        assertThat(table.test().getLabels().sum(0).toDoubleVector()).containsExactly(18, 2);
    }

    @Test
    void no_row_is_in_two_parts() throws IOException {
        Table table = Table.read(table(100, i -> 1), Table.Target.LOGARITHM, 1);

        // The first feature numbers the rows; scaling keeps its values apart.
        assertThat(List.of(table.train(), table.validation(), table.test()).stream()
                        .flatMap(part -> IntStream.range(0, part.numExamples())
                                .mapToObj(row -> part.getFeatures().getFloat(row, 0))))
                .hasSize(100)
                .doesNotHaveDuplicates();
    }

    @Test
    void features_and_numbers_are_scaled_by_the_rows_to_train_on() throws IOException {
        Table table = Table.read(table(100, i -> 1 + i), Table.Target.LOGARITHM, 1);

        DataSet train = table.train();
        for (INDArray values : List.of(train.getFeatures(), train.getLabels())) {
            assertThat(Arrays.stream(values.mean(0).toDoubleVector()).boxed())
                    .allSatisfy(mean -> assertThat(mean).isCloseTo(0, within(1e-5)));
            assertThat(Arrays.stream(values.std(0).toDoubleVector()).boxed())
                    .allSatisfy(deviation -> assertThat(deviation).isCloseTo(1, within(0.02)));
        }
        // Twenty other rows have another mean.
        assertThat(Math.abs(table.test().getFeatures().mean(0).getDouble(0))).isGreaterThan(1e-3);
    }

    @Test
    void the_perceptron_learns_a_table_and_keeps_its_rate_for_what_follows() throws IOException {
        Table table = Table.read(table(1000, i -> i < 500 ? 0 : 1), Table.Target.CLASSES, 1);
        TabularTasks.Task task =
                new TabularTasks.Task("table.csv.gz", Table.Target.CLASSES, TabularTasks.Measure.ACCURACY, 1e-3, 10);
        MultiLayerNetwork model = TabularTasks.perceptron(table.train(), task, 1);

        TabularTasks.train(model, table.train(), task, 1);

        assertThat(TabularTasks.measure(model, table.test(), TabularTasks.Measure.ACCURACY))
                .isGreaterThan(0.95);
        assertThat(model.getLearningRate(0)).isEqualTo(1e-3);
    }

    @Test
    void a_class_that_is_never_predicted_counts_in_macro_f1() {
        Evaluation evaluation = new Evaluation(2);
        INDArray first = Nd4j.create(new float[][] {{1, 0}, {1, 0}, {1, 0}, {1, 0}});
        evaluation.eval(Nd4j.create(new float[][] {{1, 0}, {1, 0}, {1, 0}, {0, 1}}), first);

        // F1 of the first class: precision 3/4, recall 1.
        assertThat(TabularTasks.macroF1(evaluation)).isCloseTo((6.0 / 7 + 0) / 2, within(1e-9));
    }

    @Test
    void r2_is_the_share_of_variance_that_is_explained() {
        double[] labels = {1, 2, 3, 4};
        assertThat(TabularTasks.r2(labels, labels)).isEqualTo(1);
        assertThat(TabularTasks.r2(labels, new double[] {2.5, 2.5, 2.5, 2.5})).isCloseTo(0, within(1e-12));
        assertThat(TabularTasks.r2(labels, new double[] {1, 2, 3, 5})).isCloseTo(1 - 1 / 5.0, within(1e-12));
    }

    /** Rows with their number, its square and a target. */
    private Path table(int rows, IntUnaryOperator target) throws IOException {
        Path file = folder.resolve("table.csv.gz");
        try (Writer out =
                new OutputStreamWriter(new GZIPOutputStream(Files.newOutputStream(file)), StandardCharsets.UTF_8)) {
            out.write("number,square,target\n");
            for (int i = 0; i < rows; i++) {
                out.write(i + "," + i * i + "," + target.applyAsInt(i) + "\n");
            }
        }
        return file;
    }
}
