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
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LearnedSelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.LocallyConnected1D;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.PrimaryCapsules;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
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
            return new NetworkInput(
                    name,
                    Kind.CONVOLUTIONAL_3D,
                    format(t.getDataFormat()),
                    t.getChannels(),
                    t.getDepth(),
                    t.getHeight(),
                    t.getWidth());
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

    static Format format(Convolution3D.DataFormat format) {
        return format == Convolution3D.DataFormat.NDHWC ? Format.CHANNELS_LAST : Format.CHANNELS_FIRST;
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
            case CONVOLUTIONAL_3D ->
                InputType.convolutional3D(
                        first ? Convolution3D.DataFormat.NCDHW : Convolution3D.DataFormat.NDHWC,
                        extents[0],
                        extents[1],
                        extents[2],
                        1);
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
        Set<String> narrowed = new HashSet<>();
        Optional<NetworkInput> ofUnknownWidth = Optional.empty();
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
                boolean behindSelection = narrowed.contains(source);
                if (found.isPresent() && !(behindResampling && found.get().kind() == Kind.FEED_FORWARD)) {
                    if (!behindSelection) {
                        return found.get();
                    }
                    // Something else that the input feeds may tell its width.
                    ofUnknownWidth = ofUnknownWidth.or(() -> found.map(InputTypes::withUnknownWidth));
                }
                boolean selects = selects(entry.getKey(), source, configuration);
                if (behindSelection || selects) {
                    narrowed.add(entry.getKey());
                }
                // What was pooled or padded before the first weights was no vector, even if the weights take one.
                if (behindResampling || !selects && !isUnitwise(vertex)) {
                    resampled.add(entry.getKey());
                }
                // A join does not tell the widths of its single inputs, whatever follows it.
                if ((entry.getValue().size() == 1 || selects) && seen.add(entry.getKey())) {
                    front.add(entry.getKey());
                }
            }
        }
        return ofUnknownWidth.orElseGet(
                () -> new NetworkInput(name, Kind.UNKNOWN, Format.CHANNELS_FIRST, Layout.UNKNOWN));
    }

    private static NetworkInput withUnknownWidth(NetworkInput input) {
        return new NetworkInput(input.name(), input.kind(), input.format(), Layout.UNKNOWN, input.extents());
    }

    /** Tells whether a vertex takes a range of what feeds it, or joins ranges of one and the same source. */
    private static boolean selects(String vertex, String source, ComputationGraphConfiguration configuration) {
        if (configuration.getVertices().get(vertex) instanceof SubsetVertex) {
            return true;
        }
        List<String> origin = configuration.getVertexInputs().get(source);
        return configuration.getVertices().get(vertex) instanceof MergeVertex
                && configuration.getVertexInputs().get(vertex).stream()
                        .allMatch(input -> configuration.getVertices().get(input) instanceof SubsetVertex
                                && configuration.getVertexInputs().get(input).equals(origin));
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
        Layer layer = vertex.getLayerConf().getLayer();
        if (preprocessor instanceof RnnToFeedForwardPreProcessor p) {
            return layer instanceof FeedForwardLayer f && f.getNIn() > 0
                    ? Optional.of(recurrent(name, f.getNIn(), Layout.UNKNOWN, p.getRnnDataFormat()))
                    : Optional.empty();
        }
        return preprocessor == null ? taken(name, layer) : Optional.empty();
    }

    /** Tells what a layer takes; empty where its configuration does not tell. */
    private static Optional<NetworkInput> taken(String name, Layer layer) {
        if (layer instanceof FrozenLayer wrapper) {
            return taken(name, wrapper.getLayer());
        }
        if (layer instanceof Bidirectional wrapper) {
            return taken(name, wrapper.getFwd());
        }
        if (layer instanceof TimeDistributed wrapper) {
            return taken(name, wrapper.getUnderlying())
                    .map(input -> recurrent(name, input.size(), Layout.UNKNOWN, wrapper.getRnnDataFormat()));
        }
        if (layer instanceof BaseWrapperLayer wrapper) {
            return taken(name, wrapper.getUnderlying());
        }
        if (layer instanceof EmbeddingLayer) {
            return Optional.of(feedForward(name, 1));
        }
        if (layer instanceof EmbeddingSequenceLayer sequence) {
            return Optional.of(
                    feedForward(name, sequence.isInferInputLength() ? Layout.UNKNOWN : sequence.getInputLength()));
        }
        if (layer instanceof LocallyConnected2D c) {
            return Optional.of(maps(name, c.getNIn(), c.getFormat()));
        }
        if (layer instanceof PrimaryCapsules c) {
            return Optional.of(maps(name, c.getInputChannels(), CNN2DFormat.NCHW));
        }
        if (layer instanceof LocallyConnected1D c) {
            return Optional.of(recurrent(name, c.getNIn(), Layout.UNKNOWN, RNNFormat.NCW));
        }
        if (layer instanceof SelfAttentionLayer a) {
            return Optional.of(recurrent(name, a.getNIn(), Layout.UNKNOWN, RNNFormat.NCW));
        }
        if (layer instanceof LearnedSelfAttentionLayer a) {
            return Optional.of(recurrent(name, a.getNIn(), Layout.UNKNOWN, RNNFormat.NCW));
        }
        if (layer instanceof RecurrentAttentionLayer a) {
            return Optional.of(recurrent(name, a.getNIn(), Layout.UNKNOWN, RNNFormat.NCW));
        }
        if (!(layer instanceof FeedForwardLayer forward) || forward.getNIn() <= 0) {
            return Optional.empty();
        }
        if (forward instanceof Convolution1DLayer c) {
            return Optional.of(recurrent(name, c.getNIn(), Layout.UNKNOWN, c.getRnnDataFormat()));
        }
        if (forward instanceof BaseRecurrentLayer r) {
            return Optional.of(recurrent(name, r.getNIn(), Layout.UNKNOWN, r.getRnnDataFormat()));
        }
        if (forward instanceof RnnOutputLayer r) {
            return Optional.of(recurrent(name, r.getNIn(), Layout.UNKNOWN, r.getRnnDataFormat()));
        }
        if (forward instanceof Convolution3D c) {
            return Optional.of(volumes(name, c.getNIn(), c.getDataFormat()));
        }
        if (forward instanceof Deconvolution3D c) {
            return Optional.of(volumes(name, c.getNIn(), c.getDataFormat()));
        }
        if (forward instanceof BatchNormalization) {
            return Optional.empty();
        }
        if (forward instanceof ConvolutionLayer c) {
            return Optional.of(maps(name, c.getNIn(), c.getCnn2dDataFormat()));
        }
        return Optional.of(feedForward(name, forward.getNIn()));
    }

    private static NetworkInput maps(String name, long channels, CNN2DFormat format) {
        return new NetworkInput(name, Kind.CONVOLUTIONAL, format(format), channels, Layout.UNKNOWN, Layout.UNKNOWN);
    }

    private static NetworkInput volumes(String name, long channels, Convolution3D.DataFormat format) {
        return new NetworkInput(
                name, Kind.CONVOLUTIONAL_3D, format(format), channels, Layout.UNKNOWN, Layout.UNKNOWN, Layout.UNKNOWN);
    }
}
