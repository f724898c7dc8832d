package org.growingnn.dl4j.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.api.Model;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.GrowingNN;
import org.growingnn.dl4j.PruningResult;
import org.growingnn.dl4j.PruningTarget;
import org.growingnn.dl4j.StructuralPruner;
import org.growingnn.dl4j.examples.Mnist;
import org.growingnn.dl4j.graph.UnitSpace;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Test accuracy of the bundled models right after pruning without labels and training, by the ranking and by a search for widths. */
@Command(
        name = "searched-widths",
        mixinStandardHelpOptions = true,
        description = "Prunes a bundled model at once, without labels, by the ranking and by searching widths.")
public final class SearchedWidths implements Callable<Integer> {

    private static final int BATCH = 128;

    @Option(
            names = "--network",
            defaultValue = "lenet",
            description = "mlp, lenet, rescnn or lstm (default: ${DEFAULT-VALUE})")
    private String network;

    @Option(
            names = "--reductions",
            split = ",",
            defaultValue = "0.95,0.99",
            description = "shares of the parameters to remove (default: ${DEFAULT-VALUE})")
    private List<Double> reductions;

    @Option(
            names = "--evaluations",
            split = ",",
            defaultValue = "0,60",
            description = "networks that a search grades; 0 for the ranking alone (default: ${DEFAULT-VALUE})")
    private List<Integer> evaluations;

    @Option(
            names = "--seeds",
            split = ",",
            defaultValue = "1",
            description = "which digits come first, to calibrate with and to grade on (default: ${DEFAULT-VALUE})")
    private List<Integer> seeds;

    @Option(
            names = "--calibration",
            defaultValue = "40",
            description = "batches of " + BATCH + " unlabelled training digits (default: ${DEFAULT-VALUE})")
    private int calibration;

    @Option(names = "--data", description = "directory with MNIST's IDX files; the bundled slice by default")
    private @Nullable Path data;

    @Option(names = "--out", paramLabel = "FILE", description = "where to write the table, too")
    private File out;

    private SearchedWidths() {}

    /**
     * Runs the benchmark.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new SearchedWidths()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        GrowingNN.useOneDnn();
        Nd4j.factory().blas().setMaxThreads(1);
        Mnist digits = Mnist.find(data);
        Mnist mnist = network.equals("lstm") ? digits.asSeries() : digits;
        Model model = Protocol.bundled(network);
        MarkdownTable table = new MarkdownTable(
                String.format(
                        Locale.ROOT,
                        "%s, %.2f %% test accuracy before, %d batches of %d unlabelled digits to calibrate with",
                        network,
                        100 * Protocol.testAccuracy(Dl4jGraphs.toComputationGraph(Dl4jGraphs.read(model)), mnist),
                        calibration,
                        BATCH),
                List.of("removed, %", "networks graded", "seed", "test accuracy, %", "s", "widths"));
        for (double reduction : reductions) {
            for (int networks : evaluations) {
                for (int seed : seeds) {
                    List<String> row = row(model, mnist, reduction, networks, seed);
                    table.row(row);
                    System.out.println(row);
                }
            }
        }
        table.show(out);
        return 0;
    }

    private List<String> row(Model model, Mnist mnist, double reduction, int networks, int seed) {
        DataSetIterator unlabelled = mnist.train(BATCH, seed);
        unlabelled.setPreProcessor((DataSetPreProcessor) batch -> ((DataSet) batch).setLabels(null));
        StructuralPruner.Builder pruner = StructuralPruner.to(PruningTarget.reduction(reduction))
                .calibrate(unlabelled)
                .calibrationBatches(calibration);
        if (networks > 0) {
            pruner.searchWidths(networks);
        }
        long start = System.nanoTime();
        PruningResult result = pruner.prune(model);
        double seconds = (System.nanoTime() - start) / 1e9;
        Map<String, Long> widths = new LinkedHashMap<>();
        result.network().spaces().stream()
                .filter(UnitSpace::resizable)
                .forEach(space -> widths.put(space.name(), space.size()));
        return List.of(
                String.format(Locale.ROOT, "%.0f", 100 * reduction),
                Integer.toString(networks),
                Integer.toString(seed),
                String.format(Locale.ROOT, "%.2f", 100 * Protocol.testAccuracy(result.graph(), mnist)),
                String.format(Locale.ROOT, "%.0f", seconds),
                widths.values().toString());
    }
}
