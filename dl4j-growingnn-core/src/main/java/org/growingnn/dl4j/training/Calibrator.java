package org.growingnn.dl4j.training;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1D;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.params.SimpleRnnParamInitializer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Format;
import org.growingnn.dl4j.graph.Signal.Kind;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.convolution.Convolution;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Passes calibration data through a network: gradients of its parameters, second moments of what its weights are applied to and
 * of its units' activations.
 */
public final class Calibrator {

    private static final String WEIGHT = DefaultParamInitializer.WEIGHT_KEY;
    private static final String RECURRENT_WEIGHT = SimpleRnnParamInitializer.RECURRENT_WEIGHT_KEY;

    /** Layers whose weights W [nIn, …] are applied to rows of their input, and RW [H, …] to their own output, at every step. */
    @SuppressWarnings("deprecation") // Old models hold deprecated layers.
    private static final Set<Class<?>> PRODUCTS = Set.of(
            DenseLayer.class,
            OutputLayer.class,
            CenterLossOutputLayer.class,
            RnnOutputLayer.class,
            LSTM.class,
            GravesLSTM.class,
            SimpleRnn.class);

    /** Layers whose weights W [nOut, nIn, …] are applied to patches of their input. */
    private static final Set<Class<?>> CONVOLUTIONS =
            Set.of(ConvolutionLayer.class, Convolution2D.class, Convolution1DLayer.class, Convolution1D.class);

    /** Beyond this, the moments of a layer's inputs take more memory and time than they are worth. */
    private static final int DEFAULT_MAXIMUM_FEATURES = 2048;

    /** Positions are so many that some of a batch's images are enough. */
    private static final int IMAGES_PER_BATCH = 16;

    private final int batches;
    private final int maximumFeatures;

    /**
     * Chooses how much to collect.
     *
     * @param batches number of batches to pass, ≥ 1
     * @param maximumFeatures layers with more input features, and spaces with more units, get no moments, which take 8 bytes
     *     times the square of this; 0 for gradients only
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
     * Chooses how many batches to pass; layers with more than 2,048 input features and spaces with more units get no moments.
     *
     * @param batches number of batches to pass, ≥ 1
     */
    public Calibrator(int batches) {
        this(batches, DEFAULT_MAXIMUM_FEATURES);
    }

    /**
     * Passes as many batches as hold some number of examples, as {@link #Calibrator(int)}.
     *
     * @param data at least one batch
     * @param examples number of examples; less than a batch is one batch
     * @return the calibrator
     */
    public static Calibrator withExamples(TrainingData data, int examples) {
        long batchSize = data.iterator().next().getFeatures(0).size(0);
        return new Calibrator(Math.max(1, examples / Math.toIntExact(batchSize)));
    }

