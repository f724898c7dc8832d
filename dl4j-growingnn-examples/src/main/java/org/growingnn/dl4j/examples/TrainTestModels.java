package org.growingnn.dl4j.examples;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.function.LongFunction;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.deeplearning4j.util.NetworkUtils;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains the test models on the full MNIST set and writes them with their manifests. */
@Command(
        name = "TrainTestModels",
        mixinStandardHelpOptions = true,
        description = "Trains the test models on the full MNIST set: Adam, learning rate 0.001 decayed linearly to 0,"
                + " batches of 128.")
public final class TrainTestModels implements Callable<Integer> {

    private static final int BATCH = 128;

    private static final List<Recipe> RECIPES = List.of(
            new Recipe("mlp", 1, 5, Architectures::mlp, UnaryOperator.identity()),
            new Recipe("lenet", 1, 3, Architectures::lenet, UnaryOperator.identity()),
            new Recipe("rescnn", 1, 4, Architectures::rescnn, UnaryOperator.identity()),
            new Recipe("lstm", 1, 8, Architectures::lstm, Mnist::asSeries));

    @Option(names = "--data", required = true, description = "directory with the full MNIST files, or dl4j")
    private Path data;

    @Option(names = "--out", description = "directory of the models (default: ${DEFAULT-VALUE})")
    private Path out = Path.of("src-test-models");

    @Option(names = "--only", paramLabel = "NAME", description = "train just this model: mlp, lenet, rescnn or lstm")
    private String only;

    /** Creates the command with its default options. */
    public TrainTestModels() {}

    /**
     * Runs the command and ends the JVM with its exit code.
     *
     * @param arguments the command line
     */
    public static void main(String... arguments) {
        System.exit(new CommandLine(new TrainTestModels()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        if (only != null && !TestModels.NAMES.contains(only)) {
            throw new IllegalArgumentException("The model (" + only + ") must be one of " + TestModels.NAMES + ".");
        }
        Mnist full = Mnist.find(data);
        if (full.trainSize() != 60_000 || full.testSize() != 10_000) {
            throw new IllegalArgumentException("The data (" + full.trainSize() + " training and " + full.testSize()
                    + " test digits) of " + full.directory() + " must be the full MNIST set (60000 and 10000).\n"
                    + "Maybe it is the bundled slice.");
        }
        Mnist slice = Mnist.bundled();
        for (Recipe recipe : RECIPES) {
            if (only == null || only.equals(recipe.name())) {
                train(recipe, recipe.view().apply(full), recipe.view().apply(slice));
            }
        }
        return 0;
    }

    private void train(Recipe recipe, Mnist full, Mnist slice) throws IOException {
        NeuralNetwork network = recipe.architecture().apply(recipe.seed());
        int steps = (full.trainSize() + BATCH - 1) / BATCH;
        setSchedule(network, new LinearDecay(Architectures.LEARNING_RATE, steps * recipe.epochs()));
        DataSetIterator batches = full.train(BATCH, recipe.seed());
        for (int epoch = 1; epoch <= recipe.epochs(); epoch++) {
            long start = System.nanoTime();
            network.fit(batches);
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    Locale.ROOT,
                    "%s: epoch %d of %d took %.0f s, test accuracy %.4f%n",
                    recipe.name(),
                    epoch,
                    recipe.epochs(),
                    seconds,
                    accuracy(network, full.test(500)));
        }
        startAfresh(network);

        Path directory = Files.createDirectories(out.resolve(recipe.name()));
        Path file = directory.resolve("model.zip");
        ModelSerializer.writeModel((Model) network, file.toFile(), false);
        ModelManifest manifest = new ModelManifest(
                recipe.name(),
                network.getClass().getSimpleName(),
                recipe.seed(),
                recipe.epochs(),
                BATCH,
                ((Model) network).numParams(),
                accuracy(network, full.trainInOrder(500)),
                accuracy(network, full.test(500)),
                accuracy(network, slice.trainInOrder(500)),
                accuracy(network, slice.test(500)),
                dl4jVersion(),
                ModelManifest.sha256(file),
                "TrainTestModels --data path/to/mnist --only " + recipe.name());
        manifest.write(directory.resolve("manifest.json"));
        System.out.println(manifest);
    }

    private static void setSchedule(NeuralNetwork network, LinearDecay schedule) {
        if (network instanceof ComputationGraph graph) {
            NetworkUtils.setLearningRate(graph, schedule);
        } else {
            NetworkUtils.setLearningRate((MultiLayerNetwork) network, schedule);
        }
    }

    /**
     * Leaves a configuration that trains on with a constant learning rate. The counters go back to zero because the
     * updater state is not saved: Adam would take steps three times too long if it thought its empty moments were
     * thousands of iterations old.
     */
    private static void startAfresh(NeuralNetwork network) {
        if (network instanceof ComputationGraph graph) {
            NetworkUtils.setLearningRate(graph, Architectures.LEARNING_RATE);
            graph.getConfiguration().setIterationCount(0);
            graph.getConfiguration().setEpochCount(0);
        } else {
            MultiLayerNetwork layers = (MultiLayerNetwork) network;
            NetworkUtils.setLearningRate(layers, Architectures.LEARNING_RATE);
            layers.setIterationCount(0);
            layers.setEpochCount(0);
        }
    }

    private static double accuracy(NeuralNetwork network, DataSetIterator digits) {
        return network.doEvaluation(digits, new Evaluation(Mnist.CLASSES))[0].accuracy();
    }

    private static String dl4jVersion() throws IOException {
        String resource = "/META-INF/maven/org.deeplearning4j/deeplearning4j-nn/pom.properties";
        try (InputStream in = MultiLayerNetwork.class.getResourceAsStream(resource)) {
            Properties properties = new Properties();
            properties.load(Objects.requireNonNull(in, resource));
            return properties.getProperty("version");
        }
    }

    /** How to make one model. */
    private record Recipe(
            String name, long seed, int epochs, LongFunction<NeuralNetwork> architecture, UnaryOperator<Mnist> view) {}
}
