package org.growingnn.dl4j.search;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How long a search may go on.
 *
 * @param timeLimit wall time, if limited
 * @param maxEvaluations candidates, if limited
 */
record Budget(Optional<Duration> timeLimit, OptionalInt maxEvaluations) {

    private static final int DEFAULT_EVALUATIONS = 100;

    Budget {
        timeLimit.ifPresent(limit -> {
            if (limit.isNegative() || limit.isZero()) {
                throw new IllegalArgumentException(
                        "The time limit (" + limit + ") of a search must be positive.\nMaybe Duration.ofSeconds(30)?");
            }
        });
        maxEvaluations.ifPresent(count -> {
            if (count < 1) {
                throw new IllegalArgumentException("The number of evaluations (" + count
                        + ") of a search must be at least 1.\nMaybe 100, or do without a search?");
            }
        });
    }

    static Budget unlimited() {
        return new Budget(Optional.empty(), OptionalInt.empty());
    }

    Budget withTimeLimit(Duration limit) {
        return new Budget(Optional.of(limit), maxEvaluations);
    }

    Budget withMaxEvaluations(int count) {
        return new Budget(timeLimit, OptionalInt.of(count));
    }

    /** A search needs some limit; without a choice it is a number of evaluations, which keeps runs reproducible. */
    Budget orDefault() {
        return timeLimit.isEmpty() && maxEvaluations.isEmpty() ? withMaxEvaluations(DEFAULT_EVALUATIONS) : this;
    }

    /** Starts the clock. */
    Meter start() {
        return new Meter(this, System.nanoTime());
    }

    /** A running budget; used by the searching thread, except {@link #timeLeft()}. */
    static final class Meter {
        private final Budget budget;
        private final long started;
        private int evaluations;

        private Meter(Budget budget, long started) {
            this.budget = budget;
            this.started = started;
        }

        boolean timeLeft() {
            return budget.timeLimit.map(limit -> elapsed().compareTo(limit) < 0).orElse(true);
        }

        /** How many further evaluations may be planned. */
        int evaluationsLeft() {
            return budget.maxEvaluations.isPresent()
                    ? Math.max(0, budget.maxEvaluations.getAsInt() - evaluations)
                    : Integer.MAX_VALUE;
        }

        boolean exhausted() {
            return !timeLeft() || evaluationsLeft() == 0;
        }

        void spend(int count) {
            evaluations += count;
        }

        int evaluations() {
            return evaluations;
        }

        Duration elapsed() {
            return Duration.ofNanos(System.nanoTime() - started);
        }
    }
}
