package org.growingnn.dl4j.benchmarks;

import java.io.File;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.PruningTarget;
import org.growingnn.dl4j.StructuralPruner;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.examples.Mnist;
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
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * How well the short evaluation of a candidate foretells its accuracy after real training: rank correlations over candidates with
 * random widths but equally many parameters.
 */
@Command(
        name = "fidelity",
        mixinStandardHelpOptions = true,
        description = "Rank correlation of short evaluations with the test accuracy after training.")
public final class Fidelity implements Callable<Integer> {

    private static final int BATCH = 64;
    private static final double RATE = 1e-3;

    private static final int TRAINING_SAMPLES = 200;
    private static final int TRAINING_BATCH = 16;
    private static final int STEPS_PER_EPOCH = (TRAINING_SAMPLES + TRAINING_BATCH - 1) / TRAINING_BATCH;

    /** Candidates are as many times narrower or wider in one space than in another, at most. */
    private static final double IMBALANCE = 8;

    @Mixin
    private Source source;

    @Option(
            names = "--reduction",
            defaultValue = "0.95",
            description = "share of the parameters to remove (default: ${DEFAULT-VALUE})")
    private double reduction;

    @Option(names = "--candidates", defaultValue = "24", description = "how many (default: ${DEFAULT-VALUE})")
    private int candidates;

    @Option(
            names = "--samples",
            split = ",",
            defaultValue = "200,1000",
            description = "digits to grade with (default: ${DEFAULT-VALUE})")
    private List<Integer> samples;

    @Option(
            names = "--steps",
            defaultValue = "352",
            description = "training steps, batches of 64 (default: ${DEFAULT-VALUE})")
    private int steps;

    @Option(names = "--seed", defaultValue = "1", description = "seed of the run (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(names = "--out", paramLabel = "FILE", description = "where to write the table, too")
    private File out;

    private Fidelity() {}

    /**
     * Runs the benchmark.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Fidelity()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        Mnist mnist = source.mnist();
        Model model = source.model();
        NetworkGraph initial = Dl4jGraphs.read(model);
        Map<String, CandidateEvaluator> evaluators = evaluators(mnist, initial);
        Map<String, double[]> grades = new LinkedHashMap<>();
        double[] trained = new double[candidates];
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < candidates; i++) {
            int candidate = i;
            NetworkGraph small = StructuralPruner.to(PruningTarget.widths(randomWidths(initial, random)))
                    .calibrate(mnist.train(BATCH, seed))
                    .prune(model)
                    .network();
            evaluators.forEach((name, evaluator) ->
                    grades.computeIfAbsent(name, key -> new double[candidates])[candidate] = evaluator
                            .evaluate(small, seed, Cancellation.never())
                            .orElseThrow()
                            .score());
            ComputationGraph result = Dl4jGraphs.toComputationGraph(small);
            Protocol.fit(result, Protocol.batches(mnist, BATCH, seed), steps, RATE, true);
            trained[i] = Protocol.testAccuracy(result, mnist);
            System.out.printf(
                    Locale.ROOT,
                    "%d: %,d parameters, %s, trained %.4f%n",
                    i,
                    small.parameterCount(),
                    grades.entrySet().stream()
                            .map(entry ->
                                    String.format(Locale.ROOT, "%s %.4f", entry.getKey(), entry.getValue()[candidate]))
                            .toList(),
                    trained[i]);
        }
        MarkdownTable table = new MarkdownTable(
                String.format(
                        Locale.ROOT,
                        "%s, %.0f %% of the parameters removed, %d candidates: rank correlation with the test accuracy after %d"
                                + " steps, which is %s %%",
                        source.network(),
                        100 * reduction,
                        candidates,
                        steps,
                        new Sample(IntStream.range(0, candidates)
                                        .mapToDouble(i -> 100 * trained[i])
                                        .toArray())
                                .format(2)),
                List.of("grade", "Spearman's correlation"));
        grades.forEach((name, values) -> table.row(List.of(
                name, String.format(Locale.ROOT, "%.2f", new SpearmansCorrelation().correlation(values, trained)))));
        table.show(out);
        return 0;
    }

    private Map<String, CandidateEvaluator> evaluators(Mnist mnist, NetworkGraph initial) {
        Map<String, CandidateEvaluator> evaluators = new LinkedHashMap<>();
        for (int grading : samples) {
            for (int epochs : new int[] {0, 1, 3}) {
                for (Score score : List.of(Score.accuracy(1), Score.accuracy(0).likelihood(1))) {
                    SimulationSettings settings = new SimulationSettings(
                            TRAINING_SAMPLES + grading,
                            (double) grading / (TRAINING_SAMPLES + grading),
                            epochs,
                            TRAINING_BATCH);
                    evaluators.put(
                            (score.needsLoss() ? "likelihood" : "accuracy") + " of " + grading + " digits, "
                                    + (epochs == 0
                                            ? "untrained"
                                            : "before or after " + epochs * STEPS_PER_EPOCH + " steps, the better"),
                            new CandidateEvaluator(
                                    TrainingData.of(mnist.train(BATCH, seed)),
                                    settings,
                                    score,
                                    initial,
                                    OptionalDouble.of(RATE),
                                    Metrics.accuracy(),
                                    Reading.NONE,
                                    seed));
                }
            }
        }
        return evaluators;
    }

    /** Draws relative widths and scales them together until the number of parameters fits. */
    private Map<String, Integer> randomWidths(NetworkGraph initial, SplittableRandom random) {
        Map<String, Double> shares = new LinkedHashMap<>();
        for (UnitSpace space : initial.spaces()) {
            if (space.resizable() && !space.selectionOnly()) {
                shares.put(space.name(), Math.pow(IMBALANCE, random.nextDouble() - 0.5));
            }
        }
        double low = 0;
        double high = Math.sqrt(IMBALANCE);
        for (int halvings = 0; halvings < 20; halvings++) {
            double middle = (low + high) / 2;
            if (Resizer.resize(initial, widths(initial, shares, middle), Projections.replication())
                            .parameterCount()
                    > (1 - reduction) * initial.parameterCount()) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return widths(initial, shares, low);
    }

    private static Map<String, Integer> widths(NetworkGraph initial, Map<String, Double> shares, double factor) {
        Map<String, Integer> widths = new LinkedHashMap<>();
        shares.forEach((name, share) -> {
            long size = initial.space(name).size();
            widths.put(name, (int) Math.max(1, Math.min(size, Math.round(size * share * factor))));
        });
        return widths;
    }
}
