package org.growingnn.dl4j.testing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPadding1DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Computes what a network must compute after some of its unit spaces were resized, in plain loops of double precision
 * and without the library.
 *
 * <p>It keeps the original weights. Units that belong to a resized space are multiplied by the producer matrix before
 * their activation; whoever mixes arriving units first recovers the old ones with the consumer matrix; values that
 * belong to single units follow by the follower matrix. Each signal carries the dense matrices of its own unit axis,
 * which concatenation and flattening rearrange, so that nothing here knows of blocks or layouts.
 */
public final class DenseOracle {

    private final ComputationGraph model;
    private final ComputationGraphConfiguration configuration;
    private final List<InputType> inputTypes;
    private final List<String> order;
    private final Map<String, String> classOf = new HashMap<>();
    private final Set<String> frozen = new LinkedHashSet<>();
    private final Map<String, Integer> widths = new LinkedHashMap<>();
    private final Map<String, List<Position>> axes = new HashMap<>();
    private final Map<String, ReferenceMatrices> resized = new HashMap<>();

    /**
     * Studies a network.
     *
     * @param network a network of the layers that {@link RandomNetworks} uses, response normalisation excepted
     */
    public DenseOracle(RandomNetwork network) {
        this.model = network.graph();
        this.configuration = model.getConfiguration();
        this.inputTypes = network.inputTypes();
        this.order = topologicalOrder();
        findSpaces();
    }

    private List<String> topologicalOrder() {
        Set<String> done = new LinkedHashSet<>(configuration.getNetworkInputs());
        while (done.size()
                < configuration.getVertices().size()
                        + configuration.getNetworkInputs().size()) {
            configuration.getVertexInputs().forEach((name, inputs) -> {
                if (done.containsAll(inputs)) {
                    done.add(name);
                }
            });
        }
        done.removeAll(configuration.getNetworkInputs());
        return List.copyOf(done);
    }

    // --- the
    // spaces

    /** One position of a unit axis: the unit of a layer that it carries, and which of the unit's positions it is. */
    private record Position(String producer, int unit, int place) {}

    /**
     * Lists the spaces that may be resized.
     *
     * @return sets of layers whose units are tied to each other, and to nothing that must keep its width
     */
    public Set<Set<String>> resizableSpaces() {
        Set<String> frozenClasses = new TreeSet<>();
        frozen.forEach(producer -> frozenClasses.add(find(producer)));
        Map<String, Set<String>> spaces = new LinkedHashMap<>();
        for (String producer : widths.keySet()) {
            if (!frozenClasses.contains(find(producer))) {
                spaces.computeIfAbsent(find(producer), key -> new TreeSet<>()).add(producer);
            }
        }
        return Set.copyOf(spaces.values());
    }

    /**
     * Gives the original width of a layer.
     *
     * @param producer a layer with weights
     * @return number of units
     */
    public int width(String producer) {
        return widths.get(producer);
    }

    /**
     * Tells how many units leave a vertex of the resized network.
     *
     * @param vertex name of a vertex
     * @return the width of its output
     */
    public int widthBehind(String vertex) {
        Map<String, Integer> positions = new LinkedHashMap<>();
        axes.get(vertex).forEach(position -> positions.merge(position.producer(), 1, Integer::sum));
        int sum = 0;
        for (Map.Entry<String, Integer> entry : positions.entrySet()) {
            ReferenceMatrices matrices = resized.get(find(entry.getKey()));
            int old = widths.get(entry.getKey());
            sum += matrices == null ? entry.getValue() : entry.getValue() / old * matrices.producer().length;
        }
        return sum;
    }

    private String find(String producer) {
        String parent = classOf.getOrDefault(producer, producer);
        return parent.equals(producer) ? producer : find(parent);
    }

