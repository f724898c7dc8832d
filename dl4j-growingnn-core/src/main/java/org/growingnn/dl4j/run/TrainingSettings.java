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
 * @param epochsPerGeneration epochs to train after each structural change, ≥ 0; without it as many as come to 300 batches, from 1 to 5.
 *     What a change needs is steps, and the epochs of small data have few
 * @param batchesPerEpoch number of batches that count as an epoch, ≥ 1; a whole pass without it
 * @param recoveryEpochs further epochs that a generation may take while its metric is below a floor, ≥ 0
 * @param fineTuneEpochs epochs to train the result at the end, ≥ 0; without it as many as come to 2,000 batches, from 1 to 20, if something
 *     was changed and no stopper ended the run for want of time, and none if {@code epochsPerGeneration} or {@code batchesPerEpoch} says how
 *     long to train. What comes of it is kept unless it is worse
 * @param schedule learning rate within a generation
 * @param learningRate replaces the model's largest learning rate, 1e-8 to 1e38; the model's own without it. A run lowers it where
 *     training alone, without a change, falls below a floor, see {@link TrainingRate}
 * @param distillation how the original model's answers enter the labels outside of simulations; not at all without it
 */
public record TrainingSettings(
        int initialEpochs,
        OptionalInt epochsPerGeneration,
        OptionalInt batchesPerEpoch,
        int recoveryEpochs,
        OptionalInt fineTuneEpochs,
        LearningRateSchedule schedule,
        OptionalDouble learningRate,
        Optional<Distillation> distillation) {

    /** What holds unless something else is said. */
    public static final TrainingSettings DEFAULT = new TrainingSettings(
            0,
            OptionalInt.empty(),
            OptionalInt.empty(),
            1,
            OptionalInt.empty(),
            LearningRateSchedule.progressive(0.2),
            OptionalDouble.empty(),
            Optional.empty());

    /** Steps after which a change shows what it is worth, if nothing else is said. */
    private static final int ENOUGH_BATCHES = 300;

    /** Tiny data is not repeated more often than that: it would be learned by heart. */
    private static final int MOST_EPOCHS = 5;

    /** Steps that the result is worth: the generations only had enough to be judged. */
    private static final int FINAL_BATCHES = 2000;

    private static final int MOST_FINAL_EPOCHS = 20;

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
        Objects.requireNonNull(epochsPerGeneration, "epochsPerGeneration");
        epochsPerGeneration.ifPresent(epochs -> Ranges.requireAtLeast("epochsPerGeneration", epochs, 0));
        Objects.requireNonNull(batchesPerEpoch, "batchesPerEpoch");
        batchesPerEpoch.ifPresent(batches -> Ranges.requireAtLeast("batchesPerEpoch", batches, 1));
        Ranges.requireAtLeast("recoveryEpochs", recoveryEpochs, 0);
        Objects.requireNonNull(fineTuneEpochs, "fineTuneEpochs");
        fineTuneEpochs.ifPresent(epochs -> Ranges.requireAtLeast("fineTuneEpochs", epochs, 0));
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

    /**
     * Tells how many epochs to train after a structural change. Whoever says what an epoch is gets one.
     *
     * @param batches number of batches of a pass over the training data, ≥ 1
     * @return the number of epochs
     */
    int epochsPerGeneration(long batches) {
        return epochsPerGeneration.orElseGet(
                () -> batchesPerEpoch.isPresent() ? 1 : epochs(ENOUGH_BATCHES, batches, MOST_EPOCHS));
    }

    /**
     * Tells how many epochs to train the result.
     *
     * @param batches number of batches of a pass over the training data, ≥ 1
     * @return the number of epochs
     */
    int fineTuneEpochs(long batches) {
        return fineTuneEpochs.orElseGet(() -> epochsPerGeneration.isPresent() || batchesPerEpoch.isPresent()
                ? 0
                : epochs(FINAL_BATCHES, batches, MOST_FINAL_EPOCHS));
    }

    private static int epochs(int steps, long batches, int most) {
        return (int) Math.min(most, Math.max(1, (steps + batches - 1) / batches));
    }

    /** Tells whether anything but candidates is trained. */
    boolean trains() {
        return initialEpochs > 0
                || epochsPerGeneration.orElse(1) > 0
                || recoveryEpochs > 0
                || fineTuneEpochs.orElse(0) > 0;
    }
}
