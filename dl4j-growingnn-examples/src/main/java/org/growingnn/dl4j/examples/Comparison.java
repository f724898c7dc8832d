package org.growingnn.dl4j.examples;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.EarlyTerminationDataSetIterator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.util.ComputationGraphUtil;
import org.deeplearning4j.util.ModelSerializer;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.training.LatencyMeter;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * What a model costs and how good it is, before and after.
 *
 * @param network its structure
 * @param trainAccuracy share of correct predictions on the first 4,000 training images
 * @param testAccuracy share of correct predictions on all test images
 * @param timed images that a forward pass is timed with
 * @param fileBytes size of the saved zip without optimiser state
 */
record Comparison(NetworkGraph network, double trainAccuracy, double testAccuracy, MultiDataSet timed, long fileBytes) {

    private static final int BATCH = 250;
    private static final int TIMED = 100;
    /** Fewer than by default: without oneDNN, a pass of a convolutional network takes long. */
    private static final int PASSES = 9;

    private static final int TRAINING_BATCHES = 16;

    /** Measures a model on the first 4,000 training images and all test images. */
    static Comparison of(ComputationGraph model, NetworkGraph network, Mnist mnist) {
        double trainAccuracy = model.evaluate(
                        new EarlyTerminationDataSetIterator(mnist.trainInOrder(BATCH), TRAINING_BATCHES))
                .accuracy();
        Evaluation test = new Evaluation(Mnist.CLASSES);
        DataSetIterator batches = mnist.test(BATCH);
        while (batches.hasNext()) {
            DataSet batch = batches.next();
            test.eval(batch.getLabels(), model.outputSingle(batch.getFeatures()));
        }
        MultiDataSet timed =
                ComputationGraphUtil.toMultiDataSet(mnist.test(TIMED).next());
        return new Comparison(network, trainAccuracy, test.accuracy(), timed, fileBytes(model));
    }

    private static long fileBytes(ComputationGraph model) {
        try {
            Path file = Files.createTempFile("model", ".zip");
            try {
                ModelSerializer.writeModel(model, file.toFile(), false);
                return Files.size(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot save the model to the directory for temporary files.", e);
        }
    }

    /** Prints both columns; widths of layers first. */
    static void print(PrintStream out, Comparison before, Comparison after, double seconds) {
        out.printf("%n%-28s %14s    %14s%n", "", "before", "after");
        Stream.concat(layers(before.network), layers(after.network))
                .distinct()
                .forEach(name -> row(out, name, width(before.network, name), width(after.network, name), ""));
        row(
                out,
                "parameters",
                grouped(before.network.parameterCount()),
                grouped(after.network.parameterCount()),
                change(before.network.parameterCount(), after.network.parameterCount()));
        row(
                out,
                "multiply-accumulates",
                grouped(before.network.macs()),
                grouped(after.network.macs()),
                change(before.network.macs(), after.network.macs()));
        row(
                out,
                "training accuracy",
                percent(before.trainAccuracy),
                percent(after.trainAccuracy),
                points(before.trainAccuracy, after.trainAccuracy));
        row(
                out,
                "test accuracy",
                percent(before.testAccuracy),
                percent(after.testAccuracy),
                points(before.testAccuracy, after.testAccuracy));
        row(
                out,
                "file size",
                grouped(before.fileBytes / 1024) + " KiB",
                grouped(after.fileBytes / 1024) + " KiB",
                change(before.fileBytes, after.fileBytes));
        // In turns: what else the machine does concerns both alike.
        long[] nanos =
                new LatencyMeter(PASSES, System::nanoTime).medians(List.of(before.network, after.network), after.timed);
        row(
                out,
                "time per " + TIMED + " images",
                String.format(Locale.ROOT, "%.1f ms", nanos[0] / 1e6),
                String.format(Locale.ROOT, "%.1f ms", nanos[1] / 1e6),
                change(nanos[0], nanos[1]));
        out.printf(Locale.ROOT, "%n%.0f seconds in all%n", seconds);
    }

    private static Stream<String> layers(NetworkGraph network) {
        return network.vertices().stream()
                .filter(vertex -> vertex.parameterCount() > 0)
                .map(Vertex::name);
    }

    /** Layers may have been added or removed. */
    private static String width(NetworkGraph network, String layer) {
        return network.order().contains(layer) ? network.signal(layer).toString() : "none";
    }

    private static void row(PrintStream out, String name, String before, String after, String change) {
        out.printf("%-28s %14s -> %14s   %s%n", name, before, after, change);
    }

    private static String grouped(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }

    private static String points(double before, double after) {
        return String.format(Locale.ROOT, "%+.2f points", 100 * (after - before));
    }

    private static String change(double before, double after) {
        return String.format(Locale.ROOT, "%+.1f %%", 100 * (after / before - 1));
    }
}
