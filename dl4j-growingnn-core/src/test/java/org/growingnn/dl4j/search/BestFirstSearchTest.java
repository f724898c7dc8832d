package org.growingnn.dl4j.search;

import org.growingnn.dl4j.testing.SearchStrategyContract;

/** Keeps the contract of search strategies, without a target. */
class BestFirstSearchTest extends SearchStrategyContract {

    @Override
    protected SearchStrategy strategy() {
        return BestFirstSearch.create().maxEvaluations(200);
    }

    @Override
    protected SearchStrategy limited(int evaluations) {
        return BestFirstSearch.create().maxEvaluations(evaluations);
    }
}
