package org.growingnn.dl4j.search;

/**
 * Where a run evaluates its candidates, as a setting. It must not influence what a search finds, unless the search is limited in time.
 */
@FunctionalInterface
public interface Execution {

    /**
     * Makes what evaluates candidates. Whoever calls closes it.
     *
     * @param workers how many candidates to evaluate at once, ≥ 1
     * @return the executor
     */
    CandidateExecutor executor(int workers);

    /**
     * Evaluates on threads of this process.
     *
     * @return the setting
     */
    static Execution threads() {
        return new Threads();
    }

    /** Threads of this process. */
    record Threads() implements Execution {

        @Override
        public CandidateExecutor executor(int workers) {
            return new ThreadExecutor(workers);
        }
    }
}
