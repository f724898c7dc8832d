package org.growingnn.dl4j.testing;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.constraint.MinMaxNormConstraint;
import org.deeplearning4j.nn.conf.constraint.NonNegativeConstraint;
import org.deeplearning4j.nn.conf.constraint.UnitNormConstraint;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
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
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
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
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.AdaMax;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

/**
 * Makes small random networks of everything that the library can resize: the same seed makes the same network.
 *
 * <p>All parameters are random, biases and batch-norm statistics too, so that nothing is equal by accident of initial
 * zeros and ones. Most networks have been trained for a step or two, so that the updater has a state.
 */
public final class RandomNetworks {

    /** What a network must or must not be. */
    public enum Trait {
        /** Parameters of 32 bits. */
        SINGLE_PRECISION,
        /** Parameters of 64 bits. */
        DOUBLE_PRECISION,
        /** No layer makes a unit depend on its neighbours: no response or layer normalisation, no hidden softmax. */
        NO_MIXING,
        /** No response or layer normalisation; a hidden softmax is allowed. */
        NO_NORMALIZATION_ACROSS_UNITS,
        /** No dropout, noise, regularisation, constraints, clipping or schedules: gradients are those of the loss. */
        PLAIN_TRAINING,
        /** Never trained, so that the updater has no state yet. */
        UNTRAINED
    }

    private RandomNetworks() {}

    /**
     * Makes a graph: chains, residual sums, concatenations, one or two inputs and outputs.
     *
     * @param seed chooses the network
     * @param traits what it must or must not be
     * @return an initialised {@link ComputationGraph}
     */
    public static RandomNetwork graph(long seed, Trait... traits) {
        return new Builder(seed, null, traits).graph();
    }

    /**
     * Makes a graph that is trained by a given updater.
     *
     * @param seed chooses the network
     * @param updater the updater of all layers
     * @param traits what it must or must not be
     * @return an initialised {@link ComputationGraph}
     */
    public static RandomNetwork graph(long seed, IUpdater updater, Trait... traits) {
        return new Builder(seed, updater, traits).graph();
    }

    /**
     * Makes a chain of layers.
     *
     * @param seed chooses the network
     * @param traits what it must or must not be
     * @return an initialised {@link MultiLayerNetwork}
     */
    public static RandomNetwork chain(long seed, Trait... traits) {
        return new Builder(seed, null, traits).chain();
    }

    /**
     * Replaces all parameters of a model by random ones of a useful scale.
     *
     * @param model an initialised model
     * @param random chooses the values
     */
    public static void randomize(Model model, Random random) {
        for (Map.Entry<String, INDArray> entry : model.paramTable().entrySet()) {
            INDArray view = entry.getValue();
            String key = entry.getKey().substring(entry.getKey().lastIndexOf('_') + 1);
            // Inputs per unit, whatever the axes mean: the widest product of all axes but one.
            double fan = Math.max(1, view.length() / (double) Math.max(1, smallestUnitAxis(view)));
            double[] values = new double[(int) view.length()];
            for (int i = 0; i < values.length; i++) {
                values[i] = switch (key) {
                    case "gamma", "g" -> 0.5 + random.nextDouble();
                    case "var" -> 0.3 + 1.5 * random.nextDouble();
                    case "log10stdev" -> 0.5 * random.nextDouble() - 0.3;
                    case "b", "beta", "mean" -> 0.4 * random.nextGaussian();
                    default -> 1.3 * random.nextGaussian() / Math.sqrt(fan);
                };
            }
            view.assign(Nd4j.createFromArray(values).reshape('c', view.shape()).castTo(view.dataType()));
        }
    }

    private static long smallestUnitAxis(INDArray view) {
        return view.rank() < 2 ? view.length() : Math.min(view.size(0), view.size(1));
    }

    private enum Kind {
        VECTOR,
        MAPS,
        SERIES
    }

    /** A vertex or input that others can take; {@code input} if nothing with weights lies between it and an input. */
    private record Node(String name, Kind kind, int units, int height, int width, boolean input) {

        Node resized(String newName, int newUnits) {
            return new Node(newName, kind, newUnits, height, width, false);
        }
    }

    /** Receives layers as they are chosen. */
    private interface Sink {
        void layer(String name, Layer layer, InputPreProcessor preprocessor, String input);

        void vertex(String name, GraphVertex vertex, List<String> inputs);
    }

    private static final class Builder {

