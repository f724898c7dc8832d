package org.growingnn.dl4j.search;

import java.util.OptionalDouble;
import org.growingnn.dl4j.graph.NetworkGraph;

/** Briefly trains and grades candidates. Called from several threads at once. */
@FunctionalInterface
public interface Evaluator {

    /**
     * Trains a candidate for a short while and grades it.
     *
     * @param candidate the network; not modified
     * @param seed what all randomness of this evaluation must derive from; candidates that are compared get the same one
     * @return its grade, and the network after the short training
     */
    Evaluation evaluate(NetworkGraph candidate, long seed);

    /**
     * Grades a candidate as it is, without any training: much cheaper than an evaluation, and a hint at what an evaluation would
     * give. Depends on the candidate alone.
     *
     * @param candidate the network; not modified
     * @return a grade on the scale of {@link Evaluation#score()}; empty, unless overridden, if there is no cheap one
     */
    default OptionalDouble preview(NetworkGraph candidate) {
        return OptionalDouble.empty();
    }

    /**
     * A graded candidate.
     *
     * @param score in [0, 1]; larger is better
     * @param standardError how far the score may be off because the grading set is finite, ≥ 0; 0 if unknown
     * @param trained the candidate after its short training, from which further actions continue
     */
    record Evaluation(double score, double standardError, NetworkGraph trained) {

        /**
         * Checks the error.
         *
         * @param score in [0, 1]
         * @param standardError ≥ 0
         * @param trained the candidate after its short training
         */
        public Evaluation {
            if (!(standardError >= 0)) {
                throw new IllegalArgumentException("The standardError (" + standardError + ") must be ≥ 0.");
            }
        }

        /**
         * Makes an evaluation whose error is unknown.
         *
         * @param score in [0, 1]; larger is better
         * @param trained the candidate after its short training
         */
        public Evaluation(double score, NetworkGraph trained) {
            this(score, 0, trained);
        }
    }
}
