package org.growingnn.dl4j.search;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Takes an action at random without grading any: the baseline that a search has to beat. An action that cannot be applied is drawn
 * again.
 */
public record RandomSearch() implements SearchStrategy {

    @Override
    public boolean isDeterministic() {
        return true;
    }

    @Override
    public SearchResult search(SearchTask task) {
        Ledger ledger = new Ledger(task, Budget.unlimited());
        RootActions actions = ledger.rootActions();
        List<Candidate> candidates = actions.candidates();
        List<ActionStatistics> statistics = candidates.stream()
                .map(candidate -> new ActionStatistics(candidate.action(), 0, Double.NaN))
                .toList();
        // No-op comes first; it is taken only when there is nothing else.
        Candidate noOp = candidates.get(0);
        List<Candidate> changes = new ArrayList<>(candidates.subList(1, candidates.size()));
        SplittableRandom random = new SplittableRandom(Seeds.derive(task.seed(), "random"));
        Candidate chosen = noOp;
        while (chosen == noOp && !changes.isEmpty() && !ledger.cancellation().requested()) {
            Candidate drawn = changes.remove(random.nextInt(changes.size()));
            Duration before = ledger.elapsed();
            try {
                drawn.network();
                chosen = drawn;
            } catch (RuntimeException | OutOfMemoryError e) {
                Evaluated failed =
                        new Evaluated(drawn, Failure.of(e), ledger.elapsed().minus(before));
                ledger.enter(failed);
                ledger.tell(failed, noOp.action(), Double.NaN);
            }
        }
        boolean complete = chosen != noOp || (changes.isEmpty() && !actions.more());
        return ledger.result(chosen, Double.NaN, statistics, complete, SearchTree.flat(statistics));
    }

    @Override
    public String toString() {
        return "random()";
    }
}
