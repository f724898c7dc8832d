package org.growingnn.dl4j.benchmarks;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import org.deeplearning4j.nn.api.Model;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.LatencyReport;
import org.growingnn.dl4j.PruningResult;
import org.growingnn.dl4j.PruningTarget;
import org.growingnn.dl4j.StructuralPruner;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.examples.Mnist;
import org.growingnn.dl4j.graph.LatencyTable;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.training.LatencyMeter;
import org.growingnn.dl4j.training.PassBatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How well a table of measured layer times foretells what pruned networks take, and how targets of latency are met. */
@Command(
        name = "latency",
        mixinStandardHelpOptions = true,
        description = "Prunes bundled models to a share of their latency and measures what is left.")
public final class Latency implements Callable<Integer> {

    @Option(
            names = "--networks",
            split = ",",
            defaultValue = "mlp,lenet",
            description = "mlp, lenet or rescnn (default: ${DEFAULT-VALUE})")
    private List<String> networks;

    @Option(
            names = "--examples",
            split = ",",
            defaultValue = "1,16",
            description = "numbers of examples in a pass (default: ${DEFAULT-VALUE})")
    private List<Integer> examples;

    @Option(
            names = "--left",
            split = ",",
            defaultValue = "0.8,0.5",
            description = "shares of the latency to leave (default: ${DEFAULT-VALUE})")
    private List<Double> shares;

    @Option(names = "--checks", defaultValue = "4", description = "measurements at most (default: ${DEFAULT-VALUE})")
    private int checks;

    @Option(
            names = "--processor",
            description = {
                "count the time of the thread on the processor, so that other programs do not count;",
                "needs OMP_NUM_THREADS=1"
            })
    private boolean processor;

    @Option(names = "--out", paramLabel = "FILE", description = "where to write the table, too")
    private File out;

    private Latency() {}

    /**
     * Runs the benchmark.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Latency()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        LongSupplier clock =
                processor ? ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime : System::nanoTime;
        LatencyMeter meter = new LatencyMeter(LatencyMeter.DEFAULT_PASSES, clock);
        MarkdownTable table = new MarkdownTable(
                "Latency in ms, median of " + meter.passes() + " passes" + (processor ? ", time of the processor" : ""),
                List.of(
                        "network",
                        "examples",
                        "goal",
                        "table: before, after",
                        "measured: before, after",
                        "predicted / measured",
                        "share left: predicted, measured",
                        "checks",
                        "met",
                        "parameters left"));
        for (String name : networks) {
            Model model = Protocol.bundled(name);
            TrainingData digits = TrainingData.of(Mnist.bundled().train(Protocol.BATCH, 1));
            NetworkGraph network = Dl4jGraphs.read(model);
            for (int count : examples) {
                LatencyTable latencies = meter.table(network, PassBatch.of(network, Optional.of(digits), count));
                for (double share : shares) {
                    PruningTarget target = PruningTarget.latencyLeft(share);
                    List<String> row = new ArrayList<>(
                            List.of(name, String.valueOf(count), String.format(Locale.ROOT, "%.0f %%", 100 * share)));
                    try {
                        row.addAll(told(model, network, latencies, target, meter));
                    } catch (IllegalArgumentException refused) {
                        // A network that cannot become that fast is a result, too.
                        row.addAll(List.of(
                                "",
                                "",
                                "",
                                "",
                                "",
                                "refused: "
                                        + refused.getMessage()
                                                .lines()
                                                .findFirst()
                                                .orElseThrow(),
                                ""));
                    }
                    table.row(row);
                }
            }
        }
        table.show(out);
        return 0;
    }

    private List<String> told(
            Model model, NetworkGraph network, LatencyTable latencies, PruningTarget target, LatencyMeter meter) {
        PruningResult pruned = StructuralPruner.to(target)
                .calibrate(Mnist.bundled().train(Protocol.BATCH, 1))
                .latencies(latencies)
                .latencyChecks(checks)
                .latencyMeter(meter)
                .prune(model);
        LatencyReport latency = pruned.latency().orElseThrow();
        System.out.println(latency.describe());
        LatencyReport.Measured measured = latency.measured().orElseThrow();
        return List.of(
                millis(latencies.of(network)) + ", "
                        + millis(latency.predicted().toNanos()),
                millis(measured.before().toNanos()) + ", "
                        + millis(measured.after().toNanos()),
                String.format(
                        Locale.ROOT,
                        "%.2f",
                        (double) latency.predicted().toNanos()
                                / measured.after().toNanos()),
                percent(latency.predicted().toNanos(), latencies.of(network)) + ", "
                        + percent(measured.after().toNanos(), measured.before().toNanos()),
                String.valueOf(latency.checks()),
                latency.met() ? "yes" : "missed by " + millis(latency.missedBy().toNanos()),
                String.format(Locale.ROOT, "%.1f %%", 100 * (1 - pruned.reduction())));
    }

    private static String percent(long part, long whole) {
        return String.format(Locale.ROOT, "%.1f %%", 100.0 * part / whole);
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.2f", nanos / 1e6);
    }
}
