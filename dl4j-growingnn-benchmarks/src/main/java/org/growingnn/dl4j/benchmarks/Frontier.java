package org.growingnn.dl4j.benchmarks;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.PruningResult;
import org.growingnn.dl4j.PruningTarget;
import org.growingnn.dl4j.StructuralPruner;
import org.growingnn.dl4j.examples.Architectures;
import org.growingnn.dl4j.examples.Mnist;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
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

    private static final double TEMPERATURE = 2;
    private static final double TEACHER_WEIGHT = 0.7;
    private static final double MAXIMUM_INPUT_RATIO = 0.4;

    /** Short names of the projections that keep what a criterion rates highest. */
    private static final Map<String, String> PROJECTIONS = Stream.of(
                    "l1", "l2", "taylor", "activation", "batch-norm-scale", "pivoted-qr")
            .collect(Collectors.toMap(name -> name, name -> "importance-" + name));

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
            defaultValue = "taylor,taylor+refit,taylor+refit+distil,taylor+refit+distil+inputs",
            description = {
                "what to compare (default: ${DEFAULT-VALUE}): random, l1, l2, gain, taylor, activation, batch-norm-scale,"
                        + " pivoted-qr, or the name of a projection; with any of",
                "+refit   consumers are solved anew,",
                "+distil  the base model teaches,",
                "+inputs  up to 40 % of the input features may be left out, too"
            })
    private List<String> methods;

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
        double[] shares = reductions != null ? reductions : Peer.reductions(network);
        Map<String, List<Double>> drops = new LinkedHashMap<>();
        for (int seed : seeds) {
            ComputationGraph base = base(mnist, seed);
            double before = Protocol.testAccuracy(base, mnist);
            System.out.printf(Locale.ROOT, "seed %d: base %.2f %%%n", seed, 100 * before);
            for (double share : shares) {
                for (String method : methods) {
                    long start = System.nanoTime();
                    PruningResult result = prune(base, mnist, share, method, seed);
                    double drop = 100 * (before - Protocol.testAccuracy(result.graph(), mnist));
                    drops.computeIfAbsent(key(share, method), name -> new ArrayList<>())
                            .add(drop);
                    System.out.printf(
                            Locale.ROOT,
                            "seed %d, %.1f %%, %-26s %,9d parameters, drop %5.2f, %.0f s  %s%n",
                            seed,
                            100 * share,
                            method,
                            result.network().parameterCount(),
                            drop,
                            (System.nanoTime() - start) / 1e9,
                            widths(result));
                }
            }
        }
        print(System.out, shares, drops);
        if (out != null) {
            try (PrintStream file = new PrintStream(out)) {
                print(file, shares, drops);
            }
        }
        return 0;
    }

    private static String widths(PruningResult result) {
        return result.network().spaces().stream()
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
        File file =
                bases == null ? null : bases.resolve(network + seed + ".zip").toFile();
        if (file != null && file.exists()) {
            return ModelSerializer.restoreComputationGraph(file, false);
        }
        ComputationGraph model = Dl4jGraphs.toComputationGraph(
                Dl4jGraphs.read(recipe.architecture().apply(seed)));
        Protocol.trainBase(model, mnist, recipe.epochs(), seed);
        model.setLearningRate(Protocol.RECOVERY_RATE);
        model.getConfiguration().setIterationCount(0);
        if (file != null) {
            Files.createDirectories(bases);
            ModelSerializer.writeModel(model, file, false);
        }
        return model;
    }

    private static PruningResult prune(ComputationGraph base, Mnist mnist, double share, String method, long seed) {
        List<String> parts = List.of(method.split("\\+"));
        Iterator<DataSet> batches = Protocol.batches(mnist, 100 + seed);
        Iterator<DataSet> lessons =
                parts.contains("distil") ? Protocol.distilled(batches, base, TEMPERATURE, TEACHER_WEIGHT) : batches;
        StructuralPruner.Builder pruner = StructuralPruner.to(PruningTarget.reduction(share))
                .calibrate(mnist.train(Protocol.BATCH, 1000 + seed))
                .refit(parts.contains("refit"))
                .leaveOutInputs(parts.contains("inputs") ? MAXIMUM_INPUT_RATIO : 0)
                .rounds(
                        Protocol.ROUNDS,
                        (model, round, rounds) -> Protocol.recover(model, lessons, round, Protocol.RECOVERY_RATE));
        Projection projection = parts.get(0).equals("random")
                ? Projections.selection(Criteria.random(seed))
                : Projections.named(
                        parts.get(0).equals("gain")
                                ? "importance"
                                : PROJECTIONS.getOrDefault(parts.get(0), parts.get(0)));
        // What mixes units has no opinion on widths.
        pruner.criterion(Criteria.relative(projection.criterion().orElse(Criteria.taylor())));
        if (projection.criterion().isEmpty()) {
            pruner.projection(projection);
        }
        return pruner.prune(base);
    }

    private void print(PrintStream to, double[] shares, Map<String, List<Double>> drops) {
        to.printf(
                "%n%s: points of test accuracy lost, mean over %d seeds (largest - smallest)%n%n",
                network, seeds.size());
        to.print("| reduction |");
        methods.forEach(method -> to.print(" " + method + " |"));
        to.print(" Torch-Pruning |\n|---|");
        methods.forEach(method -> to.print("---|"));
        to.println("---|");
        for (double share : shares) {
            to.printf(Locale.ROOT, "| %.1f %% |", 100 * share);
            for (String method : methods) {
                double[] values = drops.get(key(share, method)).stream()
                        .mapToDouble(Double::doubleValue)
                        .toArray();
                double spread = Arrays.stream(values).max().orElseThrow()
                        - Arrays.stream(values).min().orElseThrow();
                to.printf(
                        Locale.ROOT,
                        " %.2f (%.2f) |",
                        Arrays.stream(values).average().orElseThrow(),
                        spread);
            }
            OptionalDouble peer = Peer.drop(network, share);
            to.printf(" %s |%n", peer.isPresent() ? String.format(Locale.ROOT, "%.2f", peer.getAsDouble()) : "");
        }
    }
}
