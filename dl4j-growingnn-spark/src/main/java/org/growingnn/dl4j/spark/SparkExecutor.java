package org.growingnn.dl4j.spark;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.spark.SparkJobInfo;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.JavaSparkStatusTracker;
import org.apache.spark.broadcast.Broadcast;
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
 * Evaluates candidates as Spark jobs of one task each, see {@link SparkExecution}. Each thread of a {@link ThreadExecutor} waits for one job
 * at a time, so that order, cancellation and failures are those of threads, and there are as many threads as tasks that run at once.
 *
 * <p>What candidates have in common is broadcast once, each candidate by a broadcast of its own, which is as large as it likes to be, is
 * fetched again by Spark where a task is tried again, and is deleted with the answer.
 */
final class SparkExecutor implements CandidateExecutor {

    private static final Logger log = LoggerFactory.getLogger(SparkExecutor.class);

    private static final int LOOK_AGAIN_MILLIS = 100;

    /** How long an evaluation is awaited that was asked to end; most training steps take less. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** What Spark calls it when a process of an executor ends. */
    private static final String EXECUTOR_LOST = "ExecutorLostFailure";

    private final SparkExecution settings;
    private final Connection connection;
    private final JavaSparkContext spark;
    private final ThreadExecutor threads;
    private final Set<String> told = Collections.synchronizedSet(new HashSet<>());
    private @Nullable Shared shared;
    private @Nullable Broadcast<Probe> probe;

    /** What the candidates of a search have in common, on all executors. */
    private record Shared(Evaluator evaluator, byte[] bytes, String id, Broadcast<byte[]> broadcast) {}

    SparkExecutor(SparkExecution settings) {
        this.settings = settings;
        this.connection = Connection.to(settings.master());
        this.spark = connection.spark();
        this.threads = new ThreadExecutor(connection.slots());
    }

    /** As many as the cluster had cores for when it was connected to. */
    @Override
    public int parallelism() {
        return threads.parallelism();
    }

