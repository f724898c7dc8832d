package org.growingnn.dl4j.action;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Allocations;
import org.growingnn.dl4j.projection.GlobalRanking.Limits;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Resizer;
import org.growingnn.dl4j.value.Ranges;

/**
 * Gives one unit space more units, and takes as many from another as that costs parameters: the network becomes no larger, and as little
 * smaller as whole units allow.
 *
 * @param into the space that grows
 * @param from the space that shrinks
 * @param ratio width of the growing space afterwards relative to before, &gt; 1
 */
public record Swap(String into, String from, double ratio) implements StructuralAction {

    /**
     * Checks the ranges.
     *
     * @param into the space that grows
     * @param from the space that shrinks
     * @param ratio width of the growing space afterwards relative to before
     */
    public Swap {
        Objects.requireNonNull(into, "into");
        Objects.requireNonNull(from, "from");
        Ranges.require(!into.equals(from), "space to shrink", from, "another than the one that grows");
        Ranges.require(ratio > 1 && Double.isFinite(ratio), "ratio", ratio, "finite and greater than 1", "1.25");
    }

    /** Finds the widths of both spaces; empty if the one has not enough units to pay for the other's. */
    Optional<Map<String, Integer>> widths(NetworkGraph graph) {
        UnitSpace grown = graph.spaceNamed(into);
        UnitSpace shrunk = graph.spaceNamed(from);
        if (!List.of(grown, shrunk).stream().allMatch(space -> space.resizable() && space.size() > 0)
                || grown.selectionOnly()) {
            return Optional.empty();
        }
        int wider = Math.toIntExact(Math.max(grown.size() + 1, Math.round(grown.size() * ratio)));
        Allocations allocations = new Allocations(
                graph, space -> Limits.NONE, space -> !space.equals(shrunk), Map.of(Cost.PARAMETERS, (double)
                        graph.parameterCount()));
        int narrower = allocations.largest(Map.of(into, wider), from);
        if (narrower < 1 || narrower >= shrunk.size()) {
            return Optional.empty();
        }
        Map<String, Integer> widths = new LinkedHashMap<>();
        widths.put(into, wider);
        widths.put(from, narrower);
        return Optional.of(widths);
    }

    @Override
    public NetworkGraph apply(NetworkGraph graph, Projection projection) {
        Map<String, Integer> widths = widths(graph)
                .orElseThrow(() -> new IllegalArgumentException("'" + from + "' cannot pay for " + ratio
                        + " times the units of '" + into + "'.\nMaybe swap fewer units?"));
        return Resizer.resize(graph, widths, projection);
    }

    @Override
    public boolean preservesFunction(NetworkGraph graph, Projection projection) {
        return false;
    }

    @Override
    public String toString() {
        return "swap(into=" + into + ", from=" + from + ", ratio=" + ratio + ")";
    }
}
