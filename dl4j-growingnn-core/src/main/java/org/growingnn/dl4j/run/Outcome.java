package org.growingnn.dl4j.run;

import java.util.Objects;
import java.util.Optional;

/**
 * How a run ended. Whatever happened, there is a state with the best model so far.
 *
 * @param status how it ended
 * @param reason why, for people
 * @param cause what was thrown, if the run failed
 * @param state where it ended
 */
public record Outcome(Status status, String reason, Optional<Throwable> cause, RunState state) {

    /** Ways for a run to end. */
    public enum Status {
        /** All generations have run. */
        FINISHED,
        /** The stopper ended it, because its goal was reached or going on was not worthwhile. */
        STOPPED,
        /** It was asked to end. */
        CANCELLED,
        /** Something went wrong. */
        FAILED
    }

    /**
     * Checks that nothing is missing.
     *
     * @param status how it ended
     * @param reason why
     * @param cause what was thrown
     * @param state where it ended
     */
    public Outcome {
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(cause, "cause");
        Objects.requireNonNull(state, "state");
    }
}
