package org.growingnn.dl4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.SparkContext;
import org.growingnn.dl4j.OptimizationResult;
import org.growingnn.dl4j.StructureOptimizer;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.metric.Metrics;
import org.growingnn.dl4j.metric.Scale;
import org.growingnn.dl4j.run.Outcome;
import org.growingnn.dl4j.run.RunEvent;
import org.growingnn.dl4j.run.RunSettings;
import org.growingnn.dl4j.score.Measurement;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.score.ScoreTerm;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.Candidate;
import org.growingnn.dl4j.search.CandidateExecutor;
import org.growingnn.dl4j.search.Evaluated;
import org.growingnn.dl4j.search.Evaluator;
import org.growingnn.dl4j.search.Execution;
import org.growingnn.dl4j.search.Failure;
import org.growingnn.dl4j.search.Grade;
import org.growingnn.dl4j.search.MonteCarloTreeSearch;
import org.growingnn.dl4j.search.Previewed;
import org.growingnn.dl4j.training.CandidateEvaluator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** Candidates and runs on {@code local[2]}, where executor and driver share a process. */
@Timeout(120)
class SparkExecutorTest {

    private static final SparkExecution LOCAL = SparkExecution.on("local[2]");

    /** Connecting takes seconds. */
    private static CandidateExecutor shared;

    @BeforeAll
    static void connect() {
        shared = LOCAL.executor(1);
    }

    @AfterAll
    static void close() {
        SparkContext context = SparkContext.getOrCreate();
        shared.close();
        assertThat(context.isStopped())
                .as("whoever connects first ends the connection")
                .isTrue();
    }

    @Test
    void as_many_candidates_run_at_once_as_the_cluster_has_cores() {
        assertThat(shared.parallelism()).isEqualTo(2);
    }

    @Test
    void grades_and_trained_networks_are_those_of_threads_bit_for_bit_and_in_order() {
        NetworkGraph root = SparkTasks.network();
        CandidateEvaluator evaluator =
                SparkTasks.evaluator(root, 3, Score.metric(1).loss(1).macs(1));
        shared.requireAble(evaluator, root);
        List<Candidate> candidates = SparkTasks.candidates(root, 9);
        SparkTasks.assertSame(
                SparkTasks.evaluated(shared, evaluator, candidates), SparkTasks.onThreads(evaluator, candidates));
        List<Previewed> previews = new ArrayList<>();
        shared.preview(evaluator, candidates, Cancellation.never(), previews::add);
        assertThat(previews)
                .extracting(Previewed::score)
                .isEqualTo(candidates.stream()
                        .map(candidate -> evaluator.preview(candidate.network(), Cancellation.never()))
                        .toList());
    }

    @Test
    void searches_that_need_grades_only_get_the_same_ones() {
        NetworkGraph root = SparkTasks.network();
        Evaluator evaluator =
                SparkTasks.evaluator(root, 3, Score.metric(1).loss(1)).gradesOnly();
        List<Candidate> candidates = SparkTasks.candidates(root, 4);
        SparkTasks.assertSame(
                SparkTasks.evaluated(shared, evaluator, candidates), SparkTasks.onThreads(evaluator, candidates));
    }

    private static OptimizationResult run(Execution execution, MonteCarloTreeSearch search) {
        StructureOptimizer.Builder builder = SparkTasks.optimizer().execution(execution);
        return (search == null ? builder : builder.search(search)).build().optimize(SparkTasks.model());
    }

    @Test
    void a_run_finds_what_it_finds_on_threads() {
        String greedy = SparkTasks.found(run(Execution.threads(), null));
        assertThat(greedy).contains("remove-neurons");
        assertThat(SparkTasks.found(run(LOCAL, null))).isEqualTo(greedy);
        // Nodes of the tree go on with networks that were trained elsewhere.
        MonteCarloTreeSearch tree = MonteCarloTreeSearch.builder()
                .maxEvaluations(8)
                .puct(0.1)
                .batchSize(2)
                .build();
        assertThat(SparkTasks.found(run(LOCAL, tree))).isEqualTo(SparkTasks.found(run(Execution.threads(), tree)));
    }

    @Test
    void settings_know_it_by_name() {
        RunSettings settings =
                RunSettings.fromJson("{\"execution\": {\"type\": \"spark\", \"master\": \"spark://host:7077\"}}");
        assertThat(settings.execution()).isEqualTo(SparkExecution.on("spark://host:7077"));
        assertThat(RunSettings.fromJson(settings.toJson())).isEqualTo(settings);
        assertThatThrownBy(() -> RunSettings.fromJson("{\"execution\": {\"type\": \"spark\", \"master\": \" \"}}"))
                .hasMessageContaining("execution.master");
    }

