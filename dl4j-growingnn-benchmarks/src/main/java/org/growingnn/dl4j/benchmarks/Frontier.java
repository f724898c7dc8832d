package org.growingnn.dl4j.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.OptimizationResult;
import org.growingnn.dl4j.PruningTarget;
import org.growingnn.dl4j.StructuralPruner;
import org.growingnn.dl4j.StructureOptimizer;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.examples.Architectures;
import org.growingnn.dl4j.examples.Mnist;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Criterion;
import org.growingnn.dl4j.projection.GlobalRanking;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.projection.Resizer;
import org.growingnn.dl4j.run.Generation;
import org.growingnn.dl4j.run.Stoppers;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.MonteCarloTreeSearch;
import org.growingnn.dl4j.training.Distillation;
import org.growingnn.dl4j.training.LearningRateSchedule;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.DataSet;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Test accuracy that is lost at each reduction with the recovery budget of {@link Protocol}, beside the peer's. */
@Command(
        name = "frontier",
        mixinStandardHelpOptions = true,
        description = "Prunes networks on full MNIST and prints the drop of test accuracy at each reduction.")
public final class Frontier implements Callable<Integer> {

    private static final int EVALUATIONS = 24;
    private static final double SIZE_WEIGHT = 1;

    /** Each adds something to the one before it. */
    private static final List<String> ABLATION = List.of(
            "paper+uniform+reset",
            "pseudo-inverse+uniform+reset",
            "similarity+uniform+reset",
            "clusters+uniform+reset",
            "taylor+uniform+reset",
            "taylor+uniform+reset+refit",
            "taylor+uniform+refit",
            "taylor+refit+mean",
            "taylor+refit",
            "taylor+refit+search",
            "taylor+refit+distil",
            "taylor+refit+distil+hot",
            "taylor+refit+distil+hot+inputs");

    @Option(
            names = "--data",
            required = true,
            paramLabel = "DIR",
            description = "directory with MNIST's four IDX files")
    private Path data;

    @Option(names = "--network", defaultValue = "mlp", description = "mlp, lenet or rescnn (default: ${DEFAULT-VALUE})")
    private String network;

    @Option(names = "--reductions", split = ",", description = "shares of parameters to remove; the peer's by default")
    private double[] reductions;

    @Option(
            names = "--seeds",
            split = ",",
            defaultValue = "1,2,3",
            description = "seeds of base model and recovery (default: ${DEFAULT-VALUE})")
    private List<Integer> seeds;

    @Option(
            names = "--methods",
            split = ",",
            defaultValue = "taylor,taylor+refit,taylor+refit+distil+hot,taylor+refit+distil+hot+inputs",
            description = {
                "what to compare (default: ${DEFAULT-VALUE}): random, l1, l2, lamp, geometric-median, gain, taylor, fisher,"
                        + " activation, batch-norm-scale, pivoted-qr, or the name of a projection; with any of",
                "+refit   consumers are solved anew,",
                "+distil  the base model teaches,",
                "+hot     twice the peer's learning rate and fewer steps between the rounds, of the same number, unless told otherwise,",
                "+mean    units of different layers are compared by their ratio to the layer's mean, not by their share of it,",
                "+uniform the same share of every layer instead of a ranking of all units,",
                "+reset   the optimiser starts anew in every round,",
                "+search  a tree search chooses what to remove,",
                "+inputs  input features may be left out, too,",
                "+positions flattened positions may be left out, too"
            })
    private List<String> methods;

    @Option(
            names = "--most-inputs",
            defaultValue = "0.5",
            description = "share of the input features that +inputs may leave out (default: ${DEFAULT-VALUE})")
    private double mostInputs;

    @Option(
            names = "--fewest-positions",
            defaultValue = "1",
            description =
                    "flattened positions that +positions leaves at least while channels stay (default: ${DEFAULT-VALUE})")
    private int fewestPositions;

    @Option(
            names = "--temperature",
            defaultValue = "3",
            description = "softens the base model's answers for +distil (default: ${DEFAULT-VALUE})")
    private double temperature;

