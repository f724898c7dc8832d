package org.growingnn.dl4j.benchmarks.jmh;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.growingnn.dl4j.benchmarks.MarkdownTable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs {@link CandidateBenchmark} and compares everything with Deeplearning4j's {@code clone()} in the same run. */
@Command(
        name = "candidate-costs",
        mixinStandardHelpOptions = true,
        description =
                "Measures what making a candidate takes, beside ComputationGraph.clone(), each in processes of its own.")
public final class CandidateCosts implements Callable<Integer> {

    private static final String BASELINE = "clone";

    @Option(
            names = "--subjects",
            split = ",",
            defaultValue = "MLP,LENET,RESNET50",
            description = "some of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private List<Subject> subjects;

    @Option(
            names = "--steps",
            split = ",",
            defaultValue = "plan,project,resize,refit,read,write,resizeAndWrite,candidate",
            description = "methods of the benchmark (default: ${DEFAULT-VALUE})")
    private List<String> steps;

    @Option(
            names = "--states",
            split = ",",
            defaultValue = "false,true",
            description = "without and with the state of Adam (default: ${DEFAULT-VALUE})")
    private List<String> states;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "how often all steps take turns, each time in new processes (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(
            names = "--seconds",
            defaultValue = "3",
            description = "how long to warm up, and then to measure, in each process (default: ${DEFAULT-VALUE})")
    private int seconds;

    @Option(names = "--verbose", description = "show what JMH prints")
    private boolean verbose;

    @Option(names = "--out", paramLabel = "FILE", description = "where to write the table, too")
    private File out;

    private CandidateCosts() {}

    /**
     * Runs the benchmark.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new CandidateCosts()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, RunnerException {
        Map<Case, List<Double>> medians = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (RunResult result : run()) {
                Case measured = new Case(
                        Subject.valueOf(result.getParams().getParam("subject")),
                        Boolean.parseBoolean(result.getParams().getParam("state")),
                        result.getPrimaryResult().getLabel());
                medians.computeIfAbsent(measured, key -> new ArrayList<>())
                        .add(result.getPrimaryResult().getStatistics().getPercentile(50));
            }
        }
        MarkdownTable table = new MarkdownTable(
                "Median milliseconds, and how many times as long as clone(); medians of " + rounds + " processes each",
                List.of("network", "optimiser's state", "step", "ms", "of clone()", "smallest to largest"));
        for (Subject subject : subjects) {
            for (String state : states) {
                Case baseline = new Case(subject, Boolean.parseBoolean(state), BASELINE);
                row(table, baseline, medians);
                for (String step : steps) {
                    row(table, new Case(subject, baseline.state, step), medians);
                }
            }
        }
        table.show(out);
        return 0;
    }

    private Collection<RunResult> run() throws RunnerException {
        OptionsBuilder options = new OptionsBuilder();
        String prefix = "^" + CandidateBenchmark.class.getName().replace(".", "\\.") + "\\.";
        options.include(prefix + BASELINE + "$");
        steps.forEach(step -> options.include(prefix + step + "$"));
        return new Runner(options.param(
                                "subject", subjects.stream().map(Enum::name).toArray(String[]::new))
                        .param("state", states.toArray(String[]::new))
                        .forks(1)
                        .warmupIterations(1)
                        .warmupTime(TimeValue.seconds(seconds))
                        .measurementIterations(1)
                        .measurementTime(TimeValue.seconds(seconds))
                        .shouldFailOnError(true)
                        .verbosity(verbose ? VerboseMode.NORMAL : VerboseMode.SILENT)
                        .build())
                .run();
    }

    private static void row(MarkdownTable table, Case measured, Map<Case, List<Double>> medians) {
        List<Double> own = medians.get(measured);
        List<Double> baseline = medians.get(new Case(measured.subject, measured.state, BASELINE));
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < own.size(); round++) {
            ratios.add(own.get(round) / baseline.get(round));
        }
        ratios.sort(null);
        table.row(List.of(
                measured.subject.name(),
                measured.state ? "Adam" : "none",
                measured.step,
                String.format(Locale.ROOT, "%.3f", median(own) / 1000),
                String.format(Locale.ROOT, "%.2f", median(ratios)),
                String.format(Locale.ROOT, "%.2f to %.2f", ratios.get(0), ratios.get(ratios.size() - 1))));
    }

    private static double median(List<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private record Case(Subject subject, boolean state, String step) {}
}
