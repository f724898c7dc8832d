package org.growingnn.dl4j.search;

import java.util.List;
import java.util.Objects;

/**
 * Meets a {@linkplain Target target} without grading anything: what every search has to beat.
 *
 * @param allocation how units are shared out among layers
 */
public record WithoutSearch(WithoutSearch.Allocation allocation) implements SearchStrategy {

    /** How units are shared out among layers. */
    public enum Allocation {
        /** One ranking of all units by the projection's criterion decides. */
        RANKING,
        /** Every layer keeps the same share of its units. */
        UNIFORM
    }

    /**
     * Checks that nothing is missing.
     *
     * @param allocation how units are shared out among layers
     */
    public WithoutSearch {
        Objects.requireNonNull(allocation, "allocation");
    }

    @Override
    public boolean isDeterministic() {
        return true;
    }

    /**
     * Makes the network.
     *
     * @throws IllegalStateException if the search has no target
     */
    @Override
    public SearchResult search(SearchTask task) {
        if (task.target().isEmpty()) {
            throw new IllegalStateException("A network can only be made without a search where there is a target."
                    + "\nMaybe set one, or choose GreedySearch?");
        }
        TargetMoves moves = new TargetMoves(task, task.target().get());
        Candidate chosen = allocation == Allocation.RANKING
                ? moves.start()
                : moves.uniform().orElseGet(moves::start);
        List<ActionStatistics> statistics = List.of(new ActionStatistics(chosen.action(), 0, Double.NaN));
        return new Ledger(task, Budget.unlimited())
                .result(chosen, Double.NaN, statistics, true, SearchTree.flat(statistics));
    }

    @Override
    public String toString() {
        return "without(" + allocation + ")";
    }
}
