package org.growingnn.dl4j.examples;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.growingnn.dl4j.OptimizationResult;
import org.growingnn.dl4j.StructureOptimizer;
import org.growingnn.dl4j.run.RunListener;
import org.growingnn.dl4j.run.SimulationScheduler;
import org.growingnn.dl4j.run.Stoppers;
import org.growingnn.dl4j.search.MonteCarloTreeSearch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The setting of the GrowingNN paper: an untrained network is first brought to accuracy with a small weight on parameters, then
 * shrunk with a large one, both with the paper's projection and score and nothing of what the library adds to them.
 */
@Command(
        name = "two-phase-mlp",
        mixinStandardHelpOptions = true,
        description = "Runs the paper's two phases on an untrained 784-512-512-10 network.")
public final class TwoPhaseMlp implements Callable<Integer> {

    private static final int BATCH = 128;

    @Option(names = "--data", paramLabel = "DIR", description = "directory with MNIST; the bundled slice by default")
    private Path data;

    @Option(names = "--seed", defaultValue = "42", description = "random seed (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--generations",
            defaultValue = "20",
            description = "generations of the second phase at most (default: ${DEFAULT-VALUE})")
    private int generations;

    @Option(
            names = "--evaluations",
            defaultValue = "60",
            description = "candidates per search (default: ${DEFAULT-VALUE})")
    private int evaluations;

    private TwoPhaseMlp() {}

    /**
     * Runs the example.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new TwoPhaseMlp()).execute(arguments));
    }

    @Override
    public Integer call() {
        long started = System.nanoTime();
        Mnist mnist = Mnist.find(data);
        RunListener lines = new ProgressLines(System.out);

        System.out.println("phase 1: reach the accuracy");
        OptimizationResult accurate = paper(0.1, mnist, lines)
                .initialEpochs(1)
                .generations(4)
                .simulateWhen(SimulationScheduler.progressCheck(0.01))
                .stopWhen(Stoppers.accuracy(0.97))
                .build()
                .optimize(Architectures.mlp(seed));

        System.out.println("phase 2: shrink and hold it");
        OptimizationResult small = paper(4, mnist, lines)
                .generations(generations)
                .accuracyFloor(0.95)
                .stopWhen(Stoppers.accuracyAndReduction(0.95, 0.85))
                .build()
                .optimize(accurate.graph());

        Comparison.print(
                System.out,
                Comparison.of(accurate.graph(), small.initialNetwork(), mnist),
                Comparison.of(small.graph(), small.network(), mnist),
                (System.nanoTime() - started) / 1e9);
        return 0;
    }

    private StructureOptimizer.Builder paper(double sizeWeight, Mnist mnist, RunListener lines) {
        return StructureOptimizer.builder()
                .paper(sizeWeight)
                .train(mnist.train(BATCH, seed))
                .epochsPerGeneration(2)
                .search(MonteCarloTreeSearch.builder()
                        .maxEvaluations(evaluations)
                        .tieMargin(0) // the paper's choice: the most visited action
                        .build())
                .learningRate(0.001)
                .seed(seed)
                .listener(lines);
    }
}
