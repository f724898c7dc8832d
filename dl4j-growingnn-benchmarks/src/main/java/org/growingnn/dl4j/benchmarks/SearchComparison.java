package org.growingnn.dl4j.benchmarks;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.OptimizationResult;
import org.growingnn.dl4j.PruningResult;
import org.growingnn.dl4j.PruningTarget;
import org.growingnn.dl4j.StructuralPruner;
import org.growingnn.dl4j.StructureOptimizer;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.RemoveNeurons;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.examples.Mnist;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.run.Stoppers;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.GreedySearch;
import org.growingnn.dl4j.search.GumbelTreeSearch;
import org.growingnn.dl4j.search.MonteCarloTreeSearch;
import org.growingnn.dl4j.search.RandomSearch;
import org.growingnn.dl4j.search.SearchStrategy;
import org.growingnn.dl4j.search.SuccessiveHalving;
import org.growingnn.dl4j.training.Calibrator;
import org.growingnn.dl4j.training.SimulationSettings;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Test accuracy that each search strategy loses on the way to the same number of parameters, with the same number of evaluations per
 * generation and the same number of training steps.
 *
 * <p>A search only gets actions that do not take it below the target. What is left above it after the last generation is pruned at once,
 * and the training steps that generations did not need are spent at the end, with a learning rate that falls to 0. Without a search,
 * {@code uniform} removes the same share of every space at once, by the same projection, and {@code ranking} the units of all
 * layers that {@link StructuralPruner} ranks lowest; both then train for all the steps.
 */
@Command(
        name = "search-comparison",
        mixinStandardHelpOptions = true,
        description = "Compares search strategies at equal size, evaluations and training on MNIST.")
public final class SearchComparison implements Callable<Integer> {

    /** A search that comes this close to the target has reached it; what is missing is pruned at once. */
    private static final double TOLERANCE = 0.02;

    static final int BATCH = 64;
    static final int CALIBRATION_EXAMPLES = 1000;
    private static final int VALIDATION_EXAMPLES = 2000;

    /** Refitted candidates are graded as they are, which costs least: see {@link Fidelity} for what that tells. */
    static final SimulationSettings SIMULATION = SimulationSettings.untrained(1000);

    static final String PROJECTION = "importance-taylor+refit";

    private static final String BASELINE = "mcts";
    private static final String UNIFORM = "uniform";
    private static final String RANKING = "ranking";

    @Mixin
    private Source source;

    @Option(
            names = "--methods",
            split = ",",
            defaultValue = "mcts,puct,greedy,halving,random,uniform,ranking",
            description = "what to compare, besides these gumbel, mcts-paper and puct-wide (default: ${DEFAULT-VALUE})")
    private List<String> methods;

    @Option(
            names = "--seeds",
            split = ",",
            defaultValue = "1,2,3,4,5",
            description = "seeds of the runs (default: ${DEFAULT-VALUE})")
    private List<Integer> seeds;

    @Option(
            names = "--reduction",
            defaultValue = "0.95",
            description = "parameters to remove (default: ${DEFAULT-VALUE})")
    private double reduction;

    @Option(names = "--generations", defaultValue = "12", description = "at most (default: ${DEFAULT-VALUE})")
    private int generations;

    @Option(
            names = "--evaluations",
            defaultValue = "16",
            description = "candidates per generation at most (default: ${DEFAULT-VALUE})")
    private int evaluations;

    @Option(
            names = "--depth",
            defaultValue = "0",
            description = "random actions that follow in a rollout of tree search (default: ${DEFAULT-VALUE})")
    private int depth;

    @Option(
            names = "--ratios",
            split = ",",
            defaultValue = "0.1,0.25,0.5",
            description = "shares of a space that an action removes (default: ${DEFAULT-VALUE})")
    private double[] ratios;

    @Option(
            names = "--steps",
            defaultValue = "40",
            description = "training steps of a generation, batches of 64 (default: ${DEFAULT-VALUE})")
    private int steps;

    @Option(
            names = "--final-steps",
            defaultValue = "512",
            description = "training steps afterwards, at least (default: ${DEFAULT-VALUE})")
    private int finalSteps;

    @Option(
            names = "--size-weight",
            defaultValue = "0.2",
            description = "weight of compression beside likelihood's 1 (default: ${DEFAULT-VALUE})")
    private double sizeWeight;

