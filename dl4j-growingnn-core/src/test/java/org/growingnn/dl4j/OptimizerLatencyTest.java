package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.AddResidual;
import org.growingnn.dl4j.action.AddSequential;
import org.growingnn.dl4j.action.LayerActions;
import org.growingnn.dl4j.action.RemoveNeurons;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.LatencyTable;
import org.growingnn.dl4j.graph.LatencyTable.Layer;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.run.Generation;
import org.growingnn.dl4j.run.Outcome;
import org.growingnn.dl4j.run.Run;
import org.growingnn.dl4j.run.RunData;
import org.growingnn.dl4j.run.RunEvent;
import org.growingnn.dl4j.run.RunSettings;
import org.growingnn.dl4j.run.RunState;
import org.growingnn.dl4j.run.Stoppers;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.Candidate;
import org.growingnn.dl4j.search.GreedySearch;
import org.growingnn.dl4j.training.LatencyMeter;
import org.growingnn.dl4j.training.SimulationSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.learning.config.Adam;
import org.slf4j.LoggerFactory;

/** Runs whose goal or score is about latency, by a table that was written by hand and a clock of the test's own. */
class OptimizerLatencyTest {

    private static final int FIRST = 24;
    private static final int SECOND = 20;

    private static final LatencyTable TABLE = new LatencyTable(
            2,
            500,
            List.of(
                    new Layer("first", 100, 0, 200, 2),
                    new Layer("second", 300, 5, 10, 1),
                    new Layer("out", 50, 1, 0, 3)));

    private final MultiLayerNetwork model = model();

    private static MultiLayerNetwork model() {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(11)
                .updater(new Adam(0.01))
                .activation(Activation.RELU)
                .list()
                .layer(new DenseLayer.Builder().name("first").nOut(FIRST).build())
                .layer(new DenseLayer.Builder().name("second").nOut(SECOND).build())
                .layer(new OutputLayer.Builder()
                        .name("out")
                        .nOut(TestData.CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.feedForward(TestData.FEATURES))
                .build());
        model.init();
        DataSetIterator data = TestData.clouds(300, 50, 1);
        for (int epoch = 0; epoch < 5; epoch++) {
            model.fit(data);
        }
        return model;
    }

    private static long nanos(long first, long second) {
        return 500
                + 100
                + 200 * first
                + 2 * TestData.FEATURES * first
                + 300
                + 5 * first
                + 10 * second
                + first * second
                + 50
                + second
                + 3 * TestData.CLASSES * second;
    }

    private static long nanos(NetworkGraph network) {
        return nanos(network.space("first").size(), network.space("second").size());
    }

    private static StructureOptimizer.Builder optimizer() {
        return StructureOptimizer.builder()
                .epochsPerGeneration(1)
                .train(TestData.clouds(300, 50, 1))
                .validation(TestData.clouds(150, 50, 2))
                .generations(8)
                .workers(2)
                .score(Score.metric(1).latency(1))
                .actions(Actions.neurons().remove(0.3).add())
                .simulation(new SimulationSettings(60, 0.5, 1, 15))
                .latencies(TABLE)
                .latencyMeter(meter(1000, 400));
    }

    /** Passes of the model as it was given and of the result take turns; each asks twice. */
    private static LatencyMeter meter(long before, long after) {
        AtomicLong asked = new AtomicLong();
        AtomicLong now = new AtomicLong();
        return new LatencyMeter(30, () -> {
            long number = asked.getAndIncrement();
            return number % 2 == 0 ? now.get() : now.addAndGet(number / 2 % 2 == 0 ? before : after);
        });
    }

    private static List<Duration> latencies(OptimizationResult result) {
        return result.history().stream()
                .map(generation -> generation.latency().orElseThrow())
                .toList();
    }

