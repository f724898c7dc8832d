package org.growingnn.dl4j.examples.extension;

import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Projection;

/**
 * An action that the library does not have: removes the same share of the units of every layer.
 *
 * @param ratio share of the units to remove, 0 &lt; ratio &lt; 1
 */
public record NarrowAll(double ratio) implements StructuralAction {

    static final String NAME = "narrow-all";

    @Override
    public NetworkGraph apply(NetworkGraph graph, Projection projection) {
        NetworkGraph result = graph;
        for (UnitSpace space : graph.spaces()) {
            if (space.resizable() && !space.selectionOnly() && space.size() > space.minimum()) {
                result = Actions.removeNeurons(result.spaceNamed(space.name()), ratio)
                        .apply(result, projection);
            }
        }
        return result;
    }

    @Override
    public boolean preservesFunction(NetworkGraph graph, Projection projection) {
        return false;
    }

    @Override
    public String toString() {
        return NAME + "(ratio=" + ratio + ")";
    }
}