    @Option(names = "--rate", defaultValue = "1e-3", description = "learning rate (default: ${DEFAULT-VALUE})")
    private double rate;

    @Option(
            names = "--projection",
            defaultValue = PROJECTION,
            description = "how weights follow (default: ${DEFAULT-VALUE})")
    private String projection;

    @Option(names = "--workers", defaultValue = "2", description = "threads (default: ${DEFAULT-VALUE})")
    private int workers;

    @Option(names = "--out", paramLabel = "FILE", description = "where to write the table, too")
    private File out;

    private SearchComparison() {}

    /**
     * Runs the benchmark.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new SearchComparison()).execute(arguments));
    }

    /**
     * One run of one method.
     *
     * @param drop points of test accuracy lost
     * @param reached share of the parameters that the method itself removed
     * @param parameters of the final model
     * @param evaluations candidates that were trained and graded
     * @param seconds wall time
     */
    private record Run(double drop, double reached, long parameters, int evaluations, double seconds) {}

    private record Reduced(ComputationGraph model, double reached, int evaluations, int steps) {}

    @Override
    public Integer call() throws IOException {
        Mnist mnist = source.mnist();
        NetworkGraph read = Dl4jGraphs.read(source.model());
        TrainingData digits = TrainingData.of(mnist.train(BATCH, 0));
        // The uniform reduction takes place outside of any run.
        NetworkGraph base = projection().needsCalibration()
                ? Calibrator.withExamples(CALIBRATION_EXAMPLES)
                        .withSquaredGradients(projection().needsSquaredGradients())
                        .calibrate(read, digits)
                : read;
        double before = Protocol.testAccuracy(Dl4jGraphs.toComputationGraph(read), mnist);
        Map<String, List<Run>> runs = new LinkedHashMap<>();
        for (int seed : seeds) {
            for (String method : methods) {
                long start = System.nanoTime();
                Reduced reduced = switch (method) {
                    case UNIFORM -> uniform(base);
                    case RANKING -> ranking(base, mnist);
                    default -> search(method, mnist, base, seed);
                };
                ComputationGraph small = trimmed(reduced.model, target(base));
                int rest = generations * steps + finalSteps - reduced.steps;
                Protocol.fit(small, Protocol.batches(mnist, BATCH, 100 + seed), rest, rate, true);
                Run run = new Run(
                        100 * (before - Protocol.testAccuracy(small, mnist)),
                        100 * reduced.reached,
                        small.numParams(),
                        reduced.evaluations,
                        (System.nanoTime() - start) / 1e9);
                runs.computeIfAbsent(method, name -> new ArrayList<>()).add(run);
                System.out.printf(
                        Locale.ROOT,
                        "seed %d, %-10s drop %5.2f at %,d parameters (the search alone: %.1f %%), %d evaluations, %.0f s%n",
                        seed,
                        method,
                        run.drop,
                        run.parameters,
                        run.reached,
                        run.evaluations,
                        run.seconds);
            }
        }
        table(before, runs).show(out);
        return 0;
    }

    private SearchStrategy strategy(String method) {
        MonteCarloTreeSearch.Builder tree =
                MonteCarloTreeSearch.builder().maxEvaluations(evaluations).rolloutDepth(depth);
        return switch (method) {
            case BASELINE -> tree.build();
            case "mcts-paper" ->
                MonteCarloTreeSearch.paper()
                        .maxEvaluations(evaluations)
                        .rolloutDepth(depth)
                        .build();
            case "puct" -> tree.puct(0.1).build();
            case "puct-wide" -> tree.puct(0.1).progressiveWidening(2, 0.5).build();
            case "greedy" -> GreedySearch.create().maxEvaluations(evaluations);
            case "gumbel" -> GumbelTreeSearch.create().maxEvaluations(evaluations);
            case "halving" -> SuccessiveHalving.create().maxEvaluations(evaluations);
            case "random" -> new RandomSearch();
            default -> throw new IllegalArgumentException("There is no method '" + method + "'.");
        };
    }

    private Projection projection() {
        return Projections.named(projection);
    }

    private long target(NetworkGraph base) {
        return Math.round((1 - reduction) * base.parameterCount());
    }

