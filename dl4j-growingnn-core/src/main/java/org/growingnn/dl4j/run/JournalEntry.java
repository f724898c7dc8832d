package org.growingnn.dl4j.run;

import java.util.Objects;
import org.growingnn.dl4j.action.StructuralAction;

/**
 * A structural change that a run made.
 *
 * @param generation number of the generation that made it
 * @param action the change
 * @param projection name of the projection by which weights followed
 */
public record JournalEntry(int generation, StructuralAction action, String projection) {

    /**
     * Checks that nothing is missing.
     *
     * @param generation number of the generation
     * @param action the change
     * @param projection name of the projection
     */
    public JournalEntry {
        Objects.requireNonNull(action, "action");
        Objects.requireNonNull(projection, "projection");
    }
}
