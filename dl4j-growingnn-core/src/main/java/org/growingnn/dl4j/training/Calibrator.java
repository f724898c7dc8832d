package org.growingnn.dl4j.training;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Calibration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.convolution.Convolution;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Passes calibration data through a network: gradients of its parameters, second moments of what its weights are applied to. */
public final class Calibrator {

    private static final String WEIGHT = DefaultParamInitializer.WEIGHT_KEY;

    /** Patches are so many that some of a batch's images are enough. */
    private static final int IMAGES_PER_BATCH = 16;

    private final int batches;
    private final int maximumFeatures;

    /**
     * Chooses how much to collect.
     *
     * @param batches number of batches to pass, ≥ 1
     * @param maximumFeatures layers with more input features get no moments, whose size is its square; 0 for none at all
     */
    public Calibrator(int batches, int maximumFeatures) {
        if (batches < 1) {
            throw new IllegalArgumentException(
                    "The number of calibration batches (" + batches + ") must be at least 1.");
        }
        this.batches = batches;
        this.maximumFeatures = maximumFeatures;
    }

    /**
     * Collects.
     *
     * @param network the network; not modified
     * @param data labelled data
     * @return what was collected
     * @throws IllegalArgumentException if there is no data
     */
    public Calibration calibrate(NetworkGraph network, TrainingData data) {
        ComputationGraph model = Models.build(network);
        try {
            INDArray gradients =
                    Nd4j.zeros(model.params().dataType(), model.params().shape());
            Map<String, Sums> sums = sums(model);
            int passed = 0;
            for (MultiDataSet batch : data) {
                collectMoments(model, batch, sums);
                model.setInputs(batch.getFeatures());
                model.setLabels(batch.getLabels());
                model.setLayerMaskArrays(batch.getFeaturesMaskArrays(), batch.getLabelsMaskArrays());
                model.computeGradientAndScore();
                gradients.addi(model.getGradientsViewArray().reshape(gradients.shape()));
                model.clearLayerMaskArrays();
                if (++passed == batches) {
                    break;
                }
            }
            if (passed == 0) {
                throw new IllegalArgumentException("The calibration data is empty.");
            }
            Map<String, Calibration.Moments> moments = new LinkedHashMap<>();
            sums.forEach((name, sum) -> moments.put(name, sum.moments()));
            return new Calibration(ModelReader.vector(network, model, gradients), moments);
        } finally {
            Models.release(model);
        }
    }

    private Map<String, Sums> sums(ComputationGraph model) {
        Map<String, Sums> sums = new LinkedHashMap<>();
        for (GraphVertex vertex : model.getVertices()) {
            if (!vertex.hasLayer() || vertex.getNumInputArrays() != 1) {
                continue;
            }
            Object layer = vertex.getLayer().conf().getLayer();
            INDArray weight = vertex.paramTable(false).get(WEIGHT);
            long features;
            boolean dense = layer.getClass() == DenseLayer.class && !((DenseLayer) layer).hasLayerNorm();
            if (dense || layer.getClass() == OutputLayer.class) {
                features = weight.size(0);
            } else if ((layer.getClass() == ConvolutionLayer.class || layer.getClass() == Convolution2D.class)
                    && ((ConvolutionLayer) layer).getCnn2dDataFormat() == CNN2DFormat.NCHW) {
                features = weight.length() / weight.size(0);
            } else {
                continue;
            }
            if (features <= maximumFeatures) {
                sums.put(vertex.getVertexName(), new Sums(Math.toIntExact(features)));
            }
        }
        return sums;
    }

    private static void collectMoments(ComputationGraph model, MultiDataSet batch, Map<String, Sums> sums) {
        if (sums.isEmpty()) {
            return;
        }
        // DL4J applies an activation layer to the array of the layer in front of it; a copy of every input is what
        // counts.
        Map<String, INDArray> activations = new HashMap<>(model.feedForward(batch.getFeatures(), false));
        List<String> inputs = model.getConfiguration().getNetworkInputs();
        for (int i = 0; i < inputs.size(); i++) {
            activations.put(inputs.get(i), batch.getFeatures(i));
        }
        int examples = Math.toIntExact(batch.getFeatures(0).size(0));
        sums.forEach((name, sum) -> {
            GraphVertex vertex = model.getVertex(name);
            INDArray input = activations.get(
                    model.getConfiguration().getVertexInputs().get(name).get(0));
            var preprocessor = ((org.deeplearning4j.nn.graph.vertex.impl.LayerVertex) vertex).getLayerPreProcessor();
            if (preprocessor != null) {
                input = preprocessor.preProcess(input.dup(), examples, LayerWorkspaceMgr.noWorkspaces());
            }
            if (vertex.getLayer().conf().getLayer() instanceof ConvolutionLayer layer) {
                sum.add(patches(layer, input));
            } else if (input.rank() == 2) {
                sum.add(input);
            }
        });
    }

    /** Arranges what a convolution's kernels see as {@code [positions, nIn · kH · kW]}. */
    private static INDArray patches(ConvolutionLayer layer, INDArray input) {
        long images = Math.min(IMAGES_PER_BATCH, input.size(0));
        INDArray some = input.get(
                        NDArrayIndex.interval(0, images), NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.all())
                .dup('c');
        int[] kernel = layer.getKernelSize();
        int[] stride = layer.getStride();
        int[] dilation = layer.getDilation();
        boolean same = layer.getConvolutionMode() == ConvolutionMode.Same;
        int[] padding = layer.getPadding();
        INDArray columns = Convolution.im2col(
                some,
                kernel[0],
                kernel[1],
                stride[0],
                stride[1],
                padding[0],
                padding[1],
                dilation[0],
                dilation[1],
                same);
        // [images, nIn, kH, kW, outH, outW]
        long features = columns.size(1) * columns.size(2) * columns.size(3);
        return columns.permute(0, 4, 5, 1, 2, 3).dup('c').reshape('c', columns.length() / features, features);
    }

    /** Adds up products of features. */
    private static final class Sums {
        private final int features;
        private final double[] matrix;
        private long rows;

        Sums(int features) {
            this.features = features;
            this.matrix = new double[(features + 1) * (features + 1)];
        }

        void add(INDArray x) {
            INDArray extended = Nd4j.hstack(x, Nd4j.ones(x.dataType(), x.size(0), 1));
            double[] products =
                    extended.transpose().mmul(extended).dup('c').data().asDouble();
            Arrays.setAll(matrix, i -> matrix[i] + products[i]);
            rows += x.size(0);
        }

        Calibration.Moments moments() {
            double[] means =
                    Arrays.stream(matrix).map(sum -> sum / Math.max(1, rows)).toArray();
            return new Calibration.Moments(WEIGHT, features, means);
        }
    }
}
