package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.run.Outcome.Status;
import org.growingnn.dl4j.run.RunEvent;
import org.growingnn.dl4j.run.RunListener;
import org.growingnn.dl4j.run.Stopper;
import org.growingnn.dl4j.score.Measurement;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.score.ScoreTerm;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.GreedySearch;
import org.growingnn.dl4j.training.SimulationSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/** Whatever happens in the middle of a run, it ends with the best model so far and a reason, and leaves nothing behind. */
class RunFaultsTest {

    private static final int THREADS = 2;

    private final ComputationGraph model = TestData.trainedGraph();
    private final List<String> given = TestData.jsonOf(model);
    private int threadsBefore;

    @BeforeEach
    void rememberWhatIsTheCallers() {
        threadsBefore = Nd4j.factory().blas().getMaxThreads();
        Nd4j.factory().blas().setMaxThreads(THREADS);
    }

    @AfterEach
    void nothingIsLeftBehind() {
        assertThat(Nd4j.factory().blas().getMaxThreads()).as("BLAS threads").isEqualTo(THREADS);
        Nd4j.factory().blas().setMaxThreads(threadsBefore);
        assertThat(ours()).as("threads").isEmpty();
        assertThat(TestData.jsonOf(model)).isEqualTo(given);
        assertThat(Thread.interrupted()).as("interrupted").isFalse();
    }

    private static StructureOptimizer.Builder optimizer() {
        return StructureOptimizer.builder()
                .epochsPerGeneration(1)
                .train(TestData.clouds(300, 30, 1))
                .validation(TestData.clouds(150, 50, 2))
                .generations(3)
                .score(Score.accuracy(1).relativeParameters(0.5))
                .search(GreedySearch.create())
                .actions(Actions.neurons().remove(0.1, 0.5).add())
                .simulation(new SimulationSettings(60, 0.5, 1, 15))
                .workers(2)
                .seed(5);
    }

    private static void assertUsable(OptimizationResult result) {
        DataSet data = TestData.cloud(30, 3);
        assertThat(result.graph().outputSingle(data.getFeatures()).sumNumber().doubleValue())
                .isFinite();
        result.graph().fit(data);
        assertThat(result.graph().score()).isFinite();
        assertThat(result.history()).isNotEmpty();
        assertThat(result.outcome().reason()).isNotBlank();
    }

    /** An iterator over clouds that does something else from some batch on, counted over all passes. */
    private static final class Faulty extends ListDataSetIterator<DataSet> {
        private static final long serialVersionUID = 1L;

        private final int from;
        private final transient UnaryOperator<DataSet> fault;
        private int read;
        private boolean broken;

        /** One that works until it is told to be broken. */
        Faulty(int examples, int batch, UnaryOperator<DataSet> fault) {
            this(examples, batch, Integer.MAX_VALUE, fault);
        }

        Faulty(int examples, int batch, int from, UnaryOperator<DataSet> fault) {
            super(TestData.cloud(examples, 1).asList(), batch);
            this.from = from;
            this.fault = fault;
        }

        @Override
        public DataSet next() {
            DataSet batch = super.next();
            broken = broken || ++read > from;
            return broken ? fault.apply(batch) : batch;
        }
    }

    private static UnaryOperator<DataSet> features(double value) {
        return batch -> {
            DataSet copy = batch.copy();
            copy.getFeatures().putScalar(0, 0, value);
            return copy;
        };
    }

    static Stream<UnaryOperator<DataSet>> dataFaults() {
        return Stream.of(
                batch -> {
                    throw new IllegalStateException("the disk is gone");
                },
                batch -> null,
                features(Double.NaN),
                features(Double.POSITIVE_INFINITY),
                batch -> new DataSet(Nd4j.rand(batch.numExamples(), 4), batch.getLabels()),
                batch -> new DataSet(batch.getFeatures(), null),
                batch -> new DataSet(batch.getFeatures(), Nd4j.rand(batch.numExamples(), 5)));
    }

