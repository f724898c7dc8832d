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
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.growingnn.dl4j.graph.LayerFactory;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Format;
import org.growingnn.dl4j.graph.Signal.Kind;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.Vertex;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;

/** Deeplearning4j's layers for {@link LayerFactory}. */
final class Dl4jLayers implements LayerFactory {

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

    private static Vertex vertex(
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
                name, List.of(input), VertexOperation.edited(new LayerVertex(template, preprocessor)), parameters);
    }

    /** Copies the configuration of the last layer with weights of its own, of which every trainable network has one. */
    private static NeuralNetConfiguration template(NetworkGraph graph) {
        LayerVertex last = null;
        for (String name : graph.order()) {
            Vertex vertex = graph.vertex(name);
            if (configuration(vertex) instanceof LayerVertex layer
                    && layer.getLayerConf().getLayer() instanceof BaseLayer
                    && vertex.parameters().containsKey(WEIGHT)) {
                last = (LayerVertex) ((VertexOperation) vertex.operation()).copy();
            }
        }
        if (last == null) {
            throw new IllegalArgumentException(
                    "The network has no layer whose updater and regularisation a new layer could share.");
        }
        return last.getLayerConf();
    }

    @Override
    public Vertex concatenation(NetworkGraph graph, String name, List<String> inputs) {
        Signal first = graph.signal(inputs.get(0));
        MergeVertex merge = new MergeVertex();
        merge.setMergeAxis(first.format() == Format.CHANNELS_LAST ? 1 + first.extents().length : 1);
        return new Vertex(name, inputs, VertexOperation.edited(merge), Map.of());
    }

    /** Gives the vertex of DL4J; null for a selection, which is none in particular. */
    private static @Nullable GraphVertex configuration(Vertex vertex) {
        return vertex.operation() instanceof VertexOperation operation ? operation.configuration() : null;
    }

    private static Optional<Layer> layer(Vertex vertex) {
        return configuration(vertex) instanceof LayerVertex layer
                ? Optional.of(layer.getLayerConf().getLayer())
                : Optional.empty();
    }

    @Override
    public Optional<Join> join(Vertex vertex) {
        if (configuration(vertex) instanceof MergeVertex) {
            return Optional.of(Join.CONCATENATION);
        }
        if (configuration(vertex) instanceof ElementWiseVertex elementWise) {
            return switch (elementWise.getOp()) {
                case Add, Average, Max -> Optional.of(Join.ELEMENT_WISE);
                default -> Optional.empty();
            };
        }
        return Optional.empty();
    }

    @Override
    public boolean belongsToLayer(Vertex vertex) {
        return layer(vertex)
                .filter(layer -> layer instanceof BatchNormalization
                        || layer instanceof ActivationLayer
                        || layer instanceof PReLULayer)
                .isPresent();
    }

    /** Other layers, such as batch norm, have an activation function in their configuration that they do not apply. */
    private static Optional<IActivation> activation(Layer layer) {
        if (layer instanceof DenseLayer dense && dense.hasLayerNorm()) {
            return Optional.empty();
        }
        if (layer instanceof DenseLayer || layer instanceof ConvolutionLayer) {
            return Optional.of(((BaseLayer) layer).getActivationFn());
        }
        return layer instanceof ActivationLayer activation
                ? Optional.of(activation.getActivationFn())
                : Optional.empty();
    }

    @Override
    public boolean isAffine(Vertex vertex) {
        return layer(vertex)
                .filter(layer -> layer instanceof BatchNormalization
                        || activation(layer)
                                .filter(ActivationIdentity.class::isInstance)
                                .isPresent())
                .isPresent();
    }

    @Override
    public Optional<Scaling> scaling(Vertex vertex) {
        return layer(vertex)
                .filter(BatchNormalization.class::isInstance)
                .map(layer -> scaling((BatchNormalization) layer, vertex.parameters()));
    }

    private static Scaling scaling(BatchNormalization layer, Map<String, Parameter> parameters) {
        double[] mean = parameters
                .get(BatchNormalizationParamInitializer.GLOBAL_MEAN)
                .value()
                .toDoubles();
        double[] scale = new double[mean.length];
        double[] shift = new double[mean.length];
        for (int i = 0; i < mean.length; i++) {
            // DL4J stores the variance, or the decimal logarithm of the standard deviation.
            double variance = layer.isUseLogStd()
                    ? Math.pow(10, 2 * value(parameters, BatchNormalizationParamInitializer.GLOBAL_LOG_STD, i, 0))
                    : value(parameters, BatchNormalizationParamInitializer.GLOBAL_VAR, i, 1);
            double gamma = value(parameters, BatchNormalizationParamInitializer.GAMMA, i, layer.getGamma());
            double beta = value(parameters, BatchNormalizationParamInitializer.BETA, i, layer.getBeta());
            scale[i] = gamma / Math.sqrt(variance + layer.getEps());
            shift[i] = beta - scale[i] * mean[i];
        }
        return new Scaling(scale, shift);
    }

    private static double value(Map<String, Parameter> parameters, String key, int index, double otherwise) {
        Parameter parameter = parameters.get(key);
        return parameter == null ? otherwise : parameter.value().get(index);
    }

    @Override
    public boolean isNonNegative(NetworkGraph graph, String name) {
        if (graph.inputs().stream().anyMatch(input -> input.name().equals(name))) {
            return false;
        }
        Vertex vertex = graph.vertex(name);
        boolean keepsSign = join(vertex).isPresent()
                || layer(vertex).filter(Rectifiers::keepsNonNegative).isPresent();
        if (keepsSign) {
            return vertex.inputs().stream().allMatch(input -> isNonNegative(graph, input));
        }
        return layer(vertex)
                .flatMap(Dl4jLayers::activation)
                .filter(Rectifiers::isNonNegative)
                .isPresent();
    }

    /**
     * Where a series has been pooled, DL4J puts a preprocessor in front of the next layer that leaves the vectors as they are but
     * gives gradients a third axis, which other layers do not take.
     */
    @Override
    public NetworkGraph tidy(NetworkGraph graph) {
        List<Vertex> tidied = new ArrayList<>();
        for (Vertex vertex : graph.vertices()) {
            if (configuration(vertex) instanceof LayerVertex layer
                    && layer.getPreProcessor() instanceof RnnToFeedForwardPreProcessor
                    && graph.signal(vertex.inputs().get(0)).kind() == Kind.FEED_FORWARD) {
                tidied.add(vertex.withOperation(VertexOperation.edited(new LayerVertex(layer.getLayerConf(), null))));
            }
        }
        return tidied.isEmpty() ? graph : graph.with(tidied);
    }
}
