package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.growingnn.dl4j.TaskData.other;
import static org.growingnn.dl4j.TaskData.quantity;
import static org.growingnn.dl4j.TaskData.third;
import static org.growingnn.dl4j.TaskData.vectors;
import static org.growingnn.dl4j.TaskData.yes;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.growingnn.dl4j.Measure.Axes;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.metric.MetricChoice;
import org.growingnn.dl4j.metric.Metrics;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.run.Outcome;
import org.growingnn.dl4j.run.RunEvent;
import org.growingnn.dl4j.testing.Batches;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;

/** Runs with the defaults, on every kind of task that a network can be for. */
class TasksTest {

    private static final double FLOOR = 0.015;
    private static final double LOSS_FLOOR = 0.05;

    private static Stream<Task> numbers() {
        Task.Data unit = vectors(x -> new double[] {1 / (1 + Math.exp(-2 * quantity(x)))});
        Task one = Task.of(
                "a number from 0 to 1 by sigmoid",
                "R²",
                TaskModels.dense(1, Activation.SIGMOID, LossFunction.MSE),
                unit,
                Measure.share(Measure::meanR2));
        return Stream.of(
                one,
                Task.of(
                        "a number from 0 to 1 by identity",
                        "R²",
                        TaskModels.dense(1, Activation.IDENTITY, LossFunction.MSE),
                        unit,
                        Measure.share(Measure::meanR2)),
                Task.of(
                                "numbers of three levels",
                                "R²",
                                TaskModels.atLevels(0, 100, 10_000),
                                vectors(x -> new double[] {quantity(x), 100 + other(x), 10_000 + 3 * third(x)}),
                                Measure.share(Measure::meanR2))
                        .epochs(15),
                Task.of(
                        "the next value of a series",
                        "R²",
                        TaskModels.recurrent(1, 1, Activation.IDENTITY, LossFunction.MSE, RNNFormat.NCW),
                        TaskData::waves,
                        Measure.share(Measure::meanR2)),
                Task.of(
                                "grey values again",
                                "pooled R²",
                                TaskModels.autoencoder(Activation.IDENTITY, LossFunction.MSE),
                                TaskData::greys,
                                Measure.share(Measure::pooledR2))
                        .examples(800),
                Task.of(
                                "grey values again by cross entropy",
                                "pooled R²",
                                TaskModels.autoencoder(Activation.SIGMOID, LossFunction.XENT),
                                TaskData::greys,
                                Measure.share(Measure::pooledR2))
                        .examples(800),
                one.with("without refit", run -> run.projection(Projections.selection(Criteria.taylor()))),
                one.with("graded on held-out examples", run -> run.gradeOnHeldOut(true)));
    }

    private static Stream<Task> questions() {
        Task margin = Task.of(
                "a margin by tanh",
                "F1",
                TaskModels.dense(1, Activation.TANH, LossFunction.HINGE),
                vectors(x -> new double[] {2 * yes(TaskData::quantity, 0, x) - 1}),
                Measure.share(Measure.meanF1(0)));
        Task several = Task.of(
                "five questions",
                "mean F1",
                TaskModels.dense(5, Activation.SIGMOID, LossFunction.XENT),
                vectors(x -> new double[] {
                    yes(TaskData::quantity, 0, x),
                    yes(TaskData::other, 0, x),
                    yes(TaskData::third, 0.5, x),
                    yes(TaskData::quantity, 0.8, x),
                    yes(TaskData::other, 1, x)
                }),
                Measure.share(Measure.meanF1(0.5)));
        Task rare = Task.of(
                        "a rare yes",
                        "AUC",
                        TaskModels.dense(1, Activation.SIGMOID, LossFunction.XENT),
                        vectors(x -> new double[] {yes(TaskData::quantity, 1.35, x)}),
                        Measure.share(Measure::areaUnderCurve))
                .examples(2000);
        Task rarest = Task.of(
                        "a very rare yes",
                        "AUC",
                        TaskModels.dense(1, Activation.SIGMOID, LossFunction.XENT),
                        vectors(x -> new double[] {yes(TaskData::quantity, 1.68, x)}),
                        Measure.share(Measure::areaUnderCurve))
                .examples(2000);
        return Stream.of(
                margin,
                Task.of(
                                "a margin by identity",
                                "F1",
                                TaskModels.dense(1, Activation.IDENTITY, LossFunction.HINGE),
                                margin.data(),
                                Measure.share(Measure.meanF1(0)))
                        .with(
                                "validation data of its own",
                                run -> run.validation(new Batches(margin.data().draw(500, 3), 100))),
                several.with(
                        "validation data of its own",
                        run -> run.validation(new Batches(several.data().draw(500, 3), 100))),
                rare,
                rarest,
                rarest.with("all actions", run -> run.actions(Actions.all())),
                several.with("graded on held-out examples", run -> run.gradeOnHeldOut(true)),
                Task.of(
                                "yes or no at every position",
                                "F1",
                                TaskModels.segmentation(CNN2DFormat.NCHW),
                                TaskData.squares(false),
                                Measure.share(Measure.meanF1(0.5)))
                        .examples(200),
                Task.of(
                                "yes or no at every position, channels last",
                                "F1",
                                TaskModels.segmentation(CNN2DFormat.NHWC),
                                TaskData.squares(true),
                                Measure.shares(Axes.UNITS_LAST, List.of(Measure.meanF1(0.5))))
                        .examples(200));
    }

