package org.growingnn.dl4j.run;

import java.util.List;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.value.Family;
import org.growingnn.dl4j.value.RecordJson;

/**
 * The changes that a run made, as a text that is kept and repeated on another copy of the model, or on the same architecture with other
 * weights. Which units go is decided by the weights that are there then.
 *
 * @param changes the changes in order
 */
public record Recipe(List<JournalEntry> changes) {

    private static final RecordJson FORM =
            new RecordJson(Family.named(StructuralAction.class, Actions::toJson, Actions::fromJson));

    /**
     * Copies the list.
     *
     * @param changes the changes in order
     */
    public Recipe {
        changes = List.copyOf(changes);
    }

    /**
     * Reads a recipe.
     *
     * @param json what {@link #toJson()} wrote
     * @return the recipe
     * @throws IllegalArgumentException if it is none, with the place and the reason
     */
    public static Recipe fromJson(String json) {
        Recipe recipe = FORM.read(json, Recipe.class);
        recipe.changes.forEach(change -> Projections.named(change.projection()));
        return recipe;
    }

    /**
     * Writes the recipe.
     *
     * @return JSON: a list of changes, each with its generation, its action as text and the name of its projection
     * @throws IllegalArgumentException if an action is code of the program's own that no {@link
     *     org.growingnn.dl4j.action.ActionProvider} names
     */
    public String toJson() {
        return FORM.write(this);
    }

    /**
     * Repeats the changes.
     *
     * @param network the network to start from; not modified. Most projections need it calibrated
     * @return the network behind the last change
     * @throws IllegalArgumentException if a change does not apply, with its number and the reason
     */
    public NetworkGraph apply(NetworkGraph network) {
        NetworkGraph changed = network;
        for (int i = 0; i < changes.size(); i++) {
            JournalEntry change = changes.get(i);
            try {
                changed = change.action().apply(changed, Projections.named(change.projection()));
            } catch (IllegalArgumentException | IllegalStateException e) {
                throw new IllegalArgumentException(
                        "Change " + (i + 1) + " of " + changes.size() + " (" + change.action()
                                + ") does not apply to this network: " + e.getMessage(),
                        e);
            }
        }
        return changed;
    }
}
