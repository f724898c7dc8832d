package org.growingnn.dl4j.search;

/** What came of evaluating a candidate: a grade, or the reason why there is none. */
public sealed interface Evaluation permits Grade, Failure {

    /**
     * Gives the grade, where a candidate without one is an error.
     *
     * @return the grade
     * @throws IllegalStateException if there is none, with the reason
     */
    default Grade orElseThrow() {
        if (this instanceof Failure failure) {
            throw new IllegalStateException("The candidate has no grade: " + failure.reason());
        }
        return (Grade) this;
    }
}
