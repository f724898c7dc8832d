package org.growingnn.dl4j.training;

import java.util.Arrays;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.impl.InputVertex;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.layers.OutputLayer;
import org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Dense layers that compute what Deeplearning4j's own do with fewer products and copies, for models that are trained and thrown away.
 *
 * <p>Deeplearning4j 1.0.0-M2.1 computes the sums of a dense layer twice in a training step, forwards and again backwards; it copies the
 * weights in front of each of these products, and the sums behind it, to another memory order; and it propagates errors to the network's
 * inputs, where nobody asks for them. On a perceptron that is half of a step.
 */
final class LeanLayers {

    private LeanLayers() {}

    /**
     * Replaces the dense layers of a model, and output layers on dense ones, wherever they have no more to do than the usual: weight noise
     * and layer normalisation are left to Deeplearning4j's own.
     *
     * @param model an initialised model, which keeps its parameters and optimiser state
     */
    static void install(ComputationGraph model) {
        Layer[] layers = model.getLayers();
        for (GraphVertex vertex : model.getVertices()) {
            if (vertex instanceof LayerVertex holder && isPlain(holder.getLayer())) {
                BaseLayer<?> old = (BaseLayer<?>) holder.getLayer();
                BaseLayer<?> lean = old instanceof OutputLayer
                        ? new LeanOutput(old.conf(), old.params().dataType())
                        : new LeanDense(
                                old.conf(),
                                old.params().dataType(),
                                feedsOnInput(model, holder),
                                keepsInput(model, holder),
                                isLeftAlone(model, holder));
                lean.setIndex(old.getIndex());
                lean.setParamsViewArray(old.params());
                lean.setParamTable(old.paramTable());
                if (old.getGradientsViewArray() != null) {
                    lean.setBackpropGradientsViewArray(old.getGradientsViewArray());
                }
                lean.setCacheMode(old.getCacheMode());
                lean.setIterationCount(old.getIterationCount());
                lean.setEpochCount(old.getEpochCount());
                holder.setLayer(lean);
                layers[Arrays.asList(layers).indexOf(old)] = lean;
            }
        }
    }

    private static boolean isPlain(Layer layer) {
        // Subclasses compute something else.
        return (layer.getClass() == DenseLayer.class || layer.getClass() == OutputLayer.class)
                && !((BaseLayer<?>) layer).hasLayerNorm()
                && ((BaseLayer<?>) layer).layerConf().getWeightNoise() == null;
    }

    /** Tells whether nobody asks for a layer's errors: those of several consumers would be added to each other. */
    private static boolean feedsOnInput(ComputationGraph model, LayerVertex vertex) {
        return vertex.getLayerPreProcessor() == null
                && Arrays.stream(vertex.getInputVertices())
                        .map(input -> model.getVertices()[input.getVertexIndex()])
                        .allMatch(source -> source instanceof InputVertex && source.getNumOutputConnections() == 1);
    }

    /** Tells whether what leaves a vertex is only multiplied with weights. Dropout, noise and other activations may be applied to the array. */
    private static boolean isLeftAlone(ComputationGraph model, LayerVertex vertex) {
        return consumers(model, vertex).allMatch(LeanLayers::onlyMultiplies);
    }

    /**
     * Tells whether the input of a vertex is in the backward pass what it was in the forward pass. Where another layer has been applied to
     * the same array, Deeplearning4j computes the sums of what that has left.
     */
    private static boolean keepsInput(ComputationGraph model, LayerVertex vertex) {
        return Arrays.stream(vertex.getInputVertices())
                .map(input -> model.getVertices()[input.getVertexIndex()])
                .flatMap(source -> consumers(model, source))
                .allMatch(consumer -> consumer == vertex || !consumer.hasLayer() || onlyMultiplies(consumer));
    }

    private static Stream<GraphVertex> consumers(ComputationGraph model, GraphVertex vertex) {
        return Stream.ofNullable(vertex.getOutputVertices())
                .flatMap(Arrays::stream)
                .map(output -> model.getVertices()[output.getVertexIndex()]);
    }

    private static boolean onlyMultiplies(GraphVertex vertex) {
        return vertex instanceof LayerVertex holder
                && holder.getLayerPreProcessor() == null
                && (isPlain(holder.getLayer()) || isLean(holder.getLayer()))
                && holder.getLayer().conf().getLayer().getIDropout() == null;
    }

    private static boolean isLean(Layer layer) {
        return layer instanceof LeanDense || layer instanceof LeanOutput;
    }

    /** Computes weighted sums straight into the memory order that Deeplearning4j gives its activations. */
    private static INDArray sums(BaseLayer<?> layer, INDArray input, LayerWorkspaceMgr workspaceMgr) {
        INDArray weights = layer.getParam(DefaultParamInitializer.WEIGHT_KEY);
        INDArray sums = workspaceMgr.createUninitialized(
                ArrayType.ACTIVATIONS, weights.dataType(), new long[] {input.size(0), weights.size(1)}, 'c');
        // ND4J writes products in column-major order only, which the transpose of row-major memory is.
        Nd4j.gemm(weights, input.castTo(weights.dataType()), sums.transpose(), true, true, 1, 0);
        if (layer.hasBias()) {
            sums.addiRowVector(layer.getParam(DefaultParamInitializer.BIAS_KEY));
        }
        return sums;
    }