        private static final int MINIMUM_EXTENT = 3;

        private final long seed;
        private final Random random;
        private final Set<Trait> traits = EnumSet.noneOf(Trait.class);
        private final boolean plain;
        private final CNN2DFormat format;
        private final DataType dataType;
        private final IUpdater updater;
        private final NeuralNetConfiguration.Builder global = new NeuralNetConfiguration.Builder();
        private Sink sink;
        private boolean chain;
        private boolean clipped;
        private int counter;

        Builder(long seed, IUpdater updater, Trait... traits) {
            this.seed = seed;
            this.random = new Random(seed * 0x9E3779B97F4A7C15L + 12345);
            this.traits.addAll(List.of(traits));
            this.plain = this.traits.contains(Trait.PLAIN_TRAINING);
            this.format = chance(0.35) ? CNN2DFormat.NHWC : CNN2DFormat.NCHW;
            boolean single = chance(0.5);
            this.dataType = this.traits.contains(Trait.SINGLE_PRECISION)
                            || single && !this.traits.contains(Trait.DOUBLE_PRECISION)
                    ? DataType.FLOAT
                    : DataType.DOUBLE;
            IUpdater chosen = updater();
            this.updater = updater != null ? updater : chosen;
        }

        // --- the network

        RandomNetwork graph() {
            configureTraining();
            ComputationGraphConfiguration.GraphBuilder builder = global.graphBuilder();
            sink = new Sink() {
                @Override
                public void layer(String name, Layer layer, InputPreProcessor preprocessor, String input) {
                    builder.addLayer(name, layer, preprocessor, input);
                }

                @Override
                public void vertex(String name, GraphVertex vertex, List<String> inputs) {
                    builder.addVertex(name, vertex, inputs.toArray(String[]::new));
                }
            };
            List<InputType> types = new ArrayList<>();
            List<Node> trunks = new ArrayList<>();
            int inputs = chance(0.25) ? 2 : 1;
            for (int i = 0; i < inputs; i++) {
                Node input = input(inputs == 1 ? "in" : "in" + (i + 1), types);
                builder.addInputs(input.name());
                trunks.add(
                        input.kind() == Kind.VECTOR && types.get(i).getType() == InputType.Type.CNNFlat
                                ? trunk(conv2d(folded(input, types.get(i)), width(), false))
                                : trunk(input));
            }
            List<String> outputs = new ArrayList<>();
            if (inputs == 2) {
                Node first = dense(vector(trunks.get(0)), width());
                Node joined = chance(0.6)
                        ? concat(first, dense(vector(trunks.get(1)), width()))
                        : join(operation(), first, dense(vector(trunks.get(1)), first.units()));
                outputs.add(head(steps(joined, random.nextInt(3))));
                if (chance(0.5)) {
                    outputs.add(head(chance(0.5) ? joined : first));
                }
            } else {
                Node trunk = trunks.get(0);
                if (chance(0.3)) {
                    outputs.add(head(layer(trunk, width())));
                    outputs.add(head(steps(vector(trunk), 1)));
                } else {
                    outputs.add(head(trunk));
                }
            }
            builder.setOutputs(outputs.toArray(String[]::new));
            builder.setInputTypes(types.toArray(InputType[]::new));
            ComputationGraph model = new ComputationGraph(builder.build());
            model.init();
            return finish(new RandomNetwork(seed, model, List.copyOf(types)));
        }

        RandomNetwork chain() {
            chain = true;
            configureTraining();
            NeuralNetConfiguration.ListBuilder list = global.list();
            boolean named = chance(0.5);
            int[] index = new int[1];
            sink = new Sink() {
                @Override
                public void layer(String name, Layer layer, InputPreProcessor preprocessor, String input) {
                    if (named) {
                        layer.setLayerName(name);
                    }
                    if (preprocessor != null) {
                        list.inputPreProcessor(index[0], preprocessor);
                    }
                    list.layer(index[0]++, layer);
                }

                @Override
                public void vertex(String name, GraphVertex vertex, List<String> inputs) {
                    throw new IllegalStateException("A chain has no vertices.");
                }
            };
            List<InputType> types = new ArrayList<>();
            Node input = input("in", types);
            Node trunk = types.get(0).getType() == InputType.Type.CNNFlat
                    ? trunk(conv2d(folded(input, types.get(0)), width(), false))
                    : trunk(input);
            head(trunk);
            list.setInputType(types.get(0));
            MultiLayerNetwork model = new MultiLayerNetwork(list.build());
            model.init();
            return finish(new RandomNetwork(seed, model, types));
        }

