package org.growingnn.dl4j.run;

import java.util.Objects;
import java.util.Optional;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;

/**
 * An action that was taken back.
 *
 * @param action the action, as it would have to be chosen from the current network
 * @param measured whether what came of it was measured, and was too bad. What could not be trained says nothing about other widths
 */
public record Rejection(StructuralAction action, boolean measured) {

    /**
     * Checks that nothing is missing.
     *
     * @param action the action
     * @param measured whether what came of it was measured
     */
    public Rejection {
        Objects.requireNonNull(action, "action");
    }

    /** What is left of it behind another change; see {@link StructuralAction#carriedOver}. */
    Optional<Rejection> carriedOver(NetworkGraph then, NetworkGraph now) {
        return action.carriedOver(then, now)
                .filter(carried -> measured || carried.equals(action))
                .map(carried -> new Rejection(carried, measured));
    }
}
