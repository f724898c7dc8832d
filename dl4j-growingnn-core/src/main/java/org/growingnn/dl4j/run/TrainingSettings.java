package org.growingnn.dl4j.run;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.growingnn.dl4j.training.Distillation;
import org.growingnn.dl4j.training.LearningRateSchedule;
import org.growingnn.dl4j.value.Ranges;

/**
 * How a run trains, besides its candidates.
 *
 * @param initialEpochs epochs to train before the first search, ≥ 0
 * @param epochsPerGeneration epochs to train after each structural change, ≥ 0
 * @param batchesPerEpoch number of batches that count as an epoch, ≥ 1; a whole pass without it
 * @param recoveryEpochs further epochs that a generation may take while its metric is below a floor, ≥ 0
 * @param fineTuneEpochs epochs to train at the end, ≥ 0
 * @param schedule learning rate within a generation
 * @param learningRate replaces the model's largest learning rate, 1e-8 to 1e38; the model's own without it
 * @param distillation how the original model's answers enter the labels outside of simulations; not at all without it
 */
public record TrainingSettings(
        int initialEpochs,
        int epochsPerGeneration,
        OptionalInt batchesPerEpoch,
        int recoveryEpochs,
        int fineTuneEpochs,
        LearningRateSchedule schedule,
        OptionalDouble learningRate,
        Optional<Distillation> distillation) {

    /** What holds unless something else is said. */
    public static final TrainingSettings DEFAULT = new TrainingSettings(
            0,
            1,
            OptionalInt.empty(),
            1,
            0,
            LearningRateSchedule.progressive(0.2),
            OptionalDouble.empty(),
            Optional.empty());

    /** Steps of smaller rates are lost in the rounding of single precision. */
    private static final double LEAST_RATE = 1e-8;

    /** Single precision has hardly any larger numbers. */
    private static final double LARGEST_RATE = 1e38;

    /**
     * Checks the ranges, and the schedule by trying it out.
     *
     * @param initialEpochs epochs before the first search
     * @param epochsPerGeneration epochs after each structural change
     * @param batchesPerEpoch number of batches that count as an epoch
     * @param recoveryEpochs further epochs below a floor
     * @param fineTuneEpochs epochs at the end
     * @param schedule learning rate within a generation
     * @param learningRate replaces the model's largest learning rate
     * @param distillation how the original model teaches
     */
    public TrainingSettings {
        Ranges.requireAtLeast("initialEpochs", initialEpochs, 0);
        Ranges.requireAtLeast("epochsPerGeneration", epochsPerGeneration, 0);
        Objects.requireNonNull(batchesPerEpoch, "batchesPerEpoch");
        batchesPerEpoch.ifPresent(batches -> Ranges.requireAtLeast("batchesPerEpoch", batches, 1));
        Ranges.requireAtLeast("recoveryEpochs", recoveryEpochs, 0);
        Ranges.requireAtLeast("fineTuneEpochs", fineTuneEpochs, 0);
        LearningRateSchedule.require(Objects.requireNonNull(schedule, "schedule"));
        Objects.requireNonNull(learningRate, "learningRate");
        learningRate.ifPresent(rate -> Ranges.require(
                rate >= LEAST_RATE && rate <= LARGEST_RATE,
                "learningRate",
                rate,
                "from " + LEAST_RATE + " to " + LARGEST_RATE,
                "0.001, or leave it out for the model's own"));
        Objects.requireNonNull(distillation, "distillation");
    }

    /** Tells whether anything but candidates is trained. */
    boolean trains() {
        return initialEpochs > 0 || epochsPerGeneration > 0 || recoveryEpochs > 0 || fineTuneEpochs > 0;
    }
}
