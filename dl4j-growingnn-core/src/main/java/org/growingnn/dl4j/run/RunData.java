package org.growingnn.dl4j.run;

import java.util.Objects;
import java.util.Optional;
import org.growingnn.dl4j.data.DataSummary;
import org.growingnn.dl4j.data.TrainingData;

/**
 * The data of a run. The parts have no example in common, as far as the library has made them.
 *
 * @param training data to train on
 * @param summary what checking the training data told
 * @param validation data that decides which models are kept
 * @param grading held-out data to grade candidates on; empty to grade them on examples that the base model was trained on
 */
public record RunData(
        TrainingData training, DataSummary summary, TrainingData validation, Optional<TrainingData> grading) {

    /**
     * Checks that nothing is missing.
     *
     * @param training data to train on
     * @param summary what checking it told
     * @param validation data to judge by
     * @param grading data to grade candidates on
     */
    public RunData {
        Objects.requireNonNull(training, "training");
        Objects.requireNonNull(summary, "summary");
        Objects.requireNonNull(validation, "validation");
        Objects.requireNonNull(grading, "grading");
    }
}
