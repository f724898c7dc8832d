package org.growingnn.dl4j.search;

import java.util.Objects;
import org.growingnn.dl4j.value.Ranges;

/**
 * Monte Carlo tree search for the best sequence of moves, for evaluations that are few beside the moves. It returns the best network that it
 * saw, with all moves that led there. At most half of the evaluations goes to what first moves do alone; the rest goes to rounds, each of which
 * begins where the ones before it ended:
 *
 * <ul>
 *   <li>At the root, as many moves are considered as the budget can tell apart, drawn without replacement by what they promise
 *       (Gumbel-top-k); sequential halving divides the round's evaluations among them (Danihelka et al. 2022).
 *   <li>Below, the child with the largest {@code q + c · P · √N / (1 + n)} is taken, q being the best grade found at or below it, on [0, 1] by
 *       the range of grades that the search has seen, its worse half aside; that of an unvisited child is foretold. The maximum is what
 *       is backed up, since whoever follows the path may stop at its best place (Schadd et al. 2008).
 *   <li>What a child promises is its parent's grade and the difference that an additive model foretells, which is fitted to all grades of the
 *       search; where its move was tried elsewhere, the mean of the differences that it made there counts, too, the more the more often
 *       (all moves as first, Gelly and Silver 2011).
 *   <li>At a target, visits to unvisited networks go on, by turns, by none, one or three further moves, those that are foretold to be best; what
 *       is graded is where they end. One grade then tells of several moves, as a rollout does.
 *   <li>A round that found nothing better is followed by one from another of the best networks.
 * </ul>
 *
 * <p>Every network is graded once, whatever the order of moves that leads to it. Evaluations are selected in batches of a fixed size, so that
 * the result does not depend on the number of workers.
 *
 * @param budget limits; 100 evaluations if it has none
 * @param considered how many moves a round considers at its root at most, ≥ 2
 * @param explorationConstant c, finite and ≥ 0
 * @param batchSize networks that are selected before their grades are used, ≥ 1
 * @param foretells whether unvisited networks are rated by the model and by moves tried elsewhere; else by their parent's grade
 */
public record GumbelTreeSearch(
        Budget budget, int considered, double explorationConstant, int batchSize, boolean foretells)
        implements BudgetedSearch<GumbelTreeSearch> {

    private static final int CONSIDERED = 16;
    private static final double EXPLORATION = 1;
    private static final int BATCH = 4;

    /**
     * Checks the settings.
     *
     * @param budget limits
     * @param considered how many moves a round considers at its root at most
     * @param explorationConstant c
     * @param batchSize networks that are selected before their grades are used
     * @param foretells whether unvisited networks are rated by the model
     */
    public GumbelTreeSearch {
        budget = Objects.requireNonNull(budget, "budget").orDefault();
        Ranges.requireAtLeast("number of considered moves", considered, 2);
        Ranges.requireFinite("explorationConstant", explorationConstant);
        Ranges.requireAtLeast("batchSize", batchSize, 1);
    }

    /**
     * Makes a search of 100 evaluations.
     *
     * @return the strategy
     */
    public static GumbelTreeSearch create() {
        return new GumbelTreeSearch(Budget.unlimited(), CONSIDERED, EXPLORATION, BATCH, true);
    }

    /**
     * Chooses how many moves a round considers at its root at most.
     *
     * @param moves ≥ 2
     * @return the changed strategy
     */
    public GumbelTreeSearch considered(int moves) {
        return new GumbelTreeSearch(budget, moves, explorationConstant, batchSize, foretells);
    }

    /**
     * Chooses how many networks are selected before their grades are used. It is part of the search's definition, not of the machine's.
     *
     * @param networks ≥ 1; at least the number of workers keeps them all busy
     * @return the changed strategy
     */
    public GumbelTreeSearch batchSize(int networks) {
        return new GumbelTreeSearch(budget, considered, explorationConstant, networks, foretells);
    }

    /**
     * Rates unvisited networks by their parent's grade alone.
     *
     * @return the changed strategy
     */
    public GumbelTreeSearch withoutModel() {
        return new GumbelTreeSearch(budget, considered, explorationConstant, batchSize, false);
    }

    @Override
    public GumbelTreeSearch within(Budget budget) {
        return new GumbelTreeSearch(budget, considered, explorationConstant, batchSize, foretells);
    }

    @Override
    public SearchResult search(SearchTask task) {
        return new GumbelSearch(this, task).search();
    }

    @Override
    public String toString() {
        return "gumbel(" + budget + ", considered=" + considered + ", explorationConstant=" + explorationConstant
                + ", batchSize=" + batchSize + (foretells ? "" : ", without model") + ")";
    }
}