    /**
     * Collects.
     *
     * @param network the network; not modified
     * @param data labelled data
     * @return the network with what was collected attached
     * @throws IllegalArgumentException if there is no data
     */
    public NetworkGraph calibrate(NetworkGraph network, TrainingData data) {
        ComputationGraph model = Models.build(network);
        try {
            INDArray gradients =
                    Nd4j.zeros(model.params().dataType(), model.params().shape());
            Map<String, Sums> features = features(model);
            Map<String, Sums> units = units(network);
            int passed = 0;
            for (MultiDataSet batch : data) {
                model.setLayerMaskArrays(batch.getFeaturesMaskArrays(), batch.getLabelsMaskArrays());
                if (maximumFeatures > 0) {
                    collectMoments(network, model, batch, features, units);
                }
                model.setInputs(batch.getFeatures());
                model.setLabels(batch.getLabels());
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
            features.forEach((name, sum) -> moments.put(
                    name, sum.moments(model.getVertex(name).getLayer().conf().getLayer())));
            Map<String, Calibration.Activations> activations = new LinkedHashMap<>();
            units.forEach((name, sum) -> activations.put(name, sum.activations()));
            return network.with(
                    Optional.of(new Calibration(ModelReader.vector(network, model, gradients), moments, activations)));
        } finally {
            Models.release(model);
        }
    }

    private Map<String, Sums> features(ComputationGraph model) {
        Map<String, Sums> sums = new LinkedHashMap<>();
        for (GraphVertex vertex : model.getVertices()) {
            // Layer normalisation stands between the product and the bias.
            if (!vertex.hasLayer()
                    || vertex.getNumInputArrays() != 1
                    || vertex.paramTable(false).containsKey(DefaultParamInitializer.GAIN_KEY)) {
                continue;
            }
            Object layer = vertex.getLayer().conf().getLayer();
            INDArray weight = vertex.paramTable(false).get(WEIGHT);
            long features;
            if (PRODUCTS.contains(layer.getClass())) {
                features = weights(layer).stream()
                        .mapToLong(key -> vertex.paramTable(false).get(key).size(0))
                        .sum();
            } else if (CONVOLUTIONS.contains(layer.getClass())) {
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

    /** Names the weights whose products add up, in the order of {@link Calibration.Moments}. */
    private static List<String> weights(Object layer) {
        return layer instanceof BaseRecurrentLayer ? List.of(WEIGHT, RECURRENT_WEIGHT) : List.of(WEIGHT);
    }

    /** Chooses where units are looked at: where a space is last seen, and in front of what normalises them. */
    private Map<String, Sums> units(NetworkGraph network) {
        List<String> names = new ArrayList<>();
        network.inputs().stream().map(NetworkInput::name).forEach(names::add);
        names.addAll(network.order());
        Set<String> wanted = new HashSet<>();
        for (Vertex vertex : network.vertices()) {
            if (network.axes(vertex.name()).values().stream()
                    .flatMap(List::stream)
                    .anyMatch(axis -> axis.statistic().measuresSpread())) {
                wanted.addAll(vertex.inputs());
            }
        }
        Map<UnitSpace, String> last = new HashMap<>();
        for (String name : names) {
            List<Block> blocks = network.signal(name).units().blocks();
            if (blocks.size() == 1 && blocks.get(0).inner() == 1) {
                last.put(network.space(blocks.get(0)), name);
            }
        }
        wanted.addAll(last.values());
        Map<String, Sums> sums = new LinkedHashMap<>();
        for (String name : names) {
            Signal signal = network.signal(name);
            long units = signal.units().length();
            if (wanted.contains(name) && signal.kind() != Kind.UNKNOWN && units > 0 && units <= maximumFeatures) {
                sums.put(name, new Sums(Math.toIntExact(units)));
            }
        }
        return sums;
    }

    private static void collectMoments(
            NetworkGraph network,
            ComputationGraph model,
            MultiDataSet batch,
            Map<String, Sums> features,
            Map<String, Sums> units) {
        // DL4J applies an activation layer to the array of the layer in front of it, so that values are those behind
        // it.
        Map<String, INDArray> activations = new HashMap<>(model.feedForward(batch.getFeatures(), false));
        List<String> inputs = model.getConfiguration().getNetworkInputs();
        for (int i = 0; i < inputs.size(); i++) {
            activations.put(inputs.get(i), batch.getFeatures(i));
        }
        INDArray mask = batch.getFeaturesMaskArrays() == null ? null : batch.getFeaturesMaskArray(0);
        int examples = Math.toIntExact(batch.getFeatures(0).size(0));
        features.forEach((name, sum) -> {
            GraphVertex vertex = model.getVertex(name);
            INDArray input = activations.get(
                    model.getConfiguration().getVertexInputs().get(name).get(0));
            var preprocessor = ((org.deeplearning4j.nn.graph.vertex.impl.LayerVertex) vertex).getLayerPreProcessor();
            if (preprocessor != null) {
                input = preprocessor.preProcess(input.dup(), examples, LayerWorkspaceMgr.noWorkspaces());
            }
            Object layer = vertex.getLayer().conf().getLayer();
            if (layer instanceof ConvolutionLayer convolution) {
                sum.add(patches(convolution, input));
            } else if (layer instanceof BaseRecurrentLayer recurrent) {
                sum.add(rows(heard(vertex.getLayer(), recurrent, input), false, mask));
            } else {
                boolean last = layer instanceof RnnOutputLayer output && output.getRnnDataFormat() == RNNFormat.NWC;
                sum.add(rows(input, last, mask));
            }
        });
        units.forEach((name, sum) -> {
            // A selection of everything is not written.
            INDArray values = activations.containsKey(name)
                    ? activations.get(name)
                    : activations.get(network.vertex(name).inputs().get(0));
            // An input that a preprocessor turns into maps arrives as it is.
            if (values.rank() == 2 + network.signal(name).extents().length) {
                sum.add(rows(some(values), network.signal(name).format() == Format.CHANNELS_LAST, mask));
            }
        });
    }

    private static INDArray some(INDArray values) {
        return values.rank() < 4 || values.size(0) <= IMAGES_PER_BATCH
                ? values
                : values.get(NDArrayIndex.interval(0, IMAGES_PER_BATCH));
    }

    /** Arranges units as {@code [examples · positions, units]}; steps of a series that the mask excludes are left out. */
    private static INDArray rows(INDArray values, boolean unitsLast, INDArray mask) {
        if (values.rank() == 2) {
            return values;
        }
        int[] order = new int[values.rank()];
        for (int i = 1; i < order.length - 1; i++) {
            order[i] = i + 1;
        }
        order[order.length - 1] = 1;
        INDArray arranged = (unitsLast ? values : values.permute(order)).dup('c');
        long units = arranged.size(arranged.rank() - 1);
        INDArray rows = arranged.reshape('c', arranged.length() / units, units);
        if (mask == null || values.rank() != 3 || mask.length() != rows.size(0)) {
            return rows;
        }
        double[] present = mask.dup('c').data().asDouble();
        int[] kept =
                IntStream.range(0, present.length).filter(i -> present[i] != 0).toArray();
        INDArray some = rows.getRows(kept);
        // Nobody else may hold the rows; ND4J does not keep their memory while native code copies from it.
        Reference.reachabilityFence(rows);
        return some;
    }

    /** Joins what a recurrent layer takes at each step with what it gave at the step before, as {@code [examples, nIn + H, steps]}. */
    private static INDArray heard(Layer layer, BaseRecurrentLayer configuration, INDArray input) {
        Layer recurrent = layer;
        while (recurrent instanceof BaseWrapperLayer wrapper) {
            recurrent = wrapper.getUnderlying();
        }
        INDArray output = recurrent.activate(input.dup(), false, LayerWorkspaceMgr.noWorkspaces());
        INDArray taken = unitsBeforeSteps(input, configuration.getRnnDataFormat());
        INDArray given = unitsBeforeSteps(output, configuration.getRnnDataFormat());
        long steps = given.size(2);
        INDArray nothing = Nd4j.zeros(given.dataType(), given.size(0), given.size(1), 1);
        INDArray before = steps == 1
                ? nothing
                : Nd4j.concat(
                        2,
                        nothing,
                        given.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(0, steps - 1)));
        return Nd4j.concat(1, taken, before);
    }

    /** Views a series of either format as {@code [examples, units, steps]}. */
    private static INDArray unitsBeforeSteps(INDArray series, RNNFormat format) {
        return format == RNNFormat.NWC ? series.permute(0, 2, 1) : series;
    }

    /** Arranges what a convolution's kernels see as {@code [positions, nIn · kH · kW]}. */
    private static INDArray patches(ConvolutionLayer layer, INDArray input) {
        int[] kernel = layer.getKernelSize();
        int[] stride = layer.getStride();
        int[] dilation = layer.getDilation();
        int[] padding = layer.getPadding();
        INDArray maps;
        if (layer instanceof Convolution1DLayer series) {
            // A series is an image of width 1; of strides and the like, its second entries mean nothing.
            kernel = new int[] {kernel[0], 1};
            stride = new int[] {stride[0], 1};
            dilation = new int[] {dilation[0], 1};
            padding = new int[] {padding[0], 0};
            INDArray steps = unitsBeforeSteps(input, series.getRnnDataFormat());
            if (layer.getConvolutionMode() == ConvolutionMode.Causal) {
                long before = (long) (kernel[0] - 1) * dilation[0];
                steps = Nd4j.concat(2, Nd4j.zeros(steps.dataType(), steps.size(0), steps.size(1), before), steps);
            }
            maps = Nd4j.expandDims(steps, 3);
        } else {
            maps = layer.getCnn2dDataFormat() == CNN2DFormat.NHWC ? input.permute(0, 3, 1, 2) : input;
        }
        INDArray columns = Convolution.im2col(
                // What im2col writes to is of the default type.
                some(maps).castTo(Nd4j.dataType()).dup('c'),
                kernel[0],
                kernel[1],
                stride[0],
                stride[1],
                padding[0],
                padding[1],
                dilation[0],
                dilation[1],
                layer.getConvolutionMode() == ConvolutionMode.Same);
        // [images, nIn, kH, kW, outH, outW]
        long features = columns.size(1) * columns.size(2) * columns.size(3);
        return columns.permute(0, 4, 5, 1, 2, 3).dup('c').reshape('c', columns.length() / features, features);
    }

    /** Adds up products of values, and of a constant 1 behind them. */
    private static final class Sums {
        private final int size;
        private final double[] matrix;
        private long rows;

        Sums(int size) {
            this.size = size;
            this.matrix = new double[(size + 1) * (size + 1)];
        }

        void add(INDArray x) {
            INDArray extended = Nd4j.hstack(x, Nd4j.ones(x.dataType(), x.size(0), 1));
            double[] products =
                    extended.transpose().mmul(extended).dup('c').data().asDouble();
            for (int i = 0; i < matrix.length; i++) {
                matrix[i] += products[i];
            }
            rows += x.size(0);
        }

        private double mean(int row, int column) {
            return matrix[row * (size + 1) + column] / Math.max(1, rows);
        }

        Calibration.Moments moments(Object layer) {
            double[] means = new double[matrix.length];
            Arrays.setAll(means, i -> mean(i / (size + 1), i % (size + 1)));
            boolean linear = layer instanceof BaseLayer base
                    && !(layer instanceof BaseRecurrentLayer)
                    && base.getActivationFn() instanceof ActivationIdentity;
            return new Calibration.Moments(weights(layer), size, rows, means, linear);
        }

        Calibration.Activations activations() {
            double[] means = new double[size];
            Arrays.setAll(means, i -> mean(i, size));
            double[] products = new double[size * size];
            Arrays.setAll(products, i -> mean(i / size, i % size));
            return new Calibration.Activations(means, products);
        }
    }
}
