package org.growingnn.dl4j.adapter;

import java.util.List;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Vertex;
import org.nd4j.linalg.activations.Activation;

/** Networks whose frozen layers are taken for what they wrap. */
public final class FrozenLayers {

    private FrozenLayers() {}

    /**
     * Makes a network whose loss has gradients of all weights. Frozen layers have none, and let none through, so that criteria which go
     * by gradients would take all of their units for worthless. Dropout and noise of weights go, because frozen layers have none in
     * training either; batch norms do as they do in training.
     *
     * @param network a network read from a Deeplearning4j model
     * @return the same network if units of frozen layers may not be {@linkplain AdapterRegistry#pruneFrozenLayers removed}, or if there
     *     are none; else one with the same names, connections and arrays
     */
    public static NetworkGraph thawed(NetworkGraph network) {
        if (!Dl4jOrigin.of(network.origin()).adapters().prunesFrozenLayers()) {
            return network;
        }
        List<Vertex> thawed = network.vertices().stream()
                .filter(vertex -> vertex.operation() instanceof VertexOperation operation && operation.isFrozen())
                .map(vertex -> vertex.withOperation(((VertexOperation) vertex.operation()).thawed()))
                .toList();
        return thawed.isEmpty() ? network : network.with(thawed);
    }

    /** Takes the wrappers off a vertex that nobody else holds. */
    static GraphVertex unwrapped(GraphVertex vertex) {
        if (vertex instanceof FrozenVertex frozen) {
            return unwrapped(frozen.getUnderlying());
        }
        if (vertex instanceof LayerVertex layer) {
            layer.getLayerConf().setLayer(unwrapped(layer.getLayerConf().getLayer()));
            layer.getLayerConf().clearVariables();
        }
        return vertex;
    }

    /** What is frozen may be inside of a wrapper that stays, but not of {@code Bidirectional}, which takes recurrent layers themselves only. */
    private static Layer unwrapped(Layer layer) {
        if (layer instanceof FrozenLayer frozen) {
            return awake(frozen.getLayer(), frozen.getLayerName());
        }
        if (layer instanceof FrozenLayerWithBackprop frozen) {
            return awake(frozen.getUnderlying(), frozen.getLayerName());
        }
        if (layer instanceof BaseWrapperLayer wrapper) {
            wrapper.setUnderlying(unwrapped(wrapper.getUnderlying()));
        }
        return layer;
    }

    private static Layer awake(Layer frozen, String name) {
        if (frozen instanceof DropoutLayer) {
            return new ActivationLayer.Builder()
                    .activation(Activation.IDENTITY)
                    .name(name)
                    .build();
        }
        IdleDropout.layers(frozen)
                .filter(layer -> !(layer instanceof DropoutLayer))
                .forEach(layer -> {
                    layer.setIDropout(null);
                    if (layer instanceof BaseLayer weighing) {
                        weighing.setWeightNoise(null);
                    }
                });
        Layer inner = unwrapped(frozen);
        inner.setLayerName(name);
        return inner;
    }
}
