package org.growingnn.dl4j.adapter;

import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/**
 * What the library needs to know about one Deeplearning4j configuration class: a layer, a graph vertex or an input
 * preprocessor. Adapters are stateless and are contributed by an {@link AdapterProvider}.
 *
 * @param <C> the configuration class
 */
public interface ConfigurationAdapter<C> {

    /**
     * Gives the configuration class; subclasses of it need adapters of their own.
     *
     * @return the exact class
     */
    Class<C> type();

    /**
     * Declares the axes of the parameters, ties or freezes unit spaces, and tells what leaves.
     *
     * @param configuration the configuration; must not be modified, and its widths must not be read, because resizing
     *     changes them: they follow from the arriving signals and the parameter shapes
     * @param propagation the arriving signals, behind the preprocessor if there is one, and the parameters
     * @return the signal that leaves
     */
    Signal propagate(C configuration, Propagation propagation);

    /**
     * Writes the widths that the configuration stores. The default stores none.
     *
     * @param configuration a fresh copy to modify
     * @param widths the widths after all edits
     */
    default void writeWidths(C configuration, Widths widths) {}

    /**
     * Gives the shape under which a parameter's memory is to be read in row-major order, for layers that use their array
     * differently from the shape that they declare.
     *
     * @param configuration the configuration
     * @param key the parameter's key
     * @param declared the shape of the array in the parameter table
     * @return the shape that the axes of {@link #propagate} refer to, of the same length
     */
    default long[] memoryShape(C configuration, String key, long[] declared) {
        return declared;
    }
}
