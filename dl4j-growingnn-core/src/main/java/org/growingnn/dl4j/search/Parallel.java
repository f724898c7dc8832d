package org.growingnn.dl4j.search;

import java.util.ArrayList;
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
        List<Future<T>> futures = new ArrayList<>();
        tasks.forEach(task -> futures.add(workers.submit(task)));
        try {
            for (Future<T> future : futures) {
                receiver.accept(future.get());
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