    /** Also has every executor compute a probe. */
    @Override
    public void requireAble(Evaluator evaluator, NetworkGraph root) {
        NetworkBytes.requirePortable(root);
        Shared task = shared(evaluator);
        Cancellation cancellation = Cancellation.never().withInterrupt();
        Broadcast<byte[]> identity = spark.broadcast(EvaluationTask.identity(root));
        try {
            probe = spark.broadcast(probe(evaluator, root, cancellation));
            // As many tasks as run at once reach all executors.
            List<Reply> replies = awaited(submit(task, identity, connection.slots()), cancellation);
            for (Reply reply : replies) {
                EvaluationTask.requireSame(root, answer(reply));
            }
            if (settings.sameBits()) {
                refuse(replies);
            }
            replies.forEach(this::warn);
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "Candidates cannot be evaluated on " + settings.master() + ": " + reason(e)
                            + "\nMaybe executors lack this module, the library or Deeplearning4j on their class path?"
                            + " spark.jars and spark.executor.extraClassPath name what they get.",
                    e);
        } finally {
            identity.destroy();
        }
    }

    /** On a thread of its own, whose OpenMP threads are nobody else's affair. */
    private static Probe probe(Evaluator evaluator, NetworkGraph root, Cancellation cancellation) {
        byte[] task = EvaluationTask.of(evaluator).brief().toBytes();
        byte[] request = EvaluationTask.evaluation(root, 1);
        FutureTask<Probe> work =
                new FutureTask<>(() -> Probe.of(UUID.randomUUID().toString(), task, request, cancellation));
        Thread thread = new Thread(work, "growingnn-probe");
        thread.setDaemon(true);
        thread.start();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return work.get();
                } catch (InterruptedException e) {
                    // The probe ends by the cancellation.
                    interrupted = true;
                    remembered(cancellation);
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof RuntimeException refusal) {
                        throw refusal;
                    }
                    throw new IllegalStateException("The network cannot be evaluated here: " + e.getCause(), e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void refuse(List<Reply> replies) {
        String others = replies.stream()
                .filter(reply -> !reply.sameBits())
                .map(SparkExecutor::difference)
                .distinct()
                .collect(Collectors.joining("\n"));
        if (!others.isEmpty()) {
            throw new IllegalStateException(refusal(others));
        }
    }

    private static String difference(Reply reply) {
        return reply.executor() + " computes otherwise than this process: " + reply.difference() + ".";
    }

    private static String refusal(String differences) {
        return differences
                + "\nMaybe leave it out, have all compute the same way, or allow it by sameBits = false? What a"
                + " search finds then depends on which executor evaluates which candidate.";
    }

    private void warn(Reply reply) {
        if (!reply.difference().isEmpty() && told.add(reply.executor())) {
            log.warn(difference(reply));
        }
    }

    @Override
    public void evaluate(
            Evaluator evaluator,
            List<Candidate> candidates,
            long seed,
            Cancellation cancellation,
            Consumer<Evaluated> receiver) {
        Batch batch = new Batch(shared(evaluator), cancellation.child());
        threads.evaluate(batch, candidates, seed, batch.cancellation, receiver);
        batch.requireCluster();
    }

    @Override
    public void preview(
            Evaluator evaluator, List<Candidate> candidates, Cancellation cancellation, Consumer<Previewed> receiver) {
        Batch batch = new Batch(shared(evaluator), cancellation.child());
        threads.preview(batch, candidates, batch.cancellation, receiver);
        batch.requireCluster();
    }

    /** Networks are made in this process. */
    @Override
    public void prepare(List<Candidate> candidates, Cancellation cancellation) {
        threads.prepare(candidates, cancellation);
    }

    /** Evaluators of different generations are mostly the same, and simulation sets are large. */
    private synchronized Shared shared(Evaluator evaluator) {
        if (shared == null || evaluator != shared.evaluator) {
            byte[] bytes = EvaluationTask.of(evaluator).toBytes();
            if (shared != null && Arrays.equals(bytes, shared.bytes)) {
                shared = new Shared(evaluator, shared.bytes, shared.id, shared.broadcast);
            } else {
                if (shared != null) {
                    shared.broadcast.destroy();
                }
                shared = new Shared(evaluator, bytes, UUID.randomUUID().toString(), spark.broadcast(bytes));
            }
        }
        return shared;
    }

    /** What threads call in the place of the evaluator. */
    private final class Batch implements Evaluator {

        private final Shared task;
        private final Cancellation cancellation;
        private final AtomicReference<@Nullable RuntimeException> broken = new AtomicReference<>();

        Batch(Shared task, Cancellation cancellation) {
            this.task = task;
            this.cancellation = cancellation;
        }

        @Override
        public Evaluation evaluate(NetworkGraph candidate, long seed, Cancellation own) {
            byte[] request = EvaluationTask.evaluation(candidate, seed);
            try {
                return EvaluationTask.evaluated(candidate, ask(request, own));
            } catch (LostException e) {
                return new Failure(String.valueOf(e.getMessage()));
            }
        }

        @Override
        public OptionalDouble preview(NetworkGraph candidate, Cancellation own) {
            byte[] request = EvaluationTask.preview(candidate);
            try {
                return EvaluationTask.previewed(ask(request, own));
            } catch (LostException e) {
                throw new IllegalStateException(e.getMessage(), e);
            }
        }

        private byte[] ask(byte[] request, Cancellation own) throws LostException {
            Reply reply;
            try {
                Broadcast<byte[]> sent = spark.broadcast(request);
                try {
                    reply = awaited(submit(task, sent, 1), own).get(0);
                } finally {
                    sent.destroy();
                }
            } catch (ExecutionException e) {
                String reason = reason(e);
                if (!spark.sc().isStopped() && reason.contains(EXECUTOR_LOST)) {
                    throw new LostException("Every process that evaluated it has ended. " + reason);
                }
                throw end(new IllegalStateException("The cluster " + settings.master() + " fails: " + reason, e));
            } catch (IllegalStateException e) {
                if (spark.sc().isStopped()) {
                    throw end(new IllegalStateException(
                            "The connection to " + settings.master() + " has ended: " + e.getMessage(), e));
                }
                throw e;
            }
            if (!reply.sameBits() && settings.sameBits()) {
                throw end(new IllegalStateException(refusal(difference(reply))));
            }
            warn(reply);
            return answer(reply);
        }

        /** What is no candidate's fault must not become one's failure: others would be chosen. */
        private RuntimeException end(RuntimeException reason) {
            broken.compareAndSet(null, reason);
            cancellation.cancel(String.valueOf(reason.getMessage()));
            cancellation.check();
            return reason;
        }

        void requireCluster() {
            RuntimeException reason = broken.get();
            if (reason != null) {
                throw reason;
            }
        }
    }

    /** Processes of several executors have ended while they evaluated one candidate. */
    private static final class LostException extends Exception {

        private static final long serialVersionUID = 1L;

        LostException(String message) {
            super(message);
        }
    }

    private static byte[] answer(Reply reply) {
        return switch (reply.kind()) {
            case ANSWER -> reply.content();
            case REFUSED -> throw new IllegalStateException(reply.executor() + " refuses: " + reply.text());
            case BROKEN -> throw new Error(reply.executor() + " has met an error: " + reply.text());
        };
    }

    private JavaFutureAction<List<Reply>> submit(Shared task, Broadcast<byte[]> request, int tasks) {
        // Of jobs that this thread submits.
        spark.setLocalProperty("spark.job.interruptOnCancel", "true");
        return spark.parallelize(Collections.nCopies(tasks, 0), tasks)
                .map(new RemoteEvaluation(task.id, task.broadcast, request, probe))
                .collectAsync();
    }

    private List<Reply> awaited(JavaFutureAction<List<Reply>> job, Cancellation cancellation)
            throws ExecutionException {
        boolean interrupted = false;
        try {
            while (true) {
                if (cancellation.requested()) {
                    job.cancel(true);
                }
                try {
                    return job.get(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    // It goes on.
                } catch (CancellationException e) {
                    awaitEnd(job);
                    cancellation.check();
                    throw e;
                } catch (InterruptedException e) {
                    interrupted = true;
                    remembered(cancellation);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Waiting clears an interrupt, by which a token may have to know that work should end. */
    private static void remembered(Cancellation cancellation) {
        Thread.currentThread().interrupt();
        cancellation.requested();
        Thread.interrupted();
    }

    /** Spark returns from cancelling while tasks are still in their last training step. */
    private void awaitEnd(JavaFutureAction<?> job) {
        long begin = System.nanoTime();
        boolean interrupted = false;
        while (isActive(job) && System.nanoTime() - begin < PATIENCE.toNanos()) {
            try {
                Thread.sleep(LOOK_AGAIN_MILLIS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isActive(JavaFutureAction<?> job) {
        JavaSparkStatusTracker tracker = spark.statusTracker();
        return job.jobIds().stream()
                .map(tracker::getJobInfo)
                .flatMap(info -> Optional.<SparkJobInfo>ofNullable(info).stream())
                .flatMapToInt(info -> Arrays.stream(info.stageIds()))
                .mapToObj(tracker::getStageInfo)
                .flatMap(info -> Optional.<SparkStageInfo>ofNullable(info).stream())
                .anyMatch(info -> info.numActiveTasks() > 0);
    }

    private static String reason(ExecutionException e) {
        return String.valueOf(
                e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
    }

    @Override
    public void close() {
        threads.close();
        connection.close();
    }

    @Override
    public String toString() {
        return "spark(" + parallelism() + ", " + settings + ")";
    }
}
