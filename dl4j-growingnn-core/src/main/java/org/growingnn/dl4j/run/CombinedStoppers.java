package org.growingnn.dl4j.run;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BinaryOperator;
import java.util.function.ToLongFunction;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.run.Stopper.Verdict;
import org.growingnn.dl4j.value.Ranges;

/** Stoppers of several others, as {@link Stopper#and} and {@link Stopper#or} make them. */
public final class CombinedStoppers {

    private CombinedStoppers() {}

    /**
     * Stops when all stoppers do, with the first one's verdict.
     *
     * @param stoppers at least one
     */
    public record And(List<Stopper> stoppers) implements Stopper {

        /**
         * Checks that there are stoppers.
         *
         * @param stoppers at least one
         */
        public And {
            stoppers = checked(stoppers);
        }

        static And of(Stopper first, Stopper second) {
            return new And(joined(first instanceof And several ? several.stoppers : List.of(first), second));
        }

        @Override
        public Verdict judge(List<Generation> history) {
            List<Verdict> verdicts =
                    stoppers.stream().map(stopper -> stopper.judge(history)).toList();
            return verdicts.contains(Verdict.CONTINUE) ? Verdict.CONTINUE : verdicts.get(0);
        }

        @Override
        public boolean isDeterministic() {
            return stoppers.stream().allMatch(Stopper::isDeterministic);
        }

        @Override
        public boolean hasGoal() {
            return stoppers.get(0).hasGoal();
        }

        /** All are met where the lowest of one cost is. */
        @Override
        public Map<Cost, Double> limits(ToLongFunction<Cost> initial) {
            return CombinedStoppers.limits(stoppers, initial, Math::min);
        }
    }

    /**
     * Stops as soon as one stopper does; the goal wins over giving up.
     *
     * @param stoppers at least one
     */
    public record Or(List<Stopper> stoppers) implements Stopper {

        /**
         * Checks that there are stoppers.
         *
         * @param stoppers at least one
         */
        public Or {
            stoppers = checked(stoppers);
        }

        static Or of(Stopper first, Stopper second) {
            return new Or(joined(first instanceof Or several ? several.stoppers : List.of(first), second));
        }

        @Override
        public Verdict judge(List<Generation> history) {
            List<Verdict> verdicts =
                    stoppers.stream().map(stopper -> stopper.judge(history)).toList();
            return verdicts.contains(Verdict.GOAL_REACHED)
                    ? Verdict.GOAL_REACHED
                    : verdicts.contains(Verdict.GIVE_UP) ? Verdict.GIVE_UP : Verdict.CONTINUE;
        }

        @Override
        public boolean isDeterministic() {
            return stoppers.stream().allMatch(Stopper::isDeterministic);
        }

        @Override
        public boolean hasGoal() {
            return stoppers.stream().anyMatch(Stopper::hasGoal);
        }

        /** One goal is met where the highest of one cost is; a cost that one of them leaves open has no limit. */
        @Override
        public Map<Cost, Double> limits(ToLongFunction<Cost> initial) {
            Map<Cost, Double> limits = CombinedStoppers.limits(stoppers, initial, Math::max);
            // What only gives up does so with the goal missed.
            List<Stopper> goals = stoppers.stream().filter(Stopper::hasGoal).toList();
            Map<Cost, Double> ofGoals = CombinedStoppers.limits(goals, initial, Math::max);
            limits.replaceAll((cost, limit) -> !goals.isEmpty()
                            && goals.stream()
                                    .allMatch(goal -> goal.limits(initial).containsKey(cost))
                    ? ofGoals.get(cost)
                    : Double.POSITIVE_INFINITY);
            return limits;
        }
    }

    private static List<Stopper> checked(List<Stopper> stoppers) {
        Ranges.requireItems("stoppers", stoppers);
        Ranges.require(!stoppers.isEmpty(), "stoppers", stoppers, "at least one");
        return List.copyOf(stoppers);
    }

    private static List<Stopper> joined(List<Stopper> some, Stopper another) {
        List<Stopper> all = new ArrayList<>(some);
        all.add(Objects.requireNonNull(another, "other"));
        return all;
    }

    private static Map<Cost, Double> limits(
            List<Stopper> stoppers, ToLongFunction<Cost> initial, BinaryOperator<Double> together) {
        Map<Cost, Double> limits = new EnumMap<>(Cost.class);
        stoppers.forEach(
                stopper -> stopper.limits(initial).forEach((cost, limit) -> limits.merge(cost, limit, together)));
        return limits;
    }
}
