package org.growingnn.dl4j.adapter;

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
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A small network around one class of Deeplearning4j, and what is expected of it. It is built natively, once, from layers that
 * nothing else holds.
 */
final class LayerCase {

    /** What Deeplearning4j itself can do with the network. */
    enum Ability {
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
    record Zero(String vertex, String key, long[] shape, int axis, int[] indices) {}

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

    static LayerCase of(String name, InputType... inputs) {
        return new LayerCase(name, List.of(inputs));
    }

    // --- the network

    LayerCase layer(String layerName, Layer layer, String... from) {
        return layer(layerName, layer, null, from);
    }

    LayerCase layer(String layerName, Layer layer, InputPreProcessor preprocessor, String... from) {
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

    LayerCase vertex(String vertexName, GraphVertex vertex, String... from) {
        String[] sources = sources(from);
        steps.add(builder -> builder.addVertex(vertexName, vertex, sources));
        previous = vertexName;
        return this;
    }

    private String[] sources(String... from) {
        return from.length == 0 ? new String[] {previous} : from;
    }

    /** Ends the network with a dense output layer of two units. */
    LayerCase out() {
        return layer(
                "out",
                new OutputLayer.Builder(LossFunction.MSE)
                        .nOut(2)
                        .activation(Activation.TANH)
                        .build());
    }

    /** Widths and preprocessors are not inferred by Deeplearning4j, but given. */
    LayerCase untyped() {
        untyped = true;
        return this;
    }

    /** An input takes indices below this number. */
    LayerCase indices(int input, int vocabulary) {
        vocabularies.put(input, vocabulary);
        return this;
    }

    /** Names classes that the case is about although they stand at the edge of the network. */
    LayerCase about(Class<?>... classes) {
        subjects.addAll(List.of(classes));
        return this;
    }

    // --- what is expected

    /**
     * States all spaces but those of network inputs and of the output "out": name, size, and what there is to say about them.
     */
    LayerCase spaces(String... expected) {
        spaces = List.of(expected);
        return this;
    }

    /** The network is also run and trained with masks of features and, for series, of labels. */
    LayerCase masked() {
        masked = true;
        return this;
    }

    /** The units of these spaces have neighbours, so that they cannot be permuted. */
    LayerCase ordered(String... names) {
        ordered = List.of(names);
        return this;
    }

    /** Labels are boxes of objects of two classes. */
    LayerCase objects() {
        objects = true;
        return this;
    }

    /** Training is random. */
    LayerCase random() {
        repeatable = false;
        return this;
    }

    /** Deeplearning4j itself cannot do more with it. */
    LayerCase only(Ability possible, String message) {
        ability = possible;
        failure = message;
        return this;
    }

    /** States what removing units must be equal to; {@link #zero} tells. */
    LayerCase removal(String space, int... units) {
        removals.add(new Removal(space, units, new ArrayList<>()));
        return this;
    }

    LayerCase zero(String vertex, String key, int axis, int... indices) {
        return zero(vertex, key, null, axis, indices);
    }

    LayerCase zero(String vertex, String key, long[] shape, int axis, int... indices) {
        removals.get(removals.size() - 1).zeros().add(new Zero(vertex, key, shape, axis, indices));
        return this;
    }

    // --- the model

    String name() {
        return name;
    }

    List<Class<?>> subjects() {
        return subjects;
    }

    Ability ability() {
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

    boolean isRepeatable() {
        return repeatable;
    }

    boolean runs() {
        return ability != Ability.BUILDS;
    }

    boolean trains() {
        return ability == Ability.TRAINS;
    }

    String failure() {
        return failure;
    }

    /** Gives the model, trained for a step, if Deeplearning4j can, so that its updater has a state. */
    ComputationGraph model() {
        if (model == null) {
            model = untrained();
            if (trains()) {
                Nd4j.getRandom().setSeed(SEED);
                model.fit(batch(1, masked));
            }
        }
        return model;
    }

    /** Builds the configuration, in which Deeplearning4j has set what it infers. */
    ComputationGraphConfiguration configuration() {
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

    NetworkGraph read() {
        return read(model());
    }

    NetworkGraph read(ComputationGraph any) {
        return Dl4jGraphs.read(any, inputs.toArray(InputType[]::new));
    }

    INDArray[] features(long salt) {
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

    /** Makes a batch to fit; the masks leave out the last steps of some examples, and single labels. */
    MultiDataSet batch(long salt, boolean withMasks) {
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

    /** Runs a model of this case, with masks or without. */
    double[] outputs(ComputationGraph any, boolean withMasks) {
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

    /** Fits one step. */
    void fit(ComputationGraph any, long salt) {
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
