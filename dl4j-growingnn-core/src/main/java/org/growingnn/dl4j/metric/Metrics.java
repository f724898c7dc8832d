package org.growingnn.dl4j.metric;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.value.Ranges;
import org.nd4j.evaluation.IEvaluation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/**
 * The metrics of the library, and metrics made of DL4J's evaluations. Steps of series and positions of maps count one by one, in either
 * data format; what masks exclude does not count. Labels may be one-hot rows, probabilities, class numbers, 0 and 1, or −1 and 1.
 */
public final class Metrics {

    private Metrics() {}

    /**
     * Chooses by outputs and labels: {@link MetricChoice} says how.
     *
     * @return the metric
     */
    public static Metric automatic() {
        return new Automatic();
    }

    /**
     * The share of correct predictions.
     *
     * @return the metric
     */
    public static Metric accuracy() {
        return new Accuracy();
    }

    /**
     * The mean over the classes that occur of their F1, {@code 2 · right / (predicted + actual)}: rare classes count like frequent ones.
     *
     * @return the metric
     */
    public static Metric macroF1() {
        return new MacroF1();
    }

    /**
     * F1 of the class 1: of "yes" where one unit answers a question.
     *
     * @return the metric
     */
    public static Metric f1() {
        return f1(1);
    }

    /**
     * F1 of one class, {@code 2 · right / (predicted + actual)}.
     *
     * @param positive the class's number, from 0; where one unit answers a question, 0 is no and 1 is yes
     * @return the metric
     */
    public static Metric f1(int positive) {
        return new F1(positive);
    }

    /**
     * The mean F1 of several questions, each answered by a unit of its own, over those that some label answers with yes.
     *
     * @return the metric
     */
    public static Metric meanF1() {
        return new MeanF1();
    }

    /**
     * The area under the exact ROC curve of a question that one unit answers, or the second of two.
     *
     * @return the metric
     */
    public static Metric auc() {
        return new Auc();
    }

    /**
     * The coefficient of determination, {@code R² = 1 − Σ (prediction − label)² / Σ (label − mean)²}. Of several units it is the mean,
     * in which none counts below −1, and those whose labels are all equal do not count.
     *
     * @return the metric
     */
    public static Metric r2() {
        return new R2(false);
    }

    /**
     * R² with the sums of the formula taken over all units: for images and other signals whose units are of one kind.
     *
     * @return the metric
     */
    public static Metric pooledR2() {
        return new R2(true);
    }

    /**
     * The mean distance between prediction and label, over all units.
     *
     * @return the metric
     */
    public static Metric meanAbsoluteError() {
        return new MeanAbsoluteError();
    }

    /**
     * The root of the mean squared distance between prediction and label, over all units.
     *
     * @return the metric
     */
    public static Metric rootMeanSquaredError() {
        return new RootMeanSquaredError();
    }

    /**
     * The model's own loss per prediction without penalties on weights, compared with that of the model that the run started from: for
     * whatever has no better measure.
     *
     * @return the metric
     */
    public static Metric loss() {
        return new Loss();
    }

    /**
     * Makes a metric of any DL4J evaluation. It gets labels, predictions and masks in the shapes that the model has.
     *
     * @param name for people
     * @param evaluation makes a new evaluation, which the metric then owns
     * @param value reads the evaluation
     * @param scale which values are better
     * @param <T> the evaluation's class
     * @return the metric
     */
    public static <T extends IEvaluation<?>> Metric of(
            String name, Supplier<T> evaluation, ToDoubleFunction<T> value, Scale scale) {
        return new EvaluationMetric<>(name, evaluation, value, scale);
    }

    /**
     * Makes a metric of any DL4J evaluation whose values are shares: at most 1, higher is better.
     *
     * @param evaluation makes a new evaluation, which the metric then owns
     * @param value reads the evaluation
     * @param <T> the evaluation's class
     * @return the metric
     */
    public static <T extends IEvaluation<?>> Metric of(Supplier<T> evaluation, ToDoubleFunction<T> value) {
        return of("evaluation", evaluation, value, Scale.SHARE);
    }

    /**
     * Makes a metric of one of DL4J's calculators for early stopping. Its own direction tells whether lower is better.
     *
     * @param name for people
     * @param calculator makes a calculator of the data that a model is to be measured on
     * @return the metric
     */
    public static Metric of(
            String name,
            Function<MultiDataSetIterator, ? extends ScoreCalculator<? super ComputationGraph>> calculator) {
        return new CalculatorMetric(name, calculator);
    }

    /**
     * Gives outputs metrics of their own.
     *
     * @param outputs the outputs that count
     * @return the metric: its goodness is the weighted mean, its drop that of the worst output
     */
    public static Metric forOutputs(ForOutput... outputs) {
        return new ForOutputs(List.of(outputs));
    }

    /** Stands for the one that outputs and labels ask for. */
    public record Automatic() implements Metric {

        @Override
        public String name() {
            return "automatic";
        }

        @Override
        public Meter meter(Pass pass) {
            throw new IllegalStateException("An automatic metric must be chosen before it can measure.\n"
                    + "Maybe use MetricChoice.of(...).metric()?");
        }
    }

    /** The share of correct predictions. */
    public record Accuracy() implements CountedMetric {

        @Override
        public String name() {
            return "accuracy";
        }

