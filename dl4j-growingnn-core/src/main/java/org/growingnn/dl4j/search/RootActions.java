package org.growingnn.dl4j.search;

import java.util.List;
import java.util.stream.Stream;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.StructuralAction;

/**
 * The variants of a search's root: no-op first, then what the generator gives, without what was rejected. Generators are lazy and may
 * go on for ever, so only as many are taken as the search can make use of.
 *
 * @param candidates one action away from the root, no-op first
 * @param more whether the generator has more actions than were taken
 */
record RootActions(List<Candidate> candidates, boolean more) {

    /** More than any search can evaluate; whoever generates more needs a limit. */
    static final int MOST = 100_000;

    /** Takes what a number of evaluations suffices for. */
    static RootActions upTo(SearchTask task, int evaluations) {
        List<Candidate> found = list(task, Math.min(evaluations, MOST));
        boolean more = found.size() > evaluations;
        return new RootActions(more ? found.subList(0, evaluations) : found, more);
    }

    /**
     * Takes all actions.
     *
     * @throws IllegalStateException if they seem to have no end
     */
    static RootActions all(SearchTask task) {
        return new RootActions(list(task, MOST), false);
    }

    private static List<Candidate> list(SearchTask task, int limit) {
        Candidate root = Candidate.root(task.root());
        try (Stream<StructuralAction> generated = task.actions().generate(task.root())) {
            // One more than needed tells whether there are more.
            List<Candidate> found = Stream.concat(
                            Stream.of(new NoOp()),
                            generated.filter(action -> !(action instanceof NoOp)
                                    && !task.rejected().contains(action)))
                    .limit(limit + 1L)
                    .map(action -> root.then(action, task.projection()))
                    .toList();
            if (found.size() > MOST) {
                throw tooMany(task);
            }
            return found;
        }
    }

    static IllegalStateException tooMany(SearchTask task) {
        return new IllegalStateException(String.format(
                java.util.Locale.ROOT,
                "The action generator (%s) gives more than %,d actions for one network.%n"
                        + "Maybe limit the search with maxEvaluations(...), or the generator?",
                task.actions(),
                MOST));
    }
}
