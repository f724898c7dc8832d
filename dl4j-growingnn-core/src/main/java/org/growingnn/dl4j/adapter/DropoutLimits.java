package org.growingnn.dl4j.adapter;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.dropout.AlphaDropout;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Vertex;

/**
 * Dropout that Deeplearning4j cannot train: that of a convolution whose channels come last. The forward pass makes a mask with the
 * channels last; the backward pass multiplies it with gradients whose channels come first. Where maps happen to be as wide and as high as
 * there are channels, nothing is thrown, but gradients are wrong.
 */
public final class DropoutLimits {

    /** Keep a mask for the backward pass; noise that is added does not. */
    private static final Set<Class<? extends IDropout>> WITH_MASK =
            Set.of(Dropout.class, SpatialDropout.class, GaussianDropout.class, AlphaDropout.class);

    private DropoutLimits() {}

    /**
     * Refuses a network that has it where gradients arrive.
     *
     * @param network the network
     * @throws IllegalArgumentException if there is any, with the names of the layers
     */
    public static void requireTrainable(NetworkGraph network) {
        Set<String> reached = reachedByGradients(network);
        List<String> layers = new ArrayList<>();
        for (Vertex vertex : network.vertices()) {
            if (reached.contains(vertex.name())) {
                untrainable(vertex)
                        .ifPresent(dropout -> layers.add(
                                "'" + vertex.name() + "' (" + dropout.getClass().getSimpleName() + ")"));
            }
        }
        if (!layers.isEmpty()) {
            throw new IllegalArgumentException(
                    "Deeplearning4j cannot train convolutions with dropout whose channels come last"
                            + " (NHWC): it multiplies a mask with gradients whose channels come first. Such dropout is that of "
                            + String.join(", ", layers)
                            + ".\nMaybe put a DropoutLayer in front instead, which trains with channels last, leave the dropout out, or"
                            + " make the network with channels first (NCHW)?");
        }
    }

    private static Set<String> reachedByGradients(NetworkGraph network) {
        Set<String> reached = new HashSet<>(network.outputs());
        List<String> order = network.order();
        for (int i = order.size() - 1; i >= 0; i--) {
            Vertex vertex = network.vertex(order.get(i));
            if (reached.contains(vertex.name()) && !vertex.operation().stopsGradients()) {
                reached.addAll(vertex.inputs());
            }
        }
        return reached;
    }

    private static Optional<IDropout> untrainable(Vertex vertex) {
        if (vertex.operation() instanceof VertexOperation operation
                && operation.configuration() instanceof LayerVertex layerVertex) {
            Layer layer = layerVertex.getLayerConf().getLayer();
            // Other convolutions, which extend this one, hand on gradients whose channels come last.
            if ((layer.getClass() == ConvolutionLayer.class || layer.getClass() == Convolution2D.class)
                    && ((ConvolutionLayer) layer).getCnn2dDataFormat() == CNN2DFormat.NHWC) {
                return Optional.ofNullable(layer.getIDropout())
                        .filter(dropout -> WITH_MASK.contains(dropout.getClass()));
            }
        }
        return Optional.empty();
    }
}
