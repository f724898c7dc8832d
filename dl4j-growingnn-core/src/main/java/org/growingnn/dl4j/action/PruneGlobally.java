package org.growingnn.dl4j.action;

import java.util.LinkedHashMap;
import java.util.Map;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Criterion;
import org.growingnn.dl4j.projection.GlobalRanking;
import org.growingnn.dl4j.projection.GlobalRanking.Limits;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Resizer;

/**
 * Shrinks all unit spaces at once by a share of the network's parameters: units of all spaces are ranked together, by {@link
 * Criteria#of} as {@linkplain Criteria#share shares} of each space. The ranking decides on widths; the projection decides how units
 * turn into others. The widths depend on the weights, so that other weights may give others.
 *
 * @param ratio share of the parameters to remove, 0 &lt; ratio &lt; 1
 * @param minimum least number of units to keep in every space, ≥ 1
 */
public record PruneGlobally(double ratio, int minimum) implements StructuralAction {

    /**
     * Checks the ranges.
     *
     * @param ratio share of the parameters to remove, 0 &lt; ratio &lt; 1
     * @param minimum least number of units to keep, ≥ 1
     */
    public PruneGlobally {
        if (!(ratio > 0 && ratio < 1)) {
            throw new IllegalArgumentException("The ratio (" + ratio
                    + ") of parameters to remove must be greater than 0 and less than 1.\nMaybe 0.1 to remove 10 %?");
        }
        if (minimum < 1) {
            throw new IllegalArgumentException(
                    "The minimum (" + minimum + ") of units to keep in a space must be at least 1.");
        }
    }

    /** Tells whether a network can lose so much. */
    boolean applies(NetworkGraph graph) {
        // Which units go first does not matter to how many can go.
        return ranking(graph, Criteria.random(0)).largestShare(Cost.PARAMETERS) >= ratio;
    }

    private GlobalRanking ranking(NetworkGraph graph, Criterion criterion) {
        return new GlobalRanking(graph, criterion, space -> new Limits(minimum, 1, 1), space -> false);
    }

    @Override
    public NetworkGraph apply(NetworkGraph graph, Projection projection) {
        Map<String, Integer> sizes = new LinkedHashMap<>();
        ranking(graph, Criteria.share(Criteria.of(projection, graph)))
                .reduceBy(Cost.PARAMETERS, ratio)
                .forEach((space, kept) -> sizes.put(space, kept.length));
        return Resizer.resize(graph, sizes, projection);
    }

    @Override
    public boolean preservesFunction(NetworkGraph graph, Projection projection) {
        return false;
    }

    @Override
    public String toString() {
        return "prune-globally(ratio=" + ratio + ", minimum=" + minimum + ")";
    }
}
