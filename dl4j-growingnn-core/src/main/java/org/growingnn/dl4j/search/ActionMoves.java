package org.growingnn.dl4j.search;

import java.util.List;
import org.growingnn.dl4j.action.NoOp;

/**
 * Moves of a search without a target: each is an action, applied to what the one before it left.
 *
 * @param whole whether what is chosen may have several actions, none of which then may be barred; else only the first counts
 */
record ActionMoves(SearchTask task, Ledger ledger, boolean whole) implements Moves {

    @Override
    public Candidate start() {
        return Candidate.root(task.root()).then(new NoOp(), task.projection());
    }

    @Override
    public List<Candidate> next(Candidate candidate, int most) {
        return then(candidate, list(candidate, most));
    }

    @Override
    public List<Candidate> next(Candidate candidate) {
        return then(candidate, list(candidate, Listing.MOST).requireEnd(task));
    }

    private Listing list(Candidate candidate, int most) {
        boolean barred = whole || unchanged(candidate);
        return Listing.upTo(
                most,
                task,
                candidate.network(),
                barred ? task::allows : action -> true,
                barred ? task.rejected().size() : 0,
                ledger);
    }

    private static boolean unchanged(Candidate candidate) {
        return candidate.path().stream().allMatch(NoOp.class::isInstance);
    }

    private List<Candidate> then(Candidate candidate, Listing found) {
        Candidate from = unchanged(candidate) ? Candidate.root(task.root()) : candidate;
        return found.actions().stream()
                .map(action -> from.then(action, task.projection()))
                .toList();
    }
}
