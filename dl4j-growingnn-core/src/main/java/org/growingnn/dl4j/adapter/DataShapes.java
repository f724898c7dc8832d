package org.growingnn.dl4j.adapter;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.Cnn3DLossLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Vertex;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossCosineProximity;
import org.nd4j.linalg.lossfunctions.impl.LossHinge;
import org.nd4j.linalg.lossfunctions.impl.LossKLD;
import org.nd4j.linalg.lossfunctions.impl.LossL1;
import org.nd4j.linalg.lossfunctions.impl.LossL2;
import org.nd4j.linalg.lossfunctions.impl.LossMAE;
import org.nd4j.linalg.lossfunctions.impl.LossMAPE;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;
import org.nd4j.linalg.lossfunctions.impl.LossMSLE;
import org.nd4j.linalg.lossfunctions.impl.LossMultiLabel;
import org.nd4j.linalg.lossfunctions.impl.LossNegativeLogLikelihood;
import org.nd4j.linalg.lossfunctions.impl.LossPoisson;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossSquaredHinge;
import org.nd4j.linalg.lossfunctions.impl.LossWasserstein;

/**
 * What the data of a network must look like, as far as its configuration makes that certain. Where a layer, a preprocessor or a loss
 * function is not known, nothing is said.
 */
public final class DataShapes {

    /** Losses that compare labels and outputs value by value. */
    private static final Set<Class<?>> VALUE_BY_VALUE = Set.of(
            LossBinaryXENT.class,
            LossCosineProximity.class,
            LossHinge.class,
            LossKLD.class,
            LossL1.class,
            LossL2.class,
            LossMAE.class,
            LossMAPE.class,
            LossMCXENT.class,
            LossMSE.class,
            LossMSLE.class,
            LossMultiLabel.class,
            LossNegativeLogLikelihood.class,
            LossPoisson.class,
            LossSquaredHinge.class,
            LossWasserstein.class);

    private DataShapes() {}

    /** How labels relate to the values of the output. */
    public enum Content {
        /** One label for each value. */
        VALUES,
        /** One class number in place of all units. */
        CLASS_NUMBERS,
        /** Something that the loss knows. */
        UNKNOWN
    }

    /**
     * The labels of an output.
     *
     * @param content how they relate to the output's values
     * @param rank number of dimensions, that of the examples included
     * @param unitsLast whether the units stand last rather than directly behind the examples
     */
    public record Labels(Content content, int rank, boolean unitsLast) {

        /**
         * Tells where the units stand.
         *
         * @return the dimension
         */
        public int unitAxis() {
            return unitsLast ? rank - 1 : 1;
        }
    }

    /**
     * Tells what the labels of an output must look like.
     *
     * @param network the network
     * @param output the name of an output
     * @return the labels, or empty if nothing is certain
     */
    public static Optional<Labels> labels(NetworkGraph network, String output) {
        return layer(network.vertex(output))
                .flatMap(vertex -> labels(vertex.getLayerConf().getLayer()));
    }

    /**
     * Finds the layer of an output, without wrappers around it.
     *
     * @param network the network
     * @param output the name of an output
     * @return its configuration, or empty if the output is no layer
     */
    public static Optional<Layer> outputLayer(NetworkGraph network, String output) {
        return layer(network.vertex(output))
                .map(vertex -> unwrapped(vertex.getLayerConf().getLayer()));
    }

    private static Layer unwrapped(Layer layer) {
        if (layer instanceof FrozenLayer wrapper) {
            return unwrapped(wrapper.getLayer());
        }
        return layer instanceof BaseWrapperLayer wrapper ? unwrapped(wrapper.getUnderlying()) : layer;
    }

    /**
     * Tells what labels a layer must be given.
     *
     * @param wrapped the configuration of a layer, maybe within wrappers
     * @return the labels, or empty if nothing is certain
     */
    public static Optional<Labels> labels(Layer wrapped) {
        Layer layer = unwrapped(wrapped);
        if (layer instanceof RnnOutputLayer output) {
            return labels(output.getLossFn(), 3, output.getRnnDataFormat() == RNNFormat.NWC);
        }
        if (layer.getClass() == OutputLayer.class || layer.getClass() == CenterLossOutputLayer.class) {
            return labels(((org.deeplearning4j.nn.conf.layers.BaseOutputLayer) layer).getLossFn(), 2, false);
        }
        if (layer instanceof LossLayer output) {
            return labels(output.getLossFn(), 2, false);
        }
        if (layer instanceof RnnLossLayer output) {
            return labels(output.getLossFn(), 3, output.getRnnDataFormat() == RNNFormat.NWC);
        }
        if (layer instanceof CnnLossLayer output) {
            return labels(output.getLossFn(), 4, output.getFormat() == CNN2DFormat.NHWC);
        }
        if (layer instanceof Cnn3DLossLayer output) {
            return labels(output.getLossFn(), 5, output.getDataFormat() == Convolution3D.DataFormat.NDHWC);
        }
        return Optional.empty();
    }

    private static Optional<Labels> labels(ILossFunction loss, int rank, boolean unitsLast) {
        Content content = Content.UNKNOWN;
        if (loss.getClass() == LossSparseMCXENT.class) {
            content = Content.CLASS_NUMBERS;
        } else if (VALUE_BY_VALUE.contains(loss.getClass())) {
            content = Content.VALUES;
        }
        return Optional.of(new Labels(content, rank, unitsLast));
    }

    /**
     * Tells how many dimensions the features of an input may have, that of the examples included.
     *
     * @param network the network
     * @param input the name of an input
     * @return the possible numbers, or none if nothing is certain
     */
    public static Set<Integer> featureRanks(NetworkGraph network, String input) {
        Set<Integer> possible = new HashSet<>(Set.of(2, 3, 4, 5));
        for (String name : network.successors(input)) {
            layer(network.vertex(name)).map(DataShapes::ranks).ifPresent(possible::retainAll);
        }
        return possible.size() == 4 ? Set.of() : Set.copyOf(possible);
    }

    private static Optional<LayerVertex> layer(Vertex vertex) {
        return vertex.operation() instanceof VertexOperation operation
                        && operation.configuration() instanceof LayerVertex layer
                ? Optional.of(layer)
                : Optional.empty();
    }

    private static Set<Integer> ranks(LayerVertex vertex) {
        Set<Integer> any = Set.of(2, 3, 4, 5);
        InputPreProcessor preprocessor = vertex.getPreProcessor();
        if (preprocessor instanceof CnnToFeedForwardPreProcessor
                || preprocessor instanceof FeedForwardToCnnPreProcessor) {
            // Either passes on what already has the form that it makes.
            return Set.of(2, 4);
        }
        if (preprocessor instanceof RnnToFeedForwardPreProcessor) {
            return Set.of(2, 3);
        }
        return preprocessor == null ? ranks(vertex.getLayerConf().getLayer()).orElse(any) : any;
    }

    private static Optional<Set<Integer>> ranks(Layer layer) {
        if (layer instanceof FrozenLayer wrapper) {
            return ranks(wrapper.getLayer());
        }
        Class<?> type = layer.getClass();
        if (type == DenseLayer.class || type == OutputLayer.class) {
            return Optional.of(Set.of(2));
        }
        if (layer instanceof BaseRecurrentLayer || type == RnnOutputLayer.class) {
            return Optional.of(Set.of(3));
        }
        if (type == ConvolutionLayer.class || type == Convolution2D.class) {
            return Optional.of(Set.of(4));
        }
        return type == Convolution3D.class ? Optional.of(Set.of(5)) : Optional.empty();
    }
}
