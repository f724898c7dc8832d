package org.growingnn.dl4j.adapter;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.growingnn.dl4j.graph.LayerFactory;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Format;
import org.growingnn.dl4j.graph.Signal.Kind;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.Vertex;
import org.nd4j.linalg.activations.Activation;

/**
 * Deeplearning4j's layers for {@link LayerFactory}: makes new ones, and asks the adapters about those that are there.
 *
 * @param adapters the adapters of the network that new layers are for
 */
record Dl4jLayers(AdapterRegistry adapters) implements LayerFactory {

    private static final String NO_TEMPLATE =
            "the network has no layer whose updater and regularisation a new layer could share";

    private static final String WEIGHT = DefaultParamInitializer.WEIGHT_KEY;
    private static final String BIAS = DefaultParamInitializer.BIAS_KEY;

    @Override
    public Vertex dense(NetworkGraph graph, String name, String input, Tensor weight, String activation) {
        DenseLayer layer = new DenseLayer.Builder()
                .nIn(weight.size(0))
                .nOut(weight.size(1))
                .activation(activation(activation))
                .build();
        Signal in = graph.signal(input);
        InputPreProcessor flatten = null;
        if (in.kind() == Kind.CONVOLUTIONAL) {
            long[] extents = in.extents();
            flatten = new CnnToFeedForwardPreProcessor(
                    extents[0], extents[1], in.units().length(), format(in));
        }
        return vertex(graph, name, input, layer, flatten, weight, weight.size(1));
    }

    @Override
    public Vertex convolution(
            NetworkGraph graph,
            String name,
            String input,
            Tensor weight,
            int[] stride,
            Optional<int[]> padding,
            String activation) {
        ConvolutionLayer.Builder builder = new ConvolutionLayer.Builder((int) weight.size(2), (int) weight.size(3))
                .stride(stride)
                .nIn(weight.size(1))
                .nOut(weight.size(0))
                .dataFormat(format(graph.signal(input)))
                .activation(activation(activation));
        if (padding.isPresent()) {
            builder.padding(padding.get()).convolutionMode(ConvolutionMode.Truncate);
        } else {
            builder.convolutionMode(ConvolutionMode.Same);
        }
        return vertex(graph, name, input, builder.build(), null, weight, weight.size(0));
    }

    private static CNN2DFormat format(Signal signal) {
        return signal.format() == Format.CHANNELS_LAST ? CNN2DFormat.NHWC : CNN2DFormat.NCHW;
    }

    private static Activation activation(String name) {
        return Arrays.stream(Activation.values())
                .filter(activation -> activation.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("There is no activation function '" + name
                        + "'.\nMaybe one of "
                        + Arrays.toString(Activation.values()).toLowerCase(Locale.ROOT) + "?"));
    }

    private Vertex vertex(
            NetworkGraph graph,
            String name,
            String input,
            FeedForwardLayer layer,
            InputPreProcessor preprocessor,
            Tensor weight,
            long outputs) {
        NeuralNetConfiguration template = template(graph);
        BaseLayer like = (BaseLayer) template.getLayer();
        layer.setLayerName(name);
        layer.setIUpdater(like.getIUpdater());
        layer.setBiasUpdater(like.getBiasUpdater());
        layer.setRegularization(like.getRegularization());
        layer.setRegularizationBias(like.getRegularizationBias());
        layer.setGradientNormalization(like.getGradientNormalization());
        layer.setGradientNormalizationThreshold(like.getGradientNormalizationThreshold());
        layer.setWeightInitFn(like.getWeightInitFn());
        layer.setBiasInit(0);
        template.setLayer(layer);
        template.clearVariables();
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        parameters.put(WEIGHT, Parameter.of(weight));
        parameters.put(
                BIAS,
                Parameter.of(
                        weight.isDouble()
                                ? Tensor.wrap(new long[] {outputs}, new double[(int) outputs])
                                : Tensor.wrap(new long[] {outputs}, new float[(int) outputs])));
        return new Vertex(
                name,
                List.of(input),
                VertexOperation.edited(adapters, new LayerVertex(template, preprocessor)),
                parameters);
    }

