package org.growingnn.dl4j.adapter;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.jspecify.annotations.Nullable;

/**
 * Dropout that drops nothing. Keras imports give it to every layer; Deeplearning4j multiplies by its mask of ones all the same, which
 * takes time and random numbers, and fails in convolutions whose channels come last.
 */
final class IdleDropout {

    private IdleDropout() {}

    /**
     * Tells whether Deeplearning4j gives back every value bit by bit. {@link org.deeplearning4j.nn.conf.dropout.AlphaDropout} and {@link
     * org.deeplearning4j.nn.conf.dropout.GaussianNoise} add zeros even then, by which negative zeros lose their sign.
     */
    static boolean is(@Nullable IDropout dropout) {
        if (dropout == null) {
            return false;
        }
        // Subclasses may do something else.
        Class<?> type = dropout.getClass();
        return type == Dropout.class && ((Dropout) dropout).getPSchedule() == null && ((Dropout) dropout).getP() == 1
                || type == SpatialDropout.class
                        && ((SpatialDropout) dropout).getPSchedule() == null
                        && ((SpatialDropout) dropout).getP() == 1
                || type == GaussianDropout.class
                        && ((GaussianDropout) dropout).getRateSchedule() == null
                        && ((GaussianDropout) dropout).getRate() == 0;
    }

    /**
     * Removes it from layers that do something besides. A {@link DropoutLayer} keeps it: without, Deeplearning4j has it hand on the very
     * array that it takes, which what is behind may overwrite.
     *
     * @param vertices the vertices of a configuration that nobody else holds; modified
     * @return whether there was any
     */
    static boolean removeFromVertices(Collection<GraphVertex> vertices) {
        return remove(vertices.stream().flatMap(IdleDropout::layers));
    }

    /**
     * Removes it from the layers of a chain.
     *
     * @param layers the layers of a configuration that nobody else holds; modified
     * @return whether there was any
     */
    static boolean removeFromLayers(List<NeuralNetConfiguration> layers) {
        return remove(layers.stream().map(NeuralNetConfiguration::getLayer).flatMap(IdleDropout::layers));
    }

    private static boolean remove(Stream<Layer> layers) {
        List<Layer> found = layers.filter(layer -> !(layer instanceof DropoutLayer))
                .filter(layer -> is(layer.getIDropout()))
                .toList();
        found.forEach(layer -> layer.setIDropout(null));
        return !found.isEmpty();
    }

    private static Stream<Layer> layers(GraphVertex vertex) {
        if (vertex instanceof FrozenVertex frozen) {
            return layers(frozen.getUnderlying());
        }
        return vertex instanceof LayerVertex layer ? layers(layer.getLayerConf().getLayer()) : Stream.empty();
    }

    /** Lists a layer and what it wraps. */
    static Stream<Layer> layers(Layer layer) {
        Stream<Layer> wrapped = Stream.empty();
        if (layer instanceof FrozenLayer wrapper) {
            wrapped = Stream.of(wrapper.getLayer());
        } else if (layer instanceof BaseWrapperLayer wrapper) {
            wrapped = Stream.of(wrapper.getUnderlying());
        } else if (layer instanceof Bidirectional both) {
            wrapped = Stream.of(both.getFwd(), both.getBwd());
        }
        return Stream.concat(Stream.of(layer), wrapped.filter(Objects::nonNull).flatMap(IdleDropout::layers));
    }
}
