package org.growingnn.dl4j.search;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.growingnn.dl4j.action.StructuralAction;

/** Takes an action at random without evaluating any: the baseline that a search has to beat. */
public record RandomSearch() implements SearchStrategy {

    @Override
    public boolean isDeterministic() {
        return true;
    }

    @Override
    public SearchResult search(SearchTask task) {
        List<StructuralAction> actions = task.rootActions();
        // No-op comes first; it is taken only when there is nothing else.
        int chosen = actions.size() == 1
                ? 0
                : 1 + new SplittableRandom(Seeds.derive(task.seed(), "random")).nextInt(actions.size() - 1);
        return new SearchResult(
                actions.get(chosen),
                Double.NaN,
                actions.stream()
                        .map(action -> new ActionStatistics(action, 0, Double.NaN))
                        .toList(),
                0,
                Duration.ZERO,
                true);
    }
}