    private void findSpaces() {
        for (int i = 0; i < inputTypes.size(); i++) {
            String name = configuration.getNetworkInputs().get(i);
            InputType type = inputTypes.get(i);
            int units = switch (type.getType()) {
                case CNN -> (int) ((InputType.InputTypeConvolutional) type).getChannels();
                case RNN -> (int) ((InputType.InputTypeRecurrent) type).getSize();
                default -> (int) type.arrayElementsPerExample();
            };
            axes.put(name, fresh(name, units));
            frozen.add(name);
        }
        for (String name : order) {
            List<List<Position>> inputs = configuration.getVertexInputs().get(name).stream()
                    .map(axes::get)
                    .toList();
            axes.put(name, leaving(name, configuration.getVertices().get(name), inputs));
        }
        configuration.getNetworkOutputs().forEach(output -> freeze(axes.get(output)));
    }

    private List<Position> fresh(String producer, int units) {
        widths.put(producer, units);
        List<Position> result = new ArrayList<>();
        for (int unit = 0; unit < units; unit++) {
            result.add(new Position(producer, unit, 0));
        }
        return result;
    }

    private void freeze(List<Position> axis) {
        axis.forEach(position -> frozen.add(position.producer()));
    }

    private List<Position> leaving(String name, GraphVertex vertex, List<List<Position>> inputs) {
        if (vertex instanceof MergeVertex) {
            List<Position> all = new ArrayList<>();
            inputs.forEach(all::addAll);
            return all;
        }
        if (vertex instanceof ElementWiseVertex) {
            List<Position> widest = inputs.stream()
                    .max((a, b) -> Integer.compare(a.size(), b.size()))
                    .orElseThrow();
            inputs.forEach(other -> tie(widest, other));
            return widest;
        }
        if (!(vertex instanceof LayerVertex layerVertex)) {
            return inputs.get(0);
        }
        List<Position> axis = preprocessed(name, layerVertex.getPreProcessor(), inputs.get(0));
        Layer layer = layerVertex.getLayerConf().getLayer();
        if (layer instanceof ConvolutionLayer || layer instanceof DenseLayer || layer instanceof OutputLayer) {
            return fresh(name, (int) ((org.deeplearning4j.nn.conf.layers.FeedForwardLayer) layer).getNOut());
        }
        return axis;
    }

    private void tie(List<Position> first, List<Position> second) {
        if (first.size() > 1 && second.size() == 1) {
            freeze(second);
            return;
        }
        boolean aligned = first.size() == second.size();
        for (int i = 0; aligned && i < first.size(); i++) {
            Position a = first.get(i);
            Position b = second.get(i);
            aligned = a.unit() == b.unit()
                    && a.place() == b.place()
                    && widths.get(a.producer()).equals(widths.get(b.producer()));
        }
        if (!aligned) {
            freeze(first);
            freeze(second);
            return;
        }
        for (int i = 0; i < first.size(); i++) {
            String a = find(first.get(i).producer());
            String b = find(second.get(i).producer());
            if (!a.equals(b)) {
                classOf.put(b, a);
            }
        }
    }

    private List<Position> preprocessed(String name, InputPreProcessor preprocessor, List<Position> axis) {
        List<Position> result = new ArrayList<>();
        if (preprocessor instanceof CnnToFeedForwardPreProcessor flatten) {
            int pixels = (int) (flatten.getInputHeight() * flatten.getInputWidth());
            boolean channelsFirst = flatten.getFormat() == CNN2DFormat.NCHW;
            for (int i = 0; i < axis.size() * pixels; i++) {
                Position channel = axis.get(channelsFirst ? i / pixels : i % axis.size());
                int pixel = channelsFirst ? i % pixels : 0;
                result.add(new Position(channel.producer(), channel.unit(), channel.place() * pixels + pixel));
            }
            return result;
        }
        if (preprocessor instanceof FeedForwardToCnnPreProcessor fold) {
            int pixels = (int) (fold.getInputHeight() * fold.getInputWidth());
            for (int channel = 0; channel < axis.size() / pixels; channel++) {
                Position start = axis.get(channel * pixels);
                for (int pixel = 0; pixel < pixels; pixel++) {
                    Position expected = new Position(start.producer(), start.unit(), start.place() + pixel);
                    if (start.place() % pixels != 0
                            || !axis.get(channel * pixels + pixel).equals(expected)) {
                        freeze(axis);
                        List<Position> folded = fresh(name + " folded", axis.size() / pixels);
                        freeze(folded);
                        return folded;
                    }
                }
                result.add(new Position(start.producer(), start.unit(), start.place() / pixels));
            }
            return result;
        }
        return axis;
    }

