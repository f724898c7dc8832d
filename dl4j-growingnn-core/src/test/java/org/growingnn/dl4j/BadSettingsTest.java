package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.LayerActions;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.run.RunSettings;
import org.growingnn.dl4j.run.SimulationScheduler;
import org.growingnn.dl4j.run.Stopper;
import org.growingnn.dl4j.run.Stoppers;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.score.ScoreTerms;
import org.growingnn.dl4j.search.GreedySearch;
import org.growingnn.dl4j.search.MonteCarloTreeSearch;
import org.growingnn.dl4j.search.RandomSearch;
import org.growingnn.dl4j.search.SearchStrategy;
import org.growingnn.dl4j.training.Distillation;
import org.growingnn.dl4j.training.LearningRateSchedule;
import org.growingnn.dl4j.training.SimulationSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Settings that make no sense are refused where they are made, by name, value and range; what has no effect is warned about. */
class BadSettingsTest {

    private static final double NAN = Double.NaN;
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    /**
     * A value that must be refused.
     *
     * @param setting what the message must call it
     * @param value how the message must show the value
     * @param call gives the value to the setting
     */
    private record Bad(String setting, String value, Runnable call) {

        @Override
        public String toString() {
            return setting + " " + value;
        }
    }

    private static StructureOptimizer.Builder builder() {
        return StructureOptimizer.builder();
    }

    private static void ints(List<Bad> all, String setting, IntConsumer use, int... values) {
        for (int value : values) {
            all.add(new Bad(setting, "(" + value + ")", () -> use.accept(value)));
        }
    }

    private static void longs(List<Bad> all, String setting, LongConsumer use, long... values) {
        for (long value : values) {
            all.add(new Bad(setting, "(" + value + ")", () -> use.accept(value)));
        }
    }

    private static void doubles(List<Bad> all, String setting, DoubleConsumer use, double... values) {
        for (double value : values) {
            all.add(new Bad(setting, "(" + value + ")", () -> use.accept(value)));
        }
    }

