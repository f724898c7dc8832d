package org.growingnn.dl4j.training;

/** How the learning rate changes within a generation, as a factor of the model's own learning rates. */
@FunctionalInterface
public interface LearningRateSchedule {

    /**
     * Gives the factor for one parameter update.
     *
     * @param progress position within the generation, 0 &lt; progress &lt; 1
     * @return a factor ≥ 0
     */
    double factor(double progress);

    /**
     * Leaves the learning rate as it is.
     *
     * @return the factor 1 throughout
     */
    static LearningRateSchedule constant() {
        return progress -> 1;
    }

    /**
     * Rises linearly from zero during the first part of the generation and falls linearly to zero until its end, so that a
     * structural change does not wreck what was learned.
     *
     * @param steepness share of the generation that the rise takes, 0 &lt; steepness &lt; 1
     * @return the schedule
     */
    static LearningRateSchedule progressive(double steepness) {
        requireShare(steepness);
        return progress -> progress < steepness ? progress / steepness : (1 - progress) / (1 - steepness);
    }

    /**
     * Rises and falls like {@link #progressive(double)}, along two parabolas with their vertex at the peak.
     *
     * @param steepness share of the generation that the rise takes, 0 &lt; steepness &lt; 1
     * @return the schedule
     */
    static LearningRateSchedule progressiveParabolic(double steepness) {
        requireShare(steepness);
        return progress -> {
            double distance = progress < steepness
                    ? (steepness - progress) / steepness
                    : (progress - steepness) / (1 - steepness);
            return 1 - distance * distance;
        };
    }

    private static void requireShare(double steepness) {
        if (!(steepness > 0 && steepness < 1)) {
            throw new IllegalArgumentException(
                    "The steepness (" + steepness + ") must be greater than 0 and less than 1.\nMaybe 0.2?");
        }
    }
}