    // --- the
    // network

    /**
     * Resizes a space; may be called again for the same or another space.
     *
     * @param producer a layer that produces the space's units
     * @param matrices with as many columns as the space has units by now
     */
    public void resize(String producer, ReferenceMatrices matrices) {
        resized.merge(find(producer), matrices, ReferenceMatrices::then);
    }

    /** What leaves a vertex: values by example, unit and position, and the dense matrices of the unit axis. */
    private record Signal(double[][][] values, int height, int width, double[][] recover, double[][] follow) {

        int units() {
            return recover[0].length;
        }

        Signal map(Elementwise function) {
            double[][][] result = new double[values.length][units()][];
            for (int b = 0; b < values.length; b++) {
                for (int c = 0; c < units(); c++) {
                    result[b][c] =
                            Arrays.stream(values[b][c]).map(function::apply).toArray();
                }
            }
            return new Signal(result, height, width, recover, follow);
        }
    }

    private interface Elementwise {
        double apply(double value);
    }

    private static Signal fixed(double[][][] values, int height, int width) {
        double[][] one = ReferenceMatrices.identityMatrix(values[0].length);
        return new Signal(values, height, width, one, one);
    }

    /**
     * Computes the outputs of the resized network.
     *
     * @param features one array per input
     * @return by output: example, unit, position
     */
    public List<double[][][]> outputs(INDArray... features) {
        Map<String, Signal> signals = new HashMap<>();
        for (int i = 0; i < features.length; i++) {
            CNN2DFormat format = inputTypes.get(i) instanceof InputType.InputTypeConvolutional type
                    ? type.getFormat()
                    : CNN2DFormat.NCHW;
            long[] shape = features[i].shape();
            boolean last = shape.length == 4 && format == CNN2DFormat.NHWC;
            signals.put(
                    configuration.getNetworkInputs().get(i),
                    fixed(
                            channelsFirst(features[i], format),
                            shape.length < 3 ? 1 : (int) shape[last ? 1 : 2],
                            shape.length < 4 ? 1 : (int) shape[last ? 2 : 3]));
        }
        for (String name : order) {
            List<Signal> inputs = configuration.getVertexInputs().get(name).stream()
                    .map(signals::get)
                    .toList();
            signals.put(name, forward(name, configuration.getVertices().get(name), inputs));
        }
        return configuration.getNetworkOutputs().stream()
                .map(output -> signals.get(output).values())
                .toList();
    }

    /**
     * Rearranges an array of Deeplearning4j.
     *
     * @param array examples by units, series or maps
     * @param format the format of maps
     * @return by example, unit, position
     */
    public static double[][][] channelsFirst(INDArray array, CNN2DFormat format) {
        long[] shape = array.shape();
        double[] flat = Models.values(array);
        boolean last = shape.length == 4 && format == CNN2DFormat.NHWC;
        int examples = (int) shape[0];
        int units = (int) shape[last ? 3 : 1];
        int positions = flat.length / (examples * units);
        double[][][] result = new double[examples][units][positions];
        for (int b = 0; b < examples; b++) {
            for (int c = 0; c < units; c++) {
                for (int p = 0; p < positions; p++) {
                    result[b][c][p] = flat[last ? (b * positions + p) * units + c : (b * units + c) * positions + p];
                }
            }
        }
        return result;
    }

