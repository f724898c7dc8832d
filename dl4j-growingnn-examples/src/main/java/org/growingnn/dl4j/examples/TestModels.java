package org.growingnn.dl4j.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;

/**
 * The networks trained on MNIST that lie in {@code src-test-models} of the repository. Every call restores a fresh
 * network, which has no updater state and counts its iterations from 0. {@link TrainTestModels} made them.
 */
public final class TestModels {

    /** The names of all test models. */
    public static final List<String> NAMES = List.of("mlp", "lenet", "rescnn", "lstm");

    private TestModels() {}

    /**
     * Restores the trained {@linkplain Architectures#mlp multi-layer perceptron}.
     *
     * @return the network
     */
    public static MultiLayerNetwork mlp() {
        Path file = file("mlp");
        try {
            return ModelSerializer.restoreMultiLayerNetwork(file.toFile(), true);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /**
     * Restores the trained {@linkplain Architectures#lenet LeNet}.
     *
     * @return the network
     */
    public static ComputationGraph lenet() {
        return graph("lenet");
    }

    /**
     * Restores the trained {@linkplain Architectures#rescnn residual network}.
     *
     * @return the network
     */
    public static ComputationGraph rescnn() {
        return graph("rescnn");
    }

    /**
     * Restores the trained {@linkplain Architectures#lstm LSTM}, which takes {@linkplain Mnist#asSeries() series}.
     *
     * @return the network
     */
    public static ComputationGraph lstm() {
        return graph("lstm");
    }

    /**
     * Returns the file of a model, as {@code ModelSerializer} wrote it.
     *
     * @param name one of {@link #NAMES}
     * @return the path of its {@code model.zip}
     */
    public static Path file(String name) {
        return Repository.testModels(checked(name) + "/model.zip");
    }

    /**
     * Reads what is known about a model.
     *
     * @param name one of {@link #NAMES}
     * @return its manifest
     */
    public static ModelManifest manifest(String name) {
        return ModelManifest.read(Repository.testModels(checked(name) + "/manifest.json"));
    }

    private static String checked(String name) {
        if (!NAMES.contains(name)) {
            throw new IllegalArgumentException("The model (" + name + ") must be one of " + NAMES + ".");
        }
        return name;
    }

    private static ComputationGraph graph(String name) {
        Path file = file(name);
        try {
            return ModelSerializer.restoreComputationGraph(file.toFile(), true);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static UncheckedIOException unreadable(Path file, IOException cause) {
        return new UncheckedIOException(
                "The model " + file + " cannot be read: " + cause.getMessage()
                        + "\nMaybe the checkout is damaged: restore the file, or make it anew with TrainTestModels.",
                cause);
    }
}
