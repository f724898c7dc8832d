package org.growingnn.dl4j.search;

import java.util.Objects;

/**
 * The reason why a candidate has no grade. It is not chosen.
 *
 * @param reason for people
 */
public record Failure(String reason) implements Evaluation {

    /**
     * Checks that there is a reason.
     *
     * @param reason for people
     */
    public Failure {
        Objects.requireNonNull(reason, "reason");
    }

    /**
     * Says what was thrown.
     *
     * @param thrown what ended the evaluation
     * @return the failure
     */
    public static Failure of(Throwable thrown) {
        String message = thrown.getMessage();
        String name = thrown.getClass().getSimpleName();
        return new Failure(message == null ? name : name + ": " + message);
    }
}
