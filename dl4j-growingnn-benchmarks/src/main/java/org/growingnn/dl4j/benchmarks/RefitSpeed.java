package org.growingnn.dl4j.benchmarks;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.GlobalRanking;
import org.growingnn.dl4j.projection.Refit;
import org.growingnn.dl4j.projection.Resizer;
import org.growingnn.dl4j.projection.UnitMap;
import org.growingnn.dl4j.training.Calibrator;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How long it takes to refit one layer, next to the resizing itself. */
@Command(
        name = "refit-speed",
        mixinStandardHelpOptions = true,
        description = "Refits a dense layer behind some units, of which a share is removed.")
public final class RefitSpeed implements Callable<Integer> {

    private static final int INPUTS = 20;
    private static final int ROWS = 2000;

    @Option(names = "--units", defaultValue = "1024", description = "units in front (default: ${DEFAULT-VALUE})")
    private int units;

    @Option(
            names = "--outputs",
            split = ",",
            defaultValue = "10,512",
            description = "widths of the layer that is refitted (default: ${DEFAULT-VALUE})")
    private List<Integer> outputs;

    @Option(
            names = "--reductions",
            split = ",",
            defaultValue = "0.1,0.5,0.9",
            description = "shares of the units to remove (default: ${DEFAULT-VALUE})")
    private List<Double> reductions;

    @Option(names = "--runs", defaultValue = "9", description = "repetitions (default: ${DEFAULT-VALUE})")
    private int runs;

    @Option(names = "--out", paramLabel = "FILE", description = "where to write the table, too")
    private File out;

    private RefitSpeed() {}

    /**
     * Runs the benchmark.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new RefitSpeed()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        // Other programs on the machine do not count.
        ThreadMXBean clock = ManagementFactory.getThreadMXBean();
        MarkdownTable table = new MarkdownTable(
                "Refit behind " + units + " units, milliseconds of the processor",
                List.of("outputs", "removed", "first time", "median of " + runs, "resizing alone"));
        for (int width : outputs) {
            NetworkGraph network = calibrated(width);
            for (double share : reductions) {
                int left = (int) Math.round(units * (1 - share));
                Map<String, UnitMap> maps = GlobalRanking.maps(
                        network,
                        Map.of(
                                "hidden",
                                IntStream.range(0, left)
                                        .map(i -> (int) ((long) i * units / left))
                                        .toArray()));
                double[] resizing = new double[runs];
                double[] refitting = new double[runs];
                for (int run = 0; run < runs; run++) {
                    long start = clock.getCurrentThreadCpuTime();
                    NetworkGraph reduced = Resizer.resize(network, maps, false);
                    long resized = clock.getCurrentThreadCpuTime();
                    Refit.consumers(network, reduced, maps);
                    resizing[run] = (resized - start) / 1e6;
                    refitting[run] = (clock.getCurrentThreadCpuTime() - resized) / 1e6;
                }
                table.row(List.of(
                        String.valueOf(width),
                        String.format(Locale.ROOT, "%.0f %%", 100 * share),
                        String.format(Locale.ROOT, "%.0f", refitting[0]),
                        String.format(Locale.ROOT, "%.1f", median(refitting)),
                        String.format(Locale.ROOT, "%.1f", median(resizing))));
            }
        }
        table.show(out);
        return 0;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private NetworkGraph calibrated(int width) {
        ComputationGraph model = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(1)
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "hidden",
                        new DenseLayer.Builder()
                                .nOut(units)
                                .activation(Activation.RELU)
                                .build(),
                        "in")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MSE)
                                .nOut(width)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "hidden")
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(INPUTS))
                .build());
        model.init();
        Nd4j.getRandom().setSeed(1);
        INDArray features = Nd4j.randn(ROWS, INPUTS);
        try {
            return new Calibrator(1)
                    .calibrate(
                            Dl4jGraphs.read(model),
                            TrainingData.of(List.of(new MultiDataSet(features, Nd4j.zeros(ROWS, width)))));
        } finally {
            model.close();
        }
    }
}
