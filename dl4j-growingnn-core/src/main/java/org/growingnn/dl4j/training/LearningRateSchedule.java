package org.growingnn.dl4j.training;

import java.io.Serializable;
import org.growingnn.dl4j.value.Ranges;

/** How the learning rate changes within a generation, as a factor of the model's own learning rates. */
@FunctionalInterface
public interface LearningRateSchedule extends Serializable {

    /**
     * Gives the factor for one parameter update.
     *
     * @param progress position within the generation, 0 &lt; progress &lt; 1
     * @return a factor ≥ 0
     */
    double factor(double progress);

    /**
     * Gives the factor for one parameter update and checks it.
     *
     * @param progress position within the generation, 0 &lt; progress &lt; 1
     * @return the factor
     * @throws IllegalArgumentException if it is negative, infinite or not a number
     */
    default double checkedFactor(double progress) {
        double factor = factor(progress);
        if (!(factor >= 0 && factor < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("The factor (" + factor + ") that the learning-rate schedule (" + this
                    + ") gives at the progress " + progress + " must be finite and at least 0.");
        }
        return factor;
    }

    /**
     * Tries out the whole of a schedule.
     *
     * @param schedule the schedule
     * @throws IllegalArgumentException if a factor is negative, infinite or not a number, or if all are 0
     */
    static void require(LearningRateSchedule schedule) {
        int steps = 1000;
        double largest = 0;
        for (int i = 0; i < steps; i++) {
            largest = Math.max(largest, schedule.checkedFactor((i + 0.5) / steps));
        }
        if (largest == 0) {
            throw new IllegalArgumentException(
                    "The factors of the learning-rate schedule (" + schedule
                            + ") must not all be 0: nothing would be trained.\nMaybe leave training out by epochsPerGeneration(0)?");
        }
    }

    /**
     * Leaves the learning rate as it is.
     *
     * @return the factor 1 throughout
     */
    static LearningRateSchedule constant() {
        return new Constant();
    }

    /**
     * Rises linearly from zero during the first part of the generation and falls linearly to zero until its end, so that a
     * structural change does not wreck what was learned.
     *
     * @param steepness share of the generation that the rise takes, 0 &lt; steepness &lt; 1
     * @return the schedule
     */
    static LearningRateSchedule progressive(double steepness) {
        return new Progressive(steepness);
    }

    /**
     * Rises and falls like {@link #progressive(double)}, along two parabolas with their vertex at the peak.
     *
     * @param steepness share of the generation that the rise takes, 0 &lt; steepness &lt; 1
     * @return the schedule
     */
    static LearningRateSchedule progressiveParabolic(double steepness) {
        return new ProgressiveParabolic(steepness);
    }

    /** The factor 1 throughout. */
    record Constant() implements LearningRateSchedule {

        @Override
        public double factor(double progress) {
            return 1;
        }
    }

    /**
     * A linear rise and a linear fall.
     *
     * @param steepness share of the generation that the rise takes, 0 &lt; steepness &lt; 1
     */
    record Progressive(double steepness) implements LearningRateSchedule {

        /**
         * Checks the range.
         *
         * @param steepness share of the generation that the rise takes
         */
        public Progressive {
            requireSteepness(steepness);
        }

        @Override
        public double factor(double progress) {
            return progress < steepness ? progress / steepness : (1 - progress) / (1 - steepness);
        }
    }

    /**
     * A rise and a fall along two parabolas.
     *
     * @param steepness share of the generation that the rise takes, 0 &lt; steepness &lt; 1
     */
    record ProgressiveParabolic(double steepness) implements LearningRateSchedule {

        /**
         * Checks the range.
         *
         * @param steepness share of the generation that the rise takes
         */
        public ProgressiveParabolic {
            requireSteepness(steepness);
        }

        @Override
        public double factor(double progress) {
            double distance = progress < steepness
                    ? (steepness - progress) / steepness
                    : (progress - steepness) / (1 - steepness);
            return 1 - distance * distance;
        }
    }

    private static void requireSteepness(double steepness) {
        Ranges.require(steepness > 0 && steepness < 1, "steepness", steepness, "greater than 0 and less than 1", "0.2");
    }
}
