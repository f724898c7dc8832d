package org.growingnn.dl4j.examples;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.modelimport.keras.KerasModel;
import org.deeplearning4j.nn.modelimport.keras.KerasModelImport;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.Dl4jGraphs;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Makes the Keras model of {@link FineTuneKeras} without Keras: imports its configuration, trains it on the digits 0 to 4, and writes it
 * as Keras 2 would.
 */
@Command(
        name = "MakeKerasModel",
        mixinStandardHelpOptions = true,
        description =
                "Trains a channels-last network on the digits 0 to 4 of the bundled slice and writes it as Keras 2 does.")
public final class MakeKerasModel implements Callable<Integer> {

    /** How many digits the model tells apart: 0, 1, … */
    static final int CLASSES = 5;

    @Option(names = "--out", description = "file to write (default: ${DEFAULT-VALUE})")
    private Path out = Path.of("src-test-models", "keras", "digits.h5");

    @Option(names = "--epochs", description = "number of epochs (default: ${DEFAULT-VALUE})")
    private int epochs = 8;

    /** Creates the command with its default options. */
    public MakeKerasModel() {}

    /**
     * Runs the command and ends the JVM with its exit code.
     *
     * @param arguments the command line
     */
    public static void main(String... arguments) {
        System.exit(new CommandLine(new MakeKerasModel()).execute(arguments));
    }

    @Override
    public Integer call()
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        String configuration = resource("/keras-digits.json");
        String training = resource("/keras-training.json");
        MultiLayerNetwork imported = new MultiLayerNetwork(new KerasModel()
                .modelBuilder()
                .modelJson(configuration)
                .trainingJson(training)
                .enforceTrainingConfig(true)
                .buildSequential()
                .getMultiLayerConfiguration());
        imported.init();
        MultiLayerNetwork model = Dl4jGraphs.toMultiLayerNetwork(Dl4jGraphs.read(imported));
        Mnist mnist = Mnist.bundled();
        DataSetIterator batches = FineTuneKeras.channelsLast(mnist.train(128, 1));
        for (int epoch = 0; epoch < epochs; epoch++) {
            batches.reset();
            while (batches.hasNext()) {
                model.fit(smallDigits(batches.next()));
            }
        }
        Files.createDirectories(out.toAbsolutePath().getParent());
        KerasFile.write(out, configuration, training, weights(model));

        MultiLayerNetwork again = KerasModelImport.importKerasSequentialModelAndWeights(out.toString());
        DataSet test = smallDigits(
                FineTuneKeras.channelsLast(mnist.test(mnist.testSize())).next());
        if (!again.output(test.getFeatures()).equalsWithEps(model.output(test.getFeatures()), 1e-5)) {
            throw new IllegalStateException("The file " + out + " does not hold the model that was trained.");
        }
        System.out.printf(
                Locale.ROOT,
                "%s: %,d parameters, accuracy on the test digits 0 to 4 %.2f %%%n",
                out,
                again.numParams(),
                100 * accuracy(again, test));
        return 0;
    }

    static double accuracy(MultiLayerNetwork model, DataSet data) {
        return model.output(data.getFeatures())
                .argMax(1)
                .eq(data.getLabels().argMax(1))
                .castTo(DataType.FLOAT)
                .meanNumber()
                .doubleValue();
    }

    /** Keeps the digits 0 to 4. */
    static DataSet smallDigits(DataSet all) {
        List<Integer> rows = new ArrayList<>();
        int[] labels = all.getLabels().argMax(1).toIntVector();
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < CLASSES) {
                rows.add(i);
            }
        }
        int[] kept = rows.stream().mapToInt(Integer::intValue).toArray();
        INDArray features =
                Nd4j.createUninitialized(all.getFeatures().dataType(), shape(all.getFeatures(), kept.length));
        INDArray targets = Nd4j.createUninitialized(all.getLabels().dataType(), kept.length, CLASSES);
        for (int i = 0; i < kept.length; i++) {
            features.slice(i).assign(all.getFeatures().slice(kept[i]));
            targets.getRow(i).assign(all.getLabels().getRow(kept[i]).get(NDArrayIndex.interval(0, CLASSES)));
        }
        return new DataSet(features, targets);
    }

    private static long[] shape(INDArray array, int examples) {
        long[] shape = array.shape().clone();
        shape[0] = examples;
        return shape;
    }

    /** Keras' kernels are [height, width, in, out], those of Deeplearning4j [out, in, height, width]. */
    private static Map<String, Map<String, INDArray>> weights(MultiLayerNetwork model) {
        Map<String, Map<String, INDArray>> weights = new LinkedHashMap<>();
        for (Layer layer : model.getLayers()) {
            if (layer.numParams() > 0) {
                INDArray kernel = layer.getParam("W");
                Map<String, INDArray> arrays = new LinkedHashMap<>();
                arrays.put("kernel", kernel.rank() == 4 ? kernel.permute(2, 3, 1, 0) : kernel);
                arrays.put(
                        "bias", layer.getParam("b").reshape(layer.getParam("b").length()));
                weights.put(layer.conf().getLayer().getLayerName(), arrays);
            }
        }
        return weights;
    }

    static String resource(String name) throws IOException {
        try (InputStream in = MakeKerasModel.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