    static Stream<Bad> bad() {
        List<Bad> all = new ArrayList<>();
        int least = Integer.MIN_VALUE;
        ints(all, "generations", n -> builder().generations(n), 0, -1, least);
        ints(all, "workers", n -> builder().workers(n), 0, -1, least);
        ints(all, "paretoCapacity", n -> builder().paretoCapacity(n), 1, 0, -1, least);
        ints(all, "initialEpochs", n -> builder().initialEpochs(n), -1, least);
        ints(all, "epochsPerGeneration", n -> builder().epochsPerGeneration(n), -1, least);
        ints(all, "recoveryEpochs", n -> builder().recoveryEpochs(n), -1, least);
        ints(all, "fineTuneEpochs", n -> builder().fineTuneEpochs(n), -1, least);
        ints(all, "batchesPerEpoch", n -> builder().batchesPerEpoch(n), 0, -1, least);
        ints(all, "trainMetricSamples", n -> builder().trainMetricSamples(n), 0, -1, least);
        ints(all, "calibrationExamples", n -> builder().calibrationExamples(n), 0, -1, least);
        longs(all, "calibrationMemory", n -> builder().calibrationMemory(n), 0, -1, Long.MIN_VALUE);
        doubles(all, "holdOutShare", x -> builder().holdOut(x), 0, -0.1, 0.51, 1, NAN, INFINITY, -INFINITY);
        doubles(all, "accuracyFloor", x -> builder().accuracyFloor(x), -0.1, 1.1, 95, NAN, INFINITY, -INFINITY);
        doubles(all, "maxDrop", x -> builder().maxDrop(x), -0.1, 1.1, 2, NAN, INFINITY, -INFINITY);
        doubles(
                all,
                "learningRate",
                x -> builder().learningRate(x),
                0,
                -1,
                1e-300,
                Double.MIN_VALUE,
                1e-9,
                Double.MAX_VALUE,
                NAN,
                INFINITY);
        doubles(
                all,
                "temperature",
                x -> builder().distillation(x, 0.5),
                0.9,
                0,
                -1,
                101,
                Double.MAX_VALUE,
                NAN,
                INFINITY,
                -INFINITY);
        doubles(all, "weight", x -> builder().distillation(2, x), 0, -0.5, 1.1, NAN, INFINITY);
        for (double factor : new double[] {NAN, -1, INFINITY, -INFINITY}) {
            all.add(new Bad("factor", "(" + factor + ")", () -> builder().learningRateSchedule(progress -> factor)));
            all.add(new Bad(
                    "factor",
                    "(" + factor + ")",
                    () -> builder().learningRateSchedule(progress -> progress > 0.9 ? factor : 1)));
        }
        all.add(new Bad("schedule", "all be 0", () -> builder().learningRateSchedule(progress -> 0)));
        doubles(all, "steepness", LearningRateSchedule::progressive, 0, 1, -1, 2, NAN, INFINITY);
        doubles(all, "steepness", LearningRateSchedule::progressiveParabolic, 0, 1, -1, 2, NAN, INFINITY);
        doubles(all, "delta", SimulationScheduler::progressCheck, -0.1, 1.5, NAN, INFINITY);
        ints(all, "window", SimulationScheduler::overfitCheck, 1, 0, -3);
        doubles(all, "accuracy", Stoppers::accuracy, -0.1, 1.1, 95, NAN, INFINITY);
        doubles(all, "reduction", Stoppers::reduction, -0.1, 1.1, 85, NAN, INFINITY);
        doubles(all, "accuracy", x -> Stoppers.accuracyAndReduction(x, 0.5), 95, NAN);
        doubles(all, "reduction", x -> Stoppers.accuracyAndReduction(0.5, x), 95, NAN);
        ints(all, "generations", Stoppers::noImprovement, 0, -1, least);
        for (Duration limit :
                List.of(Duration.ZERO, Duration.ofNanos(1), Duration.ofNanos(999_999), Duration.ofSeconds(-1))) {
            all.add(new Bad("time limit", "(" + limit + ")", () -> Stoppers.time(limit)));
        }
        doubles(all, "accuracy", Score::accuracy, -1, NAN, INFINITY);
        doubles(all, "loss", x -> Score.accuracy(1).loss(x), -1, NAN, INFINITY);
        doubles(all, "likelihood", x -> Score.accuracy(1).likelihood(x), -1, NAN, INFINITY);
        doubles(all, "parameters", x -> Score.accuracy(1).parameters(x), -1, NAN, INFINITY);
        doubles(all, "relative parameters", x -> Score.accuracy(1).relativeParameters(x), -1, NAN, INFINITY);
        doubles(all, "compression", x -> Score.accuracy(1).compression(x), -1, NAN, INFINITY);
        doubles(all, "macs", x -> Score.accuracy(1).macs(x), -1, NAN, INFINITY);
        doubles(all, "beta", x -> Score.accuracy(1).parameters(1, x), 0, -1, NAN, INFINITY);
        all.add(new Bad(
                "sum of the score's weights",
                "(Infinity)",
                () -> Score.accuracy(Double.MAX_VALUE).loss(Double.MAX_VALUE)));
        all.add(new Bad(
                "sum of the score's weights",
                "(0.0)",
                () -> builder().score(Score.accuracy(0).loss(0))));
        all.add(new Bad("weight", "(-1.0)", () -> builder().paper(-1)));
        actions(all);
        ints(all, "samples", n -> new SimulationSettings(n, 0.5, 1, 10), 1, 0, -1);
        ints(all, "samples", SimulationSettings::untrained, 1, 0, -1);
        doubles(all, "gradingShare", x -> new SimulationSettings(100, x, 1, 10), -0.1, 1, 2, NAN, INFINITY);
        ints(all, "epochs", n -> new SimulationSettings(100, 0.5, n, 10), -1, least);
        ints(all, "batchSize", n -> new SimulationSettings(100, 0.5, 1, n), 0, -1);
        ints(all, "maxEvaluations", n -> GreedySearch.create().maxEvaluations(n), 0, -1);
        doubles(all, "tieMargin", x -> GreedySearch.create().tieMargin(x), -1, NAN, INFINITY);
        return all.stream();
    }

