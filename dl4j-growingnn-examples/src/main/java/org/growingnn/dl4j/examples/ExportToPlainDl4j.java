package org.growingnn.dl4j.examples;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.growingnn.dl4j.GrowingNN;
import org.growingnn.dl4j.PruningTarget;
import org.growingnn.dl4j.StructuralPruner;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.ViewIterator;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Shrinks a network, saves it with its normaliser, and lets {@link PlainDl4j} use it and train it on, in a process that does not have
 * this library.
 */
@Command(
        name = "export-to-plain-dl4j",
        mixinStandardHelpOptions = true,
        description = "Saves a small network, and loads and trains it where there is only Deeplearning4j.")
public final class ExportToPlainDl4j implements Callable<Integer> {

    private static final int BATCH = 128;

    @Option(names = "--seed", defaultValue = "42", description = "random seed (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(names = "--out", paramLabel = "DIR", description = "where to save; a temporary directory by default")
    private Path out;

    private ExportToPlainDl4j() {}

    /**
     * Runs the example.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ExportToPlainDl4j()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException, URISyntaxException {
        Path directory = out == null ? Files.createTempDirectory("small") : Files.createDirectories(out);
        Table shuttle = ShrinkRareClasses.shuttle();
        shuttle.train().save(directory.resolve(PlainDl4j.TRAINING).toFile());

        NormalizerStandardize normalizer = new NormalizerStandardize();
        normalizer.fit(shuttle.train());
        normalizer.transform(shuttle.train());
        DataSetIterator train = new ViewIterator(shuttle.train(), BATCH);
        MultiLayerNetwork network = ShrinkRareClasses.network(seed);
        network.fit(train, 2);
        MultiLayerNetwork small = StructuralPruner.to(PruningTarget.reduction(0.7))
                .calibrate(train)
                .rounds(2, (live, round, rounds) -> live.fit(train))
                .prune(network)
                .multiLayerNetwork();

        File file = directory.resolve(PlainDl4j.MODEL).toFile();
        // writeModel(small, file, true, normalizer) fails with the commons-io that Deeplearning4j brings.
        ModelSerializer.writeModel(small, file, true);
        ModelSerializer.addNormalizerToModel(file, normalizer);
        DataSet questions = shuttle.test();
        INDArray features = questions.getFeatures().dup();
        normalizer.transform(features);
        new DataSet(questions.getFeatures(), small.output(features))
                .save(directory.resolve(PlainDl4j.ANSWERS).toFile());
        System.out.printf(
                "%,d -> %,d parameters, saved to %s%n%nin a process without this library:%n",
                network.numParams(), small.numParams(), file);

        int exit = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        classPathWithoutLibrary(),
                        PlainDl4j.class.getName(),
                        directory.toString())
                .inheritIO()
                .start()
                .waitFor();
        if (exit != 0) {
            return exit;
        }

        System.out.printf("%nthe same epoch in this process:%n");
        MultiLayerNetwork there = ModelSerializer.restoreMultiLayerNetwork(
                directory.resolve(PlainDl4j.TRAINED).toFile());
        MultiLayerNetwork forgetful = ModelSerializer.restoreMultiLayerNetwork(file, false);
        small.fit(train);
        forgetful.fit(train);
        tell("with the optimiser's state", there, small);
        tell("without it", there, forgetful);
        return 0;
    }

    private static void tell(String how, MultiLayerNetwork there, MultiLayerNetwork here) {
        System.out.printf(
                Locale.ROOT,
                "%-27s weights differ from those over there by at most %.2g%n",
                how,
                there.params().sub(here.params()).amaxNumber().doubleValue());
    }

    /** Leaves the library itself out of what this program was started with. */
    private static String classPathWithoutLibrary() throws URISyntaxException {
        Path library = Path.of(GrowingNN.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !Path.of(entry).toAbsolutePath().equals(library))
                .collect(Collectors.joining(File.pathSeparator));
    }
}
