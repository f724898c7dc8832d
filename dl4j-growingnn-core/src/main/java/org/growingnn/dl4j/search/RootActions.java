package org.growingnn.dl4j.search;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.growingnn.dl4j.action.NoOp;

/**
 * The variants of a search's root: no-op first, then what the generator gives, without what {@link SearchTask#allows} bars. Only as
 * many are taken as the search can make use of.
 *
 * @param candidates one action away from the root, no-op first
 * @param more whether the generator has more actions than were taken, or may have because the search was cancelled
 */
public record RootActions(List<Candidate> candidates, boolean more) {

    /**
     * Copies the list.
     *
     * @param candidates one action away from the root, no-op first
     * @param more whether the generator has, or may have, more actions
     */
    public RootActions {
        candidates = List.copyOf(candidates);
    }

    /** Takes what a number of evaluations suffices for. */
    static RootActions upTo(int evaluations, SearchTask task, Ledger ledger) {
        if (task.target().isPresent()) {
            RootActions all = all(task, ledger);
            int taken = Math.min(evaluations, all.candidates.size());
            return new RootActions(all.candidates.subList(0, taken), taken < all.candidates.size());
        }
        return of(list(Math.min(evaluations, Listing.MOST) - 1, task, ledger), task);
    }

    /**
     * Takes all actions.
     *
     * @throws IllegalStateException if they seem to have no end
     */
    static RootActions all(SearchTask task, Ledger ledger) {
        if (task.target().isPresent()) {
            List<Candidate> candidates = new ArrayList<>();
            candidates.add(ledger.moves().start());
            candidates.addAll(ledger.moves().next(candidates.get(0)));
            return new RootActions(candidates, false);
        }
        return of(list(Listing.MOST, task, ledger).requireEnd(task), task);
    }

    /** Sorts all but no-op by what they may be worth. */
    RootActions promisingFirst(SearchTask task, Cancellation cancellation) {
        if (task.target().isPresent()) {
            // Networks at the target save equally much.
            return this;
        }
        List<Candidate> rest = candidates.subList(1, candidates.size());
        return new RootActions(
                Stream.concat(
                                candidates.stream().limit(1),
                                new ExpectedWorth(task.root(), task.projection()).sorted(rest, cancellation).stream())
                        .toList(),
                more);
    }

    private static Listing list(int most, SearchTask task, Ledger ledger) {
        return Listing.upTo(
                most, task, task.root(), task::allows, task.rejected().size(), ledger);
    }

    private static RootActions of(Listing listing, SearchTask task) {
        Candidate root = Candidate.root(task.root());
        List<Candidate> candidates = Stream.concat(Stream.of(new NoOp()), listing.actions().stream())
                .map(action -> root.then(action, task.projection()))
                .toList();
        return new RootActions(candidates, listing.more());
    }
}