    private static void actions(List<Bad> all) {
        doubles(all, "ratio", x -> Actions.neurons().remove(0.5, x), 0, 1, -0.5, 7, NAN, INFINITY);
        doubles(all, "ratio", x -> Actions.neurons().add(2, x), 1, 0.5, -2, 101, NAN, INFINITY);
        doubles(all, "ratio", x -> Actions.inputs().remove(x), 0, 1, -0.5, NAN, INFINITY);
        doubles(all, "ratio", x -> Actions.global().remove(x), 0, 1, -0.5, NAN, INFINITY);
        ints(all, "minimum", n -> Actions.neurons().minimum(n), 0, -1);
        ints(all, "minimum", n -> Actions.inputs().minimum(n), 0, -1);
        ints(all, "minimum", n -> Actions.global().minimum(n), 0, -1);
        longs(all, "maximumParameters", n -> Actions.layers().maximumParameters(n), 0, -1, Long.MIN_VALUE);
        longs(all, "maximumMacs", n -> Actions.layers().maximumMacs(n), 0, -1, Long.MIN_VALUE);
        ints(all, "maximumDepth", n -> Actions.layers().maximumDepth(n), 0, -1, Integer.MIN_VALUE);
        all.add(new Bad(
                "removals and additions",
                "nothing to search",
                () -> Actions.neurons().remove().add()));
        all.add(new Bad("removals", "nothing to search", () -> Actions.inputs().remove()));
        all.add(new Bad("removals", "nothing to search", () -> Actions.global().remove()));
        all.add(new Bad("kinds", "nothing to search", () -> Actions.layers().only()));
        all.add(new Bad("starts", "at least one", () -> Actions.layers().residualStarts()));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void values_out_of_range_are_refused_by_name_value_and_range(Bad bad) {
        assertThatThrownBy(bad.call::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(bad.setting)
                .hasMessageContaining(bad.value)
                .hasMessageContaining("must");
    }

    @Test
    void hundreds_of_bad_values_are_tried() {
        assertThat(bad().count()).isGreaterThan(200);
    }

    @Test
    void missing_arguments_are_named() {
        record Missing(String name, Runnable call) {}
        for (Missing missing : List.of(
                new Missing("score", () -> builder().score(null)),
                new Missing("strategy", () -> builder().search(null)),
                new Missing("actions", () -> builder().actions(null)),
                new Missing("projection", () -> builder().projection(null)),
                new Missing("scheduler", () -> builder().simulateWhen(null)),
                new Missing("stopper", () -> builder().stopWhen(null)),
                new Missing("schedule", () -> builder().learningRateSchedule(null)),
                new Missing("simulation", () -> builder().simulation(null)),
                new Missing("settings", () -> builder().settings(null)),
                new Missing("listener", () -> builder().listener(null)),
                new Missing("limit", () -> Stoppers.time(null)),
                new Missing("other", () -> Stoppers.never().and(null)),
                new Missing("other", () -> Stoppers.never().or(null)),
                new Missing("other", () -> Actions.neurons().and(null)),
                new Missing("layers", () -> Actions.neurons().exclude((String[]) null)),
                new Missing("excluded", () -> Actions.neurons().exclude((String) null)),
                new Missing("ratios", () -> Actions.neurons().remove((double[]) null)),
                new Missing("rewiring", () -> Actions.layers().rewiring(null)),
                new Missing("kinds", () -> Actions.layers().only((LayerActions.Kind) null)),
                new Missing("term", () -> Score.of(null, 1)),
                new Missing("term", () -> Score.accuracy(1).and(null, 1)),
                new Missing("json", () -> RunSettings.fromJson(null)))) {
            assertThatThrownBy(missing.call::run)
                    .as(missing.name)
                    .isInstanceOf(NullPointerException.class)
                    .hasMessageContaining(missing.name);
        }
    }

    @Test
    void a_schedule_that_goes_wrong_between_the_values_tried_out_is_refused_when_it_is_used() {
        LearningRateSchedule wrong = progress -> progress == 0.123456 ? NAN : 1;
        LearningRateSchedule.require(wrong);
        assertThatThrownBy(() -> wrong.checkedFactor(0.123456))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("NaN")
                .hasMessageContaining("0.123456");
    }

    @Test
    void settings_that_contradict_each_other_are_refused_when_the_optimiser_is_built() {
        StructureOptimizer.Builder held = builder()
                .train(TestData.clouds(60, 20, 1))
                .validation(TestData.clouds(60, 20, 2))
                .holdOut(0.1);
        assertThatThrownBy(held::build)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("holdOutShare (0.1)")
                .hasMessageContaining("validation");
        Stopper timed = Stoppers.reduction(0.5).or(Stoppers.time(Duration.ofHours(1)));
        SearchStrategy fast = GreedySearch.create().timeLimit(Duration.ofSeconds(1));
        for (StructureOptimizer.Builder builder : List.of(
                builder().deterministic().stopWhen(timed),
                builder().deterministic().search(fast),
                builder().search(fast).deterministic())) {
            assertThatThrownBy(builder.train(TestData.clouds(60, 20, 1))::build)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("time")
                    .hasMessageContaining("deterministic");
        }
        assertThatThrownBy(() -> RunSettings.fromJson(
                        "{\"deterministic\": true, \"stopper\": {\"type\": \"time\", \"limit\": \"PT1H\"}}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("deterministic");
        assertThat(builder().train(TestData.clouds(60, 20, 1)).stopWhen(timed).build())
                .isNotNull();
    }

    private static List<String> warnings(StructureOptimizer.Builder builder) {
        return builder.settings().warnings();
    }

    @Test
    void settings_without_effect_are_warned_about() {
        assertThat(warnings(builder())).isEmpty();
        assertThat(warnings(builder().paper(4))).isEmpty();
        StructureOptimizer.Builder untrained = builder()
                .epochsPerGeneration(0)
                .recoveryEpochs(0)
                .distillation(2, 0.5)
                .batchesPerEpoch(3)
                .learningRate(0.5)
                .learningRateSchedule(LearningRateSchedule.constant())
                .simulation(SimulationSettings.untrained(100));
        assertThat(warnings(untrained))
                .hasSize(4)
                .anyMatch(text -> text.contains("training.distillation") && text.contains("temperature=2.0"))
                .anyMatch(text -> text.contains("training.batchesPerEpoch (3)"))
                .anyMatch(text -> text.contains("training.learningRate (0.5)"))
                .anyMatch(text -> text.contains("training.schedule (Constant"));
        assertThat(warnings(untrained.fineTuneEpochs(1))).isEmpty();
        assertThat(warnings(builder().simulation(new SimulationSettings(100, 0.5, 0, 10))))
                .singleElement()
                .asString()
                .contains("gradingShare (0.5)");
        assertThat(warnings(builder().search(new RandomSearch()).simulation(SimulationSettings.untrained(9))))
                .singleElement()
                .asString()
                .contains("search.simulation", "samples=9");
        assertThat(warnings(builder().generations(3).stopWhen(Stoppers.never().or(Stoppers.noImprovement(3)))))
                .singleElement()
                .asString()
                .contains("generations=3");
        assertThat(warnings(builder()
                        .actions(Actions.neurons()
                                .and(Actions.layers()
                                        .only(LayerActions.Kind.REMOVE_LAYER)
                                        .maximumDepth(7)))))
                .singleElement()
                .asString()
                .contains("maximumDepth (7)", "REMOVE_LAYER");
        assertThat(warnings(builder().accuracyFloor(0.9).stopWhen(Stoppers.accuracyAndReduction(0.8, 0.5))))
                .singleElement()
                .asString()
                .contains("0.8", "0.9");
    }

    @Test
    void equal_settings_are_equal_and_show_their_values() {
        assertThat(Stoppers.accuracyAndReduction(0.9, 0.5)).isEqualTo(Stoppers.accuracyAndReduction(0.9, 0.5));
        assertThat(Stoppers.accuracy(0.9)).hasToString("Accuracy[accuracy=0.9]").isNotEqualTo(Stoppers.accuracy(0.8));
        assertThat(LearningRateSchedule.progressive(0.2)).isEqualTo(LearningRateSchedule.progressive(0.2));
        assertThat(SimulationScheduler.overfitCheck(3)).isEqualTo(SimulationScheduler.overfitCheck(3));
        assertThat(Actions.neurons().exclude("a", "b"))
                .isEqualTo(Actions.neurons().exclude("b").exclude("a"));
        assertThat(Actions.all()).isEqualTo(Actions.neurons().and(Actions.layers()));
        assertThat(Score.accuracy(1).parameters(2))
                .isEqualTo(Score.of(new ScoreTerms.Accuracy(), 1).and(new ScoreTerms.Parameters(0.001), 2));
        assertThat(MonteCarloTreeSearch.builder().build())
                .isEqualTo(MonteCarloTreeSearch.builder().build());
        assertThat(Projections.named("importance-taylor+refit"))
                .isEqualTo(RunSettings.DEFAULT.search().projection());
        assertThat(new Distillation(2, 0.5)).isEqualTo(new Distillation(2, 0.5));
        assertThat(builder().settings()).isEqualTo(RunSettings.DEFAULT);
    }
}
