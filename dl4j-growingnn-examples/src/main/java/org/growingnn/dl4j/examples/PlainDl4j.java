package org.growingnn.dl4j.examples;

import java.io.File;
import java.io.IOException;
import java.util.Locale;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.ViewIterator;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;

/** Uses what {@link ExportToPlainDl4j} saved, by nothing but Deeplearning4j. */
public final class PlainDl4j {

    static final String MODEL = "small.zip";
    static final String ANSWERS = "answers.bin";
    static final String TRAINING = "training.bin";
    static final String TRAINED = "trained.zip";

    private static final int BATCH = 128;

    private PlainDl4j() {}

    /**
     * Runs the program.
     *
     * @param arguments the directory
     * @throws IOException if a file cannot be read or written
     */
    public static void main(String[] arguments) throws IOException {
        File directory = new File(arguments[0]);
        System.out.println("the library is " + (hasLibrary() ? "on the class path" : "not on the class path"));

        File model = new File(directory, MODEL);
        MultiLayerNetwork network = ModelSerializer.restoreMultiLayerNetwork(model, true);
        DataNormalization normalizer = ModelSerializer.restoreNormalizerFromFile(model);

        DataSet answers = load(new File(directory, ANSWERS));
        normalizer.transform(answers.getFeatures());
        INDArray difference = network.output(answers.getFeatures()).sub(answers.getLabels());
        System.out.printf(
                Locale.ROOT,
                "outputs of %,d rows differ by at most %.2g from those of the process that saved it%n",
                answers.numExamples(),
                difference.amaxNumber().doubleValue());

        DataSet training = load(new File(directory, TRAINING));
        normalizer.transform(training);
        network.fit(new ViewIterator(training, BATCH));
        System.out.printf("trained on to iteration %,d%n", network.getIterationCount());
        ModelSerializer.writeModel(network, new File(directory, TRAINED), true);
    }

    private static DataSet load(File file) {
        DataSet data = new DataSet();
        data.load(file);
        return data;
    }

    private static boolean hasLibrary() {
        return PlainDl4j.class.getResource("/org/growingnn/dl4j/StructureOptimizer.class") != null;
    }
}