    @Test
    void a_share_of_the_latency_ends_the_run_as_soon_as_it_is_left() {
        OptimizationResult result =
                optimizer().stopWhen(Stoppers.left(Cost.LATENCY, 0.5)).build().optimize(model);

        assertThat(result.status()).isEqualTo(Outcome.Status.STOPPED);
        assertThat(nanos(result.network())).isLessThanOrEqualTo(nanos(FIRST, SECOND) / 2);
        List<Duration> latencies = latencies(result);
        assertThat(latencies.get(0)).isEqualTo(Duration.ofNanos(nanos(FIRST, SECOND)));
        assertThat(latencies.get(latencies.size() - 1)).isEqualTo(Duration.ofNanos(nanos(result.network())));
        assertThat(result.history().stream()
                        .limit(latencies.size() - 1)
                        .filter(Generation::accepted)
                        .map(generation -> generation.latency().orElseThrow().toNanos()))
                .allMatch(nanos -> nanos > nanos(FIRST, SECOND) / 2);
        LatencyReport report = result.latency().orElseThrow();
        assertThat(report.predicted()).isEqualTo(Duration.ofNanos(nanos(result.network())));
        assertThat(report.goal()).hasValue(Duration.ofNanos(nanos(FIRST, SECOND) / 2));
        LatencyReport.Measured measured = report.measured().orElseThrow();
        assertThat(List.of(measured.before().toNanos(), measured.after().toNanos()))
                .containsExactly(1000L, 400L);
        assertThat(measured.passes()).isEqualTo(30);
        assertThat(measured.goal()).hasValue(Duration.ofNanos(500));
        assertThat(report.met()).isTrue();
        assertThat(report.describe()).contains("by the table", "median of 30 passes", "2 examples");
    }

    @Test
    void a_time_and_the_size_of_the_file_end_the_run_together_and_not_before() {
        long bytes = Cost.FILE_SIZE.of(Dl4jGraphs.read(model)) * 8 / 10;
        long most = nanos(FIRST, SECOND) * 7 / 10;
        OptimizationResult result = optimizer()
                .stopWhen(Stoppers.latency(Duration.ofNanos(most)).and(Stoppers.atMost(Cost.FILE_SIZE, bytes)))
                .build()
                .optimize(model);

        assertThat(result.status()).isEqualTo(Outcome.Status.STOPPED);
        assertThat(nanos(result.network())).isLessThanOrEqualTo(most);
        assertThat(Cost.FILE_SIZE.of(result.network())).isLessThanOrEqualTo(bytes);
        List<Generation> history = result.history();
        assertThat(history.get(history.size() - 1).costs().of(Cost.FILE_SIZE))
                .hasValue(Cost.FILE_SIZE.of(result.network()));
        assertThat(history.subList(0, history.size() - 1).stream().filter(Generation::accepted))
                .allMatch(generation -> generation.latency().orElseThrow().toNanos() > most
                        || generation.costs().of(Cost.FILE_SIZE).orElseThrow() > bytes);
        assertThat(result.latency().orElseThrow().missedBy()).isZero();
    }

    @Test
    void the_score_takes_the_action_that_leaves_the_least_latency() {
        List<Candidate> tried = new ArrayList<>();
        OptimizationResult result = optimizer()
                .generations(1)
                .score(Score.metric(0).latency(1))
                .search(GreedySearch.create().tieMargin(0))
                .maxDrop(1)
                .listener(event -> {
                    if (event instanceof RunEvent.CandidateEvaluated evaluated) {
                        tried.add(evaluated.candidate().candidate());
                    }
                })
                .build()
                .optimize(model);

        assertThat(tried).hasSize(3);
        // Units of the first layer take far more time than those of the second, which have more weights.
        assertThat(result.history().get(1).action().orElseThrow()).isEqualTo(new RemoveNeurons("first", 0.3, 1));
        assertThat(result.history().get(1).score())
                .isEqualTo(1 - (double) nanos(result.network()) / nanos(FIRST, SECOND));
    }

    @Test
    void a_table_that_was_kept_repeats_a_run_bit_for_bit_whatever_the_clock_says() {
        StructureOptimizer.Builder builder = optimizer().deterministic().stopWhen(Stoppers.left(Cost.LATENCY, 0.6));
        OptimizationResult first = builder.build().optimize(model);
        RunSettings kept = RunSettings.fromJson(builder.settings()
                .with("latencies", first.latency().map(LatencyReport::table))
                .toJson());
        OptimizationResult again = builder.settings(kept)
                .workers(1)
                .latencyMeter(meter(10, 70_000))
                .build()
                .optimize(model);

        assertThat(again.graph().params()).isEqualTo(first.graph().params());
        assertThat(again.journal()).isEqualTo(first.journal());
        assertThat(latencies(again)).isEqualTo(latencies(first));
        assertThat(again.latency().orElseThrow().table())
                .isEqualTo(first.latency().orElseThrow().table());
    }

