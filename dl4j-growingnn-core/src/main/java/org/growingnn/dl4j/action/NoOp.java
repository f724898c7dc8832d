package org.growingnn.dl4j.action;

import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projection;

/** Changes nothing, so that leaving the network as it is can win a search. */
public record NoOp() implements StructuralAction {

    @Override
    public NetworkGraph apply(NetworkGraph graph, Projection projection) {
        return graph;
    }

    @Override
    public boolean preservesFunction(NetworkGraph graph, Projection projection) {
        return true;
    }

    @Override
    public String toString() {
        return "no-op()";
    }
}
