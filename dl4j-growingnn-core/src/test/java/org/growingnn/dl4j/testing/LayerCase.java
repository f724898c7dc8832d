package org.growingnn.dl4j.testing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.adapter.AdapterRegistry;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A small network around one layer, vertex or preprocessor class, and what is expected of it; {@link LayerContract} checks that. Inputs
 * are called {@code in}, {@code in2}, …, the output {@code out}. Layers are given one after another, each behind the one before unless
 * it says what it takes. The model is built once, by Deeplearning4j alone, in double precision and with Adam, from layers that nothing
 * else holds.
 *
 * <pre>{@code
 * LayerCase.of("maxout", InputType.feedForward(3))
 *         .layer("layer", new MaxoutLayer(4, 2))
 *         .layer("behind", new DenseLayer.Builder().nOut(5).build())
 *         .out()
 *         .spaces("layer 4", "behind 5")
 *         .removal("layer", 1)
 *         .zero("behind", "W", 0, 1);
 * }</pre>
 */
public final class LayerCase {

    /** What Deeplearning4j itself can do with the network. */
    public enum Ability {
        /** Everything. */
        TRAINS,
        /** Forward only. */
        RUNS,
        /** It can be built and written, but not run. */
        BUILDS
    }

    /** Units to remove, and what to set to zero in the original instead. */
    record Removal(String space, int[] units, List<Zero> zeros) {}

    /**
     * Values of a parameter in Deeplearning4j's own table.
     *
     * @param vertex the vertex that holds it
     * @param key its key there
     * @param shape how to see its values in row-major order; null for the shape that is declared
     * @param axis the axis that reads units
     * @param indices which indices of that axis
     */
    record Zero(String vertex, String key, long @Nullable [] shape, int axis, int[] indices) {}

    private static final long SEED = 7;
    private static final int EXAMPLES = 3;

    private final String name;
    private final List<InputType> inputs;
    private final List<Consumer<GraphBuilder>> steps = new ArrayList<>();
    private final List<Removal> removals = new ArrayList<>();
    private final Map<Integer, Integer> vocabularies = new LinkedHashMap<>();
    private List<String> spaces = List.of();
    private List<String> ordered = List.of();
    private String previous = "in";
    private AdapterRegistry adapters = AdapterRegistry.load();
    private boolean untyped;
    private boolean objects;
    private boolean masked;
    private boolean repeatable = true;
    private Ability ability = Ability.TRAINS;
    private String failure = "";
    private final List<Class<?>> subjects = new ArrayList<>();
    private long[] outputShape;
    private double[] reference;
    private ComputationGraph model;

    private LayerCase(String name, List<InputType> inputs) {
        this.name = name;
        this.inputs = inputs;
    }

    /**
     * Begins a network.
     *
     * @param name tells the case from others
     * @param inputs the type of each input
     * @return a case without layers
     */
    public static LayerCase of(String name, InputType... inputs) {
        return new LayerCase(name, List.of(inputs));
    }

    // --- the network

    /**
     * Adds a layer.
     *
     * @param layerName its name
     * @param layer its configuration, which nothing else holds
     * @param from what it takes; by default what was added before
     * @return this
     */
    public LayerCase layer(String layerName, Layer layer, String... from) {
        return layer(layerName, layer, null, from);
    }

    /**
     * Adds a layer behind a preprocessor.
     *
     * @param layerName its name
     * @param layer its configuration, which nothing else holds
     * @param preprocessor makes of what arrives what the layer takes; null for none
     * @param from what it takes; by default what was added before
     * @return this
     */
    public LayerCase layer(String layerName, Layer layer, @Nullable InputPreProcessor preprocessor, String... from) {
        String[] sources = sources(from);
        steps.add(builder -> {
            if (preprocessor == null) {
                builder.addLayer(layerName, layer, sources);
            } else {
                builder.addLayer(layerName, layer, preprocessor, sources);
            }
        });
        previous = layerName;
        return this;
    }

    /**
     * Adds a vertex.
     *
     * @param vertexName its name
     * @param vertex its configuration, which nothing else holds
     * @param from what it takes; by default what was added before
     * @return this
     */
    public LayerCase vertex(String vertexName, GraphVertex vertex, String... from) {
        String[] sources = sources(from);
        steps.add(builder -> builder.addVertex(vertexName, vertex, sources));
        previous = vertexName;
        return this;
    }

    private String[] sources(String... from) {
        return from.length == 0 ? new String[] {previous} : from;
    }

