package org.growingnn.dl4j;

import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.NetworkGraph;

/**
 * How low one cost is to become.
 *
 * @param cost what is to become small
 * @param left share of the given network's cost that may be left; empty if the goal is a number
 * @param most what may be left at most; empty if the goal is a share
 * @param unreachable what a message begins with if it cannot be met
 */
record CostGoal(Cost cost, OptionalDouble left, OptionalLong most, String unreachable) {

    /** Shares are computed from counts; what is allowed up to the last unit must not fail because of rounding. */
    private static final double TOLERANCE = 1e-12;

    static CostGoal without(Cost cost, double share) {
        return new CostGoal(
                cost,
                OptionalDouble.of(1 - share),
                OptionalLong.empty(),
                "A share of " + share + " of the " + cost.unit() + " cannot be removed");
    }

    static CostGoal left(Cost cost, double share) {
        return new CostGoal(
                cost,
                OptionalDouble.of(share),
                OptionalLong.empty(),
                "The " + cost.unit() + " cannot fall to a share of " + share);
    }

    static CostGoal atMost(Cost cost, long most) {
        return new CostGoal(
                cost, OptionalDouble.empty(), OptionalLong.of(most), "The " + cost.unit() + " cannot fall to " + most);
    }

    /**
     * Tells what may be left of a network.
     *
     * @param before the cost of the network as it was given
     */
    double limit(long before) {
        return most.isPresent() ? most.getAsLong() : (left.orElseThrow() + TOLERANCE) * before;
    }

    /**
     * Tells what several goals ask for together.
     *
     * @param goals one or more
     * @param initial the network as it was given
     * @return for each cost the least of what its goals allow
     * @throws IllegalStateException if a cost is unknown
     */
    static Map<Cost, Double> limits(Collection<CostGoal> goals, NetworkGraph initial) {
        Map<Cost, Double> limits = new EnumMap<>(Cost.class);
        goals.forEach(goal -> limits.merge(goal.cost, goal.limit(goal.cost.of(initial)), Math::min));
        return limits;
    }
}
