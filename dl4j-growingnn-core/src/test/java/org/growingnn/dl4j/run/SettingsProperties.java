package org.growingnn.dl4j.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.action.AddResidual;
import org.growingnn.dl4j.action.CombinedActions;
import org.growingnn.dl4j.action.GlobalActions;
import org.growingnn.dl4j.action.InputActions;
import org.growingnn.dl4j.action.LayerActions;
import org.growingnn.dl4j.action.NeuronActions;
import org.growingnn.dl4j.action.RemoveLayer;
import org.growingnn.dl4j.action.SwapActions;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.LatencyTable;
import org.growingnn.dl4j.metric.Metric;
import org.growingnn.dl4j.metric.Metrics;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.score.ScoreTerm;
import org.growingnn.dl4j.score.ScoreTerms;
import org.growingnn.dl4j.search.BeamSearch;
import org.growingnn.dl4j.search.BestFirstSearch;
import org.growingnn.dl4j.search.Budget;
import org.growingnn.dl4j.search.Execution;
import org.growingnn.dl4j.search.GreedySearch;
import org.growingnn.dl4j.search.GumbelTreeSearch;
import org.growingnn.dl4j.search.HalvingBeamSearch;
import org.growingnn.dl4j.search.MonteCarloTreeSearch;
import org.growingnn.dl4j.search.RandomSearch;
import org.growingnn.dl4j.search.RandomSequences;
import org.growingnn.dl4j.search.SearchStrategy;
import org.growingnn.dl4j.search.SuccessiveHalving;
import org.growingnn.dl4j.search.WithoutSearch;
import org.growingnn.dl4j.training.Distillation;
import org.growingnn.dl4j.training.LearningRateSchedule;
import org.growingnn.dl4j.training.SimulationSettings;
import org.growingnn.dl4j.worker.ProcessExecution;

class SettingsProperties {

    /** Draws valid settings, extreme values and rare parts included. */
    private static final class Draw {
        private final Random random;

        private Draw(long seed) {
            random = new Random(seed);
        }

        private int whole(int least, int most) {
            return switch (random.nextInt(5)) {
                case 0 -> least;
                case 1 -> most;
                default -> random.nextInt(least, most);
            };
        }

        /** Of any size in an open interval, the smallest included. */
        private double open(double least, double most) {
            return switch (random.nextInt(5)) {
                case 0 -> Math.nextUp(least);
                case 1 -> Math.nextDown(most);
                default -> random.nextDouble(Math.nextUp(least), most);
            };
        }

        private double share() {
            return random.nextInt(4) == 0 ? random.nextInt(2) : random.nextDouble();
        }

        @SafeVarargs
        private <T> T any(Supplier<? extends T>... choices) {
            return choices[random.nextInt(choices.length)].get();
        }

        private <T> Optional<T> maybe(Supplier<T> value) {
            return random.nextBoolean() ? Optional.of(value.get()) : Optional.empty();
        }

        private OptionalInt maybeWhole(int least) {
            return random.nextBoolean() ? OptionalInt.of(whole(least, Integer.MAX_VALUE)) : OptionalInt.empty();
        }

        private OptionalLong maybeLong() {
            return random.nextBoolean() ? OptionalLong.of(random.nextLong(1, Long.MAX_VALUE)) : OptionalLong.empty();
        }

        private OptionalDouble maybe(double value) {
            return random.nextBoolean() ? OptionalDouble.of(value) : OptionalDouble.empty();
        }

        private Duration duration() {
            return Duration.ofMillis(1).plusNanos(random.nextLong(0, Long.MAX_VALUE / 2));
        }

        private <T> List<T> list(int least, Supplier<T> item) {
            return IntStream.range(0, random.nextInt(least, 4))
                    .mapToObj(i -> item.get())
                    .toList();
        }

        private Set<String> names() {
            return new HashSet<>(list(0, () -> any(() -> "layer" + random.nextInt(), () -> "\"ä\\\n{", () -> "")));
        }

        private <E extends Enum<E>> Set<E> constants(Class<E> type) {
            List<E> all = List.copyOf(EnumSet.allOf(type));
            return new HashSet<>(list(1, () -> all.get(random.nextInt(all.size()))));
        }

