package org.growingnn.dl4j.benchmarks;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.api.Model;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.PruningTarget;
import org.growingnn.dl4j.StructuralPruner;
import org.growingnn.dl4j.examples.Mnist;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Projection;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Test accuracy of the bundled models after a share of their parameters was removed at once, before any training. */
@Command(
        name = "right-after-pruning",
        mixinStandardHelpOptions = true,
        description = "Prunes a bundled model at once by each projection and prints what is left of its test accuracy.")
public final class RightAfterPruning implements Callable<Integer> {

    @Option(
            names = "--network",
            defaultValue = "rescnn",
            description = "mlp, lenet, rescnn or lstm (default: ${DEFAULT-VALUE})")
    private String network;

    @Option(
            names = "--reductions",
            split = ",",
            defaultValue = "0.3,0.5,0.7,0.9",
            description = "shares of the parameters to remove (default: ${DEFAULT-VALUE})")
    private List<Double> reductions;

    @Option(
            names = "--projections",
            split = ",",
            defaultValue = Protocol.PROJECTIONS,
            description = {
                "what to compare (default: ${DEFAULT-VALUE});",
                "how many units each layer keeps follows from the projection's criterion, or from Taylor's"
            })
    private List<String> projections;

    @Option(names = "--out", paramLabel = "FILE", description = "where to write the table, too")
    private File out;

    private RightAfterPruning() {}

    /**
     * Runs the benchmark.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new RightAfterPruning()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        Mnist mnist = network.equals("lstm") ? Mnist.bundled().asSeries() : Mnist.bundled();
        Model model = Protocol.bundled(network);
        List<String> columns = new ArrayList<>(List.of("projection"));
        reductions.forEach(reduction -> columns.add(String.format(Locale.ROOT, "%.0f %% removed", 100 * reduction)));
        MarkdownTable table = new MarkdownTable(
                String.format(
                        Locale.ROOT,
                        "%s, %.2f %% before: test accuracy in %% right after pruning / with refit",
                        network,
                        100 * Protocol.testAccuracy(Dl4jGraphs.toComputationGraph(Dl4jGraphs.read(model)), mnist)),
                columns);
        for (String name : projections) {
            List<String> row = new ArrayList<>(List.of(name));
            for (double reduction : reductions) {
                row.add(String.format(
                        Locale.ROOT,
                        "%.1f / %.1f",
                        100 * left(model, mnist, name, reduction, false),
                        100 * left(model, mnist, name, reduction, true)));
            }
            table.row(row);
            System.out.println(row);
        }
        table.show(out);
        return 0;
    }

    private static double left(Model model, Mnist mnist, String name, double reduction, boolean refit) {
        Projection projection = Protocol.projection(name, 1);
        StructuralPruner.Builder pruner = StructuralPruner.to(PruningTarget.reduction(reduction))
                .calibrate(mnist.train(Protocol.BATCH, 1))
                .criterion(Criteria.share(projection.criterion().orElse(Criteria.taylor())))
                .refit(refit);
        if (projection.criterion().isEmpty()) {
            pruner.projection(projection);
        }
        return Protocol.testAccuracy(pruner.prune(model).graph(), mnist);
    }
}
