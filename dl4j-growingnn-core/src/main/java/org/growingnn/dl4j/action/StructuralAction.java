package org.growingnn.dl4j.action;

import java.util.Optional;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projection;

/**
 * A structural change, as a value: it can be written down, compared and replayed, and it never touches a model.
 *
 * <p>The textual form is {@link Object#toString()}, read back by {@link Actions#parse(String)}; the JSON form is made and read by
 * {@link Actions#toJson(StructuralAction)} and {@link Actions#fromJson(String)}.
 */
public interface StructuralAction {

    /**
     * Applies the change.
     *
     * @param graph the network; not modified
     * @param projection how weights follow
     * @return the changed network
     * @throws IllegalArgumentException if the action does not apply to this network
     */
    NetworkGraph apply(NetworkGraph graph, Projection projection);

    /**
     * Tells whether the network computes the same outputs afterwards, to 1e-5 relative in single precision.
     *
     * @param graph the network it would be applied to
     * @param projection how weights would follow
     * @return true if the function is preserved
     */
    boolean preservesFunction(NetworkGraph graph, Projection projection);

    /**
     * Gives the action that leads a network to where this one would have led it before other changes. What was found out about this
     * one then still holds for that one. It is asked for whenever a network has changed, whether the action applies or not, and does not
     * throw.
     *
     * @param then the network before the other changes
     * @param now the network after them
     * @return the action; empty if there is none. By default this one if the structure is the same
     */
    default Optional<StructuralAction> carriedOver(NetworkGraph then, NetworkGraph now) {
        return then.structureHash().equals(now.structureHash()) ? Optional.of(this) : Optional.empty();
    }

    /**
     * Tells whether the action takes away all that another one takes away, so that it has no chance where the other one has none.
     *
     * @param other another action
     * @param network the network that both would be applied to
     * @return true if it does; by default if both are equal
     */
    default boolean goesAsFarAs(StructuralAction other, NetworkGraph network) {
        return equals(other);
    }
}
