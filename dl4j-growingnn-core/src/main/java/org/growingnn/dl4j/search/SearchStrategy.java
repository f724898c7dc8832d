package org.growingnn.dl4j.search;

/** Chooses one structural action for a network. Strategies are immutable and may be reused. */
public interface SearchStrategy {

    /**
     * Searches.
     *
     * @param task the network, what may be done to it, and how candidates are graded
     * @return the chosen action, {@link org.growingnn.dl4j.action.NoOp} included, with statistics of all root actions
     */
    SearchResult search(SearchTask task);

    /**
     * Tells whether equal seeds give equal results: true unless a wall-clock limit can cut the search.
     *
     * @return true if the result depends on seeds only
     */
    boolean isDeterministic();
}
