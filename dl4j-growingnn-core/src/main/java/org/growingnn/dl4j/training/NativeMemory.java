package org.growingnn.dl4j.training;

import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.Pointer;

/**
 * Keeps native memory in bounds. ND4J frees the temporary arrays of a model when Java collects the objects that stand for them, which
 * are so small that a roomy heap puts it off until the process has taken many gigabytes. Java is asked to collect only when the
 * process has grown by so much that the pause no longer matters.
 */
final class NativeMemory {

    private static final long TOLERATED_GROWTH = 1L << 29;

    /** Physical memory of the process after the latest collection; that of the first look until then. */
    private static final AtomicLong settled = new AtomicLong();

    private NativeMemory() {}

    /** Collects garbage if the process has grown much since the last time. */
    static void relieve() {
        long now = Pointer.physicalBytes();
        long before = settled.get();
        if (before == 0 || now < before) {
            settled.compareAndSet(before, now);
        } else if (now - before > TOLERATED_GROWTH && settled.compareAndSet(before, now)) {
            System.gc();
            settled.set(Pointer.physicalBytes());
        }
    }
}
