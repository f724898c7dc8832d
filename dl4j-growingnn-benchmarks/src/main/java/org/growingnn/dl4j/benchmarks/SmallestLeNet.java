package org.growingnn.dl4j.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.growingnn.dl4j.GrowingNN;
import org.growingnn.dl4j.PruningResult;
import org.growingnn.dl4j.PruningTarget;
import org.growingnn.dl4j.StructuralPruner;
import org.growingnn.dl4j.examples.Architectures;
import org.growingnn.dl4j.examples.Mnist;
import org.growingnn.dl4j.training.Distillation;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The fewest parameters that a LeNet needs for an error on MNIST, with long training: a base model is trained on shifted digits, pruned in
 * rounds to given widths, and teaches what is left of it for many epochs. The last training digits are held out, to choose widths and
 * settings by.
 */
@Command(
        name = "smallest-lenet",
        mixinStandardHelpOptions = true,
        description =
                "Prunes a LeNet to given widths, trains it for long, and prints its error on digits that were held out.")
public final class SmallestLeNet implements Callable<Integer> {

    private static final int PART = 500;
    private static final int MOST_PIXELS = 1;
    private static final int BASE_EPOCHS = 8;
    private static final double BASE_RATE = 1e-3;
    private static final int CALIBRATION = 10 * Protocol.BATCH;
    private static final int ROUNDS = 3;
    private static final double EARLY_RATE = 3e-3;
    private static final int EARLY_STEPS = 200;

    @Option(
            names = "--data",
            required = true,
            paramLabel = "DIR",
            description = "directory with MNIST's four IDX files")
    private Path data;

    @Option(
            names = "--widths",
            split = ",",
            defaultValue = "5-10-76-16",
            description = "filters of both convolutions, flattened positions, and dense units of each network to make;"
                    + " without the third number, all positions (default: ${DEFAULT-VALUE})")
    private List<String> widths;

    @Option(
            names = "--seeds",
            split = ",",
            defaultValue = "1",
            description = "seeds of base model and training (default: ${DEFAULT-VALUE})")
    private List<Integer> seeds;

    @Option(
            names = "--epochs",
            defaultValue = "15",
            description = "passes over the digits behind the last round (default: ${DEFAULT-VALUE})")
    private int epochs;

    @Option(
            names = "--rate",
            defaultValue = "6e-3",
            description = "learning rate at their beginning, which falls linearly to 0 (default: ${DEFAULT-VALUE})")
    private double rate;

    @Option(
            names = "--temperature",
            defaultValue = "3",
            description = "softens the base model's answers (default: ${DEFAULT-VALUE})")
    private double temperature;

    @Option(
            names = "--weight",
            defaultValue = "0.8",
            description = "share of the base model's answers in what is taught (default: ${DEFAULT-VALUE})")
    private double weight;

    @Option(
            names = "--held-out",
            defaultValue = "10000",
            description =
                    "training digits that are not learned from, to choose by; 0 learns from all, once all is chosen"
                            + " (default: ${DEFAULT-VALUE})")
    private int heldOut;

    @Option(names = "--test", description = "print the error on the test digits, too, which nothing is to be chosen by")
    private boolean test;

    @Option(
            names = "--bases",
            paramLabel = "DIR",
            description = "where trained base models are kept from one run to the next; none by default")
    private @Nullable Path bases;

    @Option(names = "--save", paramLabel = "DIR", description = "where to write the pruned models")
    private @Nullable Path save;

    @Option(names = "--out", paramLabel = "FILE", description = "where to write the table, too")
    private File out;

    private SmallestLeNet() {}