    /**
     * Ends the network with a dense output layer of two units.
     *
     * @return this
     */
    public LayerCase out() {
        return layer(
                "out",
                new OutputLayer.Builder(LossFunction.MSE)
                        .nOut(2)
                        .activation(Activation.TANH)
                        .build());
    }

    /**
     * Says that widths and preprocessors are given, and not to be inferred by Deeplearning4j.
     *
     * @return this
     */
    public LayerCase untyped() {
        untyped = true;
        return this;
    }

    /**
     * Says that an input takes indices instead of values.
     *
     * @param input number of the input, from 0
     * @param vocabulary all indices are below
     * @return this
     */
    public LayerCase indices(int input, int vocabulary) {
        vocabularies.put(input, vocabulary);
        return this;
    }

    /**
     * Names classes that the case is about although they stand at the edge of the network.
     *
     * @param classes the classes
     * @return this
     */
    public LayerCase about(Class<?>... classes) {
        subjects.addAll(List.of(classes));
        return this;
    }

    /**
     * Says by which adapters the network is read.
     *
     * @param registry the adapters; by default the library's and those that service files name
     * @return this
     */
    public LayerCase adapters(AdapterRegistry registry) {
        adapters = registry;
        return this;
    }

    // --- what is expected

    /**
     * States the spaces of units that the library finds, all but those of network inputs and of the output: each by its name and its size,
     * followed by what there is to say about it, as in {@code "layer 4"}, {@code "layer 4 at least 2"},
     * {@code "layer 4 mixed: …"} or {@code "layer 4 frozen: …"} with the reasons that {@link NetworkGraph#describe()} prints.
     *
     * @param expected one text per space, in the order of the network
     * @return this
     */
    public LayerCase spaces(String... expected) {
        spaces = List.of(expected);
        return this;
    }

    /**
     * Says that the network is run and trained with masks of features and, for series, of labels.
     *
     * @return this
     */
    public LayerCase masked() {
        masked = true;
        return this;
    }

    /**
     * Says that units of some spaces have neighbours, so that they cannot be permuted.
     *
     * @param names names of the spaces
     * @return this
     */
    public LayerCase ordered(String... names) {
        ordered = List.of(names);
        return this;
    }

    /**
     * Says that labels are boxes of objects of two classes.
     *
     * @return this
     */
    public LayerCase objects() {
        objects = true;
        return this;
    }

    /**
     * Says that training is random in a way that ND4J's seed does not decide.
     *
     * @return this
     */
    public LayerCase random() {
        repeatable = false;
        return this;
    }

    /**
     * Says that Deeplearning4j itself cannot do everything with the network.
     *
     * @param possible what it can
     * @param message part of what it says when asked for more
     * @return this
     */
    public LayerCase only(Ability possible, String message) {
        ability = possible;
        failure = message;
        return this;
    }

    /**
     * Removes units. The outputs must be those of the original in which {@link #zero zeros} silence whatever reads these units.
     *
     * @param space name of their space
     * @param units which, from 0
     * @return this
     */
    public LayerCase removal(String space, int... units) {
        removals.add(new Removal(space, units, new ArrayList<>()));
        return this;
    }

    /**
     * Silences readers of the units that were removed last, in the shape that Deeplearning4j declares.
     *
     * @param vertex name of the layer or vertex that reads them
     * @param key which of its parameters does
     * @param axis the axis that reads units
     * @param indices which indices of that axis read those that were removed
     * @return this
     */
    public LayerCase zero(String vertex, String key, int axis, int... indices) {
        return zero(vertex, key, null, axis, indices);
    }

    /**
     * Silences readers of the units that were removed last.
     *
     * @param vertex name of the layer or vertex that reads them
     * @param key which of its parameters does
     * @param shape how to see its values in row-major order; null for the shape that Deeplearning4j declares
     * @param axis the axis that reads units
     * @param indices which indices of that axis read those that were removed
     * @return this
     */
    public LayerCase zero(String vertex, String key, long @Nullable [] shape, int axis, int... indices) {
        removals.get(removals.size() - 1).zeros().add(new Zero(vertex, key, shape, axis, indices));
        return this;
    }

    // --- the model

    /**
     * Gives the name.
     *
     * @return what tells the case from others
     */
    public String name() {
        return name;
    }

    /**
     * Gives the classes that the case is about although they stand at the edge of the network.
     *
     * @return the classes
     */
    public List<Class<?>> subjects() {
        return subjects;
    }

    /**
     * Tells what Deeplearning4j itself can do with the network.
     *
     * @return everything, unless said otherwise
     */
    public Ability ability() {
        return ability;
    }