        private Stopper stopper(int depth) {
            return depth > 0 && random.nextBoolean()
                    ? any(
                            () -> new CombinedStoppers.And(list(1, () -> stopper(depth - 1))),
                            () -> new CombinedStoppers.Or(list(1, () -> stopper(depth - 1))))
                    : any(
                            Stoppers::never,
                            () -> Stoppers.metric(random.nextGaussian()),
                            () -> Stoppers.accuracy(share()),
                            () -> Stoppers.reduction(share()),
                            () -> Stoppers.atMost(Cost.PARAMETERS, whole(1, Integer.MAX_VALUE)),
                            () -> Stoppers.left(Cost.MACS, share()),
                            () -> Stoppers.atMost(Cost.FILE_SIZE, random.nextLong(1, Long.MAX_VALUE)),
                            () -> Stoppers.left(Cost.MEMORY, share()),
                            () -> Stoppers.time(duration()),
                            () -> Stoppers.noImprovement(whole(1, Integer.MAX_VALUE)));
        }

        private ActionGenerator actions(int depth) {
            return depth > 0 && random.nextBoolean()
                    ? new CombinedActions(list(1, () -> actions(depth - 1)))
                    : any(
                            () -> new NeuronActions(
                                    list(0, () -> open(0, 1)),
                                    list(1, () -> open(1, 100)),
                                    whole(1, 99),
                                    names(),
                                    maybeLong()),
                            () -> new InputActions(list(1, () -> open(0, 1)), whole(1, Integer.MAX_VALUE), names()),
                            () -> new GlobalActions(list(1, () -> open(0, 1)), whole(1, Integer.MAX_VALUE)),
                            () -> new SwapActions(list(1, () -> open(1, 100))),
                            () -> new LayerActions(
                                    constants(LayerActions.Kind.class),
                                    constants(AddResidual.Start.class),
                                    any(() -> RemoveLayer.Rewiring.BYPASS, () -> RemoveLayer.Rewiring.COMPOSITION),
                                    maybeLong(),
                                    maybeLong(),
                                    maybeWhole(1)));
        }

        private SearchStrategy strategy() {
            return any(
                    () -> new GreedySearch(new Budget(maybe(this::duration), maybeWhole(1)), open(0, 1e300)),
                    () -> new SuccessiveHalving(new Budget(maybe(this::duration), maybeWhole(1)), share()),
                    RandomSearch::new,
                    () -> new RandomSequences(new Budget(maybe(this::duration), maybeWhole(1)), whole(1, 99)),
                    () -> new BeamSearch(new Budget(maybe(this::duration), maybeWhole(1)), whole(1, 99)),
                    () -> new HalvingBeamSearch(new Budget(maybe(this::duration), maybeWhole(1)), whole(1, 99)),
                    () -> new BestFirstSearch(new Budget(maybe(this::duration), maybeWhole(1))),
                    () -> new GumbelTreeSearch(
                            new Budget(maybe(this::duration), maybeWhole(1)),
                            whole(2, 99),
                            open(0, 100),
                            whole(1, 99),
                            random.nextBoolean()),
                    () -> new WithoutSearch(
                            any(() -> WithoutSearch.Allocation.RANKING, () -> WithoutSearch.Allocation.UNIFORM)),
                    () -> {
                        MonteCarloTreeSearch.Builder builder = MonteCarloTreeSearch.builder()
                                .rolloutDepth(whole(0, Integer.MAX_VALUE))
                                .explorationConstant(open(0, 1e300))
                                .batchSize(whole(1, Integer.MAX_VALUE));
                        maybe(this::duration).ifPresent(builder::timeLimit);
                        maybeWhole(1).ifPresent(builder::maxEvaluations);
                        maybe(open(0, 10)).ifPresent(builder::puct);
                        maybe(open(0, 10)).ifPresent(factor -> builder.progressiveWidening(factor, share()));
                        return builder.build();
                    });
        }

        private ScoreTerm term() {
            return any(
                    ScoreTerms.Metric::new,
                    ScoreTerms.Accuracy::new,
                    ScoreTerms.Loss::new,
                    ScoreTerms.Likelihood::new,
                    () -> new ScoreTerms.Parameters(open(0, 1e300)),
                    ScoreTerms.RelativeParameters::new,
                    ScoreTerms.Compression::new,
                    ScoreTerms.Macs::new);
        }

