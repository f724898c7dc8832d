package org.growingnn.dl4j.run;

import java.util.List;

/** Decides after every generation whether the run ends. */
@FunctionalInterface
public interface Stopper {

    /** What a stopper says. */
    enum Verdict {
        /** Go on. */
        CONTINUE,
        /** The current model is what the user asked for; the run returns it. */
        GOAL_REACHED,
        /** Going on is not worthwhile; the run returns the best model so far. */
        GIVE_UP
    }

    /**
     * Judges.
     *
     * @param history all generations, the initial model first; at least that one
     * @return the verdict
     */
    Verdict judge(List<Generation> history);

    /**
     * Stops as soon as either stopper does; the goal wins over giving up.
     *
     * @param other another stopper
     * @return the combination
     */
    default Stopper or(Stopper other) {
        return Stoppers.Or.of(this, other);
    }

    /**
     * Stops when both stoppers do, with this one's verdict.
     *
     * @param other another stopper
     * @return the combination
     */
    default Stopper and(Stopper other) {
        return Stoppers.And.of(this, other);
    }

    /**
     * Tells whether equal histories but for their times give equal verdicts.
     *
     * @return true unless overridden
     */
    default boolean isDeterministic() {
        return true;
    }
}