    @Test
    void a_run_that_is_taken_up_again_knows_the_latencies() {
        List<RunState> states = new ArrayList<>();
        StructureOptimizer.Builder builder = optimizer().stopWhen(Stoppers.left(Cost.LATENCY, 0.6));
        OptimizationResult whole = builder.listener(event -> {
                    if (event instanceof RunEvent.StateReached reached) {
                        states.add(reached.state());
                    }
                })
                .build()
                .optimize(model);
        OptimizationResult rest = builder.build().resume(model, states.get(1));

        assertThat(rest.graph().params()).isEqualTo(whole.graph().params());
        assertThat(latencies(rest)).isEqualTo(latencies(whole));
        assertThat(rest.latency().orElseThrow().predicted())
                .isEqualTo(whole.latency().orElseThrow().predicted());
    }

    @Test
    void a_goal_that_is_missed_by_the_clock_or_by_the_table_is_told_by_how_much() {
        OptimizationResult slow = optimizer()
                .latencyMeter(meter(1000, 730))
                .stopWhen(Stoppers.left(Cost.LATENCY, 0.7))
                .build()
                .optimize(model);
        assertThat(slow.status()).isEqualTo(Outcome.Status.STOPPED);
        assertThat(slow.latency().orElseThrow().missedBy()).isEqualTo(Duration.ofNanos(30));
        assertThat(slow.latency().orElseThrow().describe()).contains("missed by 0.030 µs");

        Cancellation cancellation = new Cancellation();
        OptimizationResult cancelled = optimizer()
                .stopWhen(Stoppers.latency(Duration.ofNanos(1)))
                .listener(event -> {
                    if (event instanceof RunEvent.GenerationEnded) {
                        cancellation.cancel("enough");
                    }
                })
                .build()
                .optimize(model, cancellation);
        assertThat(cancelled.status()).isEqualTo(Outcome.Status.CANCELLED);
        LatencyReport report = cancelled.latency().orElseThrow();
        assertThat(report.measured()).isEmpty();
        assertThat(report.missedBy()).isEqualTo(report.predicted().minusNanos(1));
    }

    @Test
    void a_run_that_another_goal_ended_has_missed_no_latency() {
        List<ILoggingEvent> logged = logged(() -> {
            OptimizationResult result = optimizer()
                    .stopWhen(Stoppers.left(Cost.LATENCY, 0.01)
                            .or(Stoppers.left(Cost.PARAMETERS, 0.95))
                            .or(Stoppers.time(Duration.ofHours(5))))
                    .build()
                    .optimize(model);
            assertThat(result.status()).isEqualTo(Outcome.Status.STOPPED);
            assertThat(result.outcome().reason()).contains("goal was reached");
            LatencyReport report = result.latency().orElseThrow();
            assertThat(report.goal()).isEmpty();
            assertThat(report.measured().orElseThrow().goal()).isEmpty();
            assertThat(report.met()).isTrue();
        });
        assertThat(logged).noneMatch(event -> event.getLevel() == Level.WARN);
    }

    @Test
    void a_run_that_gave_up_has_missed_its_latency_by_what_is_left() {
        OptimizationResult result = optimizer()
                .stopWhen(Stoppers.left(Cost.LATENCY, 0.01).or(Stoppers.time(Duration.ofMillis(1))))
                .build()
                .optimize(model);
        assertThat(result.status()).isEqualTo(Outcome.Status.STOPPED);
        LatencyReport report = result.latency().orElseThrow();
        assertThat(report.goal()).hasValue(Duration.ofNanos(nanos(FIRST, SECOND) / 100));
        assertThat(report.met()).isFalse();
    }

    private static List<ILoggingEvent> logged(Runnable work) {
        Logger logger = (Logger) LoggerFactory.getLogger(StructureOptimizer.class);
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.start();
        logger.addAppender(appender);
        try {
            work.run();
        } finally {
            logger.detachAppender(appender);
        }
        return appender.list;
    }

