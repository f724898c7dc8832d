package org.growingnn.dl4j.worker;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import org.growingnn.dl4j.adapter.NetworkBytes;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.Candidate;
import org.growingnn.dl4j.search.CandidateExecutor;
import org.growingnn.dl4j.search.Evaluated;
import org.growingnn.dl4j.search.Evaluation;
import org.growingnn.dl4j.search.Evaluator;
import org.growingnn.dl4j.search.Failure;
import org.growingnn.dl4j.search.Previewed;
import org.growingnn.dl4j.search.ThreadExecutor;
import org.growingnn.dl4j.training.EvaluationTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Evaluates candidates in processes of their own, see {@link ProcessExecution}. Each thread of a {@link ThreadExecutor} hands its candidates
 * to one process at a time, so that order, cancellation and failures are those of threads.
 *
 * <p>A process that ends while it evaluates is replaced, and the candidate evaluated once more; only if that ends the other process, too,
 * the candidate has failed. A process that does not end its evaluation within two seconds of being asked to is ended. All of them end with
 * this executor, and with this process however that ends.
 */
public final class ProcessExecutor implements CandidateExecutor {

    private static final Logger log = LoggerFactory.getLogger(ProcessExecutor.class);

    /** A candidate that ended two processes is to blame. */
    private static final int ATTEMPTS = 2;

    /** Settings of the libraries that compute; the others are the program's own affair. */
    private static final List<String> COMPUTING =
            List.of("org.bytedeco.", "org.nd4j.", "org.deeplearning4j.", "org.eclipse.deeplearning4j.");

    private final ProcessExecution settings;
    private final ThreadExecutor threads;
    private final Deque<Worker> idle = new ArrayDeque<>();
    private @Nullable Evaluator latest;
    private @Nullable Task task;
    private boolean closed;

    /** What candidates of one search have in common; workers are told it once. */
    record Task(byte[] bytes) {}

    /**
     * Makes an executor; its processes start when they are needed.
     *
     * @param processes how many candidates to evaluate at once, ≥ 1
     * @param settings how processes are started and when they are replaced
     */
    public ProcessExecutor(int processes, ProcessExecution settings) {
        this.settings = Objects.requireNonNull(settings, "settings");
        this.threads = new ThreadExecutor(processes);
    }

    /**
     * Gives this process's settings of the libraries that compute, for processes that are to compute as it does.
     *
     * @return options of Java, such as {@code -Dorg.bytedeco.javacpp.maxphysicalbytes=0}, sorted
     */
    public static List<String> computingProperties() {
        return properties(COMPUTING);
    }

    static List<String> properties(List<String> prefixes) {
        return System.getProperties().stringPropertyNames().stream()
                .filter(name -> prefixes.stream().anyMatch(name::startsWith))
                .sorted()
                .map(name -> "-D" + name + "=" + System.getProperty(name))
                .toList();
    }

    @Override
    public int parallelism() {
        return threads.parallelism();
    }

    @Override
    public void requireAble(Evaluator evaluator, NetworkGraph root) {
        NetworkBytes.requirePortable(root);
        try {
            EvaluationTask.requireSame(root, ask(task(evaluator), EvaluationTask.identity(root), Cancellation.never()));
        } catch (WorkerEndedException e) {
            throw new IllegalStateException(
                    e.getMessage()
                            + "\nMaybe evaluate in threads of this process instead, by execution(Execution.threads())?",
                    e);
        }
    }

    /**
     * Evaluates candidates, as {@link CandidateExecutor} says.
     *
     * @throws IllegalArgumentException if the evaluator cannot be taken to another process, with the reason
     */
    @Override
    public void evaluate(
            Evaluator evaluator,
            List<Candidate> candidates,
            long seed,
            Cancellation cancellation,
            Consumer<Evaluated> receiver) {
        threads.evaluate(new Remote(task(evaluator)), candidates, seed, cancellation, receiver);
    }

    @Override
    public void preview(
            Evaluator evaluator, List<Candidate> candidates, Cancellation cancellation, Consumer<Previewed> receiver) {
        threads.preview(new Remote(task(evaluator)), candidates, cancellation, receiver);
    }

    /** Networks are made in this process. */
    @Override
    public void prepare(List<Candidate> candidates, Cancellation cancellation) {
        threads.prepare(candidates, cancellation);
    }

    /** Evaluators of different generations are mostly the same, and simulation sets are large. */
    private synchronized Task task(Evaluator evaluator) {
        if (task == null || evaluator != latest) {
            byte[] bytes = EvaluationTask.of(evaluator).toBytes();
            if (task == null || !Arrays.equals(bytes, task.bytes)) {
                task = new Task(bytes);
            }
            latest = evaluator;
        }
        return task;
    }

    private final class Remote implements Evaluator {

        private final Task task;

        Remote(Task task) {
            this.task = task;
        }

        @Override
        public Evaluation evaluate(NetworkGraph candidate, long seed, Cancellation cancellation) {
            try {
                return EvaluationTask.evaluated(
                        candidate, ask(task, EvaluationTask.evaluation(candidate, seed), cancellation));
            } catch (WorkerEndedException e) {
                return new Failure(e.getMessage());
            }
        }

        @Override
        public OptionalDouble preview(NetworkGraph candidate, Cancellation cancellation) {
            try {
                return EvaluationTask.previewed(ask(task, EvaluationTask.preview(candidate), cancellation));
            } catch (WorkerEndedException e) {
                throw new IllegalStateException(e.getMessage(), e);
            }
        }
    }

    private byte[] ask(Task asked, byte[] request, Cancellation cancellation) throws WorkerEndedException {
        for (int attempt = 1; ; attempt++) {
            Worker worker = null;
            try {
                worker = take(cancellation);
                return worker.ask(asked, request, cancellation);
            } catch (WorkerEndedException e) {
                // A process that is asked to end something may be ended by the same.
                cancellation.check();
                if (attempt == ATTEMPTS) {
                    throw e;
                }
                log.warn("Another process takes the place of one that has ended. {}", e.getMessage());
            } finally {
                if (worker != null) {
                    giveBack(worker);
                }
            }
        }
    }

    private Worker take(Cancellation cancellation) throws WorkerEndedException {
        while (true) {
            Worker worker;
            synchronized (idle) {
                worker = idle.poll();
            }
            if (worker == null) {
                return Worker.start(settings, cancellation);
            }
            // It may have ended while nobody used it.
            if (worker.isUsable()) {
                return worker;
            }
            worker.end();
        }
    }

    private void giveBack(Worker worker) {
        synchronized (idle) {
            if (!closed && worker.isUsable()) {
                idle.push(worker);
                return;
            }
        }
        worker.end();
    }

    @Override
    public void close() {
        List<Worker> ending;
        threads.close();
        synchronized (idle) {
            closed = true;
            ending = List.copyOf(idle);
            idle.clear();
        }
        ending.forEach(Worker::end);
    }

    @Override
    public String toString() {
        return "processes(" + parallelism() + ", " + settings + ")";
    }
}