    @Option(
            names = "--weight",
            defaultValue = "0.8",
            description = "share of the base model's answers in what +distil teaches (default: ${DEFAULT-VALUE})")
    private double weight;

    @Option(names = "--rate", description = "learning rate of +hot, instead of its own")
    private @Nullable Double rate;

    @Option(names = "--early-steps", description = "steps behind each round of +hot but the last, instead of its own")
    private @Nullable Integer earlySteps;

    @Option(
            names = "--pytorch-initialisation",
            description = "base models start from weights as PyTorch draws them by default, which the peer's did;"
                    + " Deeplearning4j's RELU initialisation otherwise")
    private boolean pytorchInitialisation;

    @Option(names = "--ablation", description = "compares what each part of the method adds, instead of --methods")
    private boolean ablation;

    @Option(
            names = "--bases",
            paramLabel = "DIR",
            description = "where trained base models are kept from one run to the next; none by default")
    private Path bases;

    @Option(names = "--out", paramLabel = "FILE", description = "where to write the table, too")
    private File out;

    private Frontier() {}

    /**
     * Runs the benchmark.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Frontier()).execute(arguments));
    }

    /** How to make a base model. */
    private record Base(int epochs, LongFunction<Model> architecture) {}

    private static final Map<String, Base> BASES = Map.of(
            "mlp", new Base(5, Architectures::mlp),
            "lenet", new Base(3, Architectures::lenet),
            "rescnn", new Base(4, Architectures::rescnn));

    @Override
    public Integer call() throws IOException {
        Mnist mnist = Mnist.at(data);
        if (ablation) {
            methods = ABLATION;
        }
        double[] shares = reductions != null ? reductions : Peer.reductions(network);
        Map<String, List<Double>> drops = new LinkedHashMap<>();
        for (int seed : seeds) {
            ComputationGraph base = base(mnist, seed);
            double before = Protocol.testAccuracy(base, mnist);
            System.out.printf(Locale.ROOT, "seed %d: base %.2f %%%n", seed, 100 * before);
            Distillation distillation = new Distillation(temperature, weight);
            Task task = new Task(
                    mnist,
                    base,
                    mnist.trainSet(),
                    methods.stream().anyMatch(method -> method.contains("distil"))
                            ? Protocol.taught(mnist, base, distillation)
                            : null,
                    mostInputs,
                    fewestPositions,
                    distillation,
                    new Protocol.Schedule(
                            Objects.requireNonNullElse(rate, Protocol.HOT_SCHEDULE.rate()),
                            Objects.requireNonNullElse(earlySteps, Protocol.HOT_SCHEDULE.earlySteps())),
                    seed);
            for (double share : shares) {
                for (String method : methods) {
                    long start = System.nanoTime();
                    NetworkGraph result = task.prune(share, List.of(method.split("\\+")));
                    double drop = 100 * (before - Protocol.testAccuracy(Dl4jGraphs.toComputationGraph(result), mnist));
                    drops.computeIfAbsent(key(share, method), name -> new ArrayList<>())
                            .add(drop);
                    System.out.printf(
                            Locale.ROOT,
                            "seed %d, %.1f %%, %-36s %,9d parameters, drop %5.2f, %.0f s  %s%n",
                            seed,
                            100 * share,
                            method,
                            result.parameterCount(),
                            drop,
                            (System.nanoTime() - start) / 1e9,
                            widths(result));
                }
            }
        }
        table(shares, drops).show(out);
        return 0;
    }

    private static String widths(NetworkGraph network) {
        return network.spaces().stream()
                .filter(UnitSpace::resizable)
                .map(space -> space.name() + " " + space.size())
                .collect(Collectors.joining(", "));
    }

    private static String key(double share, String method) {
        return share + " " + method;
    }