        private RandomNetwork finish(RandomNetwork network) {
            Model model = network.model();
            randomize(model, random);
            if (chance(0.5)) {
                // Schedules per epoch must see an epoch other than the first.
                if (model instanceof ComputationGraph graph) {
                    graph.getConfiguration().setEpochCount(3);
                } else {
                    ((MultiLayerNetwork) model).getLayerWiseConfigurations().setEpochCount(3);
                }
            }
            int steps = random.nextInt(3);
            for (int step = 0; step < steps && !traits.contains(Trait.UNTRAINED); step++) {
                Models.fit(model, network.batch(1000 + step), 1 + step);
            }
            return network;
        }

        private Node input(String name, List<InputType> types) {
            int units = 1 + random.nextInt(4);
            int height = 6 + random.nextInt(4);
            int width = 6 + random.nextInt(4);
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> {
                    types.add(InputType.feedForward(units + 2));
                    return new Node(name, Kind.VECTOR, units + 2, 1, 1, true);
                }
                case 3 -> {
                    types.add(InputType.recurrent(units, RandomNetwork.STEPS));
                    return new Node(name, Kind.SERIES, units, RandomNetwork.STEPS, 1, true);
                }
                case 4 -> {
                    if (format == CNN2DFormat.NCHW) {
                        types.add(InputType.convolutionalFlat(height, width, units));
                        return new Node(name, Kind.VECTOR, units * height * width, 1, 1, true);
                    }
                    types.add(InputType.convolutional(height, width, units, format));
                    return new Node(name, Kind.MAPS, units, height, width, true);
                }
                default -> {
                    types.add(InputType.convolutional(height, width, units, format));
                    return new Node(name, Kind.MAPS, units, height, width, true);
                }
            }
        }

        /** How the first convolution sees a flat input: DL4J folds it. */
        private Node folded(Node input, InputType type) {
            InputType.InputTypeConvolutionalFlat flat = (InputType.InputTypeConvolutionalFlat) type;
            return new Node(
                    input.name(),
                    Kind.MAPS,
                    (int) flat.getDepth(),
                    (int) flat.getHeight(),
                    (int) flat.getWidth(),
                    true);
        }

        private Node trunk(Node input) {
            // Chains and networks of series must not begin with a layer that works in place: Deeplearning4j refuses the
            // former, and overwrites activations in the latter.
            boolean layerFirst = chain || input.kind() == Kind.SERIES;
            Node node = steps(layerFirst ? layer(input, width()) : input, 1 + random.nextInt(4));
            // In a chain, Deeplearning4j cannot propagate back through the pooling of series.
            boolean stays = node.kind() == Kind.VECTOR || chain && node.kind() == Kind.SERIES;
            if (!stays && chance(0.7)) {
                node = steps(vector(node), random.nextInt(3));
            }
            return node;
        }

        private Node steps(Node node, int count) {
            Node result = node;
            for (int i = 0; i < count; i++) {
                result = step(result);
            }
            return result;
        }

        private Node step(Node in) {
            if (!chain && chance(0.45)) {
                return switch (random.nextInt(7)) {
                    case 0, 1 -> residuals(in);
                    case 2 -> concatenations(in);
                    case 3 -> sumOfConcatenations(in);
                    case 4 -> branches(in);
                    case 5 -> affine(in);
                    default -> chance(0.3) && in.kind() == Kind.VECTOR ? broadcast(in) : branches(in);
                };
            }
            return switch (random.nextInt(8)) {
                case 0, 1, 2 -> layer(in, width());
                case 3 -> normalization(in);
                case 4 -> activationLayer(in);
                case 5 -> resampling(in);
                case 6 -> plain ? activationLayer(in) : dropoutLayer(in);
                default -> special(in);
            };
        }

        // --- topologies

        /** One to three residual blocks, chained in one space where the width stays the same. */
        private Node residuals(Node in) {
            Node x = in;
            int blocks = 1 + random.nextInt(3);
            int units = chance(0.5) || x.input() ? width() : x.units();
            for (int block = 0; block < blocks; block++) {
                Node main = chance(0.5) ? layer(x, width()) : x;
                main = normalizedSometimes(layer(main, units));
                Node shortcut = x.units() == units && (!x.input() || chance(0.3))
                        ? x
                        : normalizedSometimes(projection(x, units));
                x = chance(0.5) ? join(operation(), main, shortcut) : join(operation(), shortcut, main);
                if (chance(0.5)) {
                    x = activationLayer(x);
                }
            }
            return x;
        }