    private Signal forward(String name, GraphVertex vertex, List<Signal> inputs) {
        Signal in = inputs.get(0);
        if (vertex instanceof MergeVertex) {
            return concatenate(inputs);
        }
        if (vertex instanceof ElementWiseVertex elementWise) {
            return combine(elementWise.getOp(), inputs);
        }
        if (vertex instanceof ScaleVertex scale) {
            return in.map(value -> value * scale.getScaleFactor());
        }
        if (vertex instanceof ShiftVertex shift) {
            return in.map(value -> value + shift.getShiftFactor());
        }
        LayerVertex layerVertex = (LayerVertex) vertex;
        return layer(name, layerVertex.getLayerConf().getLayer(), preprocess(layerVertex.getPreProcessor(), in));
    }

    private static Signal concatenate(List<Signal> inputs) {
        int oldUnits = inputs.stream().mapToInt(in -> in.recover().length).sum();
        int newUnits = inputs.stream().mapToInt(Signal::units).sum();
        double[][] recover = new double[oldUnits][newUnits];
        double[][] follow = new double[newUnits][oldUnits];
        double[][][] values = new double[inputs.get(0).values().length][newUnits][];
        int row = 0;
        int column = 0;
        for (Signal in : inputs) {
            for (int i = 0; i < in.recover().length; i++) {
                for (int j = 0; j < in.units(); j++) {
                    recover[row + i][column + j] = in.recover()[i][j];
                    follow[column + j][row + i] = in.follow()[j][i];
                }
            }
            for (int b = 0; b < values.length; b++) {
                System.arraycopy(in.values()[b], 0, values[b], column, in.units());
            }
            row += in.recover().length;
            column += in.units();
        }
        return new Signal(values, inputs.get(0).height(), inputs.get(0).width(), recover, follow);
    }

    private static Signal combine(ElementWiseVertex.Op op, List<Signal> inputs) {
        Signal shape = inputs.stream()
                .max((a, b) -> Integer.compare(a.recover().length, b.recover().length))
                .orElseThrow();
        double[][][] result = new double[shape.values().length][shape.units()][shape.values()[0][0].length];
        for (int b = 0; b < result.length; b++) {
            for (int c = 0; c < shape.units(); c++) {
                for (int p = 0; p < result[b][c].length; p++) {
                    double accumulator = 0;
                    for (int i = 0; i < inputs.size(); i++) {
                        Signal in = inputs.get(i);
                        double value = in.values()[b][in.units() == 1 ? 0 : c][p];
                        accumulator = i == 0
                                ? value
                                : switch (op) {
                                    case Add, Average -> accumulator + value;
                                    case Subtract -> accumulator - value;
                                    case Product -> accumulator * value;
                                    case Max -> Math.max(accumulator, value);
                                };
                    }
                    result[b][c][p] = op == ElementWiseVertex.Op.Average ? accumulator / inputs.size() : accumulator;
                }
            }
        }
        return new Signal(result, shape.height(), shape.width(), shape.recover(), shape.follow());
    }

