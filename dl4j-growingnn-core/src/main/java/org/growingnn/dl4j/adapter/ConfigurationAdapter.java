package org.growingnn.dl4j.adapter;

import java.util.List;
import java.util.function.ToLongFunction;
import org.growingnn.dl4j.graph.Block;
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
     * @param copy a fresh copy to modify
     * @param widths the widths after all edits
     * @return the copy, or a configuration to use instead of it
     */
    default C withWidths(C copy, Widths widths) {
        return copy;
    }

    /**
     * Follows a resizing of what arrives, for configurations that address units by position, such as a range of channels. The
     * default depends on no position.
     *
     * @param configuration the configuration; must not be modified
     * @param inputs the arriving signals before the resizing
     * @param lengths number of positions of each of their blocks after it
     * @return the configuration to use after the resizing
     */
    default C resized(C configuration, List<Signal> inputs, ToLongFunction<Block> lengths) {
        return configuration;
    }

    /**
     * Tells how a parameter array is to be seen. The default takes it as it is declared.
     *
     * @param configuration the configuration
     * @param key the parameter's key
     * @param declared the shape of the array in the parameter table
     * @return parts that together cover the array; the axes of {@link #propagate} refer to them
     */
    default List<ParameterPart> parts(C configuration, String key, long[] declared) {
        return List.of(ParameterPart.whole(key, declared));
    }
}
