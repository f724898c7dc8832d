package org.growingnn.dl4j.score;

import java.io.Serializable;
import java.util.Set;
import org.growingnn.dl4j.graph.Cost;

/** One aspect of a candidate's quality. One that holds what cannot be serialised cannot be used in other processes. */
public interface ScoreTerm extends Serializable {

    /**
     * Names the term in reports.
     *
     * @return a short name
     */
    String name();

    /**
     * Grades a candidate.
     *
     * @param measurement what is known of it
     * @return a value in [0, 1]; larger is better
     */
    double grade(Measurement measurement);

    /**
     * Tells whether the term reads the loss, which costs another pass over the data.
     *
     * @return false unless overridden
     */
    default boolean needsLoss() {
        return false;
    }

    /**
     * Tells which costs the term reads, so that a run whose model does not tell them is refused before it begins.
     *
     * @return none unless overridden; parameters need not be named
     */
    default Set<Cost> costs() {
        return Set.of();
    }

    /**
     * Tells whether the term speaks of what a network costs rather than of how good it is. Searches among networks that cost the same leave
     * it out.
     *
     * @return whether it needs any {@linkplain #costs() costs}, unless overridden
     */
    default boolean isAboutCosts() {
        return !costs().isEmpty();
    }
}
