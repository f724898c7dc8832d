package org.growingnn.dl4j.search;

import java.util.List;

/** Moves of a search without a target: each is an action, applied to what the one before it left. */
record ActionMoves(SearchTask task, Ledger ledger) implements Moves {

    @Override
    public Candidate start() {
        return Candidate.root(task.root());
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
        boolean root = candidate.path().isEmpty();
        return Listing.upTo(
                most,
                task,
                candidate.network(),
                root ? task::allows : action -> true,
                root ? task.rejected().size() : 0,
                ledger);
    }

    private List<Candidate> then(Candidate candidate, Listing found) {
        return found.actions().stream()
                .map(action -> candidate.then(action, task.projection()))
                .toList();
    }
}
