package org.growingnn.dl4j.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.evaluation.classification.EvaluationBinary;
import org.nd4j.evaluation.regression.RegressionEvaluation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class MetricsTest {

    private static final OutputTask VECTORS = new OutputTask("out", OutputTask.Loss.NUMBERS, false, false, 0.5);
    private static final OutputTask UNITS_LAST = new OutputTask("out", OutputTask.Loss.NUMBERS, false, true, 0.5);
    private static final OutputTask NUMBERED = new OutputTask("out", OutputTask.Loss.CLASSES, true, false, 0.5);
    private static final OutputTask SIGNED = new OutputTask("out", OutputTask.Loss.MARGINS, false, false, 0);

    private final Random random = new Random(7);

    private static Reading read(
            Metric metric, OutputTask task, INDArray labels, INDArray outputs, @Nullable INDArray mask) {
        OutputMeter meter = ((OutputMetric) metric).meter(task, true);
        meter.add(labels, outputs, mask);
        return meter.reading();
    }

    private static double value(Metric metric, OutputTask task, INDArray labels, INDArray outputs) {
        return read(metric, task, labels, outputs, null).value();
    }

    private INDArray noise(long... shape) {
        INDArray array = Nd4j.create(DataType.FLOAT, shape);
        for (long i = 0; i < array.length(); i++) {
            array.putScalar(i, random.nextGaussian());
        }
        return array;
    }

    /** Classes of which the first is frequent and the last is rare. */
    private INDArray oneHot(int rows, int classes) {
        INDArray array = Nd4j.create(DataType.FLOAT, rows, classes);
        for (int row = 0; row < rows; row++) {
            int label = Math.min(classes - 1, (int) (classes * random.nextDouble() * random.nextDouble()));
            array.putScalar(row, label, 1);
        }
        return array;
    }

    private INDArray answers(long... shape) {
        return noise(shape).gt(0.6).castTo(DataType.FLOAT);
    }

    @Test
    void accuracy_and_f1_of_classes_are_those_of_deeplearning4j() {
        INDArray labels = oneHot(300, 4);
        INDArray outputs = labels.add(noise(300, 4).mul(0.6));
        Evaluation evaluation = new Evaluation(4);
        evaluation.eval(labels, outputs);
        assertThat(value(Metrics.accuracy(), VECTORS, labels, outputs)).isCloseTo(evaluation.accuracy(), within(1e-12));
        assertThat(value(Metrics.macroF1(), VECTORS, labels, outputs))
                .isCloseTo(
                        IntStream.range(0, 4)
                                .mapToDouble(evaluation::f1)
                                .average()
                                .orElseThrow(),
                        within(1e-12));
        for (int positive = 0; positive < 4; positive++) {
            assertThat(value(Metrics.f1(positive), VECTORS, labels, outputs))
                    .isCloseTo(evaluation.f1(positive), within(1e-12));
        }
    }

    @Test
    void f1_of_questions_is_that_of_deeplearning4j() {
        INDArray labels = answers(200, 5);
        INDArray outputs = labels.add(noise(200, 5).mul(0.5));
        EvaluationBinary evaluation = new EvaluationBinary();
        evaluation.eval(labels, outputs);
        assertThat(value(Metrics.meanF1(), VECTORS, labels, outputs)).isCloseTo(evaluation.averageF1(), within(1e-12));
        INDArray first = labels.getColumn(0, true);
        INDArray answer = outputs.getColumn(0, true);
        assertThat(value(Metrics.f1(), VECTORS, first, answer)).isCloseTo(evaluation.f1(0), within(1e-12));
        assertThat(value(Metrics.accuracy(), VECTORS, first, answer)).isCloseTo(evaluation.accuracy(0), within(1e-12));
        // "No" as the positive answer swaps both.
        assertThat(value(Metrics.f1(0), VECTORS, first, answer))
                .isCloseTo(value(Metrics.f1(), VECTORS, first.rsub(1), answer.rsub(1)), within(1e-12));
    }

    @Test
    void labels_of_plus_and_minus_one_are_answers_around_zero() {
        INDArray labels = answers(200, 1);
        INDArray outputs = labels.add(noise(200, 1).mul(0.5)).sub(0.5);
        INDArray signs = labels.mul(2).sub(1);
        for (Metric metric : List.of(Metrics.accuracy(), Metrics.f1(), Metrics.auc())) {
            assertThat(value(metric, SIGNED, signs, outputs))
                    .as(metric.name())
                    .isCloseTo(value(metric, VECTORS, labels, outputs.add(0.5)), within(1e-12));
        }
    }

    @Test
    void area_under_the_curve_is_the_share_of_pairs_in_the_right_order() {
        INDArray labels = answers(80, 1);
        // Rounded, so that there are ties.
        INDArray outputs = Nd4j.math.round(labels.add(noise(80, 1)).mul(3)).div(3);
        double right = 0;
        double pairs = 0;
        for (int yes = 0; yes < 80; yes++) {
            for (int no = 0; no < 80; no++) {
                if (labels.getDouble(yes) == 1 && labels.getDouble(no) == 0) {
                    pairs++;
                    double difference = outputs.getDouble(yes) - outputs.getDouble(no);
                    right += difference > 0 ? 1 : difference == 0 ? 0.5 : 0;
                }
            }
        }
        assertThat(value(Metrics.auc(), VECTORS, labels, outputs)).isCloseTo(right / pairs, within(1e-6));
        INDArray twoUnits = Nd4j.hstack(labels.rsub(1), labels);
        assertThat(value(Metrics.auc(), VECTORS, twoUnits, Nd4j.hstack(outputs.neg(), outputs)))
                .isCloseTo(right / pairs, within(1e-6));
    }

    @Test
    void numbers_are_measured_as_deeplearning4j_does_but_in_double_precision() {
        INDArray labels = noise(150, 3);
        INDArray outputs = labels.add(noise(150, 3).mul(0.4));
        RegressionEvaluation evaluation = new RegressionEvaluation(3);
        evaluation.eval(labels, outputs);
        assertThat(value(Metrics.r2(), VECTORS, labels, outputs)).isCloseTo(evaluation.averageRSquared(), within(1e-5));
        assertThat(value(Metrics.meanAbsoluteError(), VECTORS, labels, outputs))
                .isCloseTo(evaluation.averageMeanAbsoluteError(), within(1e-5));
        assertThat(value(Metrics.rootMeanSquaredError(), VECTORS, labels, outputs))
                .isCloseTo(Math.sqrt(evaluation.averageMeanSquaredError()), within(1e-5));
        // Far from 0, sums in single precision have nothing left of the spread; differences of these values are exact.
        INDArray far = Nd4j.math.round(labels.mul(8)).add(30_000);
        INDArray near = Nd4j.math.round(labels.mul(8));
        INDArray error = Nd4j.math.round(noise(150, 3).mul(2));
        assertThat(value(Metrics.r2(), VECTORS, far, far.add(error)))
                .isCloseTo(value(Metrics.r2(), VECTORS, near, near.add(error)), within(1e-9));
    }

    @Test
    void one_bad_unit_does_not_outweigh_the_others_and_equal_labels_do_not_count() {
        INDArray labels = Nd4j.hstack(noise(50, 1), noise(50, 1), Nd4j.ones(DataType.FLOAT, 50, 1));
        INDArray outputs = Nd4j.hstack(
                labels.getColumn(0, true), labels.getColumn(1, true).add(100), Nd4j.zeros(DataType.FLOAT, 50, 1));
        assertThat(value(Metrics.r2(), VECTORS, labels, outputs)).isCloseTo((1 - 1) / 2.0, within(1e-12));
        assertThat(value(Metrics.r2(), VECTORS, labels.getColumn(1, true), outputs.getColumn(1, true)))
                .isLessThan(-1000);
        assertThat(read(Metrics.r2(), VECTORS, labels.getColumn(2, true), outputs.getColumn(2, true), null)
                        .measured())
                .isFalse();
    }

    @Test
    void class_numbers_tell_the_same_as_one_hot_rows() {
        INDArray labels = oneHot(120, 5);
        INDArray outputs = labels.add(noise(120, 5).mul(0.7));
        INDArray numbers = labels.argMax(1).castTo(DataType.FLOAT).reshape(120, 1);
        for (Metric metric : List.of(Metrics.accuracy(), Metrics.macroF1(), Metrics.f1(2))) {
            assertThat(value(metric, NUMBERED, numbers, outputs))
                    .as(metric.name())
                    .isEqualTo(value(metric, VECTORS, labels, outputs));
        }
    }

    /** Each prediction is a row, wherever units stand and whatever a mask speaks of. */
    @Test
    void steps_and_positions_count_one_by_one_in_either_format_and_with_any_mask() {
        int examples = 6;
        INDArray labels = oneHot(examples * 20, 3).reshape(examples, 4, 5, 3);
        INDArray outputs = labels.add(noise(examples, 4, 5, 3).mul(0.8));
        INDArray mask = answers(examples, 4, 5, 1);
        INDArray rows = labels.reshape(-1, 3);
        INDArray predicted = outputs.reshape(-1, 3);
        int[] kept = IntStream.range(0, examples * 20)
                .filter(i -> mask.getDouble(i) != 0)
                .toArray();
        for (Metric metric : List.of(Metrics.accuracy(), Metrics.macroF1(), Metrics.meanF1(), Metrics.r2())) {
            double all = value(metric, VECTORS, rows, predicted);
            double some = value(metric, VECTORS, pull(rows, kept), pull(predicted, kept));
            INDArray first = labels.permute(0, 3, 1, 2);
            INDArray predictedFirst = outputs.permute(0, 3, 1, 2);
            // Maps.
            assertThat(value(metric, UNITS_LAST, labels, outputs)).isCloseTo(all, within(1e-12));
            assertThat(value(metric, VECTORS, first, predictedFirst)).isCloseTo(all, within(1e-12));
            assertThat(read(metric, UNITS_LAST, labels, outputs, mask).value()).isCloseTo(some, within(1e-12));
            assertThat(read(metric, VECTORS, first, predictedFirst, mask.permute(0, 3, 1, 2))
                            .value())
                    .isCloseTo(some, within(1e-12));
            // Series of 20 steps.
            INDArray steps = labels.reshape(examples, 20, 3);
            INDArray answered = outputs.reshape(examples, 20, 3);
            INDArray stepMask = mask.reshape(examples, 20);
            assertThat(read(metric, UNITS_LAST, steps, answered, stepMask).value())
                    .isCloseTo(some, within(1e-12));
            assertThat(read(metric, VECTORS, steps.permute(0, 2, 1), answered.permute(0, 2, 1), stepMask)
                            .value())
                    .isCloseTo(some, within(1e-12));
            // Whole examples.
            INDArray exampleMask = Nd4j.createFromArray(1f, 0, 1, 0, 0, 1).reshape(6, 1);
            INDArray half = Nd4j.concat(
                    0,
                    IntStream.of(0, 2, 5)
                            .mapToObj(i -> labels.get(NDArrayIndex.interval(i, i + 1)))
                            .toArray(INDArray[]::new));
            INDArray halfPredicted = Nd4j.concat(
                    0,
                    IntStream.of(0, 2, 5)
                            .mapToObj(i -> outputs.get(NDArrayIndex.interval(i, i + 1)))
                            .toArray(INDArray[]::new));
            assertThat(read(metric, UNITS_LAST, labels, outputs, exampleMask).value())
                    .isCloseTo(value(metric, UNITS_LAST, half, halfPredicted), within(1e-12));
        }
    }

    private static INDArray pull(INDArray rows, int[] kept) {
        return rows.dup('c').getRows(kept);
    }

    @Test
    void a_mask_of_single_values_leaves_out_single_values() {
        INDArray labels = answers(40, 2);
        INDArray outputs = labels.add(noise(40, 2).mul(0.5));
        INDArray mask = Nd4j.ones(DataType.FLOAT, 40, 2);
        mask.getColumn(1).assign(0);
        assertThat(read(Metrics.meanF1(), VECTORS, labels, outputs, mask).value())
                .isEqualTo(value(Metrics.f1(), VECTORS, labels.getColumn(0, true), outputs.getColumn(0, true)));
        assertThat(read(Metrics.rootMeanSquaredError(), VECTORS, labels, outputs, mask)
                        .value())
                .isEqualTo(value(
                        Metrics.rootMeanSquaredError(),
                        VECTORS,
                        labels.getColumn(0, true),
                        outputs.getColumn(0, true)));
    }

    @Test
    void how_the_data_is_cut_into_batches_changes_nothing() {
        INDArray labels = answers(64, 1);
        INDArray outputs = labels.add(noise(64, 1));
        for (Metric metric :
                List.of(Metrics.accuracy(), Metrics.f1(), Metrics.auc(), Metrics.r2(), Metrics.meanAbsoluteError())) {
            OutputMeter meter = ((OutputMetric) metric).meter(VECTORS, true);
            for (int[] cut : new int[][] {{0, 5}, {5, 6}, {6, 40}, {40, 64}}) {
                meter.add(
                        labels.get(NDArrayIndex.interval(cut[0], cut[1]), NDArrayIndex.all()),
                        outputs.get(NDArrayIndex.interval(cut[0], cut[1]), NDArrayIndex.all()),
                        null);
            }
            Reading whole = read(metric, VECTORS, labels, outputs, null);
            assertThat(meter.reading().value()).as(metric.name()).isCloseTo(whole.value(), within(1e-9));
            assertThat(meter.reading().standardError())
                    .as(metric.name())
                    .isCloseTo(whole.standardError(), within(1e-9));
        }
    }

    /** The error that is estimated from one sample must be that which many samples show. */
    @Test
    void standard_errors_are_those_that_repeated_samples_show() {
        for (Metric metric : List.of(Metrics.accuracy(), Metrics.f1(), Metrics.auc(), Metrics.r2())) {
            int samples = 150;
            double[] values = new double[samples];
            double estimated = 0;
            for (int i = 0; i < samples; i++) {
                INDArray labels = answers(200, 1);
                Reading reading =
                        read(metric, VECTORS, labels, labels.add(noise(200, 1).mul(0.5)), null);
                values[i] = reading.value();
                estimated += reading.standardError() / samples;
            }
            double mean = IntStream.range(0, samples)
                    .mapToDouble(i -> values[i])
                    .average()
                    .orElseThrow();
            double spread = Math.sqrt(IntStream.range(0, samples)
                            .mapToDouble(i -> (values[i] - mean) * (values[i] - mean))
                            .sum()
                    / (samples - 1));
            assertThat(estimated / spread).as(metric.name()).isBetween(0.75, 1.3);
        }
    }

    @Test
    void what_the_labels_leave_undefined_is_not_measured() {
        INDArray none = Nd4j.zeros(DataType.FLOAT, 10, 1);
        for (Metric metric : List.of(Metrics.f1(), Metrics.meanF1(), Metrics.auc(), Metrics.r2(), Metrics.pooledR2())) {
            assertThat(read(metric, VECTORS, none, noise(10, 1), null).measured())
                    .as(metric.name())
                    .isFalse();
        }
    }

    @Test
    void the_area_under_the_curve_of_several_classes_is_refused() {
        assertThatThrownBy(() -> value(Metrics.auc(), VECTORS, oneHot(5, 3), noise(5, 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3 units")
                .hasMessageContaining("macroF1");
    }
}
