package org.growingnn.dl4j.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.examples.Mnist;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.projection.Resizer;
import org.growingnn.dl4j.training.Calibrator;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Accuracy right after one reduction of one layer, and after one epoch, for every projection. */
@Command(
        name = "single-layer",
        mixinStandardHelpOptions = true,
        description =
                "Reduces the first hidden layer of a 784-128-128-128-10 perceptron that was trained on 5,000 digits.")
public final class SingleLayer implements Callable<Integer> {

    private static final int SAMPLES = 5000;
    private static final int BATCH = 128;
    private static final int BASE_EPOCHS = 5;
    private static final String LAYER = "dense1";
    private static final int UNITS = 128;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "directory with MNIST's four IDX files; the bundled digits by default")
    private Path data;

    @Option(names = "--seeds", defaultValue = "3", description = "number of seeds (default: ${DEFAULT-VALUE})")
    private int seeds;

    @Option(
            names = "--reductions",
            split = ",",
            defaultValue = "0.1,0.5,0.9",
            description = "shares of the layer's units to remove (default: ${DEFAULT-VALUE})")
    private List<Double> reductions;

    @Option(
            names = "--projections",
            split = ",",
            defaultValue = Protocol.PROJECTIONS,
            description = "what to compare (default: ${DEFAULT-VALUE})")
    private List<String> projections;

    @Option(names = "--out", paramLabel = "FILE", description = "where to write the table, too")
    private File out;

    private SingleLayer() {}

    /**
     * Runs the benchmark.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new SingleLayer()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        Mnist mnist = Mnist.find(data);
        Map<String, double[]> sums = new LinkedHashMap<>();
        for (int seed = 1; seed <= seeds; seed++) {
            DataSet training = mnist.train(SAMPLES, seed).next();
            ComputationGraph base = model(seed);
            fit(base, training, BASE_EPOCHS);
            System.out.printf(Locale.ROOT, "seed %d: base %.2f %%%n", seed, 100 * Protocol.testAccuracy(base, mnist));
            NetworkGraph network = new Calibrator(Integer.MAX_VALUE, UNITS * 8)
                    .withSquaredGradients(true)
                    .calibrate(Dl4jGraphs.read(base), TrainingData.of(batches(training)));
            for (String name : projections) {
                for (double reduction : reductions) {
                    double[] figures = sums.computeIfAbsent(name + reduction, key -> new double[4]);
                    int figure = 0;
                    Projection plain = Protocol.projection(name, seed);
                    for (Projection projection : List.of(plain, Projections.refitted(plain))) {
                        ComputationGraph reduced = Dl4jGraphs.toComputationGraph(Resizer.resize(
                                network, Map.of(LAYER, (int) Math.round((1 - reduction) * UNITS)), projection));
                        figures[figure++] += Protocol.testAccuracy(reduced, mnist) / seeds;
                        fit(reduced, training, 1);
                        figures[figure++] += Protocol.testAccuracy(reduced, mnist) / seeds;
                    }
                }
            }
        }
        List<String> columns = new ArrayList<>(List.of("projection"));
        reductions.forEach(reduction -> columns.add(String.format(Locale.ROOT, "%.0f %% removed", 100 * reduction)));
        MarkdownTable table = new MarkdownTable(
                "Test accuracy in %: at once / after one epoch / refitted / refitted and one epoch; mean of " + seeds
                        + " seeds",
                columns);
        for (String name : projections) {
            List<String> row = new ArrayList<>(List.of(name));
            for (double reduction : reductions) {
                double[] figures = sums.get(name + reduction);
                row.add(String.format(
                        Locale.ROOT,
                        "%.1f / %.1f / %.1f / %.1f",
                        100 * figures[0],
                        100 * figures[1],
                        100 * figures[2],
                        100 * figures[3]));
            }
            table.row(row);
        }
        table.show(out);
        return 0;
    }

    private static DataSetIterator batches(DataSet data) {
        return new org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator<>(data.asList(), BATCH);
    }

    private static void fit(ComputationGraph model, DataSet training, int epochs) {
        model.fit(batches(training), epochs);
    }

    private static ComputationGraph model(long seed) {
        NeuralNetConfiguration.ListBuilder layers = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .updater(new Adam(1e-3))
                .weightInit(WeightInit.RELU)
                .list();
        for (int i = 1; i <= 3; i++) {
            layers.layer(new DenseLayer.Builder()
                    .name("dense" + i)
                    .nOut(UNITS)
                    .activation(Activation.RELU)
                    .build());
        }
        layers.layer(new OutputLayer.Builder(LossFunction.MCXENT)
                .name("output")
                .nOut(Mnist.CLASSES)
                .activation(Activation.SOFTMAX)
                .build());
        var network = new org.deeplearning4j.nn.multilayer.MultiLayerNetwork(
                layers.setInputType(InputType.feedForward(Mnist.FEATURES)).build());
        network.init();
        return Dl4jGraphs.toComputationGraph(Dl4jGraphs.read(network));
    }
}