    private ComputationGraph base(Mnist mnist, int seed) throws IOException {
        Base recipe = BASES.get(network);
        if (recipe == null) {
            throw new IllegalArgumentException("The network (" + network + ") must be one of " + BASES.keySet() + ".");
        }
        File file = bases == null
                ? null
                : bases.resolve(network + (pytorchInitialisation ? "-pytorch" : "") + seed + ".zip")
                        .toFile();
        if (file != null && file.exists()) {
            return ModelSerializer.restoreComputationGraph(file, false);
        }
        ComputationGraph model = Dl4jGraphs.toComputationGraph(
                Dl4jGraphs.read(recipe.architecture().apply(seed)));
        if (pytorchInitialisation) {
            Protocol.initialiseAsPyTorch(model, seed);
        }
        Protocol.trainBase(model, mnist, recipe.epochs(), seed);
        model.setLearningRate(Protocol.PEER_SCHEDULE.rate());
        model.getConfiguration().setIterationCount(0);
        if (file != null) {
            Files.createDirectories(bases);
            ModelSerializer.writeModel(model, file, false);
        }
        return model;
    }

    /**
     * What is pruned, and what with.
     *
     * @param taught the training digits with the base model's answers mixed into their labels, if any method wants them
     * @param mostInputs share of the input features that may be left out
     * @param fewestPositions flattened positions that stay at least
     * @param distillation how it teaches
     * @param hot the schedule of what is called so
     */
    private record Task(
            Mnist mnist,
            ComputationGraph base,
            DataSet digits,
            DataSet taught,
            double mostInputs,
            int fewestPositions,
            Distillation distillation,
            Protocol.Schedule hot,
            long seed) {

        NetworkGraph prune(double share, List<String> parts) {
            Iterator<DataSet> lessons = Protocol.batches(parts.contains("distil") ? taught : digits, 100 + seed);
            if (parts.contains("search")) {
                return search(share, parts, lessons);
            }
            Projection projection = projection(parts);
            PruningTarget target = parts.contains("uniform")
                    ? PruningTarget.widths(uniformWidths(share))
                    : PruningTarget.reduction(share);
            return pruner(target, parts, projection)
                    .rounds(Protocol.ROUNDS, (model, round, rounds) -> {
                        if (parts.contains("reset")) {
                            model.getUpdater().getStateViewArray().assign(0);
                            model.getConfiguration().setIterationCount(0);
                        }
                        Protocol.recover(model, lessons, round, schedule(parts));
                    })
                    .prune(base)
                    .network();
        }

        private Protocol.Schedule schedule(List<String> parts) {
            return parts.contains("hot") ? hot : Protocol.PEER_SCHEDULE;
        }

        private Projection projection(List<String> parts) {
            return Protocol.projection(parts.get(0), seed);
        }

        private StructuralPruner.Builder pruner(PruningTarget target, List<String> parts, Projection projection) {
            // What mixes units has no opinion on widths.
            Criterion criterion = projection.criterion().orElse(Criteria.taylor());
            StructuralPruner.Builder pruner = StructuralPruner.to(target)
                    .calibrate(mnist.train(Protocol.BATCH, 1000 + seed))
                    .refit(parts.contains("refit"))
                    .leaveOutInputs(parts.contains("inputs") ? mostInputs : 0)
                    .leaveOutPositions(parts.contains("positions"))
                    .criterion(parts.contains("mean") ? Criteria.relative(criterion) : Criteria.share(criterion));
            if (parts.contains("positions")) {
                pruner.limits("dense-selected", new GlobalRanking.Limits(fewestPositions, 1, 1));
            }
            return projection.criterion().isEmpty() ? pruner.projection(projection) : pruner;
        }

        /** The same share of every layer, as little as meets the target. */
        private Map<String, Integer> uniformWidths(double share) {
            NetworkGraph network = Dl4jGraphs.read(base);
            for (int permille = 1; permille < 1000; permille++) {
                Map<String, Integer> widths = new LinkedHashMap<>();
                for (UnitSpace space : network.spaces()) {
                    if (space.resizable()) {
                        widths.put(space.name(), (int) Math.max(1, Math.round(space.size() * (1 - permille / 1000.0))));
                    }
                }
                long left = Resizer.resize(network, widths, Projections.replication())
                        .parameterCount();
                if (left <= (1 - share) * network.parameterCount()) {
                    return widths;
                }
            }
            throw new IllegalArgumentException("A share of " + share + " cannot be removed.");
        }

        /** Lets a search choose what to remove in each round; the training steps are those of the protocol. */
        private NetworkGraph search(double share, List<String> parts, Iterator<DataSet> lessons) {
            NetworkGraph start = Dl4jGraphs.read(base);
            long goal = Math.round((1 - share) * start.parameterCount());
            double ratio = 1 - Math.pow(1 - share, 1.0 / Protocol.ROUNDS);
            Projection projection =
                    parts.contains("refit") ? Projections.refitted(projection(parts)) : projection(parts);
            ActionGenerator removals = Actions.neurons()
                    .remove(0.25, 0.5)
                    .add()
                    .and(Actions.global().remove(ratio / 2, ratio, (1 + ratio) / 2));
            StructureOptimizer.Builder optimizer = StructureOptimizer.builder()
                    .train(mnist.train(Protocol.BATCH, 1000 + seed))
                    .validation(new ListDataSetIterator<>(
                            mnist.train(2000, 5000 + seed).next().asList(), 500))
                    .generations(Protocol.ROUNDS)
                    .batchesPerEpoch(schedule(parts).steps(1))
                    .recoveryEpochs(0)
                    .maxDrop(1)
                    .score(Score.accuracy(1).relativeParameters(SIZE_WEIGHT))
                    .search(MonteCarloTreeSearch.builder()
                            .maxEvaluations(EVALUATIONS)
                            .puct(0.1)
                            .build())
                    // How large a network gets does not depend on the projection.
                    .actions(graph -> removals.generate(graph)
                            .filter(action -> action.apply(graph, Projections.replication())
                                            .parameterCount()
                                    >= goal))
                    .projection(projection)
                    .learningRate(schedule(parts).rate())
                    .learningRateSchedule(LearningRateSchedule.constant())
                    .stopWhen(Stoppers.reduction(share - 0.01))
                    .trainMetricSamples(500)
                    .seed(seed);
            if (parts.contains("distil")) {
                optimizer.distillation(distillation.temperature(), distillation.weight());
            }
            OptimizationResult found = Protocol.completed(optimizer.build().optimize(base));
            int used = found.history().stream().mapToInt(Generation::epochs).sum()
                    * schedule(parts).steps(1);
            double excess = 1 - (double) goal / found.network().parameterCount();
            ComputationGraph model = excess > 0
                    ? pruner(PruningTarget.reduction(excess), parts, projection(parts))
                            .prune(found.graph())
                            .graph()
                    : found.graph();
            Protocol.fit(
                    model,
                    lessons,
                    Protocol.RECOVERY_STEPS - used,
                    schedule(parts).rate(),
                    true);
            return Dl4jGraphs.read(model);
        }
    }

    private MarkdownTable table(double[] shares, Map<String, List<Double>> drops) {
        List<String> columns = new ArrayList<>(List.of("reduction"));
        columns.addAll(methods);
        columns.add("Torch-Pruning");
        MarkdownTable table = new MarkdownTable(
                network + ": points of test accuracy lost, mean over " + seeds.size() + " seeds (largest - smallest)",
                columns);
        for (double share : shares) {
            List<String> row = new ArrayList<>(List.of(String.format(Locale.ROOT, "%.1f %%", 100 * share)));
            for (String method : methods) {
                DoubleSummaryStatistics values = drops.get(key(share, method)).stream()
                        .mapToDouble(Double::doubleValue)
                        .summaryStatistics();
                row.add(String.format(
                        Locale.ROOT, "%.2f (%.2f)", values.getAverage(), values.getMax() - values.getMin()));
            }
            OptionalDouble peer = Peer.drop(network, share);
            row.add(peer.isPresent() ? String.format(Locale.ROOT, "%.2f", peer.getAsDouble()) : "");
            table.row(row);
        }
        return table;
    }
}
