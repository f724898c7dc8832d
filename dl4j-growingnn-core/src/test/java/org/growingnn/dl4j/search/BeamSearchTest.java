package org.growingnn.dl4j.search;

import org.growingnn.dl4j.testing.SearchStrategyContract;

/** Keeps the contract of search strategies, without a target. */
class BeamSearchTest extends SearchStrategyContract {

    @Override
    protected SearchStrategy strategy() {
        return BeamSearch.ofWidth(2).maxEvaluations(200);
    }

    @Override
    protected SearchStrategy limited(int evaluations) {
        return BeamSearch.ofWidth(2).maxEvaluations(evaluations);
    }
}
