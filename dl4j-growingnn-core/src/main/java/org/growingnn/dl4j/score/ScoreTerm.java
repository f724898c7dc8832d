package org.growingnn.dl4j.score;

/** One aspect of a candidate's quality. */
public interface ScoreTerm {

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
}
