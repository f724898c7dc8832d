package org.growingnn.dl4j.search;

/** Follows a search, on the thread that searches. */
@FunctionalInterface
public interface SearchObserver {

    /**
     * Called once for every evaluation that ended, in an order that depends on the search alone.
     *
     * @param candidate what was evaluated, with its grade or why there is none; to be let go, for it may hold whole networks
     * @param progress state of the search
     */
    void evaluated(Evaluated candidate, SearchProgress progress);

    /**
     * Does not watch.
     *
     * @return the observer
     */
    static SearchObserver none() {
        return (candidate, progress) -> {};
    }
}
