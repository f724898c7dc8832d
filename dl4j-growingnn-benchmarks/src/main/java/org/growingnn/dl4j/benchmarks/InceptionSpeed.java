package org.growingnn.dl4j.benchmarks;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.GlobalRanking;
import org.growingnn.dl4j.projection.Resizer;
import org.growingnn.dl4j.projection.UnitMap;
import org.growingnn.dl4j.training.Calibrator;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How long calibration and a pruning step with refit take for a network of the size of InceptionV3, and how much memory. */
@Command(
        name = "inception-speed",
        mixinStandardHelpOptions = true,
        description = "Calibrates and prunes an InceptionV3 with random weights, and refits what is left.")
public final class InceptionSpeed implements Callable<Integer> {

    @Option(names = "--images", defaultValue = "16", description = "number of images (default: ${DEFAULT-VALUE})")
    private int images;

    @Option(names = "--size", defaultValue = "299", description = "height and width (default: ${DEFAULT-VALUE})")
    private int size;

    @Option(names = "--batch", defaultValue = "8", description = "images in each batch (default: ${DEFAULT-VALUE})")
    private int batch;

    @Option(
            names = "--removed",
            defaultValue = "0.3",
            description = "share of the parameters to remove (default: ${DEFAULT-VALUE})")
    private double removed;

    @Option(names = "--runs", defaultValue = "5", description = "repetitions (default: ${DEFAULT-VALUE})")
    private int runs;

    @Option(names = "--out", paramLabel = "FILE", description = "where to write the table, too")
    private File out;

    private final ThreadMXBean clock = ManagementFactory.getThreadMXBean();
    private final Map<String, List<double[]>> times = new LinkedHashMap<>();

    private InceptionSpeed() {}

    /**
     * Runs the benchmark.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new InceptionSpeed()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        ComputationGraph model = InceptionNetwork.of(size, 1000);
        NetworkGraph network = Dl4jGraphs.read(model, InputType.convolutional(size, size, 3));
        Nd4j.getRandom().setSeed(1);
        List<INDArray> data = new ArrayList<>();
        for (int from = 0; from < images; from += batch) {
            data.add(Nd4j.rand(Math.min(batch, images - from), 3, size, size));
        }
        List<MultiDataSet> batches = new ArrayList<>();
        data.forEach(features -> batches.add(new org.nd4j.linalg.dataset.MultiDataSet(features, null)));
        // What calibration and refit take stands beside a model that exists already.
        System.gc();
        long before = ProcessMemory.residentMebibytes();
        long peak = 0;
        for (int run = 0; run < runs; run++) {
            NetworkGraph calibrated = timed(
                    "calibration without labels",
                    () -> new Calibrator().momentsOnly().calibrate(network, batches));
            Map<String, UnitMap> maps = timed(
                    "ranking",
                    () -> GlobalRanking.maps(
                            calibrated,
                            new GlobalRanking(
                                            calibrated,
                                            Criteria.gain(),
                                            space -> GlobalRanking.Limits.NONE,
                                            space -> false)
                                    .reduceTo(Map.of(Cost.PARAMETERS, (1 - removed) * network.parameterCount()))));
            timed("pruning step without refit", () -> Resizer.resize(calibrated, maps, false));
            timed("pruning step with refit", () -> Resizer.resize(calibrated, maps, true));
            if (run == 0) {
                peak = ProcessMemory.peakMebibytes();
            }
            timed("forward pass", () -> {
                data.forEach(model::output);
                return true;
            });
        }
        MarkdownTable table = new MarkdownTable(
                String.format(
                        Locale.ROOT,
                        "InceptionV3 of %d parameters, %d images of %d x %d; resident before %d MiB, most by the first pruning"
                                + " step's end %d MiB, more %d MiB",
                        network.parameterCount(),
                        images,
                        size,
                        size,
                        before,
                        peak,
                        peak - before),
                List.of("what", "first time, s", "median of " + runs + ", s", "of the processor, s"));
        times.forEach((what, spans) -> table.row(
                List.of(what, seconds(spans.get(0)[0]), seconds(median(spans, 0)), seconds(median(spans, 1)))));
        table.show(out);
        return 0;
    }

    private <T> T timed(String what, Supplier<T> work) {
        long start = System.nanoTime();
        long processor = clock.getCurrentThreadCpuTime();
        T result = work.get();
        times.computeIfAbsent(what, key -> new ArrayList<>()).add(new double[] {
            (System.nanoTime() - start) / 1e9, (clock.getCurrentThreadCpuTime() - processor) / 1e9
        });
        return result;
    }

    private static double median(List<double[]> spans, int column) {
        return spans.stream().mapToDouble(span -> span[column]).sorted().toArray()[spans.size() / 2];
    }

    private static String seconds(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
