package org.growingnn.dl4j.run;

import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.growingnn.dl4j.graph.Cost;

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
        return CombinedStoppers.Or.of(this, other);
    }

    /**
     * Stops when both stoppers do, with this one's verdict.
     *
     * @param other another stopper
     * @return the combination
     */
    default Stopper and(Stopper other) {
        return CombinedStoppers.And.of(this, other);
    }

    /**
     * Tells whether equal histories but for their times give equal verdicts.
     *
     * @return true unless overridden
     */
    default boolean isDeterministic() {
        return true;
    }

    /**
     * Tells whether the verdict can be that the goal is reached, rather than only to go on or to give up.
     *
     * @return true unless overridden
     */
    default boolean hasGoal() {
        return true;
    }

    /**
     * Tells what costs are to become, so that each generation tells them, and a run whose model does not is refused before it begins.
     *
     * @param initial gives the costs of the initial model
     * @return for each cost that the stopper looks at, what it may be at most when the goal is reached, infinite if the goal can be
     *     reached whatever it is; none unless overridden
     */
    default Map<Cost, Double> limits(ToLongFunction<Cost> initial) {
        return Map.of();
    }
}
