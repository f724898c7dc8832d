package org.growingnn.dl4j.search;

import java.util.List;
import java.util.Objects;
import org.growingnn.dl4j.action.StructuralAction;

/**
 * A candidate that could not be graded, or that a look ahead could not continue.
 *
 * @param path the actions that led to it
 * @param reason why
 */
public record FailedCandidate(List<StructuralAction> path, String reason) {

    /**
     * Copies the path.
     *
     * @param path the actions that led to it
     * @param reason why
     */
    public FailedCandidate {
        path = List.copyOf(path);
        Objects.requireNonNull(reason, "reason");
    }
}
