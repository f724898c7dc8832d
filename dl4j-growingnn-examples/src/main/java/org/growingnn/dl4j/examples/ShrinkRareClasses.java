package org.growingnn.dl4j.examples;

import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.deeplearning4j.datasets.datavec.RecordReaderDataSetIterator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.growingnn.dl4j.OptimizationResult;
import org.growingnn.dl4j.StructureOptimizer;
import org.growingnn.dl4j.run.RunEvent;
import org.growingnn.dl4j.run.Stoppers;
import org.growingnn.dl4j.score.Score;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.ViewIterator;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Trains a network that tells what state a space shuttle's radiators are in, some of which hardly ever occur, and makes it small by
 * its macro F1, which the run chooses itself where classes are rare.
 */
@Command(
        name = "shrink-rare-classes",
        mixinStandardHelpOptions = true,
        description =
                "Trains and shrinks a classifier of the shuttle data, in which two of seven classes have 23 of 58,000 rows.")
public final class ShrinkRareClasses implements Callable<Integer> {

    private static final int BATCH = 128;
    private static final int FEATURES = 9;
    private static final int CLASSES = 7;

    @Option(names = "--seed", defaultValue = "42", description = "random seed (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--reduction",
            defaultValue = "0.80",
            description = "share of parameters to remove (default: ${DEFAULT-VALUE})")
    private double reduction;

    private ShrinkRareClasses() {}

    /**
     * Runs the example.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ShrinkRareClasses()).execute(arguments));
    }

    @Override
    public Integer call() {
        long started = System.nanoTime();
        Table shuttle = shuttle();
        NormalizerStandardize normalizer = new NormalizerStandardize();
        normalizer.fit(shuttle.train());
        normalizer.transform(shuttle.train());
        normalizer.transform(shuttle.validation());
        normalizer.transform(shuttle.test());

        MultiLayerNetwork network = network(seed);
        network.fit(new ViewIterator(shuttle.train(), BATCH), 20);

        OptimizationResult result = StructureOptimizer.builder()
                .train(new ViewIterator(shuttle.train(), BATCH))
                .validation(new ViewIterator(shuttle.validation(), BATCH))
                .generations(12)
                .epochsPerGeneration(2)
                .fineTuneEpochs(10)
                .score(Score.metric(1).compression(0.5))
                .stopWhen(Stoppers.reduction(reduction))
                .seed(seed)
                .listener(new ProgressLines(System.out))
                .listener(event -> {
                    if (event instanceof RunEvent.RunStarted run) {
                        System.out.println("judged by " + run.metric().metric().name() + ": "
                                + run.metric().reason());
                    }
                })
                .build()
                .optimize(network);

        MultiLayerNetwork small = result.multiLayerNetwork();
        Evaluation before = network.evaluate(new ViewIterator(shuttle.test(), BATCH));
        Evaluation after = small.evaluate(new ViewIterator(shuttle.test(), BATCH));
        System.out.printf("%n%-26s %9s %9s%n", "on test data", "before", "after");
        for (int c = 0; c < CLASSES; c++) {
            int rows = before.classCount(c);
            row(String.format(Locale.ROOT, "F1 of class %d, %,d rows", c, rows), before.f1(c), after.f1(c));
        }
        row("macro F1", macroF1(before), macroF1(after));
        row("accuracy", before.accuracy(), after.accuracy());
        System.out.printf("%-26s %,9d %,9d%n", "parameters", network.numParams(), small.numParams());
        System.out.printf(Locale.ROOT, "%.0f seconds in all%n", (System.nanoTime() - started) / 1e9);
        return 0;
    }

    /** Reads nine features and one of seven classes. */
    static Table shuttle() {
        return Table.read(
                "shuttle.csv.gz", rows -> new RecordReaderDataSetIterator(rows, Table.ALL_ROWS, FEATURES, CLASSES));
    }

    /** Builds an untrained network for it. */
    static MultiLayerNetwork network(long seed) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(seed)
                .updater(new Adam(1e-3))
                .weightInit(WeightInit.RELU)
                .activation(Activation.RELU)
                .list()
                .layer(new DenseLayer.Builder().name("dense1").nOut(64).build())
                .layer(new DenseLayer.Builder().name("dense2").nOut(64).build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .name("state")
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.feedForward(FEATURES))
                .build());
        network.init();
        return network;
    }

    /** Counts a class that is never right as 0; {@code Evaluation.f1()} leaves out those that are never predicted. */
    private static double macroF1(Evaluation evaluation) {
        return IntStream.range(0, CLASSES).mapToDouble(evaluation::f1).average().orElseThrow();
    }

    private static void row(String name, double before, double after) {
        System.out.printf(Locale.ROOT, "%-26s %9.4f %9.4f%n", name, before, after);
    }
}