    @ParameterizedTest
    @MethodSource("dataFaults")
    void training_data_that_fails_in_the_middle_ends_the_run_with_the_best_model_so_far(UnaryOperator<DataSet> fault) {
        List<Integer> generations = new ArrayList<>();
        Faulty[] data = new Faulty[1];
        // Broken as soon as the first generation is over.
        data[0] = new Faulty(300, 30, fault);
        OptimizationResult result = optimizer()
                .train(data[0])
                .listener(RunListener.generations(generation -> {
                    generations.add(generation.number());
                    data[0].broken = generation.number() >= 1;
                }))
                .build()
                .optimize(model);
        assertUsable(result);
        assertThat(result.history().size()).isGreaterThanOrEqualTo(2);
        assertThat(generations).containsSubsequence(0, 1);
        assertThat(result.history().get(1).accepted()).isTrue();
        // What is no number makes training diverge, which is taken back; all else fails.
        boolean diverged = result.history().stream()
                .anyMatch(generation -> generation
                        .rejection()
                        .filter("training diverged"::equals)
                        .isPresent());
        assertThat(result.status() == Status.FAILED || diverged).isTrue();
    }

    @ParameterizedTest
    @MethodSource("dataFaults")
    void validation_data_that_fails_in_the_middle_ends_the_run_with_the_best_model_so_far(
            UnaryOperator<DataSet> fault) {
        Faulty data = new Faulty(150, 50, fault);
        OptimizationResult result = optimizer()
                .validation(data)
                .listener(RunListener.generations(generation -> data.broken = generation.number() >= 1))
                .build()
                .optimize(model);
        assertUsable(result);
        assertThat(result.history().size()).isGreaterThanOrEqualTo(2);
        assertThat(result.history().get(1).accepted()).isTrue();
        assertThat(result.status() == Status.FAILED
                        || result.history().stream().skip(2).noneMatch(generation -> generation.accepted()))
                .isTrue();
    }

    /** A run of which each phase reads some batches of the data that may be faulty. */
    private static StructureOptimizer.Builder sweeping(Faulty data, boolean training) {
        StructureOptimizer.Builder optimizer = optimizer()
                .generations(2)
                .search(GreedySearch.create().maxEvaluations(3))
                .simulation(new SimulationSettings(30, 0.5, 1, 15));
        return training ? optimizer.train(data) : optimizer.validation(data);
    }

    /** Numbers of batches that were read when the run had been opened, when its model was measured, and at the end. */
    private record Reads(int opened, int measured, int end) {

        static Reads of(ComputationGraph model, boolean training) {
            Faulty data = data(training, Integer.MAX_VALUE, UnaryOperator.identity());
            List<Integer> at = new ArrayList<>();
            sweeping(data, training)
                    .listener(event -> {
                        if (event instanceof RunEvent.RunStarted || event instanceof RunEvent.StateReached) {
                            at.add(data.read);
                        }
                    })
                    .build()
                    .optimize(model);
            return new Reads(at.get(0), at.get(1), data.read);
        }

        static Faulty data(boolean training, int from, UnaryOperator<DataSet> fault) {
            return training ? new Faulty(150, 30, from, fault) : new Faulty(60, 20, from, fault);
        }

        /** Batches of the check, of sampling, of the opening, of the first measurement, and of all generations. */
        Set<Integer> sweep() {
            int generations = end - measured;
            return new TreeSet<>(List.of(
                    opened / 3,
                    opened * 2 / 3,
                    opened - 1,
                    (opened + measured) / 2,
                    measured,
                    measured + generations / 2,
                    end - 1));
        }
    }

