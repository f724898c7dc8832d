package org.growingnn.dl4j.examples;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.PruningResult;
import org.growingnn.dl4j.PruningTarget;
import org.growingnn.dl4j.StructuralPruner;
import org.growingnn.dl4j.training.Distillation;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Makes a trained LSTM small that reads digits row by row, without a search: units are pruned in rounds by what the loss would lose,
 * and the original teaches while what is left recovers.
 */
@Command(
        name = "prune-lstm",
        mixinStandardHelpOptions = true,
        description = "Prunes the trained LSTM of src-test-models on MNIST's digits as series of rows.")
public final class PruneLstm implements Callable<Integer> {

    private static final int BATCH = 64;
    private static final int ROUNDS = 4;
    private static final int STEPS_BETWEEN = 60;
    private static final double RATE = 0.002;
    private static final Distillation DISTILLATION = new Distillation(2, 0.7);

    @Option(names = "--data", paramLabel = "DIR", description = "directory with MNIST; the bundled slice by default")
    private Path data;

    @Option(names = "--seed", defaultValue = "42", description = "random seed (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--reduction",
            defaultValue = "0.70",
            description = "share of parameters to remove (default: ${DEFAULT-VALUE})")
    private double reduction;

    @Option(
            names = "--steps",
            defaultValue = "2000",
            description = "training steps after the last round (default: ${DEFAULT-VALUE})")
    private int steps;

    private PruneLstm() {}

    /**
     * Runs the example.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new PruneLstm()).execute(arguments));
    }

    @Override
    public Integer call() {
        long started = System.nanoTime();
        Mnist mnist = Mnist.find(data).asSeries();
        ComputationGraph teacher = TestModels.lstm();
        DataSetIterator batches = mnist.train(BATCH, seed);
        PruningResult result = StructuralPruner.to(PruningTarget.reduction(reduction))
                .calibrate(mnist.train(BATCH, seed + 1))
                .rounds(ROUNDS, (live, round, rounds) -> {
                    boolean last = round == rounds;
                    int count = last ? steps : STEPS_BETWEEN;
                    for (int step = 0; step < count; step++) {
                        live.setLearningRate(last ? RATE * (1 - (step + 0.5) / count) : RATE);
                        live.fit(DISTILLATION.distil(next(batches).toMultiDataSet(), teacher));
                    }
                    System.out.printf(
                            Locale.ROOT,
                            "round %d of %d: %,d parameters, test accuracy %.2f %%%n",
                            round,
                            rounds,
                            live.numParams(),
                            100 * live.evaluate(mnist.test(250)).accuracy());
                })
                .prune(teacher, InputType.recurrent(Mnist.STEPS, Mnist.STEPS));
        Comparison.print(
                System.out,
                Comparison.of(teacher, result.initialNetwork(), mnist),
                Comparison.of(result.graph(), result.network(), mnist),
                (System.nanoTime() - started) / 1e9);
        return 0;
    }

    private static DataSet next(DataSetIterator batches) {
        if (!batches.hasNext()) {
            batches.reset();
        }
        return batches.next();
    }
}
