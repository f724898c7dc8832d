package org.growingnn.dl4j.examples;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.OptimizationResult;
import org.growingnn.dl4j.StructureOptimizer;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.LayerActions.Kind;
import org.growingnn.dl4j.run.Generation;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.GreedySearch;
import org.growingnn.dl4j.training.SimulationSettings;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lets an untrained network of eight hidden units grow: the run adds units and layers as long as they make it better. */
@Command(
        name = "grow-mlp",
        mixinStandardHelpOptions = true,
        description = "Grows an untrained 784-8-10 network on MNIST.")
public final class GrowMlp implements Callable<Integer> {

    private static final int BATCH = 64;

    @Option(names = "--data", paramLabel = "DIR", description = "directory with MNIST; the bundled slice by default")
    private Path data;

    @Option(names = "--seed", defaultValue = "42", description = "random seed (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--generations",
            defaultValue = "8",
            description = "generations at most (default: ${DEFAULT-VALUE})")
    private int generations;

    private GrowMlp() {}

    /**
     * Runs the example.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new GrowMlp()).execute(arguments));
    }

    @Override
    public Integer call() {
        long started = System.nanoTime();
        Mnist mnist = Mnist.find(data);

        // Size costs nothing here. What was added computes nothing new until it is trained, so that candidates are, and
        // the best one is taken even where a smaller one is nearly as good.
        OptimizationResult result = StructureOptimizer.builder()
                .train(mnist.train(BATCH, seed))
                .initialEpochs(1)
                .generations(generations)
                .epochsPerGeneration(1)
                .fineTuneEpochs(4)
                .score(Score.accuracy(1).likelihood(1))
                .search(GreedySearch.create().tieMargin(0))
                .simulation(new SimulationSettings(1000, 0.5, 4, 25))
                .actions(Actions.neurons()
                        .remove()
                        .add(2)
                        .and(Actions.layers().only(Kind.ADD_SEQUENTIAL, Kind.ADD_RESIDUAL)))
                .seed(seed)
                .listener(new ProgressLines(System.out))
                .build()
                .optimize(Architectures.tinyMlp(seed));

        // What training alone would have done in as many epochs.
        ComputationGraph tiny = Architectures.tinyMlp(seed);
        int epochs = result.history().stream().mapToInt(Generation::epochs).sum();
        tiny.fit(mnist.train(BATCH, seed), epochs);
        System.out.printf("%nbefore: trained for as many epochs (%d), but not grown%n", epochs);
        Comparison.print(
                System.out,
                Comparison.of(tiny, result.initialNetwork(), mnist),
                Comparison.of(result.graph(), result.network(), mnist),
                (System.nanoTime() - started) / 1e9);
        return 0;
    }
}