    List<String> expectedSpaces() {
        return spaces;
    }

    List<Removal> removals() {
        return removals;
    }

    boolean isMasked() {
        return masked;
    }

    boolean isOrdered(String space) {
        return ordered.contains(space);
    }

    /**
     * Tells whether training with equal seeds gives equal weights.
     *
     * @return true, unless said otherwise
     */
    public boolean isRepeatable() {
        return repeatable;
    }

    /**
     * Tells whether Deeplearning4j can run the network.
     *
     * @return true, unless said otherwise
     */
    public boolean runs() {
        return ability != Ability.BUILDS;
    }

    /**
     * Tells whether Deeplearning4j can train the network.
     *
     * @return true, unless said otherwise
     */
    public boolean trains() {
        return ability == Ability.TRAINS;
    }

    /**
     * Gives part of what Deeplearning4j says when asked for more than it can.
     *
     * @return empty if it can do everything
     */
    public String failure() {
        return failure;
    }

    /**
     * Gives the model, trained for a step, if Deeplearning4j can, so that its updater has a state.
     *
     * @return the same one at every call
     */
    public ComputationGraph model() {
        if (model == null) {
            model = untrained();
            if (trains()) {
                Nd4j.getRandom().setSeed(SEED);
                model.fit(batch(1, masked));
            }
        }
        return model;
    }

    /**
     * Builds the configuration, in which Deeplearning4j has set what it infers.
     *
     * @return a new one
     */
    public ComputationGraphConfiguration configuration() {
        GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .dataType(DataType.DOUBLE)
                .updater(new Adam(0.01))
                .activation(Activation.TANH)
                .graphBuilder()
                .setOutputs("out");
        for (int i = 0; i < inputs.size(); i++) {
            builder.addInputs(i == 0 ? "in" : "in" + (i + 1));
        }
        steps.forEach(step -> step.accept(builder));
        if (!untyped) {
            builder.setInputTypes(inputs.toArray(InputType[]::new));
        }
        return builder.build();
    }

    private ComputationGraph untrained() {
        ComputationGraph graph = new ComputationGraph(configuration());
        graph.init();
        Random random = new Random(SEED);
        RandomNetworks.randomize(graph, random);
        for (var vertex : graph.getVertices()) {
            if (!vertex.hasLayer() && vertex.paramTable(false) != null) {
                vertex.paramTable(false)
                        .values()
                        .forEach(view -> view.assign(Nd4j.createFromArray(
                                        random.doubles(view.length(), -0.7, 0.7).toArray())
                                .reshape('c', view.shape())));
            }
        }
        return graph;
    }

    /**
     * Reads the model with its input types.
     *
     * @return the network
     */
    public NetworkGraph read() {
        return read(model());
    }

    /**
     * Reads a model of this case with its input types.
     *
     * @param any the model
     * @return the network
     */
    public NetworkGraph read(ComputationGraph any) {
        return Dl4jGraphs.read(any, adapters, inputs.toArray(InputType[]::new));
    }

    /**
     * Makes random features.
     *
     * @param salt chooses the numbers
     * @return one array per input
     */
    public INDArray[] features(long salt) {
        SplittableRandom random = new SplittableRandom(SEED + salt);
        INDArray[] features = new INDArray[inputs.size()];
        for (int i = 0; i < features.length; i++) {
            InputType type = inputs.get(i);
            Integer vocabulary = vocabularies.get(i);
            if (vocabulary != null) {
                boolean series = type instanceof InputType.InputTypeRecurrent;
                long steps = series ? ((InputType.InputTypeRecurrent) type).getTimeSeriesLength() : 1;
                features[i] = random(random.split(), 0, 1, EXAMPLES, steps).mul(vocabulary);
                Nd4j.getExecutioner().exec(new org.nd4j.linalg.api.ops.impl.transforms.same.Floor(features[i]));
            } else {
                long[] shape = type.getShape();
                long[] batched = new long[shape.length + 1];
                batched[0] = EXAMPLES;
                System.arraycopy(shape, 0, batched, 1, shape.length);
                features[i] = random(random.split(), -1.5, 1.5, batched);
            }
        }
        return features;
    }

    private static INDArray random(SplittableRandom random, double from, double to, long... shape) {
        return Nd4j.createFromArray(random.doubles(Arrays.stream(shape).reduce(1, (a, b) -> a * b), from, to)
                        .toArray())
                .reshape('c', shape);
    }

