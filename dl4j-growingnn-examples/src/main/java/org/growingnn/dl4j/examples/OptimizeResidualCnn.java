package org.growingnn.dl4j.examples;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.OptimizationResult;
import org.growingnn.dl4j.StructureOptimizer;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.run.Stoppers;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.training.SimulationSettings;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Makes a trained residual network with batch normalisation small, by the default search and projection: sums tie the widths of many
 * layers.
 */
@Command(
        name = "optimize-residual-cnn",
        mixinStandardHelpOptions = true,
        description = "Shrinks the trained residual CNN of src-test-models on MNIST.")
public final class OptimizeResidualCnn implements Callable<Integer> {

    private static final int BATCH = 64;
    private static final int PROBE_BATCHES = 2000 / BATCH;

    @Option(names = "--data", paramLabel = "DIR", description = "directory with MNIST; the bundled slice by default")
    private Path data;

    @Option(names = "--seed", defaultValue = "42", description = "random seed (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--reduction",
            defaultValue = "0.70",
            description = "share of parameters to remove (default: ${DEFAULT-VALUE})")
    private double reduction;

    private OptimizeResidualCnn() {}

    /**
     * Runs the example.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new OptimizeResidualCnn()).execute(arguments));
    }

    @Override
    public Integer call() {
        long started = System.nanoTime();
        Mnist mnist = Mnist.find(data);
        ComputationGraph model = TestModels.rescnn();
        OptimizationResult result = StructureOptimizer.builder()
                .train(mnist.train(BATCH, seed))
                .generations(20)
                .epochsPerGeneration(1)
                .batchesPerEpoch(PROBE_BATCHES)
                .recoveryEpochs(3)
                .fineTuneEpochs(12)
                .score(Score.accuracy(1).likelihood(1).compression(0.6))
                .simulation(SimulationSettings.untrained(300))
                .actions(Actions.neurons().remove(0.25, 0.5).add())
                .accuracyFloor(0.95)
                .stopWhen(Stoppers.reduction(reduction))
                .trainMetricSamples(1000)
                .seed(seed)
                .listener(new ProgressLines(System.out))
                .build()
                .optimize(model);
        Comparison.print(
                System.out,
                Comparison.of(model, result.initialNetwork(), mnist),
                Comparison.of(result.graph(), result.network(), mnist),
                (System.nanoTime() - started) / 1e9);
        return 0;
    }
}