    private static Stream<Task> classes() {
        Task.Data rare =
                vectors(x -> TaskData.oneHot(quantity(x) > 1.5 ? 3 : other(x) > 1.4 ? 2 : other(x) > 0 ? 1 : 0, 4));
        Task threeWays = Task.of(
                "three classes",
                "accuracy",
                TaskModels.dense(3, Activation.SOFTMAX, LossFunction.MCXENT),
                vectors(x -> TaskData.oneHot(TaskData.threeWays(x), 3)),
                Measure.share(Measure::accuracy));
        Task tagged = Task.of(
                        "a class for each step",
                        "accuracy",
                        TaskModels.recurrent(4, 3, Activation.SOFTMAX, LossFunction.MCXENT, RNNFormat.NCW),
                        TaskData.tagged(false),
                        Measure.share(Measure::accuracy))
                .examples(400);
        return Stream.of(
                Task.of(
                        "class numbers",
                        "accuracy",
                        TaskModels.dense(3, Activation.SOFTMAX, new LossSparseMCXENT()),
                        vectors(x -> new double[] {TaskData.threeWays(x)}),
                        Measure.share(Measure::accuracy)),
                Task.of(
                                "rare classes",
                                "macro F1",
                                TaskModels.dense(4, Activation.SOFTMAX, LossFunction.MCXENT),
                                rare,
                                Measure.share(Measure::macroF1))
                        .examples(1500)
                        .generations(3),
                tagged,
                Task.of(
                        "a class for each step, units last",
                        "accuracy",
                        TaskModels.recurrent(4, 3, Activation.SOFTMAX, LossFunction.MCXENT, RNNFormat.NWC),
                        TaskData.tagged(true),
                        Measure.shares(Axes.UNITS_LAST, List.of(Measure::accuracy))),
                Task.of(
                        "classes behind an encoder",
                        "accuracy",
                        TaskModels.behindEncoder(threeWays.data().draw(500, 3)),
                        threeWays.data(),
                        Measure.share(Measure::accuracy)),
                Task.of(
                        "a class for each step that the features have",
                        "accuracy",
                        tagged.model(),
                        (examples, seed) -> {
                            MultiDataSet masked = tagged.data().draw(examples, seed);
                            masked.setLabelsMaskArray(null);
                            return masked;
                        },
                        Measure.share(Measure::accuracy)),
                tagged.with(
                        "distilled and graded on held-out examples",
                        run -> run.distillation(2, 0.5).gradeOnHeldOut(true)),
                Task.of(
                                "a class of two series",
                                "accuracy",
                                TaskModels::twoSeries,
                                TaskData::twoSeries,
                                Measure.share(Measure::accuracy))
                        .generations(6));
    }

    private static Stream<Task> several() {
        Task both = Task.of(
                        "a class and a number",
                        "accuracy of 'first', R² of 'second'",
                        TaskModels.twoOutputs(TaskModels.classes(3), TaskModels.number()),
                        vectors(x -> TaskData.oneHot(TaskData.threeWays(x), 3), x -> new double[] {third(x)}),
                        Measure.shares(Axes.UNITS_FIRST, List.of(Measure::accuracy, Measure::meanR2)))
                .generations(6);
        return Stream.of(
                both,
                both.with("graded on held-out examples", run -> run.gradeOnHeldOut(true)),
                Task.of(
                                "two classes",
                                "accuracy",
                                TaskModels.twoOutputs(TaskModels.classes(3), TaskModels.classes(2)),
                                vectors(
                                        x -> TaskData.oneHot(TaskData.threeWays(x), 3),
                                        x -> TaskData.oneHot(third(x) > 0 ? 1 : 0, 2)),
                                Measure.shares(Axes.UNITS_FIRST, List.of(Measure::accuracy, Measure::accuracy)))
                        .generations(6));
    }

