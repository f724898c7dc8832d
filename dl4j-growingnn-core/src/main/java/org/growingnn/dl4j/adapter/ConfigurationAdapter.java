package org.growingnn.dl4j.adapter;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.LayerFactory.Join;
import org.growingnn.dl4j.graph.LayerFactory.Scaling;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/**
 * What the library needs to know about one Deeplearning4j configuration class: a layer, a graph vertex or an input
 * preprocessor. Adapters are stateless and are contributed by an {@link AdapterProvider}, or given to an {@link
 * AdapterRegistry}.
 *
 * <p>{@link #type} and {@link #propagate} must be told, and {@link #withWidths} by whatever stores widths. The other methods have
 * defaults that claim nothing: the layer works without them, but is not refitted, tells nothing of the network's inputs, and
 * takes part in actions on layers as one of which nothing is known.
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

    /**
     * Tells what a layer or preprocessor takes. It is asked of what stands directly behind a network input whose type is not
     * given.
     *
     * @param configuration the configuration, as the model has it
     * @param behind for a preprocessor, what the layer behind it tells about what that takes; empty for others
     * @return empty, the default, if the configuration does not tell
     */
    default Optional<InputHint> expectedInput(C configuration, Optional<InputHint> behind) {
        return Optional.empty();
    }

    /**
     * Tells how a layer weighs what it takes, so that calibration can collect what refit needs.
     *
     * @param configuration the configuration; widths must not be read from it
     * @return empty, the default, if its units are no weighted sums, or if something stands between the sums and the bias, as
     *     layer normalisation does
     */
    default Optional<Weighing> weighing(C configuration) {
        return Optional.empty();
    }

    /**
     * Tells what is certain about a configuration.
     *
     * @param configuration the configuration
     * @return by default nothing
     */
    default Set<Trait> traits(C configuration) {
        return Set.of();
    }

    /**
     * Tells how a vertex joins its inputs.
     *
     * @param configuration the configuration
     * @return empty, the default, if it is no join, or one that needs all of its inputs
     */
    default Optional<Join> join(C configuration) {
        return Optional.empty();
    }

    /**
     * Gives what a layer does to each unit at inference, if that is to multiply it and to add to it.
     *
     * @param configuration the configuration
     * @param parameters the layer's parameters by key
     * @return empty, the default, if it does something else
     */
    default Optional<Scaling> scaling(C configuration, Map<String, Parameter> parameters) {
        return Optional.empty();
    }

    /**
     * Gives the adapter to use within a registry. Wrappers find the adapters of what they wrap in it; others, the default, do not
     * care.
     *
     * @param registry the registry that the adapter is taken from
     * @return an adapter of the same class
     */
    default ConfigurationAdapter<C> within(AdapterRegistry registry) {
        return this;
    }
}
