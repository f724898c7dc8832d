package org.growingnn.dl4j.run;

import java.time.Duration;
import java.util.List;
import org.growingnn.dl4j.run.Stopper.Verdict;

/** The stoppers of the library. */
public final class Stoppers {

    private Stoppers() {}

    /**
     * Never stops: all generations run.
     *
     * @return the stopper
     */
    public static Stopper never() {
        return history -> Verdict.CONTINUE;
    }

    /**
     * Stops at an accuracy.
     *
     * @param accuracy training accuracy to reach, 0 to 1
     * @return the stopper
     */
    public static Stopper accuracy(double accuracy) {
        requireShare("accuracy", accuracy);
        return history -> goal(history, last(history).trainAccuracy() >= accuracy);
    }

    /**
     * Stops at a reduction.
     *
     * @param reduction share of the initial parameters to remove, 0 to 1
     * @return the stopper
     */
    public static Stopper reduction(double reduction) {
        requireShare("reduction", reduction);
        return history -> goal(history, last(history).reduction() >= reduction);
    }

    /**
     * Stops when the model is both accurate and small enough.
     *
     * @param accuracy training accuracy to reach, 0 to 1
     * @param reduction share of the initial parameters to remove, 0 to 1
     * @return the stopper
     */
    public static Stopper accuracyAndReduction(double accuracy, double reduction) {
        return accuracy(accuracy).and(reduction(reduction));
    }

    /**
     * Gives up after a time; a running generation is finished first.
     *
     * @param limit wall time since the run began, &gt; 0
     * @return the stopper
     */
    public static Stopper time(Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("The time limit (" + limit + ") must be positive.");
        }
        return history -> last(history).elapsed().compareTo(limit) >= 0 ? Verdict.GIVE_UP : Verdict.CONTINUE;
    }

    /**
     * Gives up when the best score is old.
     *
     * @param generations number of generations without a better accepted model, ≥ 1
     * @return the stopper
     */
    public static Stopper noImprovement(int generations) {
        if (generations < 1) {
            throw new IllegalArgumentException(
                    "The number of generations (" + generations + ") without improvement must be at least 1.");
        }
        return history -> {
            Generation best = history.get(0);
            for (Generation generation : history) {
                if (generation.accepted() && generation.score() > best.score()) {
                    best = generation;
                }
            }
            return last(history).number() - best.number() >= generations ? Verdict.GIVE_UP : Verdict.CONTINUE;
        };
    }

    /** A generation that was taken back is not what the run holds. */
    private static Verdict goal(List<Generation> history, boolean reached) {
        return reached && last(history).accepted() ? Verdict.GOAL_REACHED : Verdict.CONTINUE;
    }

    private static Generation last(List<Generation> history) {
        return history.get(history.size() - 1);
    }

    private static void requireShare(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException("The " + name + " (" + value + ") to stop at must be in [0, 1].\nMaybe "
                    + (value > 1 && value <= 100 ? value / 100 : 0.95) + "?");
        }
    }
}
