package org.growingnn.dl4j.training;

import org.growingnn.dl4j.value.Ranges;

/**
 * How candidates are trained and graded during a search.
 *
 * @param samples number of examples drawn from the training data, balanced by class; ≥ 2
 * @param gradingShare share of them that is not trained on and only used for grading, 0 ≤ share &lt; 1. On these, a candidate is
 *     graded before and after its training, and the better grade counts. 0 grades afterwards only, on what was trained on, as the
 *     paper does
 * @param epochs passes over the examples to train on, ≥ 0
 * @param batchSize examples per parameter update, ≥ 1
 */
public record SimulationSettings(int samples, double gradingShare, int epochs, int batchSize) {

    /** 400 examples, half of them for grading, trained for 3 epochs in batches of 25. */
    public static final SimulationSettings DEFAULT = new SimulationSettings(400, 0.5, 3, 25);

    private static final int EXAMPLES_AT_ONCE = 250;

    /**
     * Grades candidates as they are, without any training, which costs least. It suits searches that only remove, with a projection that
     * refits: what a candidate is worth then shows at once, unless it lost much. Candidates that grow without changing what the network
     * computes cannot win that way.
     *
     * @param samples number of examples to grade on; ≥ 2
     * @return the settings
     */
    public static SimulationSettings untrained(int samples) {
        return new SimulationSettings(samples, 0, 0, Math.max(1, Math.min(samples, EXAMPLES_AT_ONCE)));
    }

    /**
     * Checks the ranges.
     *
     * @param samples number of examples
     * @param gradingShare share kept for grading
     * @param epochs passes over the rest
     * @param batchSize examples per update
     */
    public SimulationSettings {
        Ranges.require(samples >= 2, "samples", samples, "at least 2", "200");
        Ranges.require(gradingShare >= 0 && gradingShare < 1, "gradingShare", gradingShare, "in [0, 1)");
        Ranges.requireAtLeast("epochs", epochs, 0);
        Ranges.requireAtLeast("batchSize", batchSize, 1);
    }
}
