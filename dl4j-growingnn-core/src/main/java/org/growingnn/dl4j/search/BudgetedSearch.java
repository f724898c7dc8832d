package org.growingnn.dl4j.search;

import java.time.Duration;

/**
 * A search that looks for the best sequence of moves as long as its budget lasts.
 *
 * @param <S> the strategy's own class
 */
public interface BudgetedSearch<S extends BudgetedSearch<S>> extends SearchStrategy {

    /**
     * Tells how long the search may go on.
     *
     * @return limits, at least one
     */
    Budget budget();

    /**
     * Gives the search another budget.
     *
     * @param budget limits; 100 evaluations if it has none
     * @return the limited strategy
     */
    S within(Budget budget);

    /**
     * Limits the wall time. Results then depend on the machine's speed.
     *
     * @param limit at least a millisecond
     * @return the limited strategy
     */
    default S timeLimit(Duration limit) {
        return within(budget().withTimeLimit(limit));
    }

    /**
     * Limits the number of evaluations.
     *
     * @param count ≥ 1
     * @return the limited strategy
     */
    default S maxEvaluations(int count) {
        return within(budget().withMaxEvaluations(count));
    }

    @Override
    default boolean isDeterministic() {
        return budget().timeLimit().isEmpty();
    }
}
