package org.growingnn.dl4j.search;

import java.time.Duration;
import java.util.Objects;
import org.growingnn.dl4j.action.StructuralAction;

/**
 * The state of a running search.
 *
 * @param evaluations candidates evaluated so far, those that failed included
 * @param elapsed time since the search began
 * @param leader the root action that would be chosen now; no-op as long as nothing is graded
 * @param leaderScore its mean score; NaN as long as nothing is graded
 */
public record SearchProgress(int evaluations, Duration elapsed, StructuralAction leader, double leaderScore) {

    /**
     * Checks that nothing is missing.
     *
     * @param evaluations candidates evaluated so far
     * @param elapsed time since the search began
     * @param leader the root action that would be chosen now
     * @param leaderScore its mean score
     */
    public SearchProgress {
        Objects.requireNonNull(elapsed, "elapsed");
        Objects.requireNonNull(leader, "leader");
    }
}