    private static Stream<Task> ofTheUsers() {
        Task threeWays = Task.of(
                "three classes",
                "",
                TaskModels.dense(3, Activation.SOFTMAX, LossFunction.MCXENT),
                vectors(x -> TaskData.oneHot(TaskData.threeWays(x), 3)),
                Measure.share(Measure::accuracy));
        Task boxes = Task.of("boxes", "loss", TaskModels::detector, TaskData::boxes, Measure.ownLoss())
                .examples(300)
                .noise(0.1)
                .least(10);
        return Stream.of(
                boxes,
                threeWays
                        .with(
                                "an evaluation of the user's own",
                                run -> run.metric(Metrics.of(Evaluation::new, Evaluation::accuracy)))
                        .judgedBy("evaluation"),
                new Task(
                        "three classes, a calculator",
                        "validation loss",
                        threeWays.model(),
                        threeWays.data(),
                        Measure.ownLoss(),
                        1000,
                        8,
                        0.5,
                        0.1,
                        run -> run.generations(12)
                                .metric(Metrics.of(
                                        "validation loss", iterator -> new DataSetLossCalculator(iterator, true)))));
    }

    /** Of each kind of task one, small enough for every build. */
    private static final Set<String> EVERYDAY = Set.of(
            "a number from 0 to 1 by sigmoid",
            "numbers of three levels",
            "a margin by tanh",
            "five questions, validation data of its own",
            "a very rare yes",
            "class numbers",
            "rare classes",
            "a class for each step",
            "a class and a number",
            "three classes, an evaluation of the user's own");

    private static Stream<Task> all() {
        return Stream.of(numbers(), questions(), classes(), several(), ofTheUsers())
                .flatMap(tasks -> tasks);
    }

    private static Stream<Task> everyday() {
        return all().filter(task -> EVERYDAY.contains(task.name()));
    }

    private static Stream<Task> further() {
        return all().filter(task -> !EVERYDAY.contains(task.name()));
    }

    @ParameterizedTest
    @MethodSource("everyday")
    void a_run_keeps_what_the_task_asks_for_with_fewer_parameters(Task task) {
        assertKept(task);
    }

    /** The same of larger models, other formats and several features at once, which takes as long as half of all other tests. */
    @Tag("long")
    @ParameterizedTest
    @MethodSource("further")
    void a_run_of_any_other_kind_does_so_too(Task task) {
        assertKept(task);
    }

    private static void assertKept(Task task) {
        Model model = task.trained();
        double[] before = task.measure().of().of(model, task.test());
        List<MetricChoice> chosen = new ArrayList<>();
        OptimizationResult result = task.settings()
                .apply(StructureOptimizer.builder()
                        .train(task.training())
                        .generations(3)
                        .seed(7)
                        .listener(event -> {
                            if (event instanceof RunEvent.RunStarted started) {
                                chosen.add(started.metric());
                            }
                        }))
                .build()
                .optimize(model);
        double[] after = task.measure().of().of(result.graph(), task.test());
        assertThat(result.status()).isEqualTo(Outcome.Status.FINISHED);
        assertThat(chosen).extracting(choice -> choice.metric().name()).containsExactly(task.metric());
        assertThat(result.parameters()).isLessThan(result.initialParameters());
        for (int i = 0; i < before.length; i++) {
            if (task.measure().loss()) {
                assertThat(before[i]).isLessThan(task.least());
                assertThat(after[i]).isLessThan(before[i] * (1 + LOSS_FLOOR + task.noise()));
            } else {
                assertThat(before[i]).isGreaterThan(task.least());
                assertThat(after[i]).isGreaterThan(before[i] - FLOOR - task.noise());
            }
        }
    }

    @Test
    void distillation_of_numbers_is_refused_before_anything_is_trained() {
        Task task = numbers().toList().get(0);
        StructureOptimizer optimizer = StructureOptimizer.builder()
                .train(task.training())
                .distillation(2, 0.5)
                .build();
        Model model = task.model().get();
        assertThatThrownBy(() -> optimizer.optimize(model))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no class probabilities")
                .hasMessageContaining("Maybe leave distillation out?");
    }
}
