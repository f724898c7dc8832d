package org.growingnn.dl4j.spark;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.GrowingNN;
import org.growingnn.dl4j.OptimizationResult;
import org.growingnn.dl4j.StructureOptimizer;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.examples.Mnist;
import org.growingnn.dl4j.examples.TestModels;
import org.growingnn.dl4j.run.RunListener;
import org.growingnn.dl4j.score.Score;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The bundled LeNet, whose candidates are trained and graded on a Spark cluster. */
@Command(
        name = "optimize-on-spark",
        mixinStandardHelpOptions = true,
        description = "Shrinks the bundled LeNet with candidates that are evaluated by Spark.")
final class OptimizeOnSpark implements Callable<Integer> {

    private static final int BATCH = 50;

    @Option(names = "--master", defaultValue = "local[2]", description = "the cluster (default: ${DEFAULT-VALUE})")
    private String master;

    @Option(
            names = {"-w", "--workers"},
            description = "start a cluster of so many workers on this machine, use it, and end it")
    private int workers;

    @Option(names = "--generations", defaultValue = "3", description = "at most (default: ${DEFAULT-VALUE})")
    private int generations;

    @Option(names = "--seed", defaultValue = "42", description = "random seed (default: ${DEFAULT-VALUE})")
    private long seed;

    private OptimizeOnSpark() {}

    /**
     * Runs the job.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        GrowingNN.useOneDnn();
        System.exit(new CommandLine(new OptimizeOnSpark()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (workers == 0) {
            optimize(master);
        } else {
            try (StandaloneCluster cluster = StandaloneCluster.start(workers)) {
                optimize(cluster.url());
            }
        }
        return 0;
    }

    private void optimize(String where) {
        long begin = System.nanoTime();
        Mnist mnist = Mnist.bundled();
        ComputationGraph model = TestModels.lenet();
        System.out.printf("LeNet, %,d parameters; candidates are evaluated on %s%n", model.numParams(), where);
        OptimizationResult result = StructureOptimizer.builder()
                .train(mnist.train(BATCH, seed))
                .generations(generations)
                .epochsPerGeneration(1)
                .fineTuneEpochs(1)
                .score(Score.accuracy(1).relativeParameters(0.5))
                .actions(Actions.neurons().remove(0.25, 0.5))
                .accuracyFloor(0.95)
                .execution(SparkExecution.on(where))
                .seed(seed)
                .listener(RunListener.generations(generation -> System.out.printf(
                        "generation %d: %,d parameters, metric %.4f%n",
                        generation.number(), generation.parameters(), generation.validationMetric())))
                .build()
                .optimize(model);
        System.out.printf(
                "%s: %,d -> %,d parameters, test accuracy %.4f; %.0f s%n",
                result.actions(),
                result.initialParameters(),
                result.parameters(),
                result.graph().evaluate(mnist.test(BATCH)).accuracy(),
                (System.nanoTime() - begin) / 1e9);
    }
}
