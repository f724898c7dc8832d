package org.growingnn.dl4j.benchmarks;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.PreparedModel;
import org.growingnn.dl4j.PruningResult;
import org.growingnn.dl4j.PruningTarget;
import org.growingnn.dl4j.StructuralPruner;
import org.growingnn.dl4j.examples.Mnist;
import org.growingnn.dl4j.examples.TestModels;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.training.LiveModel;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How long it takes to prune the LeNet to given widths with refit and to grade what is left, without any training. */
@Command(
        name = "allocation-speed",
        mixinStandardHelpOptions = true,
        description = "Prunes the LeNet to many widths of the same cost and counts right answers.")
public final class AllocationSpeed implements Callable<Integer> {

    private static final int CALIBRATION_BATCH = 128;
    private static final int GRADING_BATCH = 250;

    @Option(names = "--allocations", defaultValue = "200", description = "how many (default: ${DEFAULT-VALUE})")
    private int allocations;

    @Option(
            names = "--alone",
            defaultValue = "9",
            description = "how many of them also by a pruner of their own, evenly spread (default: ${DEFAULT-VALUE})")
    private int alone;

    @Option(names = "--left", defaultValue = "0.05", description = "share of parameters (default: ${DEFAULT-VALUE})")
    private double left;

    @Option(names = "--digits", defaultValue = "2000", description = "digits to grade on (default: ${DEFAULT-VALUE})")
    private int digits;

    @Option(names = "--out", paramLabel = "FILE", description = "where to write the table, too")
    private File out;

    private AllocationSpeed() {}

    /**
     * Runs the benchmark.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new AllocationSpeed()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        Nd4j.factory().blas().setMaxThreads(1);
        ComputationGraph model = TestModels.lenet();
        List<DataSet> graded = graded();
        List<Map<String, Integer>> widths = widths(Dl4jGraphs.read(model));
        long start = System.nanoTime();
        PreparedModel prepared = pruner(widths.get(0)).prepare(model);
        double[] best = {0, 0};
        List<Double> together = new ArrayList<>();
        List<Double> single = new ArrayList<>();
        for (int i = 0; i < allocations; i++) {
            long before = System.nanoTime();
            double accuracy = accuracy(prepared.prune(PruningTarget.widths(widths.get(i))), graded);
            together.add((System.nanoTime() - before) / 1e9);
            if (accuracy > best[0]) {
                best = new double[] {accuracy, i};
            }
            if (i % (allocations / alone) == 0) {
                long again = System.nanoTime();
                double same = accuracy(pruner(widths.get(i)).prune(model), graded);
                single.add((System.nanoTime() - again) / 1e9);
                start += System.nanoTime() - again;
                if (same != accuracy) {
                    throw new IllegalStateException("The two ways differ: " + accuracy + " and " + same + ".");
                }
            }
        }
        double whole = (System.nanoTime() - start) / 1e9;
        MarkdownTable table = new MarkdownTable(
                allocations + " allocations of " + 100 * left + " % of the parameters, " + digits + " digits",
                List.of("what", "s each", "relative"));
        double ofOne = median(single);
        table.row(row("a pruner for each, median of " + single.size(), ofOne, ofOne));
        table.row(row("one prepared model, median", median(together), ofOne));
        table.row(row("one prepared model, whole time with calibration", whole / allocations, ofOne));
        table.show(out);
        System.out.printf(Locale.ROOT, "Best: %.2f %% with %s%n", 100 * best[0], widths.get((int) best[1]));
        return 0;
    }

    private static List<String> row(String what, double seconds, double other) {
        return List.of(
                what,
                String.format(Locale.ROOT, "%.3f", seconds),
                String.format(Locale.ROOT, "%.1f times as fast", other / seconds));
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }

    private static StructuralPruner pruner(Map<String, Integer> widths) {
        return StructuralPruner.to(PruningTarget.widths(widths))
                .calibrate(Mnist.bundled().train(CALIBRATION_BATCH, 1))
                .build();
    }

    private List<DataSet> graded() {
        DataSet all = Mnist.bundled().testSet();
        return ((DataSet) all.getRange(0, Math.min(digits, all.numExamples()))).batchBy(GRADING_BATCH);
    }

    private static double accuracy(PruningResult result, List<DataSet> batches) {
        ComputationGraph graph = result.graph();
        double right = 0;
        int examples = 0;
        for (DataSet batch : batches) {
            INDArray answers = graph.outputSingle(batch.getFeatures()).argMax(1);
            right += answers.eq(batch.getLabels().argMax(1))
                    .castTo(Nd4j.dataType())
                    .sumNumber()
                    .doubleValue();
            examples += batch.numExamples();
        }
        LiveModel.release(graph);
        return right / examples;
    }

    /** Draws widths of the two convolutions, behind which the dense layer takes what is left of the parameters. */
    private List<Map<String, Integer>> widths(NetworkGraph network) {
        List<UnitSpace> spaces =
                network.spaces().stream().filter(UnitSpace::resizable).toList();
        long most = (long) (left * network.parameterCount());
        SplittableRandom random = new SplittableRandom(1);
        List<Map<String, Integer>> drawn = new ArrayList<>();
        while (drawn.size() < allocations) {
            int first = random.nextInt(2, 1 + Math.toIntExact(spaces.get(0).size()));
            int second = random.nextInt(2, 1 + Math.toIntExact(spaces.get(1).size()));
            long convolutions = first * 26L + second * (25L * first + 1);
            long third = (most - convolutions - Mnist.CLASSES) / (16L * second + 1 + Mnist.CLASSES);
            if (third >= 2 && third <= spaces.get(2).size()) {
                Map<String, Integer> widths = new LinkedHashMap<>();
                widths.put(spaces.get(0).name(), first);
                widths.put(spaces.get(1).name(), second);
                widths.put(spaces.get(2).name(), Math.toIntExact(third));
                drawn.add(widths);
            }
        }
        return drawn;
    }
}