        /** Every layer's output is appended to its input. */
        private Node concatenations(Node in) {
            Node x = in;
            int layers = 1 + random.nextInt(3);
            for (int i = 0; i < layers; i++) {
                Node fresh = layer(chance(0.4) ? normalization(x) : x, width());
                x = chance(0.5) ? concat(x, fresh) : concat(fresh, x);
            }
            // A space may stand in one concatenation twice.
            return chance(0.2) ? concat(x, activationLayer(x)) : x;
        }

        private Node sumOfConcatenations(Node in) {
            int first = width();
            int second = width();
            Node left = concat(layer(in, first), layer(in, second));
            Node right = switch (random.nextInt(4)) {
                case 0 -> layer(in, first + second);
                case 1 -> concat(layer(in, second), layer(in, first));
                default -> concat(layer(in, first), layer(in, second));
            };
            return join(operation(), left, right);
        }

        private Node branches(Node in) {
            int units = width();
            Node first = layer(in, units);
            Node second = layer(in, units);
            return chance(0.3)
                    ? join(ElementWiseVertex.Op.Add, first, activationLayer(second), layer(in, units))
                    : join(operation(), first, second);
        }

        private Node broadcast(Node in) {
            Node gate = dense(in, 1);
            Node wide = dense(in, width());
            return join(chance(0.5) ? ElementWiseVertex.Op.Add : ElementWiseVertex.Op.Product, wide, gate);
        }

        private Node affine(Node in) {
            Node node = new Node(name("affine"), in.kind(), in.units(), in.height(), in.width(), in.input());
            sink.vertex(
                    node.name(),
                    chance(0.5)
                            ? new ScaleVertex(0.5 + random.nextDouble())
                            : new ShiftVertex(random.nextDouble() - 0.5),
                    List.of(in.name()));
            return node;
        }

        private ElementWiseVertex.Op operation() {
            return switch (random.nextInt(10)) {
                case 0 -> ElementWiseVertex.Op.Average;
                case 1 -> ElementWiseVertex.Op.Max;
                case 2 -> ElementWiseVertex.Op.Product;
                case 3 -> ElementWiseVertex.Op.Subtract;
                default -> ElementWiseVertex.Op.Add;
            };
        }

        private Node join(ElementWiseVertex.Op op, Node... nodes) {
            Node node = nodes[0].resized(name(op.name().toLowerCase()), nodes[0].units());
            sink.vertex(
                    node.name(),
                    new ElementWiseVertex(op),
                    List.of(nodes).stream().map(Node::name).toList());
            return node;
        }

        private Node concat(Node... nodes) {
            int units = 0;
            for (Node node : nodes) {
                units += node.units();
            }
            Node result = nodes[0].resized(name("merge"), units);
            sink.vertex(
                    result.name(),
                    new MergeVertex(),
                    List.of(nodes).stream().map(Node::name).toList());
            return result;
        }

        // --- layers

        /** A layer with parameters that keeps height, width and length, so that it can be summed and concatenated. */
        private Node layer(Node in, int units) {
            return switch (in.kind()) {
                case VECTOR -> dense(in, units);
                case MAPS -> conv2d(in, units, true);
                case SERIES -> conv1d(in, units, true);
            };
        }

        private Node projection(Node in, int units) {
            return layer(in, units);
        }

        private Node dense(Node in, int units) {
            DenseLayer.Builder builder =
                    new DenseLayer.Builder().nOut(units).hasBias(chance(0.85)).activation(hiddenActivation(true));
            if (normalizing() && units > 1 && chance(0.08)) {
                // Deeplearning4j's constraints take the gain for a matrix; one unit is normalised to 0 / 0.
                builder.hasLayerNorm(true);
            } else {
                regularize(builder, Kind.VECTOR);
            }
            return add("dense", builder.build(), in, in.resized("", units));
        }