    static Stream<Throwable> failures() {
        return Stream.of(
                new IllegalStateException("no clock"), new OutOfMemoryError("Cannot allocate new FloatPointer"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void a_clock_that_fails_in_the_end_does_not_cost_the_result(Throwable failure) {
        OptimizationResult result = optimizer()
                .generations(1)
                .latencyMeter(new LatencyMeter(1, () -> {
                    if (failure instanceof Error error) {
                        throw error;
                    }
                    throw (RuntimeException) failure;
                }))
                .build()
                .optimize(model);
        assertThat(result.status()).isEqualTo(Outcome.Status.FINISHED);
        assertThat(result.latency().orElseThrow().measured()).isEmpty();
        assertThat(result.latency().orElseThrow().predicted()).isEqualTo(Duration.ofNanos(nanos(result.network())));
    }

    @Test
    void a_table_without_a_goal_tells_latencies_and_misses_nothing() {
        OptimizationResult result = optimizer()
                .generations(1)
                .score(Score.metric(1).relativeParameters(1))
                .build()
                .optimize(model);
        assertThat(latencies(result)).hasSize(2);
        LatencyReport report = result.latency().orElseThrow();
        assertThat(report.goal()).isEmpty();
        assertThat(report.met()).isTrue();
        assertThat(report.describe()).doesNotContain("at most").contains("by measuring");
        assertThat(StructureOptimizer.builder()
                        .epochsPerGeneration(1)
                        .train(TestData.clouds(300, 50, 1))
                        .generations(1)
                        .actions(Actions.neurons().remove(0.5).add())
                        .simulation(SimulationSettings.untrained(30))
                        .build()
                        .optimize(model)
                        .latency())
                .isEmpty();
    }

    @Test
    void layers_that_are_added_take_what_those_of_their_kind_take_for_each_multiply_accumulate() {
        OptimizationResult result = optimizer()
                .maxDrop(1)
                .search(new ScriptedSearch(
                        new AddSequential("first", "second", AddSequential.AUTO),
                        new AddResidual("first", "out", 4, AddResidual.Start.RANDOM, AddResidual.DEFAULT_ACTIVATION),
                        new RemoveNeurons("first", 0.9, 1),
                        new RemoveNeurons("first+second", 0.9, 1)))
                .stopWhen(Stoppers.left(Cost.LATENCY, 0.85))
                .build()
                .optimize(model);

        List<Duration> latencies = latencies(result);
        // The mean of the two dense layers: 200 fixed, and for each value in, value out and multiply-accumulate what
        // they take.
        double perInput = 5.0 * FIRST / (TestData.FEATURES + FIRST);
        double perOutput = (200.0 * FIRST + 10 * SECOND) / (FIRST + SECOND);
        double perWeight =
                (2.0 * TestData.FEATURES * FIRST + FIRST * SECOND) / (TestData.FEATURES * FIRST + FIRST * SECOND);
        long added = Math.round(200 + perInput * FIRST + perOutput * FIRST + perWeight * FIRST * FIRST);
        assertThat(latencies.get(1)).isEqualTo(Duration.ofNanos(nanos(FIRST, SECOND) + added));
        assertThat(latencies.get(2)).isGreaterThan(latencies.get(1));
        assertThat(result.status()).isEqualTo(Outcome.Status.STOPPED);
        assertThat(latencies).hasSize(5);
        assertThat(result.network().order()).hasSize(6).contains("first+second");
        assertThat(Cost.LATENCY.of(result.network()))
                .isEqualTo(latencies.get(4).toNanos())
                .isLessThanOrEqualTo(nanos(FIRST, SECOND) * 85 / 100);
        LatencyReport report = result.latency().orElseThrow();
        assertThat(report.layers().keySet())
                .containsExactlyInAnyOrderElementsOf(result.network().order());
        assertThat(List.copyOf(report.layers().values())).isSortedAccordingTo(Comparator.reverseOrder());
        assertThat(report.table().kinds())
                .extracting(Layer::name)
                .containsExactlyInAnyOrder("DenseLayer", "OutputLayer", "any");
    }

    @Test
    void a_search_that_may_add_layers_reaches_the_goal_all_the_same() {
        List<Candidate> grown = new ArrayList<>();
        List<RunEvent.SearchEnded> searches = new ArrayList<>();
        OptimizationResult result = optimizer()
                .generations(12)
                .maxDrop(0.5)
                .actions(Actions.neurons()
                        .remove(0.4)
                        .add()
                        .and(Actions.layers().only(LayerActions.Kind.ADD_SEQUENTIAL, LayerActions.Kind.ADD_RESIDUAL)))
                .listener(event -> {
                    if (event instanceof RunEvent.CandidateEvaluated evaluated
                            && (evaluated.candidate().candidate().action() instanceof AddSequential
                                    || evaluated.candidate().candidate().action() instanceof AddResidual)) {
                        grown.add(evaluated.candidate().candidate());
                    } else if (event instanceof RunEvent.SearchEnded ended) {
                        searches.add(ended);
                    }
                })
                .stopWhen(Stoppers.left(Cost.LATENCY, 0.5).and(Stoppers.left(Cost.MEMORY, 0.9)))
                .build()
                .optimize(model);

        assertThat(grown).isNotEmpty();
        assertThat(searches)
                .isNotEmpty()
                .allMatch(search -> search.result().failures().isEmpty());
        assertThat(result.status()).isEqualTo(Outcome.Status.STOPPED);
        assertThat(Cost.LATENCY.of(result.network())).isLessThanOrEqualTo(nanos(FIRST, SECOND) / 2);
    }

    private static MultiLayerNetwork maps() {
        MultiLayerNetwork maps = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .name("conv")
                        .nOut(4)
                        .padding(1, 1)
                        .build())
                .layer(new SubsamplingLayer.Builder(
                                SubsamplingLayer.PoolingType.MAX, new int[] {2, 2}, new int[] {2, 2})
                        .name("pool")
                        .build())
                .layer(new DenseLayer.Builder().name("dense").nOut(5).build())
                .layer(new OutputLayer.Builder()
                        .name("out")
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(8, 8, 4))
                .build());
        maps.init();
        return maps;
    }

    @Test
    void a_cost_that_the_model_does_not_tell_is_refused_before_the_run() {
        TrainingData data = TrainingData.of(TestData.clouds(60, 20, 1));
        NetworkGraph sizeless = Dl4jGraphs.read(maps());
        RunSettings settings = StructureOptimizer.builder()
                .epochsPerGeneration(1)
                .stopWhen(Stoppers.atMost(Cost.PARAMETERS, 5).and(Stoppers.left(Cost.MEMORY, 0.5)))
                .settings();
        RunData parts = new RunData(data, data.check(Dl4jGraphs.read(model)), data, Optional.empty());
        assertThatIllegalStateException()
                .isThrownBy(() -> Run.open(settings, parts, sizeless, List.of(), List.of(), Cancellation.never()))
                .withMessageContainingAll("stopper", "MEMORY", "The memory that", "is unknown", "\nMaybe");
    }

    @Test
    void an_added_convolution_is_as_fast_as_its_maps_are_small_and_a_join_as_what_has_no_weights() {
        NetworkGraph read = Dl4jGraphs.read(maps(), InputType.convolutional(8, 8, 4));
        LatencyTable table = new LatencyTable(
                        1,
                        0,
                        List.of(
                                new Layer("conv", 40, 16, 32, 64),
                                new Layer("pool", 7, 0, 0, 0),
                                new Layer("dense", 10, 0, 0, 0),
                                new Layer("out", 10, 0, 0, 0)))
                .withKinds(read);
        NetworkGraph timed = read.with(read.origin().withLatencies(table));
        NetworkGraph deeper = new AddSequential("pool", "dense", AddSequential.AUTO).apply(timed, Projections.paper());
        String added = deeper.order().stream()
                .filter(name -> !timed.order().contains(name))
                .findFirst()
                .orElseThrow();

        assertThat(deeper.macs(added)).isEqualTo(timed.macs("conv") / 4);
        assertThat(Cost.LATENCY.of(timed, "conv")).isEqualTo(40 + 4 * 16 + 4 * 32 + 4 * 4 * 9 * 64);
        assertThat(Cost.LATENCY.of(deeper, added)).isEqualTo(40 + (4 * 16 + 4 * 32 + 4 * 4 * 9 * 64) / 4);
        NetworkGraph joined = new AddResidual("pool", "out", 3, AddResidual.Start.RANDOM, "leakyrelu")
                .apply(timed, Projections.paper());
        String join = joined.vertex("out").inputs().get(0);
        // Nothing but the pooling has no weights.
        assertThat(timed.order()).doesNotContain(join);
        assertThat(Cost.LATENCY.of(joined, join)).isEqualTo(7);
    }

    @Test
    void what_cannot_be_told_or_contradicts_is_refused_by_name_before_the_run() {
        StructureOptimizer.Builder bare = StructureOptimizer.builder().train(TestData.clouds(300, 50, 1));
        assertThatIllegalStateException()
                .isThrownBy(() -> bare.stopWhen(Stoppers.accuracy(0.9).and(Stoppers.left(Cost.LATENCY, 0.5)))
                        .build())
                .withMessageContainingAll("stopper", "LATENCY", "table of latencies", "\nMaybe");
        assertThatIllegalStateException()
                .isThrownBy(() -> bare.stopWhen(Stoppers.never())
                        .score(Score.metric(1).latency(1))
                        .build())
                .withMessageContainingAll("search.score", "1.0 · latency", "\nMaybe");
        assertThatIllegalStateException()
                .isThrownBy(() -> bare.score(Score.metric(1))
                        .latencyMeter(new LatencyMeter())
                        .build())
                .withMessageContainingAll("latencyMeter", "no effect", "\nMaybe");
        assertThatIllegalStateException()
                .isThrownBy(() -> optimizer()
                        .actions(Actions.neurons().and(Actions.inputs()))
                        .build())
                .withMessageContainingAll("search.actions", "inputs", "select features", "\nMaybe");
        assertThatNullPointerException().isThrownBy(() -> optimizer().latencies(null));
        assertThatNullPointerException().isThrownBy(() -> optimizer().latencyMeter(null));

        List<RunEvent> events = new ArrayList<>();
        LatencyTable other = new LatencyTable(1, 0, TABLE.layers().subList(0, 2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> optimizer()
                        .latencies(other)
                        .listener(events::add)
                        .build()
                        .optimize(model))
                .withMessageContainingAll("'out'", "[first, second]", "\nMaybe");
        assertThat(events).isEmpty();
    }

    /** Validation data comes in batches of 50, training data in batches of the given size. */
    private OptimizationResult measured(int examples, int trainingBatch) {
        return optimizer()
                .generations(1)
                .train(TestData.clouds(300, trainingBatch, 1))
                .latencies(new LatencyTable(examples, 0, TABLE.layers()))
                .build()
                .optimize(model);
    }

    @Test
    void passes_with_more_examples_than_validation_batches_have_are_measured_on_training_data() {
        LatencyReport.Measured measured =
                measured(51, 60).latency().orElseThrow().measured().orElseThrow();
        assertThat(measured.after()).isEqualTo(Duration.ofNanos(400));
    }

    @Test
    void passes_with_more_examples_than_any_first_batch_has_are_not_measured_and_cost_no_run() {
        List<ILoggingEvent> logged = logged(() -> {
            OptimizationResult result = measured(61, 60);
            assertThat(result.status()).isEqualTo(Outcome.Status.FINISHED);
            LatencyReport report = result.latency().orElseThrow();
            assertThat(report.measured()).isEmpty();
            assertThat(report.checks()).isZero();
            assertThat(report.predicted().toNanos()).isEqualTo(nanos(result.network()) - 500);
        });
        assertThat(logged)
                .filteredOn(event -> event.getLevel() == Level.WARN)
                .singleElement()
                .satisfies(event -> assertThat(event.getFormattedMessage())
                        .contains("latencies", "61 examples", "validation", "training", "\nMaybe"));
    }

    @Test
    void a_state_of_a_run_by_another_table_is_refused() {
        OptimizationResult result = optimizer().generations(1).build().optimize(model);
        RunState state = result.outcome().state();
        LatencyTable faster = new LatencyTable(2, 499, TABLE.layers());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> optimizer().latencies(faster).build().resume(model, state))
                .withMessageContainingAll("latencies", "\nMaybe");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StructureOptimizer.builder()
                        .train(TestData.clouds(300, 50, 1))
                        .build()
                        .resume(model, state))
                .withMessageContainingAll("latencies", "\nMaybe");
        // A table with the kinds that the run had found is the same.
        OptimizationResult again = optimizer()
                .generations(1)
                .latencies(result.latency().orElseThrow().table())
                .build()
                .resume(model, state);
        assertThat(again.graph().params()).isEqualTo(result.graph().params());
    }
}
