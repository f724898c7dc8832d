package org.growingnn.dl4j.action;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.projection.Resizer;
import org.growingnn.dl4j.value.Ranges;

/**
 * Gives several unit spaces given widths at once.
 *
 * @param widths number of units afterwards, ≥ 1, by the name of the space; at least one
 * @param by how units are chosen or merged, see {@link Projections#named}; empty for the projection that the action is
 *     applied with
 */
public record ResizeSpaces(Map<String, Integer> widths, String by) implements StructuralAction {

    /**
     * Checks the ranges.
     *
     * @param widths number of units afterwards, by the name of the space
     * @param by how units are chosen or merged; may be empty
     */
    public ResizeSpaces {
        // Copies of Map.copyOf have another order in every run.
        widths = Collections.unmodifiableMap(new LinkedHashMap<>(Objects.requireNonNull(widths, "widths")));
        Ranges.require(!widths.isEmpty(), "widths", widths, "at least one");
        widths.forEach((space, width) -> Ranges.requireAtLeast("width of '" + space + "'", width, 1));
        if (!by.isEmpty()) {
            Projections.named(by);
        }
    }

    @Override
    public NetworkGraph apply(NetworkGraph graph, Projection applied) {
        for (String name : widths.keySet()) {
            UnitSpace space = graph.spaceNamed(name);
            if (!space.resizable() || space.size() == Layout.UNKNOWN) {
                throw new IllegalArgumentException("The space '" + name + "' cannot be resized: "
                        + space.frozen().orElse("its size is unknown") + ".");
            }
        }
        return Resizer.resize(graph, widths, chosen(applied));
    }

    private Projection chosen(Projection applied) {
        return by.isEmpty() ? applied : Projections.named(by);
    }

    @Override
    public boolean preservesFunction(NetworkGraph graph, Projection applied) {
        return widths.entrySet().stream().allMatch(entry -> {
            UnitSpace space = graph.spaceNamed(entry.getKey());
            return space.mixed().isEmpty() && chosen(applied).preservesFunction(space.size(), entry.getValue());
        });
    }

    @Override
    public String toString() {
        return "resize-spaces(widths=" + Actions.inText(widths) + ", by=" + by + ")";
    }
}