        private Node conv2d(Node in, int units, boolean keepExtents) {
            int kernelHeight = 1 + random.nextInt(3);
            int kernelWidth = 1 + random.nextInt(3);
            int dilation = chance(0.15) ? 2 : 1;
            ConvolutionLayer.Builder builder = new ConvolutionLayer.Builder()
                    .nOut(units)
                    .kernelSize(kernelHeight, kernelWidth)
                    .dilation(dilation, dilation)
                    .hasBias(chance(0.8))
                    .activation(hiddenActivation(false))
                    .dataFormat(format);
            int height = in.height();
            int width = in.width();
            if (keepExtents) {
                builder.convolutionMode(ConvolutionMode.Same).stride(1, 1);
            } else if (chance(0.5)) {
                int stride = strideFor(in);
                builder.convolutionMode(ConvolutionMode.Same).stride(stride, 1);
                height = ceil(height, stride);
            } else {
                int padding = random.nextInt(2);
                int stride = strideFor(in);
                int newHeight = truncated(height, kernelHeight, dilation, padding, stride);
                int newWidth = truncated(width, kernelWidth, dilation, padding, stride);
                if (Math.min(newHeight, newWidth) < MINIMUM_EXTENT - 1) {
                    return conv2d(in, units, true);
                }
                builder.convolutionMode(ConvolutionMode.Truncate)
                        .stride(stride, stride)
                        .padding(padding, padding);
                height = newHeight;
                width = newWidth;
            }
            regularize(builder, Kind.MAPS);
            return add("conv", builder.build(), in, new Node("", Kind.MAPS, units, height, width, false));
        }

        private Node conv1d(Node in, int units, boolean keepLength) {
            int kernel = 1 + random.nextInt(3);
            Convolution1DLayer.Builder builder = new Convolution1DLayer.Builder()
                    .nOut(units)
                    .kernelSize(kernel)
                    .hasBias(chance(0.8))
                    .activation(hiddenActivation(false));
            int length = in.height();
            if (keepLength || length < MINIMUM_EXTENT + 2) {
                builder.convolutionMode(chance(0.7) ? ConvolutionMode.Same : ConvolutionMode.Causal);
            } else {
                int stride = 1 + random.nextInt(2);
                builder.convolutionMode(ConvolutionMode.Truncate).stride(stride);
                length = truncated(length, kernel, 1, 0, stride);
            }
            regularize(builder, Kind.SERIES);
            return add("conv1d_", builder.build(), in, new Node("", Kind.SERIES, units, length, 1, false));
        }

        private static int truncated(int extent, int kernel, int dilation, int padding, int stride) {
            return (extent + 2 * padding - (kernel - 1) * dilation - 1) / stride + 1;
        }

        private static int ceil(int extent, int stride) {
            return (extent + stride - 1) / stride;
        }

        private int strideFor(Node in) {
            return Math.min(in.height(), in.width()) >= 2 * MINIMUM_EXTENT ? 1 + random.nextInt(2) : 1;
        }

        private Node normalizedSometimes(Node in) {
            return chance(0.4) ? normalization(in) : in;
        }

        private Node normalization(Node in) {
            if (in.kind() == Kind.SERIES) {
                // Deeplearning4j does not normalise batches of series.
                return activationLayer(in);
            }
            BatchNormalization.Builder builder = new BatchNormalization.Builder()
                    .useLogStd(chance(0.5))
                    .decay(0.8)
                    .dataFormat(in.kind() == Kind.MAPS ? format : CNN2DFormat.NCHW);
            // Deeplearning4j's gradient for locked gamma and beta knows neither NHWC nor clipping.
            if (!clipped && format == CNN2DFormat.NCHW && chance(0.2)) {
                builder.lockGammaBeta(true).gamma(1.3).beta(0.2);
            }
            return add("bn", builder.build(), in, in.resized("", in.units()));
        }

        private Node activationLayer(Node in) {
            return add(
                    "act",
                    new ActivationLayer.Builder()
                            .activation(hiddenActivation(in.kind() == Kind.VECTOR))
                            .build(),
                    in,
                    in.resized("", in.units()));
        }

        private Node dropoutLayer(Node in) {
            return add("drop", new DropoutLayer.Builder(dropout(in.kind())).build(), in, in.resized("", in.units()));
        }

        private Node resampling(Node in) {
            return switch (in.kind()) {
                case VECTOR -> dense(in, width());
                case MAPS -> chance(0.3) ? padding2d(in) : pooling2d(in);
                case SERIES -> chance(0.3) ? padding1d(in) : pooling1d(in);
            };
        }