    /**
     * Makes a batch to fit.
     *
     * @param salt chooses the numbers
     * @param withMasks whether masks leave out the last steps of some examples, and single labels
     * @return features and labels
     */
    public MultiDataSet batch(long salt, boolean withMasks) {
        INDArray[] features = features(salt);
        if (outputShape == null) {
            outputShape = model.output(false, copies(features))[0].shape();
        }
        INDArray labels = objects
                ? boxes(outputShape[2], outputShape[3])
                : random(new SplittableRandom(SEED * 31 + salt), 0, 1, outputShape);
        if (!withMasks) {
            return new MultiDataSet(features, new INDArray[] {labels});
        }
        INDArray[] featureMasks = new INDArray[inputs.size()];
        for (int i = 0; i < featureMasks.length; i++) {
            if (inputs.get(i) instanceof InputType.InputTypeRecurrent type) {
                featureMasks[i] = ends(type.getTimeSeriesLength());
            }
        }
        INDArray[] labelMasks = null;
        if (outputShape.length == 3) {
            INDArray mask = ends(outputShape[2]);
            mask.putScalar(0, 1, 0);
            labelMasks = new INDArray[] {mask};
        }
        return new MultiDataSet(features, new INDArray[] {labels}, featureMasks, labelMasks);
    }

    /** One object in each example: its corners, then its class. */
    private static INDArray boxes(long height, long width) {
        INDArray labels = Nd4j.zeros(DataType.DOUBLE, EXAMPLES, 4 + 2, height, width);
        for (int example = 0; example < EXAMPLES; example++) {
            double[] values = {0.2, 1.1, 1.3, 1.9, example % 2, 1 - example % 2};
            for (int i = 0; i < values.length; i++) {
                labels.putScalar(new int[] {example, i, 1, 0}, values[i]);
            }
        }
        return labels;
    }

    private static INDArray ends(long steps) {
        INDArray mask = Nd4j.ones(DataType.DOUBLE, EXAMPLES, steps);
        for (int example = 1; example < EXAMPLES; example++) {
            for (long step = steps - example; step < steps; step++) {
                mask.putScalar(example, step, 0);
            }
        }
        return mask;
    }

    /**
     * Runs a model of this case.
     *
     * @param any the model
     * @param withMasks whether masks leave out the last steps of some examples
     * @return all values of its output
     */
    public double[] outputs(ComputationGraph any, boolean withMasks) {
        MultiDataSet batch = batch(2, withMasks);
        INDArray[] result = any.output(
                false, copies(batch.getFeatures()), batch.getFeaturesMaskArrays(), batch.getLabelsMaskArrays());
        any.clearLayerMaskArrays();
        return result[0].dup('c').data().asDouble();
    }

    /** Gives the model's own outputs, for tests that do not change it. */
    double[] reference() {
        if (reference == null) {
            reference = outputs(model(), masked);
        }
        return reference;
    }

    /** Gives the score of a batch, which depends on labels and on what only the output layer uses. */
    double score(ComputationGraph any, boolean withMasks) {
        return any.score(batch(2, withMasks), false);
    }

    /**
     * Fits a model of this case for one step, with ND4J's generator in the same state every time.
     *
     * @param any the model
     * @param salt chooses the batch
     */
    public void fit(ComputationGraph any, long salt) {
        Nd4j.getRandom().setSeed(SEED);
        any.fit(batch(salt, masked));
    }

    private static INDArray[] copies(INDArray[] arrays) {
        return Arrays.stream(arrays).map(INDArray::dup).toArray(INDArray[]::new);
    }

    /** Sets what reads removed units to zero in the live model. */
    static void silence(ComputationGraph any, Zero zero) {
        INDArray view = Optional.ofNullable(
                        any.getVertex(zero.vertex()).paramTable(false).get(zero.key()))
                .orElseThrow(() -> new IllegalArgumentException("No " + zero));
        double[] values = view.dup('c').data().asDouble();
        long[] shape = zero.shape() == null ? view.shape() : zero.shape();
        int inner = 1;
        for (int axis = zero.axis() + 1; axis < shape.length; axis++) {
            inner *= (int) shape[axis];
        }
        for (int i = 0; i < values.length; i++) {
            int index = i / inner % (int) shape[zero.axis()];
            if (Arrays.stream(zero.indices()).anyMatch(unit -> unit == index)) {
                values[i] = 0;
            }
        }
        view.assign(Nd4j.createFromArray(values).reshape('c', view.shape()));
    }

    @Override
    public String toString() {
        return name;
    }
}
