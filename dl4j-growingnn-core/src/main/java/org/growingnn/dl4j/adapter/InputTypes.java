package org.growingnn.dl4j.adapter;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Format;
import org.growingnn.dl4j.graph.Signal.Kind;

/** Converts between Deeplearning4j's input types and signals, and infers what models do not store. */
final class InputTypes {

    private InputTypes() {}

    static NetworkInput toInput(String name, InputType type) {
        if (type instanceof InputType.InputTypeFeedForward t) {
            return feedForward(name, t.getSize());
        }
        if (type instanceof InputType.InputTypeConvolutionalFlat t) {
            return feedForward(name, t.getFlattenedSize());
        }
        if (type instanceof InputType.InputTypeConvolutional t) {
            return new NetworkInput(
                    name, Kind.CONVOLUTIONAL, format(t.getFormat()), t.getChannels(), t.getHeight(), t.getWidth());
        }
        if (type instanceof InputType.InputTypeRecurrent t) {
            return recurrent(name, t.getSize(), t.getTimeSeriesLength(), t.getFormat());
        }
        if (type instanceof InputType.InputTypeConvolutional3D t) {
            Format format =
                    t.getDataFormat() == Convolution3D.DataFormat.NDHWC ? Format.CHANNELS_LAST : Format.CHANNELS_FIRST;
            return new NetworkInput(
                    name, Kind.CONVOLUTIONAL_3D, format, t.getChannels(), t.getDepth(), t.getHeight(), t.getWidth());
        }
        throw new IllegalArgumentException("The input type " + type + " of '" + name + "' is not known.");
    }

    private static NetworkInput feedForward(String name, long size) {
        return new NetworkInput(name, Kind.FEED_FORWARD, Format.CHANNELS_FIRST, size);
    }

    private static NetworkInput recurrent(String name, long size, long length, RNNFormat format) {
        return new NetworkInput(name, Kind.RECURRENT, format(format), size, length > 0 ? length : Layout.UNKNOWN);
    }

    static Format format(CNN2DFormat format) {
        return format == CNN2DFormat.NHWC ? Format.CHANNELS_LAST : Format.CHANNELS_FIRST;
    }

    static Format format(RNNFormat format) {
        return format == RNNFormat.NWC ? Format.CHANNELS_LAST : Format.CHANNELS_FIRST;
    }

    /** Lets a layer of DL4J compute its output extents; widths do not matter for them. */
    static long[] outputExtents(Layer layer, Signal input) {
        if (input.positions() == Layout.UNKNOWN) {
            return unknown(input);
        }
        long[] extents = input.extents();
        boolean first = input.format() == Format.CHANNELS_FIRST;
        InputType type = switch (input.kind()) {
            case CONVOLUTIONAL ->
                InputType.convolutional(extents[0], extents[1], 1, first ? CNN2DFormat.NCHW : CNN2DFormat.NHWC);
            case RECURRENT -> InputType.recurrent(1, extents[0], first ? RNNFormat.NCW : RNNFormat.NWC);
            default ->
                throw new IllegalStateException(
                        layer.getClass().getSimpleName() + " cannot follow a " + input.kind() + " signal.");
        };
        return toInput("", layer.getOutputType(0, type)).extents();
    }

    private static long[] unknown(Signal input) {
        long[] extents = input.extents();
        java.util.Arrays.fill(extents, Layout.UNKNOWN);
        return extents;
    }

    /**
     * Infers an input from the first layers that it reaches, because DL4J does not store input types. Heights, widths and
     * lengths stay unknown unless a preprocessor states them.
     */
    static NetworkInput infer(String name, ComputationGraphConfiguration configuration) {
        Deque<String> front = new ArrayDeque<>(List.of(name));
        Set<String> seen = new HashSet<>(front);
        Set<String> resampled = new HashSet<>();
        while (!front.isEmpty()) {
            String source = front.remove();
            for (Map.Entry<String, List<String>> entry :
                    configuration.getVertexInputs().entrySet()) {
                if (!entry.getValue().contains(source)) {
                    continue;
                }
                GraphVertex vertex = configuration.getVertices().get(entry.getKey());
                Optional<NetworkInput> found =
                        vertex instanceof LayerVertex layerVertex ? ofLayer(name, layerVertex) : Optional.empty();
                boolean behindResampling = resampled.contains(source);
                if (found.isPresent() && !(behindResampling && found.get().kind() == Kind.FEED_FORWARD)) {
                    return found.get();
                }
                // What was pooled or padded before the first weights was no vector, even if the weights take one.
                if (behindResampling || !isUnitwise(vertex)) {
                    resampled.add(entry.getKey());
                }
                // A join does not tell the widths of its single inputs, whatever follows it.
                if (entry.getValue().size() == 1 && seen.add(entry.getKey())) {
                    front.add(entry.getKey());
                }
            }
        }
        return new NetworkInput(name, Kind.UNKNOWN, Format.CHANNELS_FIRST, Layout.UNKNOWN);
    }

    private static boolean isUnitwise(GraphVertex vertex) {
        if (vertex instanceof LayerVertex layerVertex) {
            Layer layer = layerVertex.getLayerConf().getLayer();
            return layerVertex.getPreProcessor() == null
                    && (layer instanceof ActivationLayer
                            || layer instanceof DropoutLayer
                            || layer instanceof BatchNormalization);
        }
        return vertex instanceof ScaleVertex || vertex instanceof ShiftVertex;
    }

    private static Optional<NetworkInput> ofLayer(String name, LayerVertex vertex) {
        InputPreProcessor preprocessor = vertex.getPreProcessor();
        if (preprocessor instanceof FeedForwardToCnnPreProcessor p) {
            return Optional.of(feedForward(name, p.getInputHeight() * p.getInputWidth() * p.getNumChannels()));
        }
        if (preprocessor instanceof CnnToFeedForwardPreProcessor p && p.getNumChannels() > 0) {
            return Optional.of(new NetworkInput(
                    name,
                    Kind.CONVOLUTIONAL,
                    format(p.getFormat()),
                    p.getNumChannels(),
                    p.getInputHeight(),
                    p.getInputWidth()));
        }
        if (!(vertex.getLayerConf().getLayer() instanceof FeedForwardLayer layer) || layer.getNIn() <= 0) {
            return Optional.empty();
        }
        if (preprocessor instanceof RnnToFeedForwardPreProcessor p) {
            return Optional.of(recurrent(name, layer.getNIn(), Layout.UNKNOWN, p.getRnnDataFormat()));
        }
        if (preprocessor != null) {
            return Optional.empty();
        }
        if (layer instanceof Convolution1DLayer c) {
            return Optional.of(recurrent(name, c.getNIn(), Layout.UNKNOWN, c.getRnnDataFormat()));
        }
        if (layer instanceof BaseRecurrentLayer r) {
            return Optional.of(recurrent(name, r.getNIn(), Layout.UNKNOWN, r.getRnnDataFormat()));
        }
        if (layer instanceof RnnOutputLayer r) {
            return Optional.of(recurrent(name, r.getNIn(), Layout.UNKNOWN, r.getRnnDataFormat()));
        }
        if (layer instanceof Convolution3D || layer instanceof BatchNormalization) {
            return Optional.empty();
        }
        if (layer instanceof ConvolutionLayer c) {
            return Optional.of(new NetworkInput(
                    name,
                    Kind.CONVOLUTIONAL,
                    format(c.getCnn2dDataFormat()),
                    c.getNIn(),
                    Layout.UNKNOWN,
                    Layout.UNKNOWN));
        }
        return Optional.of(feedForward(name, layer.getNIn()));
    }
}