        private Node pooling2d(Node in) {
            boolean same = chance(0.5);
            int stride = strideFor(in);
            int kernel = 2 + random.nextInt(2);
            int height = same ? ceil(in.height(), stride) : truncated(in.height(), kernel, 1, 0, stride);
            int width = same ? ceil(in.width(), stride) : truncated(in.width(), kernel, 1, 0, stride);
            if (Math.min(height, width) < MINIMUM_EXTENT - 1) {
                return activationLayer(in);
            }
            SubsamplingLayer layer = new SubsamplingLayer.Builder(
                            chance(0.5) ? SubsamplingLayer.PoolingType.MAX : SubsamplingLayer.PoolingType.AVG)
                    .kernelSize(kernel, kernel)
                    .stride(stride, stride)
                    .convolutionMode(same ? ConvolutionMode.Same : ConvolutionMode.Truncate)
                    .dataFormat(format)
                    .build();
            return add("pool", layer, in, new Node("", Kind.MAPS, in.units(), height, width, false));
        }

        private Node pooling1d(Node in) {
            if (in.height() < 2 * MINIMUM_EXTENT) {
                return activationLayer(in);
            }
            Subsampling1DLayer layer = new Subsampling1DLayer.Builder(
                            chance(0.5) ? SubsamplingLayer.PoolingType.MAX : SubsamplingLayer.PoolingType.AVG)
                    .kernelSize(2)
                    .stride(2)
                    .build();
            return add(
                    "pool1d_",
                    layer,
                    in,
                    new Node("", Kind.SERIES, in.units(), truncated(in.height(), 2, 1, 0, 2), 1, false));
        }

        private Node padding2d(Node in) {
            int top = random.nextInt(2);
            int left = random.nextInt(2);
            ZeroPaddingLayer layer = new ZeroPaddingLayer.Builder(top, 1, left, 0)
                    .dataFormat(format)
                    .build();
            return add(
                    "pad",
                    layer,
                    in,
                    new Node("", Kind.MAPS, in.units(), in.height() + top + 1, in.width() + left, false));
        }

        private Node padding1d(Node in) {
            return add(
                    "pad1d_",
                    new ZeroPadding1DLayer.Builder(1, 1).build(),
                    in,
                    new Node("", Kind.SERIES, in.units(), in.height() + 2, 1, false));
        }

        /** What is rare: response normalisation, explicit preprocessors, convolutions that change extents. */
        private Node special(Node in) {
            return switch (in.kind()) {
                case VECTOR -> format == CNN2DFormat.NCHW && chance(0.4) ? folded(in) : dense(in, width());
                case SERIES ->
                    !chain && chance(0.3) ? conv1d(timeDistributed(in), width(), true) : conv1d(in, width(), false);
                case MAPS -> {
                    if (normalizing() && in.units() > 1 && chance(0.3)) {
                        yield add(
                                "lrn",
                                new LocalResponseNormalization.Builder()
                                        .n(3)
                                        .k(2)
                                        .alpha(0.1)
                                        .beta(0.75)
                                        .dataFormat(format)
                                        .build(),
                                in,
                                in.resized("", in.units()));
                    }
                    if (format == CNN2DFormat.NCHW && !in.input() && chance(0.3)) {
                        yield refolded(in);
                    }
                    yield conv2d(in, width(), false);
                }
            };
        }

        /** A dense layer on each time step alone, between preprocessors that DL4J adds. */
        private Node timeDistributed(Node in) {
            int units = width();
            return add(
                    "step",
                    new DenseLayer.Builder()
                            .nOut(units)
                            .activation(Activation.TANH)
                            .build(),
                    in,
                    in.resized("", units));
        }

        /** Units of a dense layer that become pixels of maps, which ties their number to the maps' size. */
        private Node folded(Node in) {
            Node pixels = dense(in, 3 * 3 * 2);
            int units = width();
            String name = name("conv");
            sink.layer(
                    name,
                    new ConvolutionLayer.Builder()
                            .nOut(units)
                            .kernelSize(2, 2)
                            .activation(Activation.TANH)
                            .build(),
                    new FeedForwardToCnnPreProcessor(3, 3, 2),
                    pixels.name());
            return new Node(name, Kind.MAPS, units, 2, 2, false);
        }

        /** Flattened and folded again: units must survive the way there and back. */
        private Node refolded(Node in) {
            Node flat = flattened(in);
            int units = width();
            String name = name("conv");
            sink.layer(
                    name,
                    new ConvolutionLayer.Builder()
                            .nOut(units)
                            .kernelSize(1, 1)
                            .activation(Activation.TANH)
                            .build(),
                    new FeedForwardToCnnPreProcessor(in.height(), in.width(), in.units()),
                    flat.name());
            return new Node(name, Kind.MAPS, units, in.height(), in.width(), false);
        }

