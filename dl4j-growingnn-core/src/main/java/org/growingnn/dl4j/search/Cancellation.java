package org.growingnn.dl4j.search;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Asks work to end: by whoever holds the token, by a deadline, by a parent token, or by the interrupt of a thread. Work that takes
 * long asks {@link #check()} between its steps. Safe for several threads; once requested, a token stays so.
 */
public final class Cancellation {

    private static final Cancellation NEVER = new Cancellation(null, null, null);

    private record Request(String reason, boolean deadline) {}

    private record Deadline(Duration limit, long started) {
        private boolean passed() {
            // Compared as durations, so that limits of centuries do not overflow.
            return Duration.ofNanos(System.nanoTime() - started).compareTo(limit) >= 0;
        }
    }

    private final @Nullable Cancellation parent;
    private final @Nullable Deadline deadline;
    private final @Nullable Thread thread;
    private final AtomicReference<@Nullable Request> request = new AtomicReference<>();

    private Cancellation(@Nullable Cancellation parent, @Nullable Deadline deadline, @Nullable Thread thread) {
        this.parent = parent;
        this.deadline = deadline;
        this.thread = thread;
    }

    /** Makes a token of its own. */
    public Cancellation() {
        this(null, null, null);
    }

    /**
     * Gives a token that nobody can cancel.
     *
     * @return the token
     */
    public static Cancellation never() {
        return NEVER;
    }

    /**
     * Makes a child that is also requested when time is up. Cancelling the child does not cancel this token.
     *
     * @param limit from now on, &gt; 0
     * @return the child
     */
    public Cancellation withDeadline(Duration limit) {
        Objects.requireNonNull(limit, "limit");
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("The limit (" + limit + ") of a deadline must be positive.");
        }
        return new Cancellation(this, new Deadline(limit, System.nanoTime()), null);
    }

    /**
     * Makes a child that is also requested when the calling thread is interrupted. The thread stays interrupted.
     *
     * @return the child
     */
    public Cancellation withInterrupt() {
        return new Cancellation(this, null, Thread.currentThread());
    }

    /**
     * Makes a child. Cancelling it does not cancel this token.
     *
     * @return the child
     */
    public Cancellation child() {
        return new Cancellation(this, null, null);
    }

    /**
     * Asks the work to end; what was asked for first counts.
     *
     * @param reason why, for people
     * @throws UnsupportedOperationException if this is the token that nobody can cancel
     */
    public void cancel(String reason) {
        Objects.requireNonNull(reason, "reason");
        if (this == NEVER) {
            throw new UnsupportedOperationException(
                    "Cancellation.never() cannot be cancelled.\nMaybe pass a new Cancellation() instead?");
        }
        request.compareAndSet(null, new Request(reason, false));
    }

    /**
     * Tells whether the work should end.
     *
     * @return true from the first request on
     */
    public boolean requested() {
        return find() != null;
    }

    /**
     * Ends the work, if it should end.
     *
     * @throws CancelledException if {@link #requested()}
     */
    public void check() {
        Request found = find();
        if (found != null) {
            throw new CancelledException(found.reason);
        }
    }

    /**
     * Tells why the work should end.
     *
     * @return empty if it may go on
     */
    public Optional<String> reason() {
        return Optional.ofNullable(find()).map(Request::reason);
    }

    /**
     * Tells whether the work should end because its time is up.
     *
     * @return true if a deadline, of this token or of one that it stems from, was the first to ask
     */
    public boolean deadlinePassed() {
        Request found = find();
        return found != null && found.deadline;
    }

    private @Nullable Request find() {
        Request known = request.get();
        if (known != null) {
            return known;
        }
        Request found = parent == null ? null : parent.find();
        if (found == null && thread != null && thread.isInterrupted()) {
            found = new Request("The thread '" + thread.getName() + "' was interrupted.", false);
        }
        if (found == null && deadline != null && deadline.passed()) {
            found = new Request("The time limit of " + deadline.limit + " has passed.", true);
        }
        if (found != null) {
            // Remembered, because an interrupt may be cleared by whoever handles it.
            request.compareAndSet(null, found);
            return request.get();
        }
        return null;
    }

    @Override
    public String toString() {
        return reason().map(reason -> "cancelled: " + reason).orElse("not cancelled");
    }
}