    private static Signal preprocess(InputPreProcessor preprocessor, Signal in) {
        if (preprocessor == null
                || preprocessor instanceof RnnToFeedForwardPreProcessor
                || preprocessor instanceof FeedForwardToRnnPreProcessor) {
            // Time steps stay positions: a dense layer treats each alone.
            return in;
        }
        if (preprocessor instanceof CnnToFeedForwardPreProcessor flatten) {
            int pixels = in.height() * in.width();
            boolean channelsFirst = flatten.getFormat() == CNN2DFormat.NCHW;
            int oldUnits = in.recover().length;
            int newUnits = in.units();
            double[][] recover = new double[oldUnits * pixels][newUnits * pixels];
            double[][] follow = new double[newUnits * pixels][oldUnits * pixels];
            double[][][] values = new double[in.values().length][newUnits * pixels][1];
            for (int p = 0; p < pixels; p++) {
                for (int j = 0; j < newUnits; j++) {
                    int column = channelsFirst ? j * pixels + p : p * newUnits + j;
                    for (int i = 0; i < oldUnits; i++) {
                        int row = channelsFirst ? i * pixels + p : p * oldUnits + i;
                        recover[row][column] = in.recover()[i][j];
                        follow[column][row] = in.follow()[j][i];
                    }
                    for (int b = 0; b < values.length; b++) {
                        values[b][column][0] = in.values()[b][j][p];
                    }
                }
            }
            return new Signal(values, 1, 1, recover, follow);
        }
        if (preprocessor instanceof FeedForwardToCnnPreProcessor fold) {
            int pixels = (int) (fold.getInputHeight() * fold.getInputWidth());
            int oldUnits = in.recover().length / pixels;
            int newUnits = in.units() / pixels;
            double[][] recover = new double[oldUnits][newUnits];
            double[][] follow = new double[newUnits][oldUnits];
            for (int i = 0; i < oldUnits; i++) {
                for (int j = 0; j < newUnits; j++) {
                    recover[i][j] = in.recover()[i * pixels][j * pixels];
                    follow[j][i] = in.follow()[j * pixels][i * pixels];
                }
            }
            double[][][] values = new double[in.values().length][newUnits][pixels];
            for (int b = 0; b < values.length; b++) {
                for (int j = 0; j < newUnits; j++) {
                    for (int p = 0; p < pixels; p++) {
                        values[b][j][p] = in.values()[b][j * pixels + p][0];
                    }
                }
            }
            return new Signal(values, (int) fold.getInputHeight(), (int) fold.getInputWidth(), recover, follow);
        }
        throw new IllegalArgumentException("No rule for " + preprocessor);
    }

    private Signal layer(String name, Layer layer, Signal in) {
        if (layer instanceof Convolution1DLayer conv) {
            return convolution1d(name, conv, in);
        }
        if (layer instanceof ConvolutionLayer conv) {
            return convolution2d(name, conv, in);
        }
        if (layer instanceof DenseLayer dense) {
            return dense(name, dense.getActivationFn(), in);
        }
        if (layer instanceof OutputLayer output) {
            return dense(name, output.getActivationFn(), in);
        }
        if (layer instanceof BatchNormalization norm) {
            return normalize(name, norm, in);
        }
        if (layer instanceof Subsampling1DLayer pool) {
            return pool(
                    pool.getPoolingType(),
                    in,
                    window(in.height(), pool.getKernelSize()[0], pool.getStride()[0], 1, 0, pool.getConvolutionMode()),
                    window(1, 1, 1, 1, 0, ConvolutionMode.Truncate));
        }
        if (layer instanceof SubsamplingLayer pool) {
            int[] k = pool.getKernelSize();
            int[] s = pool.getStride();
            int[] p = pool.getPadding();
            return pool(
                    pool.getPoolingType(),
                    in,
                    window(in.height(), k[0], s[0], 1, p[0], pool.getConvolutionMode()),
                    window(in.width(), k[1], s[1], 1, p[1], pool.getConvolutionMode()));
        }
        if (layer instanceof ZeroPadding1DLayer padding) {
            return pad(in, padding.getPadding()[0], padding.getPadding()[1], 0, 0);
        }
        if (layer instanceof ZeroPaddingLayer padding) {
            int[] p = padding.getPadding();
            return pad(in, p[0], p[1], p[2], p[3]);
        }
        if (layer instanceof GlobalPoolingLayer pool) {
            Window rows = new Window(1, in.height(), 1, 1, 0, in.height());
            Window columns = new Window(1, in.width(), 1, 1, 0, in.width());
            return pool(pool.getPoolingType(), in, rows, columns);
        }
        if (layer instanceof ActivationLayer activation) {
            return activate(activation.getActivationFn(), in);
        }
        if (layer instanceof DropoutLayer) {
            return in;
        }
        if (layer instanceof LossLayer loss) {
            return activate(loss.getActivationFn(), in);
        }
        if (layer instanceof CnnLossLayer loss) {
            return activate(loss.getActivationFn(), in);
        }
        if (layer instanceof RnnLossLayer loss) {
            return activate(loss.getActivationFn(), in);
        }
        throw new IllegalArgumentException("No rule for " + layer.getClass().getSimpleName());
    }

