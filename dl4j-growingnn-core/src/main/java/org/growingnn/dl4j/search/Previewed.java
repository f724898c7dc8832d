package org.growingnn.dl4j.search;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A candidate with its preview.
 *
 * @param candidate what was previewed
 * @param score what {@link Evaluator#preview} gave; empty if there is no preview
 * @param failure why the preview could not be made, if it was tried in vain
 */
public record Previewed(Candidate candidate, OptionalDouble score, Optional<Failure> failure) {

    /**
     * Checks that nothing is missing.
     *
     * @param candidate what was previewed
     * @param score the preview, if there is one
     * @param failure why it could not be made, if it was tried in vain
     */
    public Previewed {
        Objects.requireNonNull(candidate, "candidate");
        Objects.requireNonNull(score, "score");
        Objects.requireNonNull(failure, "failure");
    }
}
