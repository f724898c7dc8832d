package org.growingnn.dl4j.examples;

import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.growingnn.dl4j.GrowingNN;
import org.growingnn.dl4j.OptimizationResult;
import org.growingnn.dl4j.StructureOptimizer;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.run.Stoppers;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.GreedySearch;
import org.growingnn.dl4j.search.MonteCarloTreeSearch;
import org.growingnn.dl4j.training.SimulationSettings;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The main job: makes a trained LeNet small on real data while its accuracy holds. */
@Command(
        name = "optimize-lenet",
        mixinStandardHelpOptions = true,
        description = "Shrinks the trained LeNet of src-test-models on MNIST.")
public final class OptimizeLeNet implements Callable<Integer> {

    private static final int BATCH = 64;
    private static final int PROBE_BATCHES = 2000 / BATCH;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "directory with MNIST's four IDX files, or 'dl4j' for what Deeplearning4j has downloaded; "
                    + "the bundled 8,000 + 2,000 images by default")
    private Path data;

    @Option(names = "--seed", defaultValue = "42", description = "random seed (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--reduction",
            defaultValue = "0.85",
            description = "share of parameters to remove (default: ${DEFAULT-VALUE})")
    private double reduction;

    @Option(
            names = "--generations",
            defaultValue = "12",
            description = "generations at most (default: ${DEFAULT-VALUE})")
    private int generations;

    @Option(names = "--tree-search", description = "search by Monte Carlo tree search instead of greedily")
    private boolean treeSearch;

    @Option(names = "--out", paramLabel = "FILE", description = "where to save the small model")
    private File out;

    private OptimizeLeNet() {}

    /**
     * Runs the job.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        GrowingNN.useOneDnn();
        System.exit(new CommandLine(new OptimizeLeNet()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        long started = System.nanoTime();
        Mnist mnist = Mnist.find(data);
        ComputationGraph model = TestModels.lenet();
        System.out.printf(
                "LeNet, %,d parameters; MNIST from %s, %,d + %,d images; seed %d%n%n",
                model.numParams(), mnist.directory(), mnist.trainSize(), mnist.testSize(), seed);

        // What a removal costs shows without training, since what consumes the removed units is solved anew. Some 2,000
        // images show whether the change pays. Accuracy comes back at the end, when training is cheap, with one slow
        // decay of the learning rate.
        OptimizationResult result = StructureOptimizer.builder()
                .train(mnist.train(BATCH, seed))
                .generations(generations)
                .epochsPerGeneration(1)
                .batchesPerEpoch(PROBE_BATCHES)
                .recoveryEpochs(3)
                .fineTuneEpochs(8)
                .score(Score.accuracy(1).likelihood(1).compression(0.6))
                .search(
                        treeSearch
                                ? MonteCarloTreeSearch.builder()
                                        .maxEvaluations(12)
                                        .rolloutDepth(0)
                                        .build()
                                : GreedySearch.create())
                .simulation(SimulationSettings.untrained(400))
                .actions(Actions.neurons().remove(0.25, 0.5).add())
                .accuracyFloor(0.95)
                .stopWhen(Stoppers.accuracyAndReduction(0.95, reduction))
                .trainMetricSamples(500)
                .seed(seed)
                .listener(new ProgressLines(System.out))
                .build()
                .optimize(model);

        ComputationGraph small = result.graph();
        Comparison.print(
                System.out,
                Comparison.of(model, result.initialNetwork(), mnist),
                Comparison.of(small, result.network(), mnist),
                Duration.ofNanos(System.nanoTime() - started).toMillis() / 1000.0);
        if (out != null) {
            ModelSerializer.writeModel(small, out, true);
            System.out.println("saved to " + out);
        }
        return 0;
    }
}