    /** The old units, as the consumer matrices recover them. */
    private static double[][][] recover(Signal in) {
        double[][][] result = new double[in.values().length][in.recover().length][in.values()[0][0].length];
        for (int b = 0; b < result.length; b++) {
            for (int i = 0; i < in.recover().length; i++) {
                for (int j = 0; j < in.units(); j++) {
                    double factor = in.recover()[i][j];
                    for (int p = 0; factor != 0 && p < result[b][i].length; p++) {
                        result[b][i][p] += factor * in.values()[b][j][p];
                    }
                }
            }
        }
        return result;
    }

    /** The new units of a layer, from what it would have computed. */
    private Signal produce(String name, double[][][] old, int height, int width) {
        ReferenceMatrices matrices = resized.get(find(name));
        if (matrices == null) {
            return fixed(old, height, width);
        }
        double[][] producer = matrices.producer();
        double[][][] result = new double[old.length][producer.length][old[0][0].length];
        for (int b = 0; b < old.length; b++) {
            for (int i = 0; i < producer.length; i++) {
                for (int j = 0; j < old[b].length; j++) {
                    for (int p = 0; p < old[b][j].length; p++) {
                        result[b][i][p] += producer[i][j] * old[b][j][p];
                    }
                }
            }
        }
        return new Signal(result, height, width, ReferenceMatrices.transpose(matrices.consumer()), matrices.follower());
    }

    private double[] parameter(String vertex, String key) {
        INDArray view = model.getLayer(vertex).paramTable().get(key);
        return view == null ? null : Models.values(view);
    }

    private Signal dense(String name, IActivation activation, Signal in) {
        double[][][] x = recover(in);
        double[] w = parameter(name, "W");
        double[] bias = parameter(name, "b");
        int units = w.length / x[0].length;
        int positions = x[0][0].length;
        double[][][] z = new double[x.length][units][positions];
        for (int b = 0; b < x.length; b++) {
            for (int o = 0; o < units; o++) {
                for (int p = 0; p < positions; p++) {
                    for (int i = 0; i < x[b].length; i++) {
                        z[b][o][p] += w[i * units + o] * x[b][i][p];
                    }
                    z[b][o][p] += bias == null ? 0 : bias[o];
                }
            }
        }
        return activate(activation, produce(name, z, in.height(), in.width()));
    }

    private static double[] product(double[][] matrix, double[] vector) {
        double[] result = new double[matrix.length];
        for (int i = 0; i < matrix.length; i++) {
            for (int j = 0; j < vector.length; j++) {
                result[i] += matrix[i][j] * vector[j];
            }
        }
        return result;
    }

    private Signal normalize(String name, BatchNormalization norm, Signal in) {
        double[] gamma = followed(name, "gamma", in);
        double[] beta = followed(name, "beta", in);
        double[] mean = followed(name, "mean", in);
        double[] variance = followed(name, "var", in);
        double[] logarithm = followed(name, "log10stdev", in);
        double[][][] result = new double[in.values().length][in.units()][];
        for (int b = 0; b < result.length; b++) {
            for (int c = 0; c < in.units(); c++) {
                double var = variance != null ? variance[c] : Math.pow(10, 2 * logarithm[c]);
                double factor = (gamma != null ? gamma[c] : norm.getGamma()) / Math.sqrt(var + norm.getEps());
                double centre = mean[c];
                double offset = beta != null ? beta[c] : norm.getBeta();
                result[b][c] = Arrays.stream(in.values()[b][c])
                        .map(value -> (value - centre) * factor + offset)
                        .toArray();
            }
        }
        return new Signal(result, in.height(), in.width(), in.recover(), in.follow());
    }