        private Metric metric() {
            Supplier<Metric> single = () -> any(
                    Metrics::accuracy,
                    Metrics::macroF1,
                    () -> Metrics.f1(whole(0, 99)),
                    Metrics::meanF1,
                    Metrics::auc,
                    Metrics::r2,
                    Metrics::pooledR2,
                    Metrics::meanAbsoluteError,
                    Metrics::rootMeanSquaredError);
            return any(
                    Metrics::automatic,
                    Metrics::loss,
                    single,
                    () -> new Metrics.ForOutputs(list(
                            1, () -> new Metrics.ForOutput("out" + random.nextInt(), single.get(), open(0, 1e300)))));
        }

        private Projection projection() {
            Projection plain = any(
                    Projections::paper,
                    Projections::pseudoInverse,
                    Projections::importance,
                    Projections::clusters,
                    Projections::similarityArea,
                    () -> Projections.named("importance-pivoted-qr"));
            return random.nextBoolean() ? plain : Projections.refitted(plain);
        }

        private LatencyTable table() {
            return new LatencyTable(whole(1, Integer.MAX_VALUE), open(0, 1e300), rates("layer"), kinds(), whole(1, 64));
        }

        private List<LatencyTable.Layer> kinds() {
            List<LatencyTable.Layer> kinds = new ArrayList<>(rates("kind"));
            if (!kinds.isEmpty()) {
                kinds.add(new LatencyTable.Layer(LatencyTable.ANY, share(), share(), share(), share()));
            }
            return kinds;
        }

        private List<LatencyTable.Layer> rates(String prefix) {
            return IntStream.range(0, random.nextInt(3))
                    .mapToObj(i ->
                            new LatencyTable.Layer(prefix + i, open(0, 1e300), share(), open(0, 1e9), open(0, 1e-9)))
                    .toList();
        }

        private ProcessExecution processes() {
            return new ProcessExecution(
                    whole(1, Integer.MAX_VALUE),
                    random.nextBoolean() ? OptionalLong.of(1L << whole(24, 60)) : OptionalLong.empty(),
                    random.nextBoolean() ? OptionalLong.of(1 + (random.nextLong() >>> 1)) : OptionalLong.empty(),
                    IntStream.range(0, random.nextInt(3))
                            .mapToObj(i -> new ProcessExecution.Variable("NAME" + i, "\"" + share() + "\\"))
                            .toList());
        }

        private RunSettings settings() {
            int count = Integer.MAX_VALUE;
            Stopper stopper = stopper(2);
            return new RunSettings(
                    random.nextLong(),
                    false,
                    whole(1, count),
                    any(Execution::threads, this::processes),
                    whole(1, count),
                    whole(2, count),
                    metric(),
                    stopper,
                    maybe(this::table),
                    new DataSettings(
                            maybe(open(0, 0.5)),
                            maybeWhole(1),
                            whole(1, count),
                            random.nextBoolean()
                                    ? OptionalLong.of(1 + (random.nextLong() >>> 1))
                                    : OptionalLong.empty(),
                            random.nextBoolean()),
                    new TrainingSettings(
                            whole(0, count),
                            maybeWhole(0),
                            maybeWhole(1),
                            whole(0, count),
                            maybeWhole(0),
                            any(
                                    LearningRateSchedule::constant,
                                    () -> LearningRateSchedule.progressive(open(0, 1)),
                                    () -> LearningRateSchedule.progressiveParabolic(open(0, 1))),
                            maybe(open(1e-8, 1000)),
                            maybe(() -> new Distillation(open(1, 100), open(0, 1)))),
                    new SearchSettings(
                            strategy(),
                            actions(2),
                            projection(),
                            random.nextBoolean(),
                            any(
                                    SimulationScheduler::always,
                                    () -> SimulationScheduler.progressCheck(share()),
                                    () -> SimulationScheduler.overfitCheck(whole(2, count))),
                            new SimulationSettings(whole(2, count), open(0, 1), whole(0, count), whole(1, count)),
                            new Score(list(1, () -> new Score.Weighted(term(), open(0, 1e300)))),
                            stopper.limits(cost -> 1).isEmpty() ? OptionalInt.empty() : maybeWhole(1)),
                    new AcceptanceSettings(share(), maybe(share()), maybe(share())));
        }
    }

    @Property(tries = 500)
    void valid_settings_come_back_equal_from_their_json(@ForAll long seed) {
        RunSettings settings = new Draw(seed).settings();
        String json = settings.toJson();
        RunSettings back = RunSettings.fromJson(json);
        assertThat(back).isEqualTo(settings);
        assertThat(back.toJson()).isEqualTo(json).isEqualTo(settings.describe());
    }
}
