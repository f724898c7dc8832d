package org.growingnn.dl4j.graph;

import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * What a vertex does to units, without widths: widths are always read from the parameter arrays and the arriving signals,
 * so an operation stays valid whatever is resized around it. Implementations are immutable.
 */
public interface Operation {

    /**
     * Names the operation for people.
     *
     * @return for example {@code ConvolutionLayer}
     */
    String type();

    /**
     * Names the operation together with whatever of it belongs to the architecture beyond its type, connections and array
     * shapes, see {@link NetworkGraph#structureHash()}.
     *
     * @return the type, unless there is more to tell
     */
    default String structure() {
        return type();
    }

    /**
     * Tells apart operations of one structure that compute differently, such as layers with different activation functions, as far as
     * the network's {@linkplain NetworkGraph#origin() origin} does not.
     *
     * @return the structure, unless there is more to tell
     */
    default String configured() {
        return structure();
    }

    /**
     * Declares the axes of the vertex's parameters, ties or freezes spaces, and tells what leaves the vertex.
     *
     * @param propagation the arriving signals, the parameter shapes, and what to call
     * @return the signal that leaves
     */
    Signal propagate(Propagation propagation);

    /**
     * Follows a resizing of what arrives, for operations that address units by position, such as a range of channels. The
     * default depends on no position and returns itself.
     *
     * @param inputs the arriving signals before the resizing
     * @param lengths number of positions of each of their blocks after it
     * @return the operation to use after the resizing
     */
    default Operation resized(List<Signal> inputs, ToLongFunction<Block> lengths) {
        return this;
    }

    /**
     * Tells what training does to a parameter behind every step.
     *
     * @param key the parameter's key
     * @return empty, the default, if it may take any value
     */
    default Optional<Constraint> constraint(String key) {
        return Optional.empty();
    }

    /**
     * Tells whether the operation has weights that do not learn.
     *
     * @return true if nothing but actions changes them; false unless overridden
     */
    default boolean isFrozen() {
        return false;
    }

    /**
     * Tells whether gradients end at the operation, so that nothing in front of it can learn.
     *
     * @return true if that is certain; false unless overridden
     */
    default boolean stopsGradients() {
        return false;
    }
}