    private double[] followed(String name, String key, Signal in) {
        double[] old = parameter(name, key);
        return old == null ? null : product(in.follow(), old);
    }

    /** Where a sliding window stands along one axis. */
    private record Window(int steps, int kernel, int stride, int dilation, int before, int extent) {

        /** The position that a tap of the window sees, or -1 in the padding. */
        int position(int step, int tap) {
            int position = step * stride - before + tap * dilation;
            return position < 0 || position >= extent ? -1 : position;
        }
    }

    private static Window window(int extent, int kernel, int stride, int dilation, int padding, ConvolutionMode mode) {
        int reach = (kernel - 1) * dilation + 1;
        return switch (mode) {
            case Same -> {
                int steps = (extent + stride - 1) / stride;
                int total = Math.max(0, (steps - 1) * stride + reach - extent);
                yield new Window(steps, kernel, stride, dilation, total / 2, extent);
            }
            case Causal -> new Window((extent + stride - 1) / stride, kernel, stride, dilation, reach - 1, extent);
            default ->
                new Window((extent + 2 * padding - reach) / stride + 1, kernel, stride, dilation, padding, extent);
        };
    }

    private Signal convolution2d(String name, ConvolutionLayer conv, Signal in) {
        int[] k = conv.getKernelSize();
        int[] s = conv.getStride();
        int[] d = conv.getDilation();
        int[] p = conv.getPadding();
        Window rows = window(in.height(), k[0], s[0], d[0], p[0], conv.getConvolutionMode());
        Window columns = window(in.width(), k[1], s[1], d[1], p[1], conv.getConvolutionMode());
        double[] w = parameter(name, "W");
        int inputs = in.recover().length;
        int area = k[0] * k[1];
        return convolve(
                name,
                conv.getActivationFn(),
                in,
                rows,
                columns,
                w.length / (inputs * area),
                (o, i, row, column) -> w[(o * inputs + i) * area + row * k[1] + column]);
    }

    private Signal convolution1d(String name, Convolution1DLayer conv, Signal in) {
        int k = conv.getKernelSize()[0];
        Window steps = window(
                in.height(),
                k,
                conv.getStride()[0],
                conv.getDilation()[0],
                conv.getPadding()[0],
                conv.getConvolutionMode());
        double[] w = parameter(name, "W");
        int inputs = in.recover().length;
        int units = w.length / (inputs * k);
        // Deeplearning4j reads the memory of this array as [k, nIn, nOut], whatever shape it declares.
        return convolve(
                name,
                conv.getActivationFn(),
                in,
                steps,
                window(1, 1, 1, 1, 0, ConvolutionMode.Truncate),
                units,
                (o, i, row, column) -> w[(row * inputs + i) * units + o]);
    }

    private interface Kernel {
        double weight(int unit, int input, int row, int column);
    }

    private Signal convolve(
            String name, IActivation activation, Signal in, Window rows, Window columns, int units, Kernel kernel) {
        double[][][] x = recover(in);
        double[] bias = parameter(name, "b");
        double[][][] z = new double[x.length][units][rows.steps() * columns.steps()];
        for (int b = 0; b < x.length; b++) {
            for (int o = 0; o < units; o++) {
                for (int y = 0; y < rows.steps(); y++) {
                    for (int c = 0; c < columns.steps(); c++) {
                        double sum = bias == null ? 0 : bias[o];
                        for (int row = 0; row < rows.kernel(); row++) {
                            for (int column = 0; column < columns.kernel(); column++) {
                                int fromRow = rows.position(y, row);
                                int fromColumn = columns.position(c, column);
                                for (int i = 0; fromRow >= 0 && fromColumn >= 0 && i < x[b].length; i++) {
                                    sum += kernel.weight(o, i, row, column)
                                            * x[b][i][fromRow * in.width() + fromColumn];
                                }
                            }
                        }
                        z[b][o][y * columns.steps() + c] = sum;
                    }
                }
            }
        }
        return activate(activation, produce(name, z, rows.steps(), columns.steps()));
    }

