package org.growingnn.dl4j.search;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.growingnn.dl4j.action.StructuralAction;

/**
 * The state of a running search.
 *
 * @param evaluations candidates evaluated so far, those that failed included
 * @param elapsed time since the search began
 * @param expected about how long the whole search takes, by the candidates so far; empty if it has no plan
 * @param leader the root action that would be chosen now; no-op as long as nothing is graded
 * @param leaderScore its mean score; NaN as long as nothing is graded
 */
public record SearchProgress(
        int evaluations, Duration elapsed, Optional<Duration> expected, StructuralAction leader, double leaderScore) {

    /**
     * Checks that nothing is missing.
     *
     * @param evaluations candidates evaluated so far
     * @param elapsed time since the search began
     * @param expected about how long the whole search takes
     * @param leader the root action that would be chosen now
     * @param leaderScore its mean score
     */
    public SearchProgress {
        Objects.requireNonNull(elapsed, "elapsed");
        Objects.requireNonNull(expected, "expected");
        Objects.requireNonNull(leader, "leader");
    }
}