    private Reduced search(String method, Mnist mnist, NetworkGraph base, long seed) {
        long target = target(base);
        ActionGenerator removals = Actions.neurons().remove(ratios).add();
        OptimizationResult result = Protocol.completed(StructureOptimizer.builder()
                .train(mnist.train(BATCH, seed))
                .validation(new ListDataSetIterator<>(
                        mnist.train(VALIDATION_EXAMPLES, 5000 + seed).next().asList(), 500))
                .generations(generations)
                .batchesPerEpoch(steps)
                .recoveryEpochs(0)
                .maxDrop(1)
                .score(Score.accuracy(0).likelihood(1).compression(sizeWeight))
                .search(strategy(method))
                .simulation(SIMULATION)
                // How large a network gets does not depend on the projection.
                .actions(graph -> removals.generate(graph)
                        .filter(action ->
                                action.apply(graph, Projections.replication()).parameterCount() >= target))
                .projection(projection())
                .learningRate(rate)
                .stopWhen(Stoppers.reduction(reduction - TOLERANCE))
                .trainMetricSamples(200)
                .workers(workers)
                .seed(seed)
                .build()
                .optimize(Dl4jGraphs.toComputationGraph(base)));
        return new Reduced(
                result.graph(),
                result.reduction(),
                result.history().stream()
                        .mapToInt(generation -> generation.evaluations())
                        .sum(),
                result.history().stream()
                                .mapToInt(generation -> generation.epochs())
                                .sum()
                        * steps);
    }

    /** Removes the same share of all spaces, the least one that meets the target. */
    private Reduced uniform(NetworkGraph base) {
        double low = 0;
        double high = 1;
        for (int halvings = 0; halvings < 20; halvings++) {
            double middle = (low + high) / 2;
            if (narrowed(base, middle).parameterCount() > target(base)) {
                low = middle;
            } else {
                high = middle;
            }
        }
        NetworkGraph reduced = narrowed(base, low);
        double reached = 1 - (double) reduced.parameterCount() / base.parameterCount();
        return new Reduced(Dl4jGraphs.toComputationGraph(reduced), reached, 0, 0);
    }

    private Reduced ranking(NetworkGraph base, Mnist mnist) {
        PruningResult result = StructuralPruner.to(PruningTarget.reduction(reduction))
                .calibrate(mnist.train(BATCH, 0))
                .prune(Dl4jGraphs.toComputationGraph(base));
        return new Reduced(result.graph(), result.reduction(), 0, 0);
    }

    private NetworkGraph narrowed(NetworkGraph base, double share) {
        NetworkGraph result = base;
        for (UnitSpace space : base.spaces()) {
            if (space.resizable() && Math.round(space.size() * share) > 0) {
                result = new RemoveNeurons(space.name(), share, 1).apply(result, projection());
            }
        }
        return result;
    }

    private static ComputationGraph trimmed(ComputationGraph model, long target) {
        double excess = 1 - (double) target / model.numParams();
        return excess > 0
                ? StructuralPruner.to(PruningTarget.reduction(excess))
                        .prune(model)
                        .graph()
                : model;
    }

    private MarkdownTable table(double before, Map<String, List<Run>> runs) {
        MarkdownTable table = new MarkdownTable(
                String.format(
                        Locale.ROOT,
                        "%s, %.2f %% test accuracy; %.0f %% of the parameters removed; %d evaluations per"
                                + " generation at most, %d training steps in all; mean of %d seeds ± 95 %% confidence interval",
                        source.network(),
                        100 * before,
                        100 * reduction,
                        evaluations,
                        generations * steps + finalSteps,
                        seeds.size()),
                List.of(
                        "method",
                        "test accuracy lost, points",
                        "paired difference to mcts",
                        "parameters",
                        "reduction before trimming, %",
                        "evaluations",
                        "seconds"));
        runs.forEach((method, of) -> table.row(List.of(
                method,
                sample(of, Run::drop).format(2),
                method.equals(BASELINE) || !runs.containsKey(BASELINE)
                        ? ""
                        : sample(of, Run::drop)
                                .minus(sample(runs.get(BASELINE), Run::drop))
                                .format(2),
                sample(of, Run::parameters).format(0),
                sample(of, Run::reached).format(1),
                sample(of, Run::evaluations).format(0),
                sample(of, Run::seconds).format(0))));
        return table;
    }

    private static Sample sample(List<Run> runs, ToDoubleFunction<Run> value) {
        return new Sample(runs.stream().mapToDouble(value).toArray());
    }
}
