package org.growingnn.dl4j.search;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Runs independent tasks on a pool and hands over their results in the order of the tasks. */
final class Parallel {

    private Parallel() {}

    static <T> void forEach(ExecutorService workers, List<? extends Callable<T>> tasks, Consumer<T> receiver) {
        Deque<Future<T>> futures = new ArrayDeque<>();
        tasks.forEach(task -> futures.add(workers.submit(task)));
        try {
            // What has been received is let go at once: results may hold whole networks.
            while (!futures.isEmpty()) {
                T result = futures.peek().get();
                futures.remove();
                receiver.accept(result);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("The search was interrupted.");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException("A candidate could not be evaluated.", e.getCause());
        } finally {
            futures.forEach(future -> future.cancel(true));
        }
    }
}
