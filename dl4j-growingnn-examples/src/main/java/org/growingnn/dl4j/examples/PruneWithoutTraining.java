package org.growingnn.dl4j.examples;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.PruningTarget;
import org.growingnn.dl4j.StructuralPruner;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Removes half of a trained network in seconds and without a single step of training: data only tells which units matter, and what
 * consumes the removed ones is solved anew.
 */
@Command(
        name = "prune-without-training",
        mixinStandardHelpOptions = true,
        description = "Prunes the residual CNN of src-test-models without training.")
public final class PruneWithoutTraining implements Callable<Integer> {

    private static final int BATCH = 100;

    @Option(names = "--data", paramLabel = "DIR", description = "directory with MNIST; the bundled slice by default")
    private Path data;

    @Option(names = "--seed", defaultValue = "42", description = "random seed (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--reduction",
            defaultValue = "0.50",
            description = "share of parameters to remove (default: ${DEFAULT-VALUE})")
    private double reduction;

    private PruneWithoutTraining() {}

    /**
     * Runs the example.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new PruneWithoutTraining()).execute(arguments));
    }

    @Override
    public Integer call() {
        Mnist mnist = Mnist.find(data);
        ComputationGraph model = TestModels.rescnn();
        PruningTarget target = PruningTarget.reduction(reduction);
        DataSetIterator digits = mnist.train(BATCH, seed);
        DataSetIterator withoutLabels = mnist.train(BATCH, seed);
        withoutLabels.setPreProcessor(batch -> batch.setLabels(null));

        System.out.printf(
                Locale.ROOT,
                "%-32s %,8d parameters, test accuracy %.2f %%%n",
                "as it was",
                model.numParams(),
                100 * model.evaluate(mnist.test(BATCH)).accuracy());
        tell("by weights alone", StructuralPruner.to(target), model, mnist);
        tell("by 1,000 digits", StructuralPruner.to(target).calibrate(digits).refit(false), model, mnist);
        tell("by 1,000 digits, refitted", StructuralPruner.to(target).calibrate(digits), model, mnist);
        tell("the same, without their labels", StructuralPruner.to(target).calibrate(withoutLabels), model, mnist);
        return 0;
    }

    private static void tell(String how, StructuralPruner.Builder pruner, ComputationGraph model, Mnist mnist) {
        long started = System.nanoTime();
        ComputationGraph pruned = pruner.prune(model).graph();
        double seconds = (System.nanoTime() - started) / 1e9;
        System.out.printf(
                Locale.ROOT,
                "%-32s %,8d parameters, test accuracy %.2f %% (%.1f seconds)%n",
                how,
                pruned.numParams(),
                100 * pruned.evaluate(mnist.test(BATCH)).accuracy(),
                seconds);
    }
}
