package org.growingnn.dl4j.examples;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.zoo.PretrainedType;
import org.deeplearning4j.zoo.model.LeNet;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.GrowingNN;
import org.growingnn.dl4j.OptimizationResult;
import org.growingnn.dl4j.StructureOptimizer;
import org.growingnn.dl4j.run.Stoppers;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.training.SimulationSettings;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Fine-tunes the zoo's pretrained LeNet for another task, whether a digit is odd, with its convolutions frozen, and makes what is
 * not frozen small. Where the weights cannot be downloaded, it takes the bundled LeNet.
 */
@Command(
        name = "fine-tune-zoo",
        mixinStandardHelpOptions = true,
        description = "Teaches a pretrained LeNet to tell odd digits from even ones, and shrinks it.")
public final class FineTuneZoo implements Callable<Integer> {

    private static final int BATCH = 64;

    /** Both networks have two convolutions, each with pooling, a dense layer of 500 units, and an output. */
    private static final int LAST_FROZEN = 3;

    private static final int DENSE = 4;
    private static final int FEATURES = 500;

    /** Takes each of ten classes to one of two. */
    private static final INDArray ODDNESS = Nd4j.tile(Nd4j.eye(2), Mnist.CLASSES / 2, 1);

    @Option(names = "--seed", defaultValue = "42", description = "random seed (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(names = "--bundled", description = "take the bundled LeNet without trying to download the zoo's")
    private boolean bundled;

    private FineTuneZoo() {}

    /**
     * Runs the example.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        GrowingNN.useOneDnn();
        System.exit(new CommandLine(new FineTuneZoo()).execute(arguments));
    }

    @Override
    public Integer call() {
        Mnist mnist = Mnist.bundled();
        DataSetIterator train = oddness(mnist.train(BATCH, seed));
        DataSetIterator test = oddness(mnist.test(BATCH));

        ComputationGraph tuned = fineTuned(pretrained());
        tuned.fit(train);

        OptimizationResult result = StructureOptimizer.builder()
                .train(train)
                .generations(8)
                .epochsPerGeneration(1)
                .fineTuneEpochs(2)
                .score(Score.accuracy(1).compression(0.5))
                .simulation(SimulationSettings.untrained(400))
                .stopWhen(Stoppers.reduction(0.9))
                .seed(seed)
                .listener(new ProgressLines(System.out))
                .build()
                .optimize(tuned);
        ComputationGraph small = result.graph();
        tell("fine-tuned", tuned, test);
        tell("small", small, test);
        boolean frozen = tuned.getLayer(0).params().equals(small.getLayer(0).params())
                && tuned.getLayer(2).params().equals(small.getLayer(2).params());
        System.out.println("The frozen convolutions are " + (frozen ? "as they were." : "others."));
        return 0;
    }

    private ComputationGraph pretrained() {
        if (!bundled) {
            try {
                MultiLayerNetwork chain =
                        (MultiLayerNetwork) LeNet.builder().build().initPretrained(PretrainedType.MNIST);
                return Dl4jGraphs.toComputationGraph(Dl4jGraphs.read(chain));
            } catch (IOException e) {
                System.out.println("The zoo's LeNet cannot be downloaded (" + e + "): this is the bundled one.");
            }
        }
        return TestModels.lenet();
    }

    /** Freezes everything up to the second pooling, and puts an output of two classes in place of that of ten. */
    private ComputationGraph fineTuned(ComputationGraph digits) {
        return new TransferLearning.GraphBuilder(digits)
                .fineTuneConfiguration(new FineTuneConfiguration.Builder()
                        .updater(new Adam(0.001))
                        .seed(seed)
                        .build())
                .setFeatureExtractor(layer(digits, LAST_FROZEN))
                .removeVertexAndConnections("output")
                .addLayer(
                        "odd",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(FEATURES)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        layer(digits, DENSE))
                .setOutputs("odd")
                .build();
    }

    private static String layer(ComputationGraph network, int number) {
        return network.getLayer(number).conf().getLayer().getLayerName();
    }

    /** Labels digits as even or odd. */
    private static DataSetIterator oddness(DataSetIterator digits) {
        digits.setPreProcessor(data -> data.setLabels(data.getLabels().mmul(ODDNESS)));
        return digits;
    }

    private static void tell(String what, ComputationGraph network, DataSetIterator test) {
        System.out.printf(
                Locale.ROOT,
                "%-10s %,8d parameters, test accuracy %.2f %%%n",
                what,
                network.numParams(),
                100 * network.evaluate(test).accuracy());
    }
}
