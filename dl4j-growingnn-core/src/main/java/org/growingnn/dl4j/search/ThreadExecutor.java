package org.growingnn.dl4j.search;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.nd4j.linalg.api.memory.MemoryWorkspaceManager;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Evaluates candidates on threads of this process. */
public final class ThreadExecutor implements CandidateExecutor {

    private static final Logger log = LoggerFactory.getLogger(ThreadExecutor.class);

    /** Work handed to each thread ahead of what is received: enough to keep it busy, few enough networks to hold. */
    private static final int AHEAD = 4;

    private final int threads;
    private final List<Thread> started = new ArrayList<>();
    private final Set<Cancellation> active = new HashSet<>();
    private final ExecutorService pool;
    private boolean closed;

    /**
     * Makes an executor; its threads start when they are needed.
     *
     * @param threads how many candidates to evaluate at once, ≥ 1
     */
    public ThreadExecutor(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("The number of threads (" + threads
                    + ") must be at least 1.\nMaybe Runtime.getRuntime().availableProcessors()?");
        }
        this.threads = threads;
        this.pool = Executors.newFixedThreadPool(threads, this::worker);
    }

    private Thread worker(Runnable work) {
        synchronized (started) {
            Thread thread = new Thread(
                    () -> {
                        try {
                            work.run();
                        } finally {
                            destroyWorkspaces();
                        }
                    },
                    "growingnn-worker-" + (started.size() + 1));
            thread.setDaemon(true);
            started.add(thread);
            return thread;
        }
    }

    /**
     * Has the calling thread compute with one OpenMP thread what oneDNN computes, as the threads of this executor do. The setting is the
     * calling thread's own.
     */
    public static void useOneProcessor() {
        // Loads the backend, if nobody has done so.
        Nd4j.getExecutioner();
        NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
    }

    /** Not by {@code destroyAllWorkspacesForCurrentThread()}, which collects the garbage of the whole process as well. */
    private static void destroyWorkspaces() {
        MemoryWorkspaceManager workspaces = Nd4j.getWorkspaceManager();
        workspaces.getAllWorkspacesForCurrentThread().forEach(workspaces::destroyWorkspace);
    }

    @Override
    public int parallelism() {
        return threads;
    }

    @Override
    public void evaluate(
            Evaluator evaluator,
            List<Candidate> candidates,
            long seed,
            Cancellation cancellation,
            Consumer<Evaluated> receiver) {
        Objects.requireNonNull(evaluator, "evaluator");
        run(candidates, cancellation, (candidate, token) -> evaluated(evaluator, candidate, seed, token), receiver);
    }

    private static Optional<Evaluated> evaluated(
            Evaluator evaluator, Candidate candidate, long seed, Cancellation cancellation) {
        long start = System.nanoTime();
        Evaluation evaluation;
        try {
            evaluation = Objects.requireNonNull(
                    evaluator.evaluate(candidate.network(), seed, cancellation), "The evaluator returned null.");
        } catch (RuntimeException | OutOfMemoryError e) {
            if (e instanceof CancelledException && cancellation.requested()) {
                return Optional.empty();
            }
            // ND4J throws OutOfMemoryError when native memory is exhausted, from which smaller candidates do not
            // suffer.
            evaluation = failure(candidate, e);
        }
        return Optional.of(new Evaluated(candidate, evaluation, Duration.ofNanos(System.nanoTime() - start)));
    }

    private static Failure failure(Candidate candidate, Throwable thrown) {
        log.debug("The evaluation of {} failed", candidate, thrown);
        return Failure.of(thrown);
    }

    @Override
    public void preview(
            Evaluator evaluator, List<Candidate> candidates, Cancellation cancellation, Consumer<Previewed> receiver) {
        Objects.requireNonNull(evaluator, "evaluator");
        run(candidates, cancellation, (candidate, token) -> previewed(evaluator, candidate, token), receiver);
    }

    private static Optional<Previewed> previewed(Evaluator evaluator, Candidate candidate, Cancellation cancellation) {
        try {
            OptionalDouble score = evaluator.preview(candidate.network(), cancellation);
            if (score.isPresent() && !Double.isFinite(score.getAsDouble())) {
                throw new IllegalStateException("The evaluator's preview is " + score.getAsDouble() + ".");
            }
            return Optional.of(new Previewed(candidate, score, Optional.empty()));
        } catch (RuntimeException | OutOfMemoryError e) {
            return e instanceof CancelledException && cancellation.requested()
                    ? Optional.empty()
                    : Optional.of(new Previewed(candidate, OptionalDouble.empty(), Optional.of(failure(candidate, e))));
        }
    }

    @Override
    public void prepare(List<Candidate> candidates, Cancellation cancellation) {
        run(
                candidates,
                cancellation,
                (candidate, token) -> {
                    try {
                        candidate.content();
                    } catch (RuntimeException | OutOfMemoryError e) {
                        failure(candidate, e);
                    }
                    return Optional.of(candidate);
                },
                candidate -> {});
    }

    /** Runs work on the threads, and receives on the calling one, in the order of the work, what came of it. */
    private <T, R> void run(
            List<T> work,
            Cancellation cancellation,
            BiFunction<T, Cancellation, Optional<R>> function,
            Consumer<R> receiver) {
        Objects.requireNonNull(receiver, "receiver");
        Iterator<T> waiting = List.copyOf(work).iterator();
        Cancellation own = begin(cancellation);
        Deque<Future<Optional<R>>> underWay = new ArrayDeque<>();
        boolean interrupted = false;
        try {
            while (true) {
                while (waiting.hasNext() && underWay.size() < AHEAD * threads && !own.requested()) {
                    T next = waiting.next();
                    Callable<Optional<R>> call = () -> {
                        useOneProcessor();
                        return own.requested() ? Optional.empty() : function.apply(next, own);
                    };
                    submitted(own, call).ifPresent(underWay::add);
                }
                if (underWay.isEmpty()) {
                    return;
                }
                try {
                    // What has been received is let go at once: results may hold whole networks.
                    Optional<R> result = underWay.peek().get();
                    underWay.remove();
                    result.ifPresent(receiver);
                } catch (InterruptedException e) {
                    interrupted = true;
                    own.cancel("The thread '" + Thread.currentThread().getName() + "' was interrupted.");
                } catch (ExecutionException e) {
                    throw unexpected(e.getCause());
                }
            }
        } finally {
            // Something is left only if the receiver or the work threw what is not a candidate's fault.
            own.cancel("The evaluation of other candidates failed.");
            while (!underWay.isEmpty()) {
                interrupted |= awaited(underWay.remove());
            }
            end(own);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Nothing is submitted any more once the executor is being closed. */
    private <R> Optional<Future<R>> submitted(Cancellation own, Callable<R> work) {
        synchronized (active) {
            return own.requested() ? Optional.empty() : Optional.of(pool.submit(work));
        }
    }

    private static RuntimeException unexpected(Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException exception
                ? exception
                : new IllegalStateException("A candidate could not be evaluated.", cause);
    }

    private static boolean awaited(Future<?> future) {
        boolean interrupted = false;
        while (true) {
            try {
                future.get();
                return interrupted;
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                log.debug("Work that nobody waits for any more failed", e.getCause());
                return interrupted;
            }
        }
    }

    private Cancellation begin(Cancellation cancellation) {
        Cancellation own = cancellation.withInterrupt();
        synchronized (active) {
            if (closed) {
                throw new IllegalStateException("The executor is closed.");
            }
            active.add(own);
        }
        return own;
    }

    private void end(Cancellation own) {
        synchronized (active) {
            active.remove(own);
        }
    }

    @Override
    public void close() {
        synchronized (active) {
            closed = true;
            active.forEach(token -> token.cancel("The executor was closed."));
            pool.shutdown();
        }
        List<Thread> ending;
        synchronized (started) {
            ending = List.copyOf(started);
        }
        boolean interrupted = false;
        for (Thread thread : ending) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return "threads(" + threads + ")";
    }
}
