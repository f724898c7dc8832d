package org.growingnn.dl4j.benchmarks;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.apache.commons.math3.stat.StatUtils;
import org.deeplearning4j.nn.api.Model;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.PruningTarget;
import org.growingnn.dl4j.StructuralPruner;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.examples.Mnist;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.metric.Metrics;
import org.growingnn.dl4j.metric.Reading;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.training.Calibrator;
import org.growingnn.dl4j.training.CandidateEvaluator;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What a search could gain by looking two actions ahead: all pairs of actions are evaluated, and the best pair is compared with the one
 * that takes the best first action and then the best second one. Both are graded again on other digits, because the best of many grades
 * is too good by its luck. Where the effects of actions add up, there is nothing to gain.
 */
@Command(
        name = "look-ahead",
        mixinStandardHelpOptions = true,
        description = "Compares the best pair of actions with the best action followed by the best action.")
public final class LookAhead implements Callable<Integer> {

    private static final double RATE = 1e-3;
    private static final int RECOVERY_STEPS = 64;

    @Mixin
    private Source source;

    @Option(
            names = "--reductions",
            split = ",",
            defaultValue = "0,0.8,0.95",
            description = "shares of the parameters that are removed, and trained for, before the comparison"
                    + " (default: ${DEFAULT-VALUE})")
    private List<Double> reductions;

    @Option(
            names = "--ratios",
            split = ",",
            defaultValue = "0.25,0.5",
            description = "shares of a space that an action removes (default: ${DEFAULT-VALUE})")
    private double[] ratios;

    @Option(
            names = "--seeds",
            split = ",",
            defaultValue = "1,2,3",
            description = "seeds of the runs (default: ${DEFAULT-VALUE})")
    private List<Integer> seeds;

    @Option(
            names = "--size-weight",
            defaultValue = "0.2",
            description = "weight of compression beside likelihood's 1 (default: ${DEFAULT-VALUE})")
    private double sizeWeight;

    @Option(names = "--out", paramLabel = "FILE", description = "where to write the table, too")
    private File out;

    private final Projection projection = Projections.named(SearchComparison.PROJECTION);

    private LookAhead() {}

    /**
     * Runs the benchmark.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new LookAhead()).execute(arguments));
    }

    /** What one run found, in points of the score: a point is a hundredth. */
    private record Finding(double spread, double gain, double gainElsewhere, boolean sameFirst) {}

    @Override
    public Integer call() throws IOException {
        Mnist mnist = source.mnist();
        Model model = source.model();
        MarkdownTable table = new MarkdownTable(
                source.network()
                        + ": what the best of all pairs of actions scores above the greedy pair, in points, mean of "
                        + seeds.size() + " seeds ± 95 % confidence interval",
                List.of(
                        "removed before",
                        "standard deviation of single actions' scores",
                        "gain on the digits that the pairs were chosen by",
                        "gain on other digits",
                        "same first action"));
        for (double reduction : reductions) {
            List<Finding> findings = new ArrayList<>();
            for (int seed : seeds) {
                Finding finding = compare(reduced(model, reduction, mnist, seed), Dl4jGraphs.read(model), mnist, seed);
                System.out.println(reduction + ", seed " + seed + ": " + finding);
                findings.add(finding);
            }
            table.row(List.of(
                    String.format(Locale.ROOT, "%.0f %%", 100 * reduction),
                    sample(findings.stream().mapToDouble(Finding::spread).toArray()),
                    sample(findings.stream().mapToDouble(Finding::gain).toArray()),
                    sample(findings.stream().mapToDouble(Finding::gainElsewhere).toArray()),
                    findings.stream().filter(Finding::sameFirst).count() + " of " + seeds.size()));
        }
        table.show(out);
        return 0;
    }

    private static String sample(double[] values) {
        return new Sample(values).format(2);
    }

    private static NetworkGraph reduced(Model model, double reduction, Mnist mnist, long seed) {
        if (reduction == 0) {
            return Dl4jGraphs.read(model);
        }
        return StructuralPruner.to(PruningTarget.reduction(reduction))
                .calibrate(mnist.train(SearchComparison.BATCH, seed))
                .rounds(
                        1,
                        (small, round, rounds) -> Protocol.fit(
                                small,
                                Protocol.batches(mnist, SearchComparison.BATCH, seed),
                                RECOVERY_STEPS,
                                RATE,
                                false))
                .prune(model)
                .network();
    }

    private Finding compare(NetworkGraph network, NetworkGraph initial, Mnist mnist, long seed) {
        TrainingData digits = TrainingData.of(mnist.train(SearchComparison.BATCH, seed));
        NetworkGraph graph =
                Calibrator.withExamples(SearchComparison.CALIBRATION_EXAMPLES).calibrate(network, digits);
        CandidateEvaluator here = evaluator(digits, initial, seed);
        CandidateEvaluator elsewhere = evaluator(digits, initial, seed + 1000);
        List<StructuralAction> actions =
                Actions.neurons().remove(ratios).add().generate(graph).toList();
        double[] singles = new double[actions.size()];
        NetworkGraph[] halves = new NetworkGraph[actions.size()];
        double[][] pairs = new double[actions.size()][actions.size()];
        for (int first = 0; first < actions.size(); first++) {
            halves[first] = actions.get(first).apply(graph, projection);
            singles[first] = here.evaluate(halves[first], seed, Cancellation.never())
                    .orElseThrow()
                    .score();
            for (int second = 0; second < actions.size(); second++) {
                pairs[first][second] = here.evaluate(
                                actions.get(second).apply(halves[first], projection), seed, Cancellation.never())
                        .orElseThrow()
                        .score();
            }
        }
        int greedyFirst = largest(singles);
        int greedySecond = largest(pairs[greedyFirst]);
        double[] bestOfFirst = new double[actions.size()];
        for (int first = 0; first < actions.size(); first++) {
            bestOfFirst[first] = pairs[first][largest(pairs[first])];
        }
        int first = largest(bestOfFirst);
        int second = largest(pairs[first]);
        double greedyElsewhere = elsewhere
                .evaluate(actions.get(greedySecond).apply(halves[greedyFirst], projection), seed, Cancellation.never())
                .orElseThrow()
                .score();
        double bestElsewhere = elsewhere
                .evaluate(actions.get(second).apply(halves[first], projection), seed, Cancellation.never())
                .orElseThrow()
                .score();
        return new Finding(
                100 * Math.sqrt(StatUtils.populationVariance(singles)),
                100 * (pairs[first][second] - pairs[greedyFirst][greedySecond]),
                100 * (bestElsewhere - greedyElsewhere),
                first == greedyFirst);
    }

    private CandidateEvaluator evaluator(TrainingData digits, NetworkGraph initial, long seed) {
        return new CandidateEvaluator(
                digits,
                SearchComparison.SIMULATION,
                Score.accuracy(0).likelihood(1).compression(sizeWeight),
                initial,
                OptionalDouble.of(RATE),
                Metrics.accuracy(),
                Reading.NONE,
                seed);
    }

    private static int largest(double[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[best]) {
                best = i;
            }
        }
        return best;
    }
}