    /**
     * Runs the benchmark.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new SmallestLeNet()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        GrowingNN.useOneDnn();
        Nd4j.factory().blas().setMaxThreads(1);
        Mnist mnist = Mnist.at(data);
        DataSet all = mnist.trainSet();
        int learned = all.numExamples() - heldOut;
        DataSet digits = (DataSet) all.getRange(0, learned);
        List<DataSet> others = heldOut == 0 ? List.of() : ((DataSet) all.getRange(learned, all.numExamples())).asList();
        ShiftedDigits shifted = ShiftedDigits.of(digits, MOST_PIXELS);
        List<String> columns = new ArrayList<>(List.of("seed", "widths", "parameters", "held-out error, %", "s"));
        if (test) {
            columns.add("test error, %");
        }
        MarkdownTable table = new MarkdownTable(
                String.format(
                        Locale.ROOT,
                        "LeNet, %d epochs of the base model, %d steps between rounds, %d epochs behind them",
                        BASE_EPOCHS,
                        (ROUNDS - 1) * EARLY_STEPS,
                        epochs),
                columns);
        for (int seed : seeds) {
            ComputationGraph base = base(shifted, seed);
            row(table, seed, "20-50-500 (base)", base, others, mnist, 0);
            ShiftedDigits taught = shifted.taught(base, new Distillation(temperature, weight));
            for (String chosen : widths) {
                long start = System.nanoTime();
                ComputationGraph small = small(base, digits, taught, chosen, seed);
                row(table, seed, chosen, small, others, mnist, (System.nanoTime() - start) / 1e9);
                if (save != null) {
                    Files.createDirectories(save);
                    ModelSerializer.writeModel(
                            small,
                            save.resolve("lenet-" + chosen + "-" + seed + ".zip")
                                    .toFile(),
                            false);
                }
            }
        }
        table.show(out);
        return 0;
    }

    private void row(
            MarkdownTable table,
            int seed,
            String name,
            ComputationGraph model,
            List<DataSet> others,
            Mnist mnist,
            double seconds) {
        List<String> row = new ArrayList<>(List.of(
                Integer.toString(seed),
                name,
                String.format(Locale.ROOT, "%,d", model.numParams()),
                others.isEmpty()
                        ? ""
                        : percent(model.evaluate(new ListDataSetIterator<>(others, PART))
                                .accuracy()),
                String.format(Locale.ROOT, "%.0f", seconds)));
        if (test) {
            row.add(percent(Protocol.testAccuracy(model, mnist)));
        }
        table.row(row);
        System.out.println(row);
    }

    private static String percent(double accuracy) {
        return String.format(Locale.ROOT, "%.2f", 100 * (1 - accuracy));
    }

    private ComputationGraph base(ShiftedDigits digits, int seed) throws IOException {
        File file = bases == null
                ? null
                : bases.resolve("shifted-lenet" + seed + "-" + digits.count() + ".zip")
                        .toFile();
        if (file != null && file.exists()) {
            return ModelSerializer.restoreComputationGraph(file, false);
        }
        ComputationGraph model = Architectures.lenet(seed);
        Protocol.fit(model, digits.batches(Protocol.BATCH, seed), steps(digits, BASE_EPOCHS), BASE_RATE, true);
        model.getConfiguration().setIterationCount(0);
        if (file != null) {
            Files.createDirectories(bases);
            ModelSerializer.writeModel(model, file, false);
        }
        return model;
    }

    private static int steps(ShiftedDigits digits, int epochs) {
        return (digits.count() + Protocol.BATCH - 1) / Protocol.BATCH * epochs;
    }

    private ComputationGraph small(
            ComputationGraph base, DataSet digits, ShiftedDigits taught, String chosen, int seed) {
        Iterator<DataSet> lessons = taught.batches(Protocol.BATCH, 100 + seed);
        PruningResult result = StructuralPruner.to(PruningTarget.widths(widths(chosen)))
                .leaveOutPositions(true)
                .calibrate(
                        new ListDataSetIterator<>(((DataSet) digits.getRange(0, CALIBRATION)).asList(), Protocol.BATCH))
                .rounds(ROUNDS, (model, round, count) -> {
                    if (round < count) {
                        Protocol.fit(model, lessons, EARLY_STEPS, EARLY_RATE, false);
                    } else {
                        Protocol.fit(model, lessons, steps(taught, epochs), rate, true);
                    }
                })
                .prune(base);
        return result.graph();
    }

    private static Map<String, Integer> widths(String chosen) {
        String[] numbers = chosen.split("-");
        if (numbers.length < 3 || numbers.length > 4) {
            throw new IllegalArgumentException("The widths '" + chosen + "' must be three or four numbers."
                    + "\nMaybe 5-10-76-16, or 4-8-13 for all positions?");
        }
        Map<String, Integer> widths = new LinkedHashMap<>();
        widths.put("conv1", Integer.parseInt(numbers[0]));
        widths.put("conv2", Integer.parseInt(numbers[1]));
        widths.put("dense", Integer.parseInt(numbers[numbers.length - 1]));
        if (numbers.length == 4) {
            widths.put("dense-selected", Integer.parseInt(numbers[2]));
        }
        return widths;
    }
}
