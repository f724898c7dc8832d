package org.growingnn.dl4j.search;

import java.util.Objects;
import org.growingnn.dl4j.action.StructuralAction;

/**
 * What a search found out about one root action.
 *
 * @param action the action
 * @param visits how often it was tried with success
 * @param meanScore mean of the values backed up through it; NaN if there are none
 */
public record ActionStatistics(StructuralAction action, int visits, double meanScore) {

    /**
     * Checks that there is an action.
     *
     * @param action the action
     * @param visits how often it was tried with success
     * @param meanScore mean of the values backed up through it
     */
    public ActionStatistics {
        Objects.requireNonNull(action, "action");
    }
}