        /** Flattened by a preprocessor in front of a layer that is not dense. */
        private Node flattened(Node in) {
            int units = in.units() * in.height() * in.width();
            Layer layer = chance(0.5)
                    ? new ActivationLayer.Builder().activation(Activation.TANH).build()
                    : new BatchNormalization.Builder().build();
            String name = name("flat");
            sink.layer(
                    name,
                    layer,
                    new CnnToFeedForwardPreProcessor(in.height(), in.width(), in.units(), format),
                    in.name());
            return new Node(name, Kind.VECTOR, units, 1, 1, false);
        }

        /** Leaves maps and series behind. */
        private Node vector(Node in) {
            return switch (in.kind()) {
                case VECTOR -> in;
                case MAPS -> {
                    if (in.input() || chance(0.4)) {
                        yield flatDense(in);
                    }
                    yield chance(0.5) ? pooledMaps(in) : flattened(in);
                }
                case SERIES ->
                    flatDense(add(
                            "gpool",
                            new GlobalPoolingLayer.Builder(pooling()).build(),
                            in,
                            new Node("", Kind.VECTOR, in.units(), 1, 1, false)));
            };
        }

        private Node pooledMaps(Node in) {
            // Without collapsing, DL4J puts the channels on the wrong axis in NHWC.
            boolean collapse = format == CNN2DFormat.NHWC || chance(0.8);
            Node pooled = add(
                    "gpool",
                    new GlobalPoolingLayer.Builder(pooling())
                            .collapseDimensions(collapse)
                            .build(),
                    in,
                    new Node("", collapse ? Kind.VECTOR : Kind.MAPS, in.units(), 1, 1, false));
            return collapse ? pooled : flatDense(pooled);
        }

        private PoolingType pooling() {
            // PNORM has no gradient where all values are zero.
            return switch (random.nextInt(3)) {
                case 0 -> PoolingType.MAX;
                case 1 -> PoolingType.SUM;
                default -> PoolingType.AVG;
            };
        }

        /** A dense layer that DL4J flattens for. */
        private Node flatDense(Node in) {
            int units = width();
            return add(
                    "dense",
                    new DenseLayer.Builder()
                            .nOut(units)
                            .activation(hiddenActivation(true))
                            .build(),
                    in,
                    new Node("", Kind.VECTOR, units, 1, 1, false));
        }

        private String head(Node in) {
            int classes = 2 + random.nextInt(3);
            boolean sigmoid = chance(0.3);
            Activation activation = sigmoid ? Activation.SIGMOID : Activation.SOFTMAX;
            LossFunction loss = sigmoid ? LossFunction.XENT : LossFunction.MCXENT;
            if (chance(0.2)) {
                activation = Activation.TANH;
                loss = LossFunction.MSE;
            }
            if (in.kind() == Kind.SERIES) {
                Node last = conv1d(in, classes, true);
                return add(
                                "out",
                                new RnnLossLayer.Builder(loss)
                                        .activation(activation)
                                        .build(),
                                last,
                                last)
                        .name();
            }
            if (in.kind() == Kind.MAPS && chance(0.4)) {
                Node last = conv2d(in, classes, true);
                return add(
                                "out",
                                new CnnLossLayer.Builder(loss)
                                        .activation(activation)
                                        .format(format)
                                        .build(),
                                last,
                                last)
                        .name();
            }
            if (in.kind() == Kind.VECTOR && chance(0.15)) {
                Node last = dense(in, classes);
                return add(
                                "out",
                                new LossLayer.Builder(loss)
                                        .activation(activation)
                                        .build(),
                                last,
                                last)
                        .name();
            }
            OutputLayer layer = new OutputLayer.Builder(loss)
                    .nOut(classes)
                    .hasBias(chance(0.8))
                    .activation(activation)
                    .build();
            return add("out", layer, in, new Node("", Kind.VECTOR, classes, 1, 1, false))
                    .name();
        }

        private Node add(String prefix, Layer layer, Node in, Node out) {
            String name = name(prefix);
            sink.layer(name, layer, null, in.name());
            boolean weights = layer instanceof FeedForwardLayer && !(layer instanceof BatchNormalization);
            return new Node(name, out.kind(), out.units(), out.height(), out.width(), in.input() && !weights);
        }