    @ParameterizedTest
    @MethodSource("dataFaults")
    void data_that_fails_at_any_batch_is_refused_or_else_ends_the_run_with_the_best_model_so_far(
            UnaryOperator<DataSet> fault) {
        DataSet unseen = TestData.cloud(300, 3);
        double before = accuracy(model, unseen);
        for (boolean training : new boolean[] {true, false}) {
            Reads reads = Reads.of(model, training);
            assertThat(reads.opened()).isBetween(1, reads.measured() - 1);
            assertThat(reads.measured()).isLessThan(reads.end());
            for (int from : reads.sweep()) {
                String where = "from batch " + from + " of " + reads + (training ? ", training" : ", validation");
                StructureOptimizer faulty =
                        sweeping(Reads.data(training, from, fault), training).build();
                if (from < reads.measured()) {
                    assertThatThrownBy(() -> faulty.optimize(model))
                            .as(where)
                            .isInstanceOf(RuntimeException.class)
                            .message()
                            .isNotBlank();
                } else {
                    OptimizationResult result = faulty.optimize(model);
                    assertUsable(result);
                    assertThat(result.status() == Status.FAILED
                                    || result.history().stream().anyMatch(generation -> !generation.accepted()))
                            .as(where)
                            .isTrue();
                    assertThat(accuracy(result.graph(), unseen)).as(where).isGreaterThan(before - 0.1);
                }
                assertThat(ours()).as(where).isEmpty();
            }
        }
    }

    private static double accuracy(ComputationGraph model, DataSet data) {
        return model.evaluate(new ListDataSetIterator<>(data.asList(), 50)).accuracy();
    }

