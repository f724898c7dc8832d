package org.growingnn.dl4j.search;

import java.time.Duration;
import java.util.Objects;

/**
 * A candidate with what came of evaluating it.
 *
 * @param candidate what was evaluated
 * @param evaluation its grade, or why there is none
 * @param time how long the evaluation took
 */
public record Evaluated(Candidate candidate, Evaluation evaluation, Duration time) {

    /**
     * Checks that nothing is missing.
     *
     * @param candidate what was evaluated
     * @param evaluation its grade, or why there is none
     * @param time how long the evaluation took
     */
    public Evaluated {
        Objects.requireNonNull(candidate, "candidate");
        Objects.requireNonNull(evaluation, "evaluation");
        Objects.requireNonNull(time, "time");
    }
}
