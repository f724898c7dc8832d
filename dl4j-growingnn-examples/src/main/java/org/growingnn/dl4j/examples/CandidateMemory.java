package org.growingnn.dl4j.examples;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.Pointer;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.GrowingNN;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.metric.Metrics;
import org.growingnn.dl4j.metric.Reading;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.projection.Resizer;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.training.CandidateEvaluator;
import org.growingnn.dl4j.training.SimulationSettings;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Evaluates thousands of candidates in one process and prints how much memory it holds: the off-heap memory must stay flat.
 */
@Command(
        name = "candidate-memory",
        mixinStandardHelpOptions = true,
        description = "Evaluates candidates of the bundled networks and prints the process's memory.")
public final class CandidateMemory implements Callable<Integer> {

    @Option(names = "--candidates", defaultValue = "2000", description = "how many (default: ${DEFAULT-VALUE})")
    private int candidates;

    @Option(names = "--model", defaultValue = "mlp", description = "mlp, lenet or rescnn (default: ${DEFAULT-VALUE})")
    private String model;

    @Option(names = "--workers", defaultValue = "2", description = "threads (default: ${DEFAULT-VALUE})")
    private int workers;

    @Option(
            names = "--random-widths",
            description =
                    "give every candidate widths of its own, so that nothing native code remembers of one serves another")
    private boolean randomWidths;

    private CandidateMemory() {}

    /**
     * Runs the benchmark.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        GrowingNN.useOneDnn();
        System.exit(new CommandLine(new CandidateMemory()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        NetworkGraph network = Dl4jGraphs.read(
                switch (model) {
                    case "mlp" -> TestModels.mlp();
                    case "lenet" -> TestModels.lenet();
                    case "rescnn" -> TestModels.rescnn();
                    default ->
                        throw new IllegalArgumentException("The model (" + model + ") must be mlp, lenet or rescnn.");
                });
        CandidateEvaluator evaluator = new CandidateEvaluator(
                TrainingData.of(Mnist.bundled().train(100, 1)),
                new SimulationSettings(40, 0.5, 1, 10),
                Score.accuracy(1).relativeParameters(1),
                network,
                OptionalDouble.empty(),
                Metrics.accuracy(),
                Reading.NONE,
                1);
        List<StructuralAction> actions = Actions.neurons().generate(network).toList();
        System.out.printf(
                "%s, %,d parameters, %d actions, %d workers%n%n%10s %12s %12s %14s%n",
                model,
                network.parameterCount(),
                actions.size(),
                workers,
                "candidates",
                "process MiB",
                "Java MiB",
                "candidates/s");
        ExecutorService pool = Executors.newFixedThreadPool(workers);
        int step = Math.max(1, candidates / 20);
        long started = System.nanoTime();
        SplittableRandom random = new SplittableRandom(1);
        for (int done = 0; done < candidates; done += step) {
            List<Future<?>> batch = new ArrayList<>();
            for (int i = 0; i < step; i++) {
                StructuralAction action = actions.get(random.nextInt(actions.size()));
                Map<String, Integer> widths = widths(network, random);
                long seed = random.nextLong();
                batch.add(pool.submit(() -> evaluator.evaluate(
                        randomWidths
                                ? Resizer.resize(network, widths, Projections.pseudoInverse())
                                : action.apply(network, Projections.pseudoInverse()),
                        seed,
                        Cancellation.never())));
            }
            for (Future<?> future : batch) {
                future.get();
            }
            System.out.printf(
                    "%10d %12d %12d %14.1f%n",
                    done + step,
                    Pointer.physicalBytes() >> 20,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted() >> 20,
                    (done + step) / ((System.nanoTime() - started) / 1e9));
        }
        pool.shutdown();
        return 0;
    }

    private static Map<String, Integer> widths(NetworkGraph network, SplittableRandom random) {
        Map<String, Integer> widths = new LinkedHashMap<>();
        network.spaces().stream()
                .filter(UnitSpace::resizable)
                .forEach(space -> widths.put(space.name(), random.nextInt(1, Math.toIntExact(space.size()) + 1)));
        return widths;
    }
}
