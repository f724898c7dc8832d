package org.growingnn.dl4j.benchmarks;

import java.io.File;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.StructureOptimizer;
import org.growingnn.dl4j.run.RunEvent;
import org.growingnn.dl4j.run.RunListener;
import org.growingnn.dl4j.search.GreedySearch;
import org.growingnn.dl4j.search.MonteCarloTreeSearch;
import org.growingnn.dl4j.search.SearchStrategy;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The share of a search's time in which its workers are not inside of Deeplearning4j's {@code fit} and {@code output}: making candidates,
 * reading back what training changed, grading, choosing, waiting. Another thread looks at the stacks of the workers every few milliseconds.
 */
@Command(
        name = "search-overhead",
        mixinStandardHelpOptions = true,
        description =
                "Tells which share of a search's time goes into anything but Deeplearning4j's training and passes.")
public final class SearchOverhead implements Callable<Integer> {

    private static final Set<String> COMPUTING = Set.of("fit", "output", "score");
    private static final String WORKER = "growingnn-worker-";

    @Mixin
    private Source source;

    @Option(names = "--workers", defaultValue = "1", description = "threads that evaluate (default: ${DEFAULT-VALUE})")
    private int workers;

    @Option(
            names = "--evaluations",
            defaultValue = "40",
            description = "candidates of one search (default: ${DEFAULT-VALUE})")
    private int evaluations;

    @Option(names = "--runs", defaultValue = "5", description = "searches of each kind (default: ${DEFAULT-VALUE})")
    private int runs;

    @Option(
            names = "--every",
            defaultValue = "2",
            paramLabel = "MILLIS",
            description = "how often to look at the workers (default: ${DEFAULT-VALUE})")
    private int every;

    @Option(names = "--where", description = "tell where workers are that are outside")
    private boolean where;

    @Option(names = "--out", paramLabel = "FILE", description = "where to write the table, too")
    private File out;

    private SearchOverhead() {}

    /**
     * Runs the benchmark.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new SearchOverhead()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        MarkdownTable table = new MarkdownTable(
                String.format(
                        Locale.ROOT,
                        "%s, %d worker(s), %d searches of %d candidates",
                        source.network(),
                        workers,
                        runs,
                        evaluations),
                List.of("search", "outside of fit and output, median %", "least", "most", "looks at the stacks"));
        List<SearchStrategy> strategies = List.of(
                GreedySearch.create().maxEvaluations(evaluations),
                MonteCarloTreeSearch.builder().maxEvaluations(evaluations).build());
        for (SearchStrategy strategy : strategies) {
            Map<String, Integer> places = new HashMap<>();
            double[] shares = new double[runs];
            long looks = 0;
            // The first one loads classes.
            for (int run = -1; run < runs; run++) {
                Watch watch = watched(strategy, run);
                if (run >= 0) {
                    shares[run] = watch.overhead();
                    looks += watch.looks;
                    watch.outside.forEach((place, times) -> places.merge(place, times, Integer::sum));
                }
            }
            Arrays.sort(shares);
            table.row(List.of(
                    strategy.getClass().getSimpleName(),
                    percent(shares[runs / 2]),
                    percent(shares[0]),
                    percent(shares[runs - 1]),
                    String.valueOf(looks)));
            if (where) {
                System.out.println(strategy.getClass().getSimpleName() + ", outside:");
                places.entrySet().stream()
                        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                        .limit(25)
                        .forEach(place -> System.out.println("  " + place.getValue() + "  " + place.getKey()));
            }
        }
        table.show(out);
        return 0;
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f", 100 * share);
    }

    private Watch watched(SearchStrategy strategy, int seed) {
        Watch watch = new Watch(workers, every);
        StructureOptimizer.builder()
                .train(source.mnist().train(100, 1))
                .generations(1)
                .epochsPerGeneration(0)
                .fineTuneEpochs(0)
                .workers(workers)
                .search(strategy)
                .seed(seed)
                .listener(watch)
                .build()
                .optimize(source.model());
        return watch;
    }

    /** Looks at the workers from the initial model's end to the search's end. */
    private static final class Watch implements RunListener {

        private final int workers;
        private final int every;
        private volatile boolean searching;
        private Thread thread;
        private long looks;
        private long inside;
        private final Map<String, Integer> outside = new HashMap<>();

        Watch(int workers, int every) {
            this.workers = workers;
            this.every = every;
        }

        @Override
        public void onEvent(RunEvent event) {
            if (event instanceof RunEvent.GenerationEnded ended
                    && ended.generation().number() == 0) {
                searching = true;
                thread = new Thread(this::look, "watch");
                thread.setDaemon(true);
                thread.start();
            } else if (event instanceof RunEvent.SearchEnded) {
                searching = false;
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }

        private void look() {
            while (searching) {
                Thread[] threads = new Thread[Thread.activeCount() + workers + 1];
                int count = Thread.enumerate(threads);
                for (int i = 0; i < count; i++) {
                    if (threads[i].getName().startsWith(WORKER)) {
                        StackTraceElement[] stack = threads[i].getStackTrace();
                        if (computes(stack)) {
                            inside++;
                        } else {
                            outside.merge(place(stack), 1, Integer::sum);
                        }
                    }
                }
                looks++;
                try {
                    Thread.sleep(every);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }

        /** The library's methods that are furthest from the thread's beginning. */
        private static String place(StackTraceElement[] stack) {
            return Arrays.stream(stack)
                    .filter(frame -> frame.getClassName().startsWith("org.growingnn"))
                    .limit(3)
                    .map(frame -> frame.getClassName().replaceFirst(".*\\.", "") + "." + frame.getMethodName())
                    .collect(Collectors.joining(" < "));
        }

        private static boolean computes(StackTraceElement[] stack) {
            return Arrays.stream(stack)
                    .anyMatch(frame -> frame.getClassName().equals(ComputationGraph.class.getName())
                            && COMPUTING.contains(frame.getMethodName()));
        }

        double overhead() {
            return 1 - inside / ((double) looks * workers);
        }
    }
}
