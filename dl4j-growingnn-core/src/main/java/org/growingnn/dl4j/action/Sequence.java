package org.growingnn.dl4j.action;

import java.util.List;
import java.util.Objects;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.value.Ranges;

/**
 * Several actions, one after the other, as one: what a search for a sequence found is taken or taken back as a whole.
 *
 * @param actions in the order in which they are applied; at least one
 */
public record Sequence(List<StructuralAction> actions) implements StructuralAction {

    /**
     * Copies the list.
     *
     * @param actions in the order in which they are applied
     */
    public Sequence {
        actions = List.copyOf(Objects.requireNonNull(actions, "actions"));
        Ranges.require(!actions.isEmpty(), "actions", actions, "at least one");
    }

    @Override
    public NetworkGraph apply(NetworkGraph graph, Projection projection) {
        return Actions.replay(graph, actions, projection);
    }

    @Override
    public boolean preservesFunction(NetworkGraph graph, Projection projection) {
        NetworkGraph current = graph;
        for (StructuralAction action : actions) {
            if (!action.preservesFunction(current, projection)) {
                return false;
            }
            current = action.apply(current, projection);
        }
        return true;
    }

    @Override
    public String toString() {
        return "sequence(actions=" + Actions.inText(actions) + ")";
    }
}
