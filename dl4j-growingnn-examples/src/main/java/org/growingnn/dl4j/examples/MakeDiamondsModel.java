package org.growingnn.dl4j.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.deeplearning4j.datasets.datavec.RecordReaderDataSetIterator;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.factory.Nd4j;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes the bundled network that tells prices from the columns of {@code diamonds.csv.gz} as they are, with its normaliser in the zip. */
@Command(
        name = "MakeDiamondsModel",
        mixinStandardHelpOptions = true,
        description = "Trains a network that tells the prices of diamonds and writes it with its normaliser.")
public final class MakeDiamondsModel implements Callable<Integer> {

    private static final int PRICE = 9;
    private static final int BATCH = 256;
    private static final int EPOCHS = 20;
    private static final int SEED = 1;

    @Option(names = "--out", description = "file to write (default: ${DEFAULT-VALUE})")
    private Path out = Path.of("src-test-models", "diamonds", "model.zip");

    private MakeDiamondsModel() {}

    /**
     * Runs the command and ends the JVM with its exit code.
     *
     * @param arguments the command line
     */
    public static void main(String... arguments) {
        System.exit(new CommandLine(new MakeDiamondsModel()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        Table diamonds = Table.read(
                "diamonds.csv.gz", rows -> new RecordReaderDataSetIterator(rows, Table.ALL_ROWS, PRICE, PRICE, true));
        NormalizerStandardize normalizer = new NormalizerStandardize();
        normalizer.fitLabel(true);
        normalizer.fit(diamonds.train());
        normalizer.transform(diamonds.train());

        MultiLayerNetwork network = ShrinkRegression.network(PRICE, SEED);
        Nd4j.getRandom().setSeed(SEED);
        DataSetIterator batches = new ListDataSetIterator<>(diamonds.train().asList(), BATCH);
        network.fit(batches, EPOCHS);

        Files.createDirectories(out.toAbsolutePath().getParent());
        ModelSerializer.writeModel(network, out.toFile(), false);
        // ModelSerializer's own argument for it fails with the version of commons-io that it brings.
        ModelSerializer.addNormalizerToModel(out.toFile(), normalizer);
        System.out.printf("%s: %,d parameters%n", out, network.numParams());
        return 0;
    }
}
