package org.growingnn.dl4j.graph;

import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.growingnn.dl4j.value.Ranges;

/**
 * How low one cost is to become: a share of what a network took at the start, or a number.
 *
 * @param cost what is to become small
 * @param left share of the given network's cost that may be left, 0 to 1; empty if the goal is a number
 * @param most what may be left at most, ≥ 1; empty if the goal is a share
 * @param unreachable what a message begins with if it cannot be met
 */
public record CostGoal(Cost cost, OptionalDouble left, OptionalLong most, String unreachable) {

    /** Shares are computed from counts; what is allowed up to the last unit must not fail because of rounding. */
    private static final double TOLERANCE = 1e-12;

    /**
     * Checks that there is one limit, and its range.
     *
     * @param cost what is to become small
     * @param left share that may be left
     * @param most what may be left at most
     * @param unreachable what a message begins with
     */
    public CostGoal {
        Objects.requireNonNull(cost, "cost");
        Objects.requireNonNull(left, "left");
        Objects.requireNonNull(most, "most");
        Objects.requireNonNull(unreachable, "unreachable");
        if (left.isPresent() == most.isPresent()) {
            throw new IllegalArgumentException(
                    "A goal is either a share or a number, but this one is " + left + " and " + most + ".");
        }
        left.ifPresent(share -> Ranges.requireShare("share of " + cost.unit() + " to leave", share));
        most.ifPresent(number -> Ranges.requireAtLeast("largest number of " + cost.unit(), number, 1));
    }

    /**
     * Removes a share.
     *
     * @param cost what is to become small
     * @param share share to remove, 0 to 1
     * @return the goal
     */
    public static CostGoal without(Cost cost, double share) {
        Objects.requireNonNull(cost, "cost");
        Ranges.requireShare("share of " + cost.unit() + " to remove", share);
        return new CostGoal(
                cost,
                OptionalDouble.of(1 - share),
                OptionalLong.empty(),
                "A share of " + share + " of the " + cost.unit() + " cannot be removed");
    }

    /**
     * Leaves no more than a share.
     *
     * @param cost what is to become small
     * @param share share that may be left, 0 to 1
     * @return the goal
     */
    public static CostGoal left(Cost cost, double share) {
        Objects.requireNonNull(cost, "cost");
        return new CostGoal(
                cost,
                OptionalDouble.of(share),
                OptionalLong.empty(),
                "The " + cost.unit() + " cannot fall to a share of " + share);
    }

    /**
     * Leaves no more than a number.
     *
     * @param cost what is to become small
     * @param most what may be left at most, ≥ 1
     * @return the goal
     */
    public static CostGoal atMost(Cost cost, long most) {
        Objects.requireNonNull(cost, "cost");
        return new CostGoal(
                cost, OptionalDouble.empty(), OptionalLong.of(most), "The " + cost.unit() + " cannot fall to " + most);
    }

    /**
     * Leaves no more than some time for a forward pass.
     *
     * @param most the time, longer than zero, and a day at most
     * @return the goal
     */
    public static CostGoal latency(Duration most) {
        Objects.requireNonNull(most, "most");
        Ranges.require(
                most.compareTo(Duration.ZERO) > 0 && most.compareTo(Duration.ofDays(1)) <= 0,
                "longest latency",
                most,
                "longer than zero, and a day at most",
                "Duration.ofMillis(5)");
        return atMost(Cost.LATENCY, most.toNanos());
    }

    /**
     * Tells what may be left of a network.
     *
     * @param before the cost of the network as it was given, ≥ 0
     * @return the largest cost that meets the goal, not rounded
     */
    public double limit(long before) {
        Ranges.requireAtLeast("initial number of " + cost.unit(), before, 0);
        return most.isPresent() ? most.getAsLong() : (left.orElseThrow() + TOLERANCE) * before;
    }

    /**
     * Tells what several goals ask for together.
     *
     * @param goals any number of them
     * @param initial the network as it was given
     * @return for each cost the least of what its goals allow
     * @throws IllegalStateException if a cost is unknown
     */
    public static Map<Cost, Double> limits(Collection<CostGoal> goals, NetworkGraph initial) {
        Ranges.requireItems("goals", goals);
        Objects.requireNonNull(initial, "initial");
        Map<Cost, Double> limits = new EnumMap<>(Cost.class);
        goals.forEach(goal -> limits.merge(goal.cost, goal.limit(goal.cost.of(initial)), Math::min));
        return limits;
    }
}
