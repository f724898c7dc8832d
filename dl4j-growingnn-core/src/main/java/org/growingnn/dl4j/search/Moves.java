package org.growingnn.dl4j.search;

import java.util.List;

/** What a search moves among: networks, each with those that are one move away from it. */
interface Moves {

    /** Where the search begins. */
    Candidate start();

    /**
     * Lists what is one move away from a candidate, in an order that depends on the candidate only; with a target, coarse moves come before
     * fine ones.
     *
     * @param most how many to list
     */
    List<Candidate> next(Candidate candidate, int most);

    /**
     * Lists all that is one move away.
     *
     * @throws IllegalStateException if that seems to have no end
     */
    List<Candidate> next(Candidate candidate);
}