        private String name(String prefix) {
            return prefix + ++counter;
        }

        // --- choices

        private boolean chance(double probability) {
            return random.nextDouble() < probability;
        }

        private int width() {
            return chance(0.08) ? 1 : 2 + random.nextInt(8);
        }

        private boolean mixing() {
            return !traits.contains(Trait.NO_MIXING);
        }

        private boolean normalizing() {
            return mixing() && !traits.contains(Trait.NO_NORMALIZATION_ACROSS_UNITS);
        }

        private Activation hiddenActivation(boolean vector) {
            if (vector && mixing() && chance(0.04)) {
                return Activation.SOFTMAX;
            }
            return switch (random.nextInt(6)) {
                case 0 -> Activation.TANH;
                case 1 -> Activation.SIGMOID;
                case 2 -> Activation.LEAKYRELU;
                case 3 -> Activation.IDENTITY;
                default -> Activation.RELU;
            };
        }

        /** Dropout and constraints of a layer with weights. */
        private void regularize(FeedForwardLayer.Builder<?> builder, Kind kind) {
            if (plain) {
                return;
            }
            // Deeplearning4j cannot propagate back through dropout in front of convolutions in NHWC.
            if (chance(0.1) && (kind != Kind.MAPS || format == CNN2DFormat.NCHW)) {
                builder.dropOut(dropout(kind));
            }
            if (chance(0.1)) {
                switch (random.nextInt(4)) {
                    case 0 -> builder.constrainWeights(new MaxNormConstraint(0.9, 1));
                    case 1 -> builder.constrainWeights(new MinMaxNormConstraint(0.2, 0.9, 0.5, 1));
                    case 2 -> builder.constrainAllParameters(new NonNegativeConstraint());
                    default -> builder.constrainWeights(new UnitNormConstraint(1));
                }
            }
        }

        private IDropout dropout(Kind kind) {
            return switch (random.nextInt(4)) {
                case 0 -> new GaussianDropout(0.2);
                case 1 -> new GaussianNoise(0.1);
                case 2 -> kind == Kind.MAPS && format == CNN2DFormat.NCHW ? new SpatialDropout(0.8) : new Dropout(0.7);
                default -> new Dropout(0.8);
            };
        }

        private IUpdater updater() {
            double rate = 0.01;
            IUpdater base = switch (random.nextInt(9)) {
                case 0 -> new Sgd(rate);
                case 1 -> new Nesterovs(rate, 0.9);
                case 2 -> new RmsProp(rate);
                case 3 -> new AdaGrad(rate);
                case 4 -> new AdaDelta();
                case 5 -> new AMSGrad(rate);
                case 6 -> chance(0.5) ? new AdaMax(rate) : new Nadam(rate);
                default -> new Adam(rate);
            };
            if (plain || !chance(0.25)) {
                return base;
            }
            return switch (random.nextInt(3)) {
                case 0 -> new Adam(new StepSchedule(ScheduleType.ITERATION, rate, 0.5, 2));
                case 1 -> new Nesterovs(new ExponentialSchedule(ScheduleType.EPOCH, rate, 0.7), 0.9);
                default ->
                    new Adam(new MapSchedule.Builder(ScheduleType.ITERATION)
                            .add(0, rate)
                            .add(1, rate / 3)
                            .add(2, rate / 7)
                            .build());
            };
        }

        private void configureTraining() {
            global.seed(seed).dataType(dataType).updater(updater).miniBatch(chance(0.9));
            if (plain) {
                return;
            }
            if (chance(0.15)) {
                global.biasUpdater(new Nesterovs(0.02, 0.8));
            }
            if (chance(0.15)) {
                global.l2(1e-3);
            }
            if (chance(0.1)) {
                global.l1(1e-3).l1Bias(1e-3);
            }
            if (chance(0.1)) {
                global.weightDecay(1e-3);
            }
            if (chance(0.2)) {
                clipped = true;
                List<GradientNormalization> kinds = List.of(
                        GradientNormalization.ClipElementWiseAbsoluteValue,
                        GradientNormalization.ClipL2PerLayer,
                        GradientNormalization.ClipL2PerParamType);
                global.gradientNormalization(kinds.get(random.nextInt(kinds.size())))
                        .gradientNormalizationThreshold(0.05);
            }
            if (chance(0.1)) {
                global.weightNoise(new DropConnect(0.9));
            }
        }
    }
}
