package org.growingnn.dl4j.run;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.CostGoal;
import org.growingnn.dl4j.run.Stopper.Verdict;
import org.growingnn.dl4j.value.Ranges;

/** The stoppers of the library. */
public final class Stoppers {

    private Stoppers() {}

    /**
     * Never stops: all generations run.
     *
     * @return the stopper
     */
    public static Stopper never() {
        return new Never();
    }

    /**
     * Stops at an accuracy. For networks that are judged by it; {@link #metric} serves all.
     *
     * @param accuracy training accuracy to reach, 0 to 1
     * @return the stopper
     */
    public static Stopper accuracy(double accuracy) {
        return new Accuracy(accuracy);
    }

    /**
     * Stops at a value of the metric.
     *
     * @param value what the metric must reach on training data, in its natural unit: at least, or at most where lower is better
     * @return the stopper
     */
    public static Stopper metric(double value) {
        return new Metric(value);
    }

    /**
     * Stops at a reduction.
     *
     * @param reduction share of the initial parameters to remove, 0 to 1
     * @return the stopper
     */
    public static Stopper reduction(double reduction) {
        return new Reduction(reduction);
    }

    /**
     * Stops when a cost is low enough. Several costs are joined by {@link Stopper#and}.
     *
     * @param cost what is to become small; latency needs {@link SettingsBuilder#latencies}
     * @param most what may be left at most, ≥ 1
     * @return the stopper
     */
    public static Stopper atMost(Cost cost, long most) {
        return new AtMost(cost, most);
    }

    /**
     * Stops when no more than a share of a cost is left.
     *
     * @param cost what is to become small; latency needs {@link SettingsBuilder#latencies}
     * @param share share of the initial cost, 0 to 1; 0.1 leaves a tenth
     * @return the stopper
     */
    public static Stopper left(Cost cost, double share) {
        return new Left(cost, share);
    }

    /**
     * Stops when a forward pass takes no longer than some time, by the table that {@link SettingsBuilder#latencies} gives. {@code
     * left(Cost.LATENCY, 0.5)} stops at half of the initial latency.
     *
     * @param most the time, longer than zero, and a day at most
     * @return the stopper
     */
    public static Stopper latency(Duration most) {
        return new AtMost(Cost.LATENCY, CostGoal.latency(most).most().orElseThrow());
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
     * Gives up after a time. A running generation is finished first, and the result is trained at the end only if {@code fineTuneEpochs} asks
     * for it.
     *
     * @param limit wall time since the run began, at least a millisecond
     * @return the stopper
     */
    public static Stopper time(Duration limit) {
        return new Time(limit);
    }

    /**
     * Gives up when the best score is old.
     *
     * @param generations number of generations without a better accepted model, ≥ 1
     * @return the stopper
     */
    public static Stopper noImprovement(int generations) {
        return new NoImprovement(generations);
    }

    /** A generation that was taken back is not what the run holds. */
    private static Verdict goal(List<Generation> history, boolean reached) {
        return reached && last(history).accepted() ? Verdict.GOAL_REACHED : Verdict.CONTINUE;
    }

    private static Generation last(List<Generation> history) {
        return history.get(history.size() - 1);
    }

    /** Never stops. */
    public record Never() implements Stopper {

        @Override
        public Verdict judge(List<Generation> history) {
            return Verdict.CONTINUE;
        }

        @Override
        public boolean hasGoal() {
            return false;
        }
    }

    /**
     * Reaches its goal at an accuracy.
     *
     * @param accuracy training accuracy to reach, 0 to 1
     */
    public record Accuracy(double accuracy) implements Stopper {

        /**
         * Checks the range.
         *
         * @param accuracy training accuracy to reach
         */
        public Accuracy {
            Ranges.requireShare("accuracy", accuracy);
        }

        @Override
        public Verdict judge(List<Generation> history) {
            return goal(history, last(history).trainingMetric() >= accuracy);
        }
    }

    /**
     * Reaches its goal at a value of the metric.
     *
     * @param value what the metric must reach on training data
     */
    public record Metric(double value) implements Stopper {

        /**
         * Checks the range.
         *
         * @param value what the metric must reach
         */
        public Metric {
            Ranges.require(Double.isFinite(value), "value", value, "finite");
        }

        @Override
        public Verdict judge(List<Generation> history) {
            return goal(history, last(history).training().meets(value));
        }
    }

    /**
     * Reaches its goal at a reduction.
     *
     * @param reduction share of the initial parameters to remove, 0 to 1
     */
    public record Reduction(double reduction) implements Stopper {

        /**
         * Checks the range.
         *
         * @param reduction share of the initial parameters to remove
         */
        public Reduction {
            Ranges.requireShare("reduction", reduction);
        }

        @Override
        public Verdict judge(List<Generation> history) {
            return goal(history, last(history).reduction() >= reduction);
        }
    }

    /**
     * Reaches its goal when a cost is low enough.
     *
     * @param cost what is to become small
     * @param most what may be left at most, ≥ 1
     */
    public record AtMost(Cost cost, long most) implements CostStopper {

        /**
         * Checks the range.
         *
         * @param cost what is to become small
         * @param most what may be left at most
         */
        public AtMost {
            CostGoal.atMost(Objects.requireNonNull(cost, "cost"), most);
        }

        @Override
        public CostGoal goal() {
            return CostGoal.atMost(cost, most);
        }
    }

    /**
     * Reaches its goal when no more than a share of a cost is left.
     *
     * @param cost what is to become small
     * @param share share of the initial cost, 0 to 1
     */
    public record Left(Cost cost, double share) implements CostStopper {

        /**
         * Checks the range.
         *
         * @param cost what is to become small
         * @param share share of the initial cost
         */
        public Left {
            Objects.requireNonNull(cost, "cost");
            Ranges.requireShare("share of " + cost.unit() + " to leave", share);
        }

        @Override
        public CostGoal goal() {
            return CostGoal.left(cost, share);
        }
    }

    /**
     * Gives up after a time.
     *
     * @param limit wall time since the run began, at least a millisecond
     */
    public record Time(Duration limit) implements Stopper {

        /**
         * Checks the range.
         *
         * @param limit wall time since the run began
         */
        public Time {
            Objects.requireNonNull(limit, "limit");
            Ranges.require(
                    limit.compareTo(Duration.ofMillis(1)) >= 0,
                    "time limit",
                    limit,
                    "at least a millisecond",
                    "Duration.ofMinutes(30)");
        }

        @Override
        public Verdict judge(List<Generation> history) {
            return last(history).elapsed().compareTo(limit) >= 0 ? Verdict.GIVE_UP : Verdict.CONTINUE;
        }

        @Override
        public boolean isDeterministic() {
            return false;
        }

        @Override
        public boolean hasGoal() {
            return false;
        }
    }

    /**
     * Gives up when the best score is old.
     *
     * @param generations number of generations without a better accepted model, ≥ 1
     */
    public record NoImprovement(int generations) implements Stopper {

        /**
         * Checks the range.
         *
         * @param generations number of generations without a better accepted model
         */
        public NoImprovement {
            Ranges.requireAtLeast("generations", generations, 1);
        }

        @Override
        public Verdict judge(List<Generation> history) {
            int best = 0;
            for (int i = 1; i < history.size(); i++) {
                Generation generation = history.get(i);
                if (generation.accepted()
                        && generation.score() > history.get(best).score()) {
                    best = i;
                }
            }
            return history.size() - 1 - best >= generations ? Verdict.GIVE_UP : Verdict.CONTINUE;
        }

        @Override
        public boolean hasGoal() {
            return false;
        }
    }
}
