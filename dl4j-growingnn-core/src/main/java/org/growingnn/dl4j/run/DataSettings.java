package org.growingnn.dl4j.run;

import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.growingnn.dl4j.training.Calibrator;
import org.growingnn.dl4j.value.Ranges;

/**
 * How a run uses the data.
 *
 * @param holdOutShare share of every class of the training data that is held out, more than 0 and at most 0.5: for validation if there is
 *     no validation data, and of what that leaves for grading with {@code gradeOnHeldOut}; without it {@value #DEFAULT_HOLD_OUT_SHARE}. It
 *     must not be present where nothing is held out: beside validation data, unless candidates are graded on held-out examples
 * @param trainMetricSamples number of training examples on which the metric is measured, ≥ 1; all without it
 * @param calibrationExamples number of training examples that projections and criteria are calibrated with, ≥ 1
 * @param calibrationMemory bytes of native memory that calibration may take beside the network, ≥ 1, see {@link
 *     Calibrator#withNativeMemory}; without it {@link Calibrator#DEFAULT_MEMORY} for the activations alone
 * @param gradeOnHeldOut whether candidates are graded on examples of their own that are held out from the run's training, rather than on
 *     examples that the model to change was trained on: grades are then as honest as on new data, but there is less to train with
 */
public record DataSettings(
        OptionalDouble holdOutShare,
        OptionalInt trainMetricSamples,
        int calibrationExamples,
        OptionalLong calibrationMemory,
        boolean gradeOnHeldOut) {

    /** The share that is held out where something is and no share is said. */
    public static final double DEFAULT_HOLD_OUT_SHARE = 0.1;

    /** What holds unless something else is said. */
    public static final DataSettings DEFAULT =
            new DataSettings(OptionalDouble.empty(), OptionalInt.empty(), 1000, OptionalLong.empty(), false);

    /**
     * Checks the ranges.
     *
     * @param holdOutShare share of every class that is held out
     * @param trainMetricSamples number of training examples to measure the metric on
     * @param calibrationExamples number of examples to calibrate with
     * @param calibrationMemory bytes of native memory that calibration may take
     * @param gradeOnHeldOut whether candidates are graded on examples of their own
     */
    public DataSettings {
        Objects.requireNonNull(holdOutShare, "holdOutShare");
        Objects.requireNonNull(trainMetricSamples, "trainMetricSamples");
        holdOutShare.ifPresent(share -> Ranges.require(
                share > 0 && share <= 0.5, "holdOutShare", share, "greater than 0 and at most 0.5", "0.1"));
        trainMetricSamples.ifPresent(samples -> Ranges.requireAtLeast("trainMetricSamples", samples, 1));
        Ranges.requireAtLeast("calibrationExamples", calibrationExamples, 1);
        Objects.requireNonNull(calibrationMemory, "calibrationMemory");
        calibrationMemory.ifPresent(bytes -> Ranges.requireAtLeast("calibrationMemory", bytes, 1));
    }
}