    private static Signal pool(PoolingType type, Signal in, Window rows, Window columns) {
        double[][][] result = new double[in.values().length][in.units()][rows.steps() * columns.steps()];
        for (int b = 0; b < result.length; b++) {
            for (int u = 0; u < in.units(); u++) {
                for (int y = 0; y < rows.steps(); y++) {
                    for (int c = 0; c < columns.steps(); c++) {
                        double sum = 0;
                        double max = Double.NEGATIVE_INFINITY;
                        int count = 0;
                        for (int row = 0; row < rows.kernel(); row++) {
                            for (int column = 0; column < columns.kernel(); column++) {
                                int fromRow = rows.position(y, row);
                                int fromColumn = columns.position(c, column);
                                if (fromRow >= 0 && fromColumn >= 0) {
                                    double value = in.values()[b][u][fromRow * in.width() + fromColumn];
                                    sum += value;
                                    max = Math.max(max, value);
                                    count++;
                                }
                            }
                        }
                        result[b][u][y * columns.steps() + c] = switch (type) {
                            case MAX -> max;
                            case AVG -> sum / count;
                            case SUM -> sum;
                            default -> throw new IllegalArgumentException("No rule for " + type);
                        };
                    }
                }
            }
        }
        return new Signal(result, rows.steps(), columns.steps(), in.recover(), in.follow());
    }

    private static Signal pad(Signal in, int top, int bottom, int left, int right) {
        int height = in.height() + top + bottom;
        int width = in.width() + left + right;
        double[][][] result = new double[in.values().length][in.units()][height * width];
        for (int b = 0; b < result.length; b++) {
            for (int u = 0; u < in.units(); u++) {
                for (int y = 0; y < in.height(); y++) {
                    for (int x = 0; x < in.width(); x++) {
                        result[b][u][(y + top) * width + x + left] = in.values()[b][u][y * in.width() + x];
                    }
                }
            }
        }
        return new Signal(result, height, width, in.recover(), in.follow());
    }

    private static Signal activate(IActivation activation, Signal in) {
        if (activation instanceof ActivationSoftmax) {
            return softmax(in);
        }
        return in.map(elementwise(activation));
    }

    private static Elementwise elementwise(IActivation activation) {
        if (activation instanceof ActivationIdentity) {
            return value -> value;
        }
        if (activation instanceof ActivationReLU) {
            return value -> Math.max(0, value);
        }
        if (activation instanceof ActivationTanH) {
            return Math::tanh;
        }
        if (activation instanceof ActivationSigmoid) {
            return value -> 1 / (1 + Math.exp(-value));
        }
        if (activation instanceof ActivationLReLU leaky) {
            return value -> value >= 0 ? value : leaky.getAlpha() * value;
        }
        throw new IllegalArgumentException("No rule for " + activation);
    }

    private static Signal softmax(Signal in) {
        double[][][] result = new double[in.values().length][in.units()][in.values()[0][0].length];
        for (int b = 0; b < result.length; b++) {
            for (int p = 0; p < result[b][0].length; p++) {
                double max = Double.NEGATIVE_INFINITY;
                for (int c = 0; c < in.units(); c++) {
                    max = Math.max(max, in.values()[b][c][p]);
                }
                double sum = 0;
                for (int c = 0; c < in.units(); c++) {
                    result[b][c][p] = Math.exp(in.values()[b][c][p] - max);
                    sum += result[b][c][p];
                }
                for (int c = 0; c < in.units(); c++) {
                    result[b][c][p] /= sum;
                }
            }
        }
        return new Signal(result, in.height(), in.width(), in.recover(), in.follow());
    }
}
