package org.growingnn.dl4j.search;

import java.time.Duration;
import java.util.List;
import org.growingnn.dl4j.action.StructuralAction;

/**
 * The outcome of a search.
 *
 * @param action the chosen action
 * @param score its mean score
 * @param statistics all root actions, in the order of the generator, no-op first
 * @param evaluations candidates trained and graded
 * @param elapsed wall time
 * @param complete false if the budget did not suffice to try every root action once. Where a strategy narrows the choice on
 *     purpose, it counts what it meant to try: of progressive widening the actions that it offered, and with priors also
 *     actions that were previewed and found not worth an evaluation
 */
public record SearchResult(
        StructuralAction action,
        double score,
        List<ActionStatistics> statistics,
        int evaluations,
        Duration elapsed,
        boolean complete) {

    /**
     * Copies the list.
     *
     * @param action the chosen action
     * @param score its mean score
     * @param statistics all root actions
     * @param evaluations candidates graded
     * @param elapsed wall time
     * @param complete whether every root action was tried
     */
    public SearchResult {
        statistics = List.copyOf(statistics);
    }
}
