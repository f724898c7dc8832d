package org.growingnn.dl4j.benchmarks;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.Pointer;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.metric.Metrics;
import org.growingnn.dl4j.metric.Reading;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.score.Measurement;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.score.ScoreTerm;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.Candidate;
import org.growingnn.dl4j.search.CandidateExecutor;
import org.growingnn.dl4j.search.ThreadExecutor;
import org.growingnn.dl4j.training.BlasThreads;
import org.growingnn.dl4j.training.CandidateEvaluator;
import org.growingnn.dl4j.training.SimulationSettings;
import org.growingnn.dl4j.worker.ProcessExecution;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What it costs to evaluate candidates in processes of their own instead of threads, and how large these processes get. */
@Command(
        name = "execution-speed",
        mixinStandardHelpOptions = true,
        description = "Evaluates the same candidates on threads and in processes, in turns.")
public final class ExecutionSpeed implements Callable<Integer> {

    @Mixin
    private Source source;

    @Option(names = "--workers", defaultValue = "2", description = "threads or processes (default: ${DEFAULT-VALUE})")
    private int workers;

    @Option(names = "--candidates", defaultValue = "20", description = "of one turn (default: ${DEFAULT-VALUE})")
    private int candidates;

    @Option(names = "--runs", defaultValue = "7", description = "turns of each (default: ${DEFAULT-VALUE})")
    private int runs;

    @Option(
            names = "--leak",
            defaultValue = "0",
            paramLabel = "MIB",
            description =
                    "native memory that is lost whenever a grade is computed, which is up to six times for a candidate; only"
                            + " processes are measured then (default: ${DEFAULT-VALUE})")
    private long leak;

    @Option(
            names = "--memory",
            defaultValue = "1500",
            paramLabel = "MIB",
            description = "size at which processes are replaced (default: ${DEFAULT-VALUE})")
    private long memory;

    @Option(names = "--out", paramLabel = "FILE", description = "where to write the table, too")
    private File out;

    private ExecutionSpeed() {}

    /**
     * Runs the benchmark.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ExecutionSpeed()).execute(arguments));
    }

    /** Keeps native memory for ever, as code that leaks does, and tells in its grade how large that has made the process. */
    private record Leak(long bytes) implements ScoreTerm {

        /** No process has as many. */
        private static final double SCALE = 1L << 44;

        @Override
        public String name() {
            return "leak";
        }

        @Override
        public double grade(Measurement measurement) {
            if (bytes > 0) {
                // Not by a pointer that JavaCPP counts: what leaks is what nobody counts.
                Pointer.memset(Pointer.malloc(bytes), 1, bytes);
            }
            return Pointer.physicalBytes() / SCALE;
        }
    }

    @Override
    @SuppressWarnings("try") // The lease is only held.
    public Integer call() throws IOException {
        NetworkGraph network = Dl4jGraphs.read(source.model());
        CandidateEvaluator evaluator = new CandidateEvaluator(
                TrainingData.of(source.mnist().train(100, 1)),
                SimulationSettings.DEFAULT,
                Score.of(new Leak(leak << 20), 1),
                network,
                OptionalDouble.empty(),
                Metrics.accuracy(),
                Reading.NONE,
                1);
        List<StructuralAction> actions = Actions.neurons().generate(network).toList();
        MarkdownTable table = new MarkdownTable(
                String.format(
                        Locale.ROOT,
                        "%s: evaluations by %d workers, %d MiB lost by each, median of %d times %d",
                        source.network(),
                        workers,
                        leak,
                        runs,
                        candidates),
                List.of("where", "start, s", "evaluations/s", "least", "most", "largest process, MiB"));
        ProcessExecution processes = ProcessExecution.processes().heap(1L << 30).memory(memory << 20);
        try (BlasThreads single = BlasThreads.single();
                CandidateExecutor threads = new ThreadExecutor(workers);
                CandidateExecutor pool = processes.executor(workers)) {
            // A leak would end this process.
            Map<String, CandidateExecutor> executors = new LinkedHashMap<>();
            if (leak == 0) {
                executors.put("threads", threads);
            }
            executors.put("processes", pool);
            Map<String, double[]> speeds = new LinkedHashMap<>();
            Map<String, Long> largest = new LinkedHashMap<>();
            Map<String, Double> starts = new LinkedHashMap<>();
            for (Map.Entry<String, CandidateExecutor> entry : executors.entrySet()) {
                long begin = System.nanoTime();
                entry.getValue().requireAble(evaluator, network);
                starts.put(entry.getKey(), (System.nanoTime() - begin) / 1e9);
                // The first candidates load classes.
                largest.put(entry.getKey(), turn(entry.getValue(), evaluator, network, actions));
                speeds.put(entry.getKey(), new double[runs]);
            }
            for (int run = 0; run < runs; run++) {
                for (Map.Entry<String, CandidateExecutor> entry : executors.entrySet()) {
                    long begin = System.nanoTime();
                    largest.merge(entry.getKey(), turn(entry.getValue(), evaluator, network, actions), Math::max);
                    speeds.get(entry.getKey())[run] = candidates / ((System.nanoTime() - begin) / 1e9);
                }
            }
            for (String name : executors.keySet()) {
                double[] sorted = speeds.get(name).clone();
                Arrays.sort(sorted);
                table.row(List.of(
                        name,
                        String.format(Locale.ROOT, "%.1f", starts.get(name)),
                        String.format(Locale.ROOT, "%.2f", sorted[runs / 2]),
                        String.format(Locale.ROOT, "%.2f", sorted[0]),
                        String.format(Locale.ROOT, "%.2f", sorted[runs - 1]),
                        String.valueOf(largest.get(name) >> 20)));
            }
        }
        table.show(out);
        return 0;
    }

    /** Evaluates candidates and tells how large the largest process was behind one of them, in bytes. */
    private long turn(
            CandidateExecutor executor,
            CandidateEvaluator evaluator,
            NetworkGraph network,
            List<StructuralAction> actions) {
        List<Candidate> some = new ArrayList<>();
        for (int i = 0; i < candidates; i++) {
            some.add(Candidate.root(network).then(actions.get(i % actions.size()), Projections.pseudoInverse()));
        }
        AtomicLong largest = new AtomicLong();
        executor.evaluate(
                evaluator,
                some,
                1,
                Cancellation.never(),
                evaluated -> largest.accumulateAndGet(
                        Math.round(evaluated.evaluation().orElseThrow().score() * Leak.SCALE), Math::max));
        return largest.get();
    }
}