    private record Holding(Object own) implements ScoreTerm {

        @Override
        public String name() {
            return "holding";
        }

        @Override
        public double grade(Measurement measurement) {
            return own.hashCode();
        }
    }

    @Test
    void what_cannot_be_serialised_is_named_before_anything_is_evaluated() {
        NetworkGraph root = SparkTasks.network();
        CandidateEvaluator holding = SparkTasks.evaluator(root, 1, Score.of(new Holding(new Object()), 1));
        assertThatThrownBy(() -> shared.requireAble(holding, root))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'holding'")
                .hasMessageContaining("java.lang.Object");
        Evaluator own = (candidate, seed, cancellation) -> new Grade(1, candidate);
        assertThatThrownBy(() -> shared.requireAble(own, root))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("SparkExecutorTest");
        StructureOptimizer optimizer = SparkTasks.optimizer()
                .metric(Metrics.of("my accuracy", () -> new Evaluation(4), found -> found.accuracy(), Scale.SHARE))
                .execution(LOCAL)
                .build();
        assertThatThrownBy(() -> optimizer.optimize(SparkTasks.model()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("The metric 'my accuracy' cannot be taken to another process");
    }

    /** Holds what nobody can serialise. */
    private static final class OwnPreProcessor implements DataSetPreProcessor {

        private static final long serialVersionUID = 1L;

        private final Object own = new Object();

        @Override
        public void preProcess(org.nd4j.linalg.dataset.api.DataSet batch) {
            assertThat(own).isNotNull();
        }
    }

    @Test
    void data_iterators_need_not_be_serialisable_because_they_stay_here() {
        DataSetIterator iterator = SparkTasks.iterator(100, 7);
        iterator.setPreProcessor(new OwnPreProcessor());
        OptimizationResult result = SparkTasks.optimizer()
                .train(iterator)
                .generations(1)
                .actions(Actions.neurons().remove(0.5))
                .execution(LOCAL)
                .build()
                .optimize(SparkTasks.model());
        assertThat(result.status()).as(result.outcome().reason()).isEqualTo(Outcome.Status.FINISHED);
    }

    /** Fails for networks of a number of parameters. */
    private record Picky(long parameters) implements ScoreTerm {

        @Override
        public String name() {
            return "picky";
        }

        @Override
        public double grade(Measurement measurement) {
            if (measurement.parameters() == parameters) {
                throw new IllegalStateException("not this one");
            }
            return 0.5;
        }
    }

    @Test
    void what_an_evaluation_throws_on_an_executor_is_a_failure_with_the_reason_that_threads_give() {
        NetworkGraph root = SparkTasks.network();
        List<Candidate> candidates = SparkTasks.candidates(root, 4);
        CandidateEvaluator evaluator = SparkTasks.evaluator(
                root, 1, Score.of(new Picky(candidates.get(1).parameters()), 1));
        List<Evaluated> received = SparkTasks.evaluated(shared, evaluator, candidates);
        List<Evaluated> expected = SparkTasks.onThreads(evaluator, candidates);
        assertThat(received).hasSize(4);
        assertThat(received.get(1).evaluation())
                .isEqualTo(expected.get(1).evaluation())
                .isEqualTo(new Failure("IllegalStateException: not this one"));
        for (int i : new int[] {0, 2, 3}) {
            assertThat(received.get(i).evaluation().orElseThrow().score()).isEqualTo(0.5);
        }
    }

    /** Throws what is no candidate's fault. */
    private record Broken() implements ScoreTerm {

        @Override
        public String name() {
            return "broken";
        }

        @Override
        public double grade(Measurement measurement) {
            throw new NoClassDefFoundError("missing");
        }
    }

    @Test
    void errors_of_the_program_are_thrown_as_they_are_on_threads() {
        NetworkGraph root = SparkTasks.network();
        CandidateEvaluator evaluator = SparkTasks.evaluator(root, 1, Score.of(new Broken(), 1));
        assertThatThrownBy(() -> SparkTasks.evaluated(shared, evaluator, SparkTasks.candidates(root, 2)))
                .isInstanceOf(Error.class)
                .hasMessageContaining("NoClassDefFoundError: missing")
                .hasMessageContaining("executor driver");
    }

    /** Grades otherwise in threads of Spark's, as a processor that rounds otherwise would. */
    private record Elsewhere() implements ScoreTerm {

        @Override
        public String name() {
            return "elsewhere";
        }

        @Override
        public double grade(Measurement measurement) {
            return Thread.currentThread().getName().startsWith("Executor task") ? Math.nextUp(0.5) : 0.5;
        }
    }

    @Test
    void an_executor_that_computes_other_bits_is_refused_by_name_unless_it_is_allowed() {
        NetworkGraph root = SparkTasks.network();
        CandidateEvaluator evaluator = SparkTasks.evaluator(root, 1, Score.of(new Elsewhere(), 1));
        try (CandidateExecutor strict = LOCAL.executor(1)) {
            assertThatThrownBy(() -> strict.requireAble(evaluator, root))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("The executor driver on 127.0.0.1 computes otherwise")
                    .hasMessageContaining("has other bits, though all settings are the same");
            // As where an executor joins that was not there before the run.
            assertThatThrownBy(() -> SparkTasks.evaluated(strict, evaluator, SparkTasks.candidates(root, 3)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("The executor driver on 127.0.0.1 computes otherwise");
        }
        try (CandidateExecutor lenient = LOCAL.anyBits().executor(1)) {
            lenient.requireAble(evaluator, root);
            assertThat(SparkTasks.evaluated(lenient, evaluator, SparkTasks.candidates(root, 3)))
                    .allSatisfy(one ->
                            assertThat(one.evaluation().orElseThrow().score()).isEqualTo(Math.nextUp(0.5)));
        }
    }

    /** Takes for ever, in training steps of milliseconds. */
    private static CandidateEvaluator endless(NetworkGraph root) {
        return SparkTasks.evaluator(root, Integer.MAX_VALUE, Score.metric(1));
    }

    private static boolean isEvaluating(Thread thread, StackTraceElement[] stack) {
        return thread.getName().startsWith("Executor task")
                && Arrays.stream(stack)
                        .anyMatch(frame -> frame.getClassName().equals(RemoteEvaluation.class.getName()));
    }

    private static long evaluating() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(entry -> isEvaluating(entry.getKey(), entry.getValue()))
                .count();
    }

    @Test
    void a_cancelled_search_ends_its_jobs_keeps_what_is_finished_and_leaves_the_cluster_usable() throws Exception {
        NetworkGraph root = SparkTasks.network();
        Cancellation cancellation = new Cancellation();
        List<Evaluated> received = new ArrayList<>();
        List<Candidate> candidates = SparkTasks.candidates(root, 30);
        CandidateEvaluator quick = SparkTasks.evaluator(root, 20, Score.metric(1));
        shared.evaluate(quick, candidates, 5, cancellation, evaluated -> {
            received.add(evaluated);
            cancellation.cancel("enough");
        });
        assertThat(received).isNotEmpty().hasSizeLessThan(30);
        assertThat(received).allSatisfy(one -> assertThat(one.evaluation()).isInstanceOf(Grade.class));
        assertThat(received)
                .extracting(Evaluated::candidate)
                .isEqualTo(candidates.stream()
                        .filter(candidate -> received.stream().anyMatch(one -> one.candidate() == candidate))
                        .toList());

        Cancellation other = new Cancellation();
        List<Evaluated> none = new ArrayList<>();
        CompletableFuture<Void> search =
                CompletableFuture.runAsync(() -> shared.evaluate(endless(root), candidates, 5, other, none::add));
        while (evaluating() < 2) {
            Thread.sleep(20);
        }
        assertThat(search).isNotDone();
        other.cancel("enough");
        search.get(30, TimeUnit.SECONDS);
        assertThat(none).isEmpty();
        assertThat(evaluating()).as("tasks that go on").isZero();
        assertThat(SparkTasks.evaluated(shared, quick, candidates.subList(0, 2)))
                .hasSize(2);
    }

    @Test
    void an_interrupt_of_the_searching_thread_ends_the_run_with_what_it_has_and_stays_set() throws Exception {
        AtomicReference<OptimizationResult> result = new AtomicReference<>();
        AtomicReference<Boolean> flag = new AtomicReference<>();
        Thread driver = new Thread(() -> {
            result.set(SparkTasks.optimizer()
                    .generations(1000)
                    .execution(LOCAL)
                    .listener(event -> {
                        if (event instanceof RunEvent.CandidateEvaluated) {
                            Thread.currentThread().interrupt();
                        }
                    })
                    .build()
                    .optimize(SparkTasks.model()));
            flag.set(Thread.currentThread().isInterrupted());
        });
        driver.start();
        driver.join(60_000);
        assertThat(driver.isAlive()).isFalse();
        assertThat(result.get().status()).isEqualTo(Outcome.Status.CANCELLED);
        assertThat(flag.get()).isTrue();
    }

    @Test
    void another_cluster_is_refused_while_this_process_is_connected_to_one() {
        assertThatThrownBy(() -> SparkExecution.on("local[3]").executor(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("local[3]")
                .hasMessageContaining("connected to local[2]");
    }
}
