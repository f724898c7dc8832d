package org.growingnn.dl4j.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.deeplearning4j.datasets.iterator.EarlyTerminationDataSetIterator;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.modelimport.keras.KerasModelImport;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.util.ModelSerializer;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.PruningResult;
import org.growingnn.dl4j.PruningTarget;
import org.growingnn.dl4j.StructuralPruner;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Imports a network from Keras that knows the digits 0 to 4, teaches it all ten with its first layers frozen, makes it small, and goes
 * on training the small one with plain Deeplearning4j.
 */
@Command(
        name = "fine-tune-keras",
        mixinStandardHelpOptions = true,
        description = "Fine-tunes and prunes the Keras network of src-test-models on MNIST.")
public final class FineTuneKeras implements Callable<Integer> {

    private static final int BATCH = 64;
    private static final int FROZEN_UP_TO = 1;
    private static final int FEATURES = 64;

    @Option(names = "--seed", defaultValue = "42", description = "random seed (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--reduction",
            defaultValue = "0.80",
            description = "share of parameters to remove (default: ${DEFAULT-VALUE})")
    private double reduction;

    @Option(
            names = "--batches",
            defaultValue = "25",
            description = "batches of 64 digits in each of the six passes of training (default: ${DEFAULT-VALUE})")
    private int batches;

    @Option(names = "--out", paramLabel = "FILE", description = "where to save the small network; nowhere by default")
    private Path out;

    private FineTuneKeras() {}

    /**
     * Runs the example.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new FineTuneKeras()).execute(arguments));
    }

    @Override
    public Integer call()
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        Mnist mnist = Mnist.bundled();
        // Another part of the digits in each pass: Deeplearning4j is slow where channels come last.
        DataSetIterator train = new EarlyTerminationDataSetIterator(channelsLast(mnist.train(BATCH, seed)), batches);
        DataSetIterator test = channelsLast(mnist.test(250));

        MultiLayerNetwork imported = imported();
        // The import gives every layer a dropout that drops nothing, at which Deeplearning4j's training fails. It is
        // not read.
        MultiLayerNetwork trainable = Dl4jGraphs.toMultiLayerNetwork(Dl4jGraphs.read(imported));

        MultiLayerNetwork tuned = tenDigits(trainable, seed);
        tuned.fit(train, 2);
        tell("fine-tuned", tuned.numParams(), tuned.evaluate(test).accuracy());

        PruningResult pruned = StructuralPruner.to(PruningTarget.reduction(reduction))
                .calibrate(channelsLast(mnist.train(BATCH, seed + 1)))
                .rounds(2, (live, round, rounds) -> live.fit(train))
                .prune(tuned);
        ComputationGraph small = pruned.graph();
        tell("pruned", small.numParams(), small.evaluate(test).accuracy());

        small.fit(train, 2);
        tell("trained on", small.numParams(), small.evaluate(test).accuracy());
        if (out != null) {
            ModelSerializer.writeModel(small, out.toFile(), true);
        }
        return 0;
    }

    /** Imports the network, as every program with Keras networks would. */
    static MultiLayerNetwork imported()
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return KerasModelImport.importKerasSequentialModelAndWeights(
                Repository.testModels("keras/digits.h5").toString());
    }

    /** Freezes the first convolution and its pooling, and puts an output of ten digits in place of the one of five and its loss. */
    static MultiLayerNetwork tenDigits(MultiLayerNetwork fiveDigits, long seed) {
        return new TransferLearning.Builder(fiveDigits)
                .fineTuneConfiguration(new FineTuneConfiguration.Builder()
                        .updater(new Adam(0.001))
                        .seed(seed)
                        .build())
                .setFeatureExtractor(FROZEN_UP_TO)
                .removeLayersFromOutput(2)
                .addLayer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .name("digits")
                        .nIn(FEATURES)
                        .nOut(Mnist.CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build();
    }

    /** Makes rows of pixels maps whose only channel comes last, as Keras takes them. */
    static DataSetIterator channelsLast(DataSetIterator rows) {
        rows.setPreProcessor(data -> data.setFeatures(
                data.getFeatures().reshape('c', data.getFeatures().size(0), Mnist.STEPS, Mnist.STEPS, 1)));
        return rows;
    }

    private static void tell(String what, long parameters, double accuracy) {
        System.out.printf(
                Locale.ROOT, "%-11s %,8d parameters, test accuracy %.2f %%%n", what, parameters, 100 * accuracy);
    }
}