    /** Copies the configuration of the last layer with weights of its own. */
    private static NeuralNetConfiguration template(NetworkGraph graph) {
        VertexOperation last = last(graph).orElseThrow(() -> new IllegalArgumentException(NO_TEMPLATE + "."));
        return ((LayerVertex) last.copy()).getLayerConf();
    }

    /** Tells why no layer with weights can be made: where all are frozen, none tells how another one would learn. */
    static Optional<String> obstacle(NetworkGraph graph) {
        return last(graph).isPresent() ? Optional.empty() : Optional.of(NO_TEMPLATE);
    }

    private static Optional<VertexOperation> last(NetworkGraph graph) {
        VertexOperation last = null;
        for (String name : graph.order()) {
            Vertex vertex = graph.vertex(name);
            if (vertex.operation() instanceof VertexOperation operation
                    && operation.configuration() instanceof LayerVertex layer
                    && layer.getLayerConf().getLayer() instanceof BaseLayer
                    && vertex.parameters().containsKey(WEIGHT)) {
                last = operation;
            }
        }
        return Optional.ofNullable(last);
    }

    @Override
    public Vertex concatenation(NetworkGraph graph, String name, List<String> inputs) {
        Signal first = graph.signal(inputs.get(0));
        MergeVertex merge = new MergeVertex();
        merge.setMergeAxis(first.format() == Format.CHANNELS_LAST ? 1 + first.extents().length : 1);
        return new Vertex(name, inputs, VertexOperation.edited(adapters, merge), Map.of());
    }

    /** Gives the vertex of DL4J; empty for a selection, which is none in particular. */
    private static Optional<VertexOperation> operation(Vertex vertex) {
        return vertex.operation() instanceof VertexOperation operation ? Optional.of(operation) : Optional.empty();
    }

    private static boolean is(Vertex vertex, Trait trait) {
        return operation(vertex).filter(operation -> operation.is(trait)).isPresent();
    }

    @Override
    public Optional<Join> join(Vertex vertex) {
        return operation(vertex).flatMap(VertexOperation::join);
    }

    @Override
    public boolean belongsToLayer(Vertex vertex) {
        // What a preprocessor does has nothing to do with the layer in front.
        return is(vertex, Trait.BELONGS_TO_LAYER_IN_FRONT)
                && operation(vertex).flatMap(VertexOperation::preprocessor).isEmpty();
    }

    @Override
    public boolean isAffine(Vertex vertex) {
        return is(vertex, Trait.AFFINE);
    }

    @Override
    public Optional<Scaling> scaling(Vertex vertex) {
        return operation(vertex).flatMap(operation -> operation.scaling(vertex.parameters()));
    }

    @Override
    public Optional<Flattening> flattening(Vertex vertex) {
        return operation(vertex)
                .flatMap(operation -> operation
                        .preprocessor()
                        .filter(SelectionVertices::flattens)
                        .map(flatten -> new Flattening(
                                VertexOperation.ofPreprocessor(adapters, flatten), operation.withoutPreprocessor())));
    }

    @Override
    public boolean isNonNegative(NetworkGraph graph, String name) {
        if (graph.inputs().stream().anyMatch(input -> input.name().equals(name))) {
            return false;
        }
        Vertex vertex = graph.vertex(name);
        return is(vertex, Trait.NON_NEGATIVE)
                || is(vertex, Trait.KEEPS_SIGN)
                        && vertex.inputs().stream().allMatch(input -> isNonNegative(graph, input));
    }

    /**
     * Where a series has been pooled, DL4J puts a preprocessor in front of the next layer that leaves the vectors as they are but
     * gives gradients a third axis, which other layers do not take.
     */
    @Override
    public NetworkGraph tidy(NetworkGraph graph) {
        List<Vertex> tidied = new ArrayList<>();
        for (Vertex vertex : graph.vertices()) {
            if (vertex.operation() instanceof VertexOperation operation
                    && operation.preprocessorIs(Trait.IDLE_ON_VECTORS)
                    && graph.signal(vertex.inputs().get(0)).kind() == Kind.FEED_FORWARD) {
                tidied.add(vertex.withOperation(operation.withoutPreprocessor()));
            }
        }
        return tidied.isEmpty() ? graph : graph.with(tidied);
    }
}
