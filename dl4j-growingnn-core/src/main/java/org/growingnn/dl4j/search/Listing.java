package org.growingnn.dl4j.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;

/**
 * What a generator gives for one network. Generators are lazy and may go on for ever, so no more is taken than is asked for, and
 * cancellation is looked at between any two actions. A generator that goes on for ever with actions that cannot be used counts as
 * exhausted after {@value #MOST_UNUSED} of them in a row, not counting as many as were rejected.
 *
 * @param actions those that can be used; no-op is not among them, for a search adds it by itself
 * @param more whether the generator has more, or may have because listing was cancelled
 */
record Listing(List<StructuralAction> actions, boolean more) {

    /** More than any search can evaluate; whoever generates more needs a limit. */
    static final int MOST = 100_000;

    /** A generator that does not repeat itself has few unusable actions besides those that were rejected. */
    static final int MOST_UNUSED = 10_000;

    /**
     * Takes actions.
     *
     * @param most how many usable ones to take
     * @param usable whether an action may be taken
     * @param unusable how many different actions are not usable, no-op aside
     */
    static Listing upTo(
            int most,
            SearchTask task,
            NetworkGraph network,
            Predicate<StructuralAction> usable,
            int unusable,
            Ledger ledger) {
        Walk walk = new Walk(usable, (long) MOST_UNUSED + unusable, most, ledger);
        try (Stream<StructuralAction> generated = task.actions().generate(network)) {
            // Iterators would take whole parts of combined generators at once, which may have no end.
            boolean ended = generated.sequential().noneMatch(walk::ends);
            return new Listing(List.copyOf(walk.found), !ended && walk.more);
        }
    }

    /**
     * Fails for want of a limit.
     *
     * @throws IllegalStateException if the actions seem to have no end
     */
    Listing requireEnd(SearchTask task) {
        if (actions.size() >= MOST && more) {
            throw new IllegalStateException(String.format(
                    Locale.ROOT,
                    "The action generator (%s) gives more than %,d actions for one network.%n"
                            + "Maybe limit the search with maxEvaluations(...), or the generator?",
                    task.actions(),
                    MOST));
        }
        return this;
    }

    /** Takes one action after another. */
    private static final class Walk {
        private final Predicate<StructuralAction> usable;
        private final long mostUnused;
        private final int most;
        private final Ledger ledger;
        private final List<StructuralAction> found = new ArrayList<>();
        private long unused;
        private boolean more;

        private Walk(Predicate<StructuralAction> usable, long mostUnused, int most, Ledger ledger) {
            this.usable = usable;
            this.mostUnused = mostUnused;
            this.most = most;
            this.ledger = ledger;
        }

        /** Takes an action; true if no further one is wanted. */
        private boolean ends(StructuralAction action) {
            if (ledger.cancellation().requested()) {
                more = true;
                return true;
            }
            if (action instanceof NoOp || !usable.test(action)) {
                return unused(action);
            }
            unused = 0;
            // One more than is taken tells whether there are more.
            more = found.size() == most;
            if (!more) {
                found.add(action);
            }
            return more;
        }

        private boolean unused(StructuralAction action) {
            if (++unused < mostUnused) {
                return false;
            }
            ledger.unused(unused, action);
            return true;
        }
    }
}
