package org.growingnn.dl4j.search;

/** Chooses one structural action for a network. Strategies are immutable and may be reused. */
public interface SearchStrategy {

    /**
     * Searches. When it is asked to end, by the task's token, by a time limit of its own or by the interrupt of the calling thread, it
     * awaits the evaluations under way and returns what it has found so far.
     *
     * @param task the network, what may be done to it, and how candidates are graded
     * @return the chosen action, {@link org.growingnn.dl4j.action.NoOp} included, with statistics of all root actions
     * @throws IllegalStateException if the actions have no end, and the search no limit of evaluations
     */
    SearchResult search(SearchTask task);

    /**
     * Tells whether equal seeds give equal results: true unless a wall-clock limit can cut the search.
     *
     * @return true if the result depends on seeds only
     */
    boolean isDeterministic();
}
