package org.growingnn.dl4j.search;

import java.util.Objects;
import org.growingnn.dl4j.graph.NetworkGraph;

/**
 * A graded candidate.
 *
 * @param score finite, in [0, 1] with the scores of this library; larger is better
 * @param standardError how far the score may be off because the grading set is finite, finite and ≥ 0; 0 if unknown
 * @param trained the candidate after its short training, from which further actions continue; the candidate as it was if the evaluator
 *     was asked for {@linkplain Evaluator#gradesOnly() grades only}
 */
public record Grade(double score, double standardError, NetworkGraph trained) implements Evaluation {

    /**
     * Checks the numbers.
     *
     * @param score finite
     * @param standardError finite and ≥ 0
     * @param trained the candidate after its short training
     */
    public Grade {
        if (!Double.isFinite(score)) {
            throw new IllegalArgumentException("The score (" + score
                    + ") of a grade must be finite.\nMaybe a loss overflowed? The worst score says so, too.");
        }
        if (!(standardError >= 0) || Double.isInfinite(standardError)) {
            throw new IllegalArgumentException(
                    "The standardError (" + standardError + ") of a grade must be finite and not negative.");
        }
        Objects.requireNonNull(trained, "trained");
    }

    /**
     * Makes a grade whose error is unknown.
     *
     * @param score finite; larger is better
     * @param trained the candidate after its short training
     */
    public Grade(double score, NetworkGraph trained) {
        this(score, 0, trained);
    }
}
