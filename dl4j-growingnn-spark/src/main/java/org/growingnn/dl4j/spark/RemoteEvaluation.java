package org.growingnn.dl4j.spark;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.CancelledException;
import org.growingnn.dl4j.search.ThreadExecutor;
import org.growingnn.dl4j.training.BlasThreads;
import org.growingnn.dl4j.training.EvaluationTask;
import org.jspecify.annotations.Nullable;

/**
 * What a Spark task does: answers one request. It depends on nothing but what it was sent, so that it does not matter how often and where
 * Spark runs it. Spark interrupts the thread of a task that is not wanted any more.
 */
final class RemoteEvaluation implements Function<Integer, Reply> {

    private static final long serialVersionUID = 1L;

    /** Searches of a process that takes turns with another one should not read their tasks again each time. */
    private static final int KEPT = 4;

    /** Of this process; several tasks run in it at once. */
    private static final Map<String, EvaluationTask> TASKS = latest();

    private static final Map<String, Probe.Finding> FINDINGS = latest();

    private final String taskId;
    private final Broadcast<byte[]> task;
    private final Broadcast<byte[]> request;
    private final @Nullable Broadcast<Probe> probe;

    RemoteEvaluation(
            String taskId, Broadcast<byte[]> task, Broadcast<byte[]> request, @Nullable Broadcast<Probe> probe) {
        this.taskId = taskId;
        this.task = task;
        this.request = request;
        this.probe = probe;
    }

    private static <T> Map<String, T> latest() {
        return new LinkedHashMap<>(KEPT, 1, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, T> eldest) {
                return size() > KEPT;
            }
        };
    }

    /** What is made for one task is waited for by the others. */
    private static <T> T known(Map<String, T> made, String id, Supplier<T> maker) {
        synchronized (made) {
            T value = made.get(id);
            if (value == null) {
                value = maker.get();
                made.put(id, value);
            }
            return value;
        }
    }

    @Override
    @SuppressWarnings("try") // The lease is only held.
    public Reply call(Integer number) {
        SparkEnv environment = SparkEnv.get();
        String executor = "The executor " + environment.executorId() + " on "
                + environment.blockManager().blockManagerId().host();
        // What cannot be fetched is for Spark to try again.
        byte[] taskBytes = task.value();
        byte[] requestBytes = request.value();
        Probe toCompare = probe == null ? null : probe.value();
        Probe.Finding finding = Probe.Finding.NONE;
        Cancellation cancellation = Cancellation.never().withInterrupt();
        try (BlasThreads single = BlasThreads.single()) {
            ThreadExecutor.useOneProcessor();
            if (toCompare != null) {
                finding = known(FINDINGS, toCompare.id(), () -> toCompare.compare(cancellation));
            }
            EvaluationTask asked = known(TASKS, taskId, () -> EvaluationTask.fromBytes(taskBytes));
            return new Reply(
                    Reply.Kind.ANSWER,
                    executor,
                    asked.answer(requestBytes, cancellation),
                    finding.difference(),
                    finding.sameBits());
        } catch (CancelledException e) {
            throw e;
        } catch (RuntimeException | OutOfMemoryError e) {
            return said(Reply.Kind.REFUSED, executor, e, finding);
        } catch (Error e) {
            return said(Reply.Kind.BROKEN, executor, e, finding);
        }
    }

    private static Reply said(Reply.Kind kind, String executor, Throwable thrown, Probe.Finding finding) {
        return new Reply(
                kind,
                executor,
                thrown.toString().getBytes(StandardCharsets.UTF_8),
                finding.difference(),
                finding.sameBits());
    }
}
