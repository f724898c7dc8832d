package org.growingnn.dl4j.cli;

import java.util.Optional;

/**
 * All data that was named.
 *
 * @param train for calibration and training
 * @param validation to judge models by
 * @param test to judge models by in the end
 */
record DataParts(Optional<Data> train, Optional<Data> validation, Optional<Data> test) {

    /** Gives the data that says most of how good a model is: the test data, else the validation data, else what there is. */
    Optional<Data> judging() {
        return test.or(() -> validation).or(() -> train);
    }

    /** Gives the data to calibrate or train with, which test data is not: it tells how good a model is that has not seen it. */
    Optional<Data> training() {
        return train.or(() -> validation);
    }
}
