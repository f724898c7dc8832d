package org.growingnn.dl4j.action;

import java.util.stream.Stream;
import org.growingnn.dl4j.graph.NetworkGraph;

/** Lists the actions that a network allows. */
@FunctionalInterface
public interface ActionGenerator {

    /**
     * Generates applicable actions lazily, in a deterministic order. {@link NoOp} is not among them: a search always adds
     * it.
     *
     * @param graph the network
     * @return actions each of which can be applied to the network
     */
    Stream<StructuralAction> generate(NetworkGraph graph);

    /**
     * Generates this generator's actions, then another's.
     *
     * @param other the other generator
     * @return both
     */
    default ActionGenerator and(ActionGenerator other) {
        return CombinedActions.of(this, other);
    }
}