        @Override
        public Counter counter(OutputTask task) {
            return new ClassCounter(ClassCounter.Kind.ACCURACY, task.threshold(), 1);
        }
    }

    /** The mean over the classes that occur of their F1. */
    public record MacroF1() implements CountedMetric {

        @Override
        public String name() {
            return "macro F1";
        }

        @Override
        public Counter counter(OutputTask task) {
            return new ClassCounter(ClassCounter.Kind.MACRO_F1, task.threshold(), 1);
        }
    }

    /**
     * F1 of one class.
     *
     * @param positive the class's number, from 0
     */
    public record F1(int positive) implements CountedMetric {

        /**
         * Checks the range.
         *
         * @param positive the class's number
         */
        public F1 {
            Ranges.requireAtLeast("positive", positive, 0);
        }

        @Override
        public String name() {
            return positive == 1 ? "F1" : "F1 of class " + positive;
        }

        @Override
        public Counter counter(OutputTask task) {
            return new ClassCounter(ClassCounter.Kind.F1, task.threshold(), positive);
        }
    }

    /** The mean F1 of several questions. */
    public record MeanF1() implements CountedMetric {

        @Override
        public String name() {
            return "mean F1";
        }

        @Override
        public Counter counter(OutputTask task) {
            return new QuestionCounter(task.threshold());
        }
    }

    /** The area under the ROC curve. */
    public record Auc() implements CountedMetric {

        @Override
        public String name() {
            return "AUC";
        }

        @Override
        public Counter counter(OutputTask task) {
            return new AreaCounter(task.threshold());
        }
    }

    /**
     * The coefficient of determination.
     *
     * @param pooled whether sums are taken over all units rather than a mean over units
     */
    public record R2(boolean pooled) implements CountedMetric {

        @Override
        public String name() {
            return pooled ? "pooled R²" : "R²";
        }

        @Override
        public Counter counter(OutputTask task) {
            return new NumberCounter(pooled ? NumberCounter.Kind.POOLED_R2 : NumberCounter.Kind.R2);
        }
    }

    /** The mean distance between prediction and label. */
    public record MeanAbsoluteError() implements CountedMetric {

        @Override
        public String name() {
            return "mean absolute error";
        }

        @Override
        public Counter counter(OutputTask task) {
            return new NumberCounter(NumberCounter.Kind.MAE);
        }

        @Override
        public Scale scale() {
            return Scale.LOWER;
        }
    }

    /** The root of the mean squared distance between prediction and label. */
    public record RootMeanSquaredError() implements CountedMetric {

        @Override
        public String name() {
            return "root mean squared error";
        }

        @Override
        public Counter counter(OutputTask task) {
            return new NumberCounter(NumberCounter.Kind.RMSE);
        }

        @Override
        public Scale scale() {
            return Scale.LOWER;
        }
    }

    /** The model's own loss. */
    public record Loss() implements Metric {

        @Override
        public String name() {
            return "loss";
        }

        @Override
        public boolean needsLoss() {
            return true;
        }

        @Override
        public Meter meter(Pass pass) {
            return new Meter() {

                @Override
                public void add(MultiDataSet batch, INDArray[] outputs) {
                    // Whoever measures adds up the loss.
                }

                @Override
                public Reading reading(double loss, double lossError) {
                    return Reading.of(loss, lossError, Scale.LOWER);
                }
            };
        }
    }

    /**
     * A metric of one output, and how much the output counts.
     *
     * @param output the output's name
     * @param metric accuracy, F1, AUC, R², an error or an evaluation
     * @param weight in means over outputs, finite and &gt; 0
     */
    public record ForOutput(String output, Metric metric, double weight) implements Serializable {

        /**
         * Checks the metric and the range.
         *
         * @param output the output's name
         * @param metric the metric
         * @param weight in means over outputs
         */
        public ForOutput {
            Objects.requireNonNull(output, "output");
            Ranges.require(
                    Objects.requireNonNull(metric, "metric") instanceof OutputMetric,
                    "metric of the output '" + output + "'",
                    metric.name(),
                    "one of a single output");
            Ranges.require(
                    weight > 0 && weight < Double.POSITIVE_INFINITY,
                    "weight",
                    weight,
                    "finite and greater than 0",
                    "1");
        }
    }

    /**
     * Outputs with metrics of their own.
     *
     * @param outputs the outputs that count, at least one
     */
    public record ForOutputs(List<ForOutput> outputs) implements Metric {

        /**
         * Copies the list.
         *
         * @param outputs the outputs that count
         */
        public ForOutputs {
            Ranges.requireItems("outputs", outputs);
            outputs = List.copyOf(outputs);
            Ranges.require(!outputs.isEmpty(), "outputs", outputs, "at least one");
        }

        @Override
        public String name() {
            return outputs.stream()
                    .map(output -> output.metric.name() + " of '" + output.output + "'")
                    .collect(Collectors.joining(", "));
        }

        @Override
        public Meter meter(Pass pass) {
            List<String> all = pass.network().outputs();
            return new OutputMetric.Outputs(
                    outputs.stream()
                            .map(output -> new OutputMetric.Output(
                                    output.output,
                                    output.weight,
                                    ((OutputMetric) output.metric)
                                            .meter(OutputTask.of(pass.network(), output.output), pass.errors())))
                            .toList(),
                    all);
        }
    }
}
