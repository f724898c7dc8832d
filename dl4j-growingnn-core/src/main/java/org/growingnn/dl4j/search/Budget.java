package org.growingnn.dl4j.search;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How long a search may go on.
 *
 * @param timeLimit wall time, if limited; at least a millisecond
 * @param maxEvaluations candidates, if limited; at least 1
 */
public record Budget(Optional<Duration> timeLimit, OptionalInt maxEvaluations) {

    private static final int DEFAULT_EVALUATIONS = 100;
    private static final Duration SHORTEST = Duration.ofMillis(1);

    /**
     * Checks the limits.
     *
     * @param timeLimit wall time, if limited
     * @param maxEvaluations candidates, if limited
     */
    public Budget {
        Objects.requireNonNull(timeLimit, "timeLimit");
        Objects.requireNonNull(maxEvaluations, "maxEvaluations");
        timeLimit.ifPresent(limit -> {
            if (limit.compareTo(SHORTEST) < 0) {
                throw new IllegalArgumentException("The timeLimit (" + limit
                        + ") of a search must be at least a millisecond.\nMaybe Duration.ofSeconds(30)?");
            }
        });
        maxEvaluations.ifPresent(count -> {
            if (count < 1) {
                throw new IllegalArgumentException("The maxEvaluations (" + count
                        + ") of a search must be at least 1.\nMaybe 100, or do without a search?");
            }
        });
    }

    /**
     * Sets no limit.
     *
     * @return the budget
     */
    public static Budget unlimited() {
        return new Budget(Optional.empty(), OptionalInt.empty());
    }

    /**
     * Limits the wall time. Results then depend on the machine's speed.
     *
     * @param limit at least a millisecond
     * @return the limited budget
     */
    public Budget withTimeLimit(Duration limit) {
        return new Budget(Optional.of(Objects.requireNonNull(limit, "timeLimit")), maxEvaluations);
    }

    /**
     * Limits the number of evaluations.
     *
     * @param count at least 1
     * @return the limited budget
     */
    public Budget withMaxEvaluations(int count) {
        return new Budget(timeLimit, OptionalInt.of(count));
    }

    /** Some searches need a limit; without a choice it is a number of evaluations, which keeps runs reproducible. */
    Budget orDefault() {
        return timeLimit.isEmpty() && maxEvaluations.isEmpty() ? withMaxEvaluations(DEFAULT_EVALUATIONS) : this;
    }

    @Override
    public String toString() {
        String evaluations =
                maxEvaluations.isPresent() ? "maxEvaluations=" + maxEvaluations.getAsInt() : "no limit of evaluations";
        return timeLimit.map(limit -> "timeLimit=" + limit + ", " + evaluations).orElse(evaluations);
    }
}
