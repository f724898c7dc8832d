package org.growingnn.dl4j.search;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;

/**
 * The outcome of a search, which may have been cut short: whoever asked for that knows from the token.
 *
 * @param chosen the chosen variant of the root
 * @param score its mean score; NaN if nothing was graded
 * @param statistics the root actions that the budget allows to look at, in the order of the generator, no-op first
 * @param failures candidates that could not be graded, in the order in which they were tried
 * @param evaluations candidates evaluated, those that failed included
 * @param elapsed wall time
 * @param complete false if the search ended before every root action was tried once. Where a strategy narrows the choice on
 *     purpose, it counts what it meant to try: of progressive widening the actions that it offered, and with priors also
 *     actions that were previewed and found not worth an evaluation
 * @param tree what was visited
 */
public record SearchResult(
        Candidate chosen,
        double score,
        List<ActionStatistics> statistics,
        List<FailedCandidate> failures,
        int evaluations,
        Duration elapsed,
        boolean complete,
        SearchTree tree) {

    /**
     * Copies the lists.
     *
     * @param chosen the chosen variant of the root
     * @param score its mean score
     * @param statistics the root actions
     * @param failures candidates that could not be graded
     * @param evaluations candidates evaluated
     * @param elapsed wall time
     * @param complete whether every root action was tried
     * @param tree what was visited
     */
    public SearchResult {
        Objects.requireNonNull(chosen, "chosen");
        statistics = List.copyOf(statistics);
        failures = List.copyOf(failures);
        Objects.requireNonNull(elapsed, "elapsed");
        Objects.requireNonNull(tree, "tree");
    }

    /**
     * Makes the result of a search that does not look ahead and had no failures.
     *
     * @param chosen the chosen variant of the root
     * @param score its mean score
     * @param statistics the root actions
     * @param evaluations candidates evaluated
     * @param elapsed wall time
     * @param complete whether every root action was tried
     */
    public SearchResult(
            Candidate chosen,
            double score,
            List<ActionStatistics> statistics,
            int evaluations,
            Duration elapsed,
            boolean complete) {
        this(chosen, score, statistics, List.of(), evaluations, elapsed, complete, SearchTree.flat(statistics));
    }

    /**
     * Gives the chosen action, which may be a {@link org.growingnn.dl4j.action.Sequence}.
     *
     * @return {@link org.growingnn.dl4j.action.NoOp} included
     */
    public StructuralAction action() {
        return Actions.sequence(chosen.path());
    }
}
