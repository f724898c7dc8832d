package org.growingnn.dl4j.run;

import org.growingnn.dl4j.search.SearchProgress;
import org.growingnn.dl4j.search.SearchResult;

/** Follows a run. All methods are called on the thread that runs the optimisation. */
@FunctionalInterface
public interface OptimizationListener {

    /**
     * Called after every generation, and once with number 0 before the first.
     *
     * @param generation what it did
     */
    void onGeneration(Generation generation);

    /**
     * Called after every evaluated candidate.
     *
     * @param generation number of the generation under way
     * @param progress state of the search
     */
    default void onSearchProgress(int generation, SearchProgress progress) {}

    /**
     * Called when a search has chosen an action.
     *
     * @param generation number of the generation under way
     * @param result the choice with the statistics of all root actions
     */
    default void onSearch(int generation, SearchResult result) {}
}
