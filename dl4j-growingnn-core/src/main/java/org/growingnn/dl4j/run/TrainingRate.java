package org.growingnn.dl4j.run;

import org.growingnn.dl4j.training.LearningRateSchedule;
import org.growingnn.dl4j.value.Ranges;

/**
 * How fast a run trains itself and its candidates, compared with the learning rates that it was given, and whether training alone was
 * seen to do no harm at that rate. A model whose training ended with a small rate may lose what it knows when it goes on with the one that it began with; no
 * structural change is to blame for that.
 *
 * @param factor what all learning rates are multiplied with, 0 &lt; factor ≤ 1
 * @param proven whether a model that was trained at this rate was accepted
 */
public record TrainingRate(double factor, boolean proven) {

    /** The rates as they were given. */
    public static final TrainingRate GIVEN = new TrainingRate(1, false);

    /** Half a power of ten, as rates are usually tried out. */
    private static final double STEP = 1 / Math.sqrt(10);

    /** What is lowered so far and still does harm has another reason. */
    private static final double LEAST = 1e-2;

    /**
     * Checks the range.
     *
     * @param factor what all learning rates are multiplied with
     * @param proven whether a model that was trained at this rate was accepted
     */
    public TrainingRate {
        Ranges.require(factor > 0 && factor <= 1, "factor", factor, "greater than 0 and at most 1");
    }

    /** Tells whether there is a lower rate to try. */
    boolean canBeLowered() {
        return factor * STEP >= LEAST * 0.999;
    }

    TrainingRate lowered() {
        return new TrainingRate(factor * STEP, false);
    }

    TrainingRate confirmed() {
        return new TrainingRate(factor, true);
    }

    /** Gives the factors of a schedule at this rate. */
    LearningRateSchedule of(LearningRateSchedule schedule) {
        return factor == 1 ? schedule : new Scaled(factor, schedule);
    }

    private record Scaled(double scale, LearningRateSchedule schedule) implements LearningRateSchedule {

        @Override
        public double factor(double progress) {
            return scale * schedule.checkedFactor(progress);
        }
    }
}
