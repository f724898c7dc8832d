package org.growingnn.dl4j.examples;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.OptimizationResult;
import org.growingnn.dl4j.StructureOptimizer;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.MonteCarloTreeSearch;
import org.growingnn.dl4j.training.SimulationSettings;
import org.growingnn.dl4j.training.Stoppers;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes a trained LSTM small that reads digits row by row; the original teaches while it recovers. */
@Command(
        name = "optimize-lstm",
        mixinStandardHelpOptions = true,
        description = "Shrinks the trained LSTM of src-test-models on MNIST's digits as series of rows.")
public final class OptimizeLstm implements Callable<Integer> {

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

    private OptimizeLstm() {}

    /**
     * Runs the example.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new OptimizeLstm()).execute(arguments));
    }

    @Override
    public Integer call() {
        long started = System.nanoTime();
        Mnist mnist = Mnist.find(data).asSeries();
        ComputationGraph model = TestModels.lstm();
        OptimizationResult result = StructureOptimizer.builder()
                .train(mnist.train(BATCH, seed))
                .generations(12)
                .epochsPerGeneration(1)
                .batchesPerEpoch(PROBE_BATCHES)
                .recoveryEpochs(2)
                .fineTuneEpochs(64)
                .distillation(2, 0.7)
                .score(Score.accuracy(1.0).relativeParameters(0.3))
                .search(MonteCarloTreeSearch.builder()
                        .maxEvaluations(6)
                        .rolloutDepth(0)
                        .build())
                .simulation(new SimulationSettings(300, 0.6, 2, 8))
                .actions(Actions.neurons().remove(0.2, 0.4).add())
                .projection(Projections.importance())
                .accuracyFloor(0.95)
                .stopWhen(Stoppers.reduction(reduction))
                .trainAccuracySamples(1000)
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