    private static List<String> ours() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("growingnn"))
                .toList();
    }

    @Test
    void a_reset_that_is_refused_in_the_middle() {
        AtomicInteger generation = new AtomicInteger(-1);
        DataSetIterator data = new ListDataSetIterator<>(TestData.cloud(300, 1).asList(), 30) {
            private static final long serialVersionUID = 1L;

            @Override
            public void reset() {
                if (generation.get() >= 1) {
                    throw new UnsupportedOperationException("no more resets");
                }
                super.reset();
            }
        };
        OptimizationResult result = optimizer()
                .train(data)
                .listener(RunListener.generations(ended -> generation.set(ended.number())))
                .build()
                .optimize(model);
        assertUsable(result);
        assertThat(result.status()).isEqualTo(Status.FAILED);
        assertThat(result.outcome().reason()).contains("training data");
        assertThat(result.history()).hasSize(2);
    }

    @Test
    void a_listener_that_throws_is_dropped_and_the_run_goes_on() {
        OptimizationResult quiet = optimizer().build().optimize(model);
        List<RunEvent> told = new ArrayList<>();
        List<RunEvent> later = new ArrayList<>();
        OptimizationResult result = optimizer()
                .listener(event -> {
                    told.add(event);
                    throw new IllegalStateException("the disk is full");
                })
                .listener(later::add)
                .build()
                .optimize(model);
        assertThat(told).hasSize(1);
        assertThat(later).hasSizeGreaterThan(10);
        assertThat(result.status()).isEqualTo(Status.FINISHED);
        assertThat(result.graph().params()).isEqualTo(quiet.graph().params());
    }

    private static ScoreTerm term(java.util.function.ToDoubleFunction<Measurement> grade) {
        return new ScoreTerm() {
            @Override
            public String name() {
                return "fragile";
            }

            @Override
            public double grade(Measurement measurement) {
                return grade.applyAsDouble(measurement);
            }
        };
    }

    @Test
    void a_score_term_that_throws_for_some_candidates_only_costs_those() {
        OptimizationResult result = optimizer()
                .score(Score.accuracy(1)
                        .relativeParameters(0.5)
                        .and(
                                term(measurement -> {
                                    if (measurement.parameters() < 0.6 * measurement.initialParameters()) {
                                        throw new IllegalStateException("too small to be rated");
                                    }
                                    return 1;
                                }),
                                1))
                .generations(1)
                .build()
                .optimize(model);
        assertUsable(result);
        assertThat(result.status()).isEqualTo(Status.FINISHED);
        assertThat(result.history().get(1).accepted()).isTrue();
        assertThat(result.reduction()).isBetween(0.0, 0.4);
    }

    @Test
    void a_score_term_that_throws_later_on() {
        AtomicInteger generation = new AtomicInteger();
        OptimizationResult result = optimizer()
                .score(Score.accuracy(1)
                        .relativeParameters(0.5)
                        .and(
                                term(measurement -> {
                                    if (generation.get() >= 1) {
                                        throw new IllegalStateException("the term broke");
                                    }
                                    return 1;
                                }),
                                1))
                .listener(RunListener.generations(ended -> generation.set(ended.number())))
                .build()
                .optimize(model);
        assertUsable(result);
        assertThat(result.status()).isEqualTo(Status.FAILED);
        assertThat(result.outcome().reason()).contains("the term broke");
        assertThat(result.history()).hasSize(2);
        assertThat(result.reduction()).isPositive();
    }

    @Test
    void a_stopper_a_scheduler_or_a_schedule_that_throws_later_on() {
        Stopper stopper = history -> {
            if (history.size() > 1) {
                throw new IllegalStateException("cannot judge");
            }
            return Stopper.Verdict.CONTINUE;
        };
        OptimizationResult stopped = optimizer().stopWhen(stopper).build().optimize(model);
        OptimizationResult scheduled = optimizer()
                .simulateWhen(history -> {
                    if (history.size() > 1) {
                        throw new IllegalStateException("cannot judge");
                    }
                    return true;
                })
                .build()
                .optimize(model);
        for (OptimizationResult result : List.of(stopped, scheduled)) {
            assertUsable(result);
            assertThat(result.status()).isEqualTo(Status.FAILED);
            assertThat(result.outcome().reason()).contains("cannot judge");
            assertThat(result.history()).as("the generation before is kept").hasSize(2);
            assertThat(result.reduction()).isPositive();
        }
        AtomicInteger generation = new AtomicInteger();
        OptimizationResult trained = optimizer()
                .learningRateSchedule(progress -> generation.get() >= 1 ? Double.NaN : 1)
                .listener(RunListener.generations(ended -> generation.set(ended.number())))
                .build()
                .optimize(model);
        assertUsable(trained);
        assertThat(trained.status()).isEqualTo(Status.FAILED);
        assertThat(trained.outcome().reason()).contains("NaN");
        assertThat(trained.history()).hasSize(2);
    }

    /** An action that cannot be carried out. */
    public record Impossible() implements StructuralAction {
        @Override
        public NetworkGraph apply(NetworkGraph graph, Projection projection) {
            throw new IllegalStateException("this cannot be done");
        }

        @Override
        public boolean preservesFunction(NetworkGraph graph, Projection projection) {
            return false;
        }
    }

    @Test
    void an_action_that_throws_is_not_chosen_and_the_run_goes_on() {
        ActionGenerator removals = Actions.neurons().remove(0.5).add();
        List<String> failures = new ArrayList<>();
        OptimizationResult result = optimizer()
                .actions(graph -> Stream.concat(Stream.of(new Impossible()), removals.generate(graph)))
                .listener(event -> {
                    if (event instanceof RunEvent.SearchEnded ended) {
                        ended.result().failures().forEach(failed -> failures.add(failed.reason()));
                    }
                })
                .build()
                .optimize(model);
        assertUsable(result);
        assertThat(result.status()).isEqualTo(Status.FINISHED);
        assertThat(result.reduction()).isPositive();
        assertThat(failures).hasSize(3).allMatch(reason -> reason.contains("this cannot be done"));
    }

    @Test
    void training_that_diverges_is_taken_back() {
        OptimizationResult result =
                optimizer().learningRate(1e30).generations(2).build().optimize(model);
        assertThat(result.graph().params()).isEqualTo(model.params());
        assertUsable(result);
        assertThat(result.status()).isEqualTo(Status.FINISHED);
        assertThat(result.history()).hasSize(3);
        assertThat(result.history().subList(1, 3))
                .allMatch(generation -> generation.rejection().orElseThrow().contains("training diverged"));
    }

    @Test
    void initial_training_that_diverges_ends_the_run_with_the_model_as_it_was() {
        OptimizationResult result =
                optimizer().learningRate(1e30).initialEpochs(1).build().optimize(model);
        assertThat(result.graph().params()).isEqualTo(model.params());
        assertUsable(result);
        assertThat(result.status()).isEqualTo(Status.FAILED);
        assertThat(result.outcome().reason()).contains("diverged", "learningRate");
    }

    @Test
    void a_run_that_is_cancelled_in_a_search_or_in_training_returns_the_best_model_so_far() {
        for (boolean training : new boolean[] {false, true}) {
            Cancellation cancellation = new Cancellation();
            OptimizationResult result = optimizer()
                    .epochsPerGeneration(training ? 1_000_000 : 1)
                    .listener(event -> {
                        if (training
                                ? event instanceof RunEvent.SearchEnded
                                : event instanceof RunEvent.CandidateEvaluated evaluated
                                        && evaluated.generation() == 2) {
                            cancellation.cancel("enough");
                        }
                    })
                    .build()
                    .optimize(model, cancellation);
            assertUsable(result);
            assertThat(result.status()).isEqualTo(Status.CANCELLED);
            assertThat(result.outcome().reason()).isEqualTo("enough");
            assertThat(result.history()).hasSize(training ? 1 : 2);
        }
    }

    @Test
    void a_run_that_is_cancelled_before_it_begins_returns_the_model_as_it_was() {
        Cancellation cancellation = new Cancellation();
        cancellation.cancel("never mind");
        OptimizationResult result = optimizer().build().optimize(model, cancellation);
        assertThat(result.status()).isEqualTo(Status.CANCELLED);
        assertThat(result.graph().params()).isEqualTo(model.params());
    }

    @Test
    void an_interrupt_ends_the_run_within_a_step_and_stays_set() {
        for (Class<?> when : List.of(
                RunEvent.CandidateEvaluated.class, RunEvent.SearchEnded.class, RunEvent.GenerationEnded.class)) {
            OptimizationResult result = optimizer()
                    .epochsPerGeneration(when == RunEvent.SearchEnded.class ? 1_000_000 : 1)
                    .listener(event -> {
                        if (when.isInstance(event)) {
                            Thread.currentThread().interrupt();
                        }
                    })
                    .build()
                    .optimize(model);
            assertThat(Thread.interrupted()).as("still interrupted").isTrue();
            assertUsable(result);
            assertThat(result.status()).isEqualTo(Status.CANCELLED);
            assertThat(result.outcome().reason()).contains("interrupt");
        }
    }

    @Test
    void a_run_ends_by_itself_when_the_time_of_its_search_is_over() {
        OptimizationResult result = optimizer()
                .search(GreedySearch.create().timeLimit(Duration.ofMillis(1)))
                .generations(1)
                .build()
                .optimize(model);
        assertUsable(result);
        assertThat(result.status()).isEqualTo(Status.FINISHED);
    }

    @Test
    void two_runs_at_once_that_share_an_iterator_are_refused() {
        DataSetIterator shared = TestData.clouds(300, 30, 1);
        StructureOptimizer same = optimizer().train(shared).generations(1).build();
        StructureOptimizer other = optimizer()
                .train(TestData.clouds(300, 30, 1))
                .validation(shared)
                .build();
        List<Throwable> refusals = new ArrayList<>();
        StructureOptimizer first = optimizer()
                .train(shared)
                .generations(1)
                .listener(event -> {
                    if (event instanceof RunEvent.SearchEnded) {
                        for (StructureOptimizer second : List.of(same, other)) {
                            try {
                                second.optimize(model);
                            } catch (IllegalStateException e) {
                                refusals.add(e);
                            }
                        }
                    }
                })
                .build();
        OptimizationResult result = first.optimize(model);
        assertThat(result.status()).isEqualTo(Status.FINISHED);
        assertThat(refusals)
                .hasSize(2)
                .allSatisfy(refusal -> assertThat(refusal).hasMessageContaining("iterator"));
        // One after the other is fine.
        assertThat(same.optimize(model).graph().params())
                .isEqualTo(result.graph().params());
    }

    @Test
    void a_learning_rate_without_an_updater_that_has_one_is_refused() {
        ComputationGraph frozen = TestData.graphWith(new org.nd4j.linalg.learning.config.AdaDelta());
        assertThatThrownBy(() -> optimizer().learningRate(0.1).build().optimize(frozen))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("learningRate (0.1)")
                .hasMessageContaining("no effect");
    }
}
