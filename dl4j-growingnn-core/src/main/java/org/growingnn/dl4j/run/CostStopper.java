package org.growingnn.dl4j.run;

import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.CostGoal;

/** Reaches its goal when a cost is low enough. */
interface CostStopper extends Stopper {

    /**
     * Tells how low.
     *
     * @return the goal
     */
    CostGoal goal();

    @Override
    default Verdict judge(List<Generation> history) {
        CostGoal goal = goal();
        Generation last = history.get(history.size() - 1);
        boolean low = cost(last, goal.cost()) <= goal.limit(cost(history.get(0), goal.cost()));
        // A generation that was taken back is not what the run holds.
        return low && last.accepted() ? Verdict.GOAL_REACHED : Verdict.CONTINUE;
    }

    @Override
    default Map<Cost, Double> limits(ToLongFunction<Cost> initial) {
        CostGoal goal = goal();
        return Map.of(goal.cost(), goal.limit(initial.applyAsLong(goal.cost())));
    }

    private static long cost(Generation generation, Cost cost) {
        return generation
                .costs()
                .of(cost)
                .orElseThrow(() -> new IllegalStateException("The " + cost.unit() + " of generation "
                        + generation.number() + " are unknown, so that the run cannot stop by them."
                        + "\nMaybe stop by parameters?"));
    }
}
