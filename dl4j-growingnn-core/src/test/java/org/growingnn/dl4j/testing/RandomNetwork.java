package org.growingnn.dl4j.testing;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A network made by {@link RandomNetworks}, or one of your own, with random data that fit it. Its text is the seed and the table of its
 * layers, so that a failing property shows what it failed on.
 *
 * @param seed what it was made from, and its data are
 * @param model an initialised {@link ComputationGraph} or {@link MultiLayerNetwork}
 * @param inputTypes the type of every input
 */
public record RandomNetwork(long seed, Model model, List<InputType> inputTypes) {

    /** Examples in a batch. */
    private static final int BATCH = 4;

    /** Time steps of an input series. */
    static final int STEPS = 8;

    /**
     * Gives the model as a graph.
     *
     * @return the model
     */
    public ComputationGraph graph() {
        return (ComputationGraph) model;
    }

    /**
     * Gives the model as a chain.
     *
     * @return the model
     */
    public MultiLayerNetwork chain() {
        return (MultiLayerNetwork) model;
    }

    /**
     * Reads the model with its input types.
     *
     * @return the network
     */
    public NetworkGraph read() {
        return Dl4jGraphs.read(model, inputTypes.toArray(InputType[]::new));
    }

    /**
     * Makes random features.
     *
     * @param salt chooses the numbers
     * @return one array per input
     */
    public INDArray[] features(long salt) {
        SplittableRandom random = new SplittableRandom(seed ^ salt * 0x9E3779B97F4A7C15L);
        return inputTypes.stream()
                .map(type -> {
                    long[] shape = type instanceof InputType.InputTypeConvolutionalFlat
                            ? new long[] {type.arrayElementsPerExample()}
                            : type.getShape();
                    long[] batched = new long[shape.length + 1];
                    batched[0] = BATCH;
                    System.arraycopy(shape, 0, batched, 1, shape.length);
                    return random(random, batched);
                })
                .toArray(INDArray[]::new);
    }

    private INDArray random(SplittableRandom random, long... shape) {
        int length = 1;
        for (long extent : shape) {
            length *= (int) extent;
        }
        double[] values = new double[length];
        for (int i = 0; i < length; i++) {
            values[i] = random.nextDouble(-1.5, 1.5);
        }
        return Nd4j.createFromArray(values).reshape('c', shape).castTo(dataType());
    }

    /**
     * Makes random features with one-hot labels in the shapes of the network's outputs.
     *
     * @param salt chooses the numbers
     * @return a batch to fit
     */
    public MultiDataSet batch(long salt) {
        INDArray[] features = features(salt);
        SplittableRandom random = new SplittableRandom(seed ^ salt ^ 0x5DEECE66DL);
        INDArray[] labels = Stream.of(Models.outputs(model, features))
                .map(output -> oneHot(output.shape(), random))
                .toArray(INDArray[]::new);
        return new MultiDataSet(features, labels);
    }

    /** One class per example and position; classes are on the second axis, which for maps holds in NCHW only. */
    private INDArray oneHot(long[] shape, SplittableRandom random) {
        INDArray labels = Nd4j.zeros(dataType(), shape);
        long positions = labels.length() / (shape[0] * shape[1]);
        INDArray flat = labels.reshape('c', shape[0], shape[1], positions);
        for (long example = 0; example < shape[0]; example++) {
            for (long position = 0; position < positions; position++) {
                flat.putScalar(new long[] {example, random.nextLong(shape[1]), position}, 1);
            }
        }
        return flat.reshape('c', shape);
    }

    /**
     * Tells the precision of the parameters.
     *
     * @return {@code FLOAT} or {@code DOUBLE}
     */
    public DataType dataType() {
        return model.params().dataType();
    }

    @Override
    public String toString() {
        String table;
        try {
            table = read().describe();
        } catch (RuntimeException e) {
            table = "cannot be read: " + e + "\n" + Models.json(model);
        }
        return "network of seed " + seed + " (" + dataType() + ")\n" + table;
    }
}
