package org.growingnn.dl4j.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.datavec.image.loader.NativeImageLoader;
import org.deeplearning4j.core.util.ModelGuesser;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.PruningTarget;
import org.growingnn.dl4j.StructuralPruner;
import org.growingnn.dl4j.examples.Mnist;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Signal.Format;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How often a pruned classifier answers like the original, right after pruning with a few images that have no labels: what is known of
 * pretrained networks whose training data nobody has.
 */
@Command(
        name = "agreement",
        mixinStandardHelpOptions = true,
        description =
                "Prunes a classifier with unlabelled images and counts how often it still answers like the original.")
public final class Agreement implements Callable<Integer> {

    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "a model of Deeplearning4j or Keras that takes images; the bundled residual CNN by default")
    private File file;

    @Option(
            names = "--images",
            paramLabel = "DIR",
            description = "images for --model, of which all calibrate and are asked; the bundled digits by default")
    private Path images;

    @Option(
            names = "--size",
            defaultValue = "224",
            description = "height and width that --images are scaled to (default: ${DEFAULT-VALUE})")
    private int size;

    @Option(
            names = "--range",
            split = ",",
            defaultValue = "-1,1",
            description = "what the darkest and the brightest value of --images become (default: ${DEFAULT-VALUE})")
    private double[] range;

    @Option(
            names = "--calibration",
            defaultValue = "48",
            description =
                    "number of bundled digits to calibrate with; 2,000 others are asked (default: ${DEFAULT-VALUE})")
    private int calibration;

    @Option(
            names = "--batch",
            defaultValue = "8",
            description = "images that are passed at once (default: ${DEFAULT-VALUE})")
    private int batch;

    @Option(names = "--out", paramLabel = "FILE", description = "where to write the table, too")
    private File out;

    private Agreement() {}

    /** What to ask for, and what it is called. */
    private record Goal(String name, PruningTarget target) {}

    /** Images to calibrate with, and images to ask. */
    private record Data(INDArray calibration, INDArray asked) {}

    /**
     * Runs the benchmark.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Agreement()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        if (file == null != (images == null)) {
            throw new IllegalArgumentException("--model and --images belong together.");
        }
        if (range.length != 2) {
            throw new IllegalArgumentException("--range takes two numbers, such as -1,1.");
        }
        Model model = file == null ? Protocol.bundled("rescnn") : ModelGuesser.loadModelGuess(file.getPath());
        NetworkGraph network = Dl4jGraphs.read(model);
        Data data = data(network);
        ComputationGraph original = Dl4jGraphs.toComputationGraph(network);
        int[] answers = answers(original, data.asked);
        MarkdownTable table = new MarkdownTable(
                String.format(
                        Locale.ROOT,
                        "%s, %d images without labels to calibrate, %d asked: agreement with the original in %%; always the"
                                + " commonest answer would be %.1f",
                        file == null ? "residual CNN" : file.getName(),
                        data.calibration.size(0),
                        data.asked.size(0),
                        100 * commonest(answers)),
                List.of("removed", "without refit", "with refit"));
        for (Goal goal : List.of(
                new Goal("20 % of the parameters", PruningTarget.reduction(0.2)),
                new Goal("30 % of the multiply-accumulates", PruningTarget.macs(0.3)),
                new Goal("50 % of the multiply-accumulates", PruningTarget.macs(0.5)))) {
            List<String> row = new ArrayList<>(List.of(goal.name));
            for (boolean refit : new boolean[] {false, true}) {
                ComputationGraph pruned = StructuralPruner.to(goal.target)
                        .calibrate(unlabelled(data.calibration))
                        .calibrationBatches(Math.toIntExact((data.calibration.size(0) + batch - 1) / batch))
                        .refit(refit)
                        .build()
                        .prune(model)
                        .graph();
                row.add(String.format(Locale.ROOT, "%.1f", 100 * equal(answers, answers(pruned, data.asked))));
            }
            table.row(row);
            System.out.println(row);
        }
        table.show(out);
        return 0;
    }

    private Data data(NetworkGraph network) throws IOException {
        if (images == null) {
            Mnist mnist = Mnist.bundled();
            return new Data(
                    first(mnist.trainSet().getFeatures(), calibration),
                    mnist.testSet().getFeatures());
        }
        List<Path> files;
        try (Stream<Path> found = Files.list(images)) {
            files = found.filter(Files::isRegularFile).sorted().toList();
        }
        if (files.isEmpty()) {
            throw new IllegalArgumentException("There is no image in " + images + ".");
        }
        NativeImageLoader loader = new NativeImageLoader(size, size, 3);
        INDArray[] loaded = new INDArray[files.size()];
        for (int i = 0; i < loaded.length; i++) {
            loaded[i] = loader.asMatrix(files.get(i).toFile());
        }
        INDArray all = Nd4j.concat(0, loaded).muli((range[1] - range[0]) / 255).addi(range[0]);
        boolean last = network.inputs().get(0).format() == Format.CHANNELS_LAST;
        INDArray given = last ? all.permute(0, 2, 3, 1).dup('c') : all;
        return new Data(given, given);
    }

    private static INDArray first(INDArray rows, int count) {
        return rows.get(NDArrayIndex.interval(0, count), NDArrayIndex.all());
    }

    private DataSetIterator unlabelled(INDArray features) {
        return new ExistingDataSetIterator(parts(features, batch).stream()
                .map(part -> new DataSet(part, null))
                .toList());
    }

    private static List<INDArray> parts(INDArray all, int batch) {
        List<INDArray> parts = new ArrayList<>();
        for (long start = 0; start < all.size(0); start += batch) {
            parts.add(all.get(NDArrayIndex.interval(start, Math.min(all.size(0), start + batch)))
                    .dup('c'));
        }
        return parts;
    }

    private int[] answers(ComputationGraph model, INDArray asked) {
        return parts(asked, batch).stream()
                .flatMapToInt(
                        part -> Arrays.stream(model.outputSingle(part).argMax(1).toIntVector()))
                .toArray();
    }

    private static double equal(int[] one, int[] other) {
        int same = 0;
        for (int i = 0; i < one.length; i++) {
            same += one[i] == other[i] ? 1 : 0;
        }
        return (double) same / one.length;
    }

    private static double commonest(int[] answers) {
        return Arrays.stream(answers)
                        .distinct()
                        .mapToLong(answer -> Arrays.stream(answers)
                                .filter(each -> each == answer)
                                .count())
                        .max()
                        .orElseThrow()
                / (double) answers.length;
    }
}
