package org.growingnn.dl4j.run;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ArrayNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Changes of a network as a text that is kept, written by hand or by a run, and repeated on another copy of the model, or on the same
 * architecture with other weights. Which units go is decided by the weights that are there then.
 *
 * <pre>{@code
 * {"projection": "pseudo-inverse",
 *  "actions": [{"action": "remove-neurons", "space": "conv2", "ratio": 0.5, "minimum": 1}]}
 * }</pre>
 *
 * <p>An action may have a {@code projection} of its own.
 *
 * @param changes the changes in order
 */
public record Recipe(List<Change> changes) {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String PROJECTION = "projection";
    private static final String ACTIONS = "actions";

    /**
     * One change.
     *
     * @param action the change
     * @param projection how weights follow
     */
    public record Change(StructuralAction action, Projection projection) {

        /**
         * Checks that nothing is missing.
         *
         * @param action the change
         * @param projection how weights follow
         */
        public Change {
            Objects.requireNonNull(action, "action");
            Objects.requireNonNull(projection, PROJECTION);
        }
    }

    /**
     * Copies the list.
     *
     * @param changes the changes in order
     */
    public Recipe {
        changes = List.copyOf(changes);
    }

    /**
     * Takes the changes of a run.
     *
     * @param journal the changes
     * @return the recipe
     * @throws IllegalArgumentException if a projection is code of the program's own
     */
    public static Recipe of(List<JournalEntry> journal) {
        return new Recipe(journal.stream()
                .map(entry -> new Change(entry.action(), Projections.named(entry.projection())))
                .toList());
    }

    /**
     * Reads a recipe.
     *
     * @param json as above
     * @return the recipe
     * @throws IllegalArgumentException if it is none, with the reason and the place or the action's number
     */
    public static Recipe fromJson(String json) {
        JsonNode root;
        try {
            root = MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "The recipe is no JSON: " + e.getOriginalMessage() + " (line "
                            + e.getLocation().getLineNr() + ")",
                    e);
        }
        for (Iterator<String> names = root.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!List.of(PROJECTION, ACTIONS).contains(name)) {
                throw new IllegalArgumentException("The recipe has an entry '" + name + "', but only '" + PROJECTION
                        + "' and '" + ACTIONS + "' are known.");
            }
        }
        if (!root.path(PROJECTION).isTextual() || !root.path(ACTIONS).isArray()) {
            throw new IllegalArgumentException("The recipe must have the name of a '" + PROJECTION
                    + "' and a list of '" + ACTIONS
                    + "'.\nMaybe {\"projection\": \"pseudo-inverse\", \"actions\": [ … ]}?");
        }
        Projection projection = Projections.named(root.get(PROJECTION).asText());
        List<Change> changes = new ArrayList<>();
        for (JsonNode action : root.get(ACTIONS)) {
            try {
                changes.add(change(action, projection));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "Action " + (changes.size() + 1) + " of the recipe is none: " + e.getMessage(), e);
            }
        }
        return new Recipe(changes);
    }

    private static Change change(JsonNode action, Projection standard) {
        if (!(action instanceof ObjectNode object)) {
            throw new IllegalArgumentException(action + " is no object.");
        }
        JsonNode own = object.remove(PROJECTION);
        return new Change(
                Actions.fromJson(object.toString()), own == null ? standard : Projections.named(own.asText()));
    }

    /**
     * Writes the recipe.
     *
     * @return indented JSON
     * @throws IllegalArgumentException if an action is code of the program's own that no {@link
     *     org.growingnn.dl4j.action.ActionProvider} names
     */
    public String toJson() {
        String standard = changes.isEmpty()
                ? Projections.pseudoInverse().name()
                : changes.get(0).projection().name();
        ObjectNode root = MAPPER.createObjectNode().put(PROJECTION, standard);
        ArrayNode actions = root.putArray(ACTIONS);
        try {
            for (Change change : changes) {
                ObjectNode action = (ObjectNode) MAPPER.readTree(Actions.toJson(change.action()));
                if (!change.projection().name().equals(standard)) {
                    action.put(PROJECTION, change.projection().name());
                }
                actions.add(action);
            }
            return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Actions are written as JSON.", e);
        }
    }

    /**
     * Tells whether the network must be calibrated.
     *
     * @return true if a projection looks at activations or gradients
     */
    public boolean needsCalibration() {
        return changes.stream().anyMatch(change -> change.projection().needsCalibration());
    }

    /**
     * Tells whether calibration must be with labels.
     *
     * @return true if a projection looks at gradients of the loss
     */
    public boolean needsSquaredGradients() {
        return changes.stream().anyMatch(change -> change.projection().needsSquaredGradients());
    }

    /**
     * Tells whether the calibration must hold units that spaces could gain, see {@link
     * org.growingnn.dl4j.training.Calibrator#withCandidates}.
     *
     * @return true if a projection needs them
     */
    public boolean needsCandidates() {
        return changes.stream().anyMatch(change -> change.projection().needsCandidates());
    }

    /**
     * Repeats the changes.
     *
     * @param network the network to start from, calibrated where that is {@linkplain #needsCalibration() needed}; not modified
     * @return the network behind the last change
     * @throws IllegalArgumentException if a change does not apply, with its number and the reason
     */
    public NetworkGraph apply(NetworkGraph network) {
        NetworkGraph changed = network;
        for (int i = 0; i < changes.size(); i++) {
            Change change = changes.get(i);
            try {
                changed = change.action().apply(changed, change.projection());
            } catch (IllegalArgumentException | IllegalStateException e) {
                throw new IllegalArgumentException(
                        "Action " + (i + 1) + " of " + changes.size() + ", " + change.action()
                                + ", does not apply to this network" + (i > 0 ? " behind those before it" : "") + ": "
                                + e.getMessage(),
                        e);
            }
        }
        return changed;
    }
}
