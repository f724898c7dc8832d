package org.growingnn.dl4j.search;

import org.growingnn.dl4j.testing.SearchStrategyContract;

/** Keeps the contract of search strategies, without a target. */
class GumbelTreeSearchTest extends SearchStrategyContract {

    @Override
    protected SearchStrategy strategy() {
        return GumbelTreeSearch.create().maxEvaluations(200);
    }

    @Override
    protected SearchStrategy limited(int evaluations) {
        return GumbelTreeSearch.create().maxEvaluations(evaluations);
    }
}