    /** Tells whether an input is one that the layer takes; what it does not take is left to Deeplearning4j to complain about. */
    private static boolean isMatrix(BaseLayer<?> layer, INDArray input) {
        return input != null
                && input.rank() == 2
                && input.size(1)
                        == layer.getParam(DefaultParamInitializer.WEIGHT_KEY).size(0);
    }

    /** A dense layer that remembers its sums from the forward to the backward pass. */
    private static final class LeanDense extends DenseLayer {

        private static final long serialVersionUID = 1L;

        private final boolean feedsOnInput;
        private final boolean keepsInput;
        private final boolean leftAlone;
        private transient @Nullable INDArray kept;

        LeanDense(
                NeuralNetConfiguration conf,
                DataType dataType,
                boolean feedsOnInput,
                boolean keepsInput,
                boolean leftAlone) {
            super(conf, dataType);
            this.feedsOnInput = feedsOnInput;
            this.keepsInput = keepsInput;
            this.leftAlone = leftAlone;
        }

        @Override
        protected Pair<INDArray, INDArray> preOutputWithPreNorm(
                boolean training, boolean forBackprop, LayerWorkspaceMgr workspaceMgr) {
            assertInputSet(forBackprop);
            applyDropOutIfNecessary(training, workspaceMgr);
            if (!isMatrix(this, input)) {
                return super.preOutputWithPreNorm(training, forBackprop, workspaceMgr);
            }
            INDArray sums = sums(this, input, workspaceMgr);
            if (maskArray != null) {
                applyMask(sums);
            }
            return new Pair<>(sums, sums);
        }

        @Override
        public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
            INDArray sums = preOutput(training, workspaceMgr);
            IActivation activation = layerConf().getActivationFn();
            // Activations are computed in place. The identity's derivative asks for nothing, a rectifier's for the sign
            // alone.
            boolean legible = activation.getClass() == ActivationIdentity.class || leftAlone && isRectifier(activation);
            kept = !training || !keepsInput
                    ? null
                    : legible ? sums : workspaceMgr.dup(ArrayType.ACTIVATIONS, sums, 'c');
            INDArray output = activation.getActivation(sums, training);
            if (maskArray != null) {
                applyMask(output);
            }
            return output;
        }

        private static boolean isRectifier(IActivation activation) {
            return activation.getClass() == ActivationReLU.class && activation.equals(new ActivationReLU());
        }

        @Override
        public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
            assertInputSet(true);
            INDArray sums = kept == null ? preOutput(true, workspaceMgr) : kept;
            kept = null;
            INDArray delta =
                    layerConf().getActivationFn().backprop(sums, epsilon).getFirst();
            if (maskArray != null) {
                applyMask(delta);
            }
            Gradient gradient = new DefaultGradient();
            if (hasBias()) {
                INDArray bias = gradientViews.get(DefaultParamInitializer.BIAS_KEY);
                delta.sum(bias, 0);
                gradient.gradientForVariable().put(DefaultParamInitializer.BIAS_KEY, bias);
            }
            INDArray weights = gradientViews.get(DefaultParamInitializer.WEIGHT_KEY);
            Nd4j.gemm(input.castTo(weights.dataType()), delta, weights, true, false, 1, 0);
            gradient.gradientForVariable().put(DefaultParamInitializer.WEIGHT_KEY, weights);
            return new Pair<>(gradient, feedsOnInput ? null : passed(delta, workspaceMgr));
        }

        private INDArray passed(INDArray delta, LayerWorkspaceMgr workspaceMgr) {
            INDArray weights = getParam(DefaultParamInitializer.WEIGHT_KEY);
            INDArray errors = workspaceMgr.createUninitialized(
                    ArrayType.ACTIVATION_GRAD, delta.dataType(), new long[] {weights.size(0), delta.size(0)}, 'f');
            Nd4j.gemm(weights, delta, errors, false, true, 1, 0);
            return backpropDropOutIfPresent(errors.transpose());
        }

        @Override
        public void clear() {
            super.clear();
            kept = null;
        }
    }

    /** An output layer that spares the copies. */
    private static final class LeanOutput extends OutputLayer {

        private static final long serialVersionUID = 1L;

        LeanOutput(NeuralNetConfiguration conf, DataType dataType) {
            super(conf, dataType);
        }

        @Override
        protected Pair<INDArray, INDArray> preOutputWithPreNorm(
                boolean training, boolean forBackprop, LayerWorkspaceMgr workspaceMgr) {
            assertInputSet(forBackprop);
            applyDropOutIfNecessary(training, workspaceMgr);
            if (!isMatrix(this, input)) {
                return super.preOutputWithPreNorm(training, forBackprop, workspaceMgr);
            }
            INDArray sums = sums(this, input, workspaceMgr);
            if (maskArray != null) {
                applyMask(sums);
            }
            return new Pair<>(sums, sums);
        }
    }
}
