package org.growingnn.dl4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.growingnn.dl4j.OptimizationResult;
import org.growingnn.dl4j.StructureOptimizer;
import org.growingnn.dl4j.cli.report.Report;
import org.growingnn.dl4j.cli.report.ReportServer;
import org.growingnn.dl4j.folder.RunFolder;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.CostGoal;
import org.growingnn.dl4j.run.Generation;
import org.growingnn.dl4j.run.Outcome;
import org.growingnn.dl4j.run.RunEvent;
import org.growingnn.dl4j.run.RunSettings;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.training.LatencyMeter;
import org.growingnn.dl4j.training.ModelFailure;
import org.growingnn.dl4j.training.PassBatch;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.node.ArrayNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/** A run in a folder, from the command line to the exit code. */
final class Session {

    /** The page about the run in its folder. */
    static final String REPORT = "report.html";

    private static final String COMMAND = "command.json";

    /** A run that was asked to end does so within a training step. */
    private static final long LONGEST_STEP_SECONDS = 120;

    /** Where a run goes on from. */
    enum Begin {
        ANEW,
        AGAIN,
        FURTHER
    }

    private final Console console;
    private final RunFolder folder;
    private final LoadedModel loaded;
    private final DataOptions sources;
    private final DataParts parts;
    private final Data training;
    private final List<String> goalTexts;
    private final List<CostGoal> goals;
    private final Optional<Grader> grader;
    private final RunSettings settings;
    private final WatchOptions watch;
    private final boolean oneDnn;
    private final boolean json;
    private volatile int finished = -1;

    Session(
            Console console,
            Supplier<RunFolder> place,
            LoadedModel loaded,
            DataOptions sources,
            List<String> goals,
            RunSettings settings,
            WatchOptions watch,
            boolean oneDnn,
            boolean json) {
        this.console = console;
        this.loaded = loaded;
        this.sources = sources;
        this.parts = sources.load(loaded);
        this.training = parts.train()
                .orElseThrow(() -> new InputException("There is no data to train with.\nMaybe name it with --data?"))
                .requireLabels("train");
        this.goalTexts = goals;
        this.goals = Targets.goals(goals);
        this.settings = settings;
        this.grader = parts.test().map(data -> Grader.of(loaded, data, settings.metric()));
        // What is refused before leaves nothing behind.
        this.folder = place.get();
        this.watch = watch;
        this.oneDnn = oneDnn;
        this.json = json;
    }

    /**
     * What a run was told besides its settings.
     *
     * @param data options that name the data
     * @param goals what is to be reached
     * @param inputSize extents of the model's input, which zips do not store; empty if unknown or if it has none
     * @param oneDnn whether convolutions may be computed by oneDNN, which rounds differently
     */
    record Kept(List<String> data, List<String> goals, List<Integer> inputSize, boolean oneDnn) {}

    /** Keeps what was told, for those who resume the run, as soon as there is one. */
    private void keep(RunEvent event) {
        if (event instanceof RunEvent.RunStarted) {
            ObjectNode command = Json.object();
            ArrayNode data = command.putArray("data");
            sources.arguments().forEach(data::add);
            ArrayNode named = command.putArray("goals");
            goalTexts.forEach(named::add);
            ArrayNode size = command.putArray("inputSize");
            loaded.inputSize().forEach(size::add);
            command.put("oneDnn", oneDnn);
            folder.keep(COMMAND, Json.text(command));
        }
    }

    /** Tells what a run was told. */
    static Kept kept(RunFolder folder) throws IOException {
        Path file = folder.path().resolve(COMMAND);
        if (!Files.isRegularFile(file)) {
            return new Kept(List.of(), List.of(), List.of(), true);
        }
        JsonNode command = Json.read(Files.readString(file));
        List<Integer> size = new ArrayList<>();
        command.path("inputSize").forEach(extent -> size.add(extent.asInt()));
        return new Kept(
                texts(command.path("data")),
                texts(command.path("goals")),
                size,
                command.path("oneDnn").asBoolean(true));
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(item -> texts.add(item.asText()));
        return texts;
    }

    /**
     * Runs to the end.
     *
     * @param begin where to go on from
     * @return the exit code
     */
    int execute(Begin begin) throws IOException {
        StructureOptimizer.Builder builder =
                StructureOptimizer.builder().settings(measured()).train(training.iterator());
        parts.validation()
                .ifPresent(data ->
                        builder.validation(data.requireLabels("judge models").iterator()));
        Cancellation cancellation = new Cancellation();
        CountDownLatch over = new CountDownLatch(1);
        Thread hook = new Thread(() -> stop(cancellation, over), "growingnn-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        int code;
        try (ReportServer server = watch.serve(folder, console)) {
            OptimizationResult result;
            try (Progress progress = Progress.of(console, settings.generations())) {
                result = run(builder.listener(this::keep).listener(progress), begin, cancellation);
            }
            code = told(result);
            if (server != null && !cancellation.requested()) {
                over.countDown();
                finished = code;
                console.note("The report stays at " + server.address() + " until Ctrl-C");
                awaitInterrupt(cancellation);
            }
        } finally {
            over.countDown();
            forget(hook);
        }
        return code;
    }

    private OptimizationResult run(StructureOptimizer.Builder builder, Begin begin, Cancellation cancellation) {
        return switch (begin) {
            case ANEW -> builder.folder(folder).build().optimize(loaded.model(), cancellation);
            case AGAIN -> builder.build().resume(folder, cancellation);
            case FURTHER -> builder.build().proceed(folder, cancellation);
        };
    }

    /** Goals of latency need a table, which is measured once and kept with the settings. */
    private RunSettings measured() {
        boolean needed = goals.stream().anyMatch(goal -> goal.cost() == Cost.LATENCY);
        if (!needed || settings.latencies().isPresent()) {
            return settings;
        }
        console.note("Measuring what each layer takes");
        MultiDataSet batch = PassBatch.first(training.trainingData(), 1)
                .orElseThrow(() -> new InputException("The data " + training.source() + " is empty."));
        return settings.with(
                "latencies",
                Optional.of(new LatencyMeter()
                        .table(
                                loaded.withInputTypes(training.trainingData().inputTypes(loaded.network()))
                                        .network(),
                                batch)));
    }

    /** Runs while the process ends because of Ctrl-C or a signal: Java waits for it, so that the best model gets saved. */
    private void stop(Cancellation cancellation, CountDownLatch over) {
        if (finished >= 0) {
            // Nobody watches any more: the run's own exit code counts.
            Runtime.getRuntime().halt(finished);
        }
        console.note("\nEnding the run behind the training step under way");
        cancellation.cancel("it was interrupted");
        try {
            over.await(LONGEST_STEP_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // It runs already, which is why the run has ended.
        }
    }

    private static void awaitInterrupt(Cancellation cancellation) {
        while (!cancellation.requested()) {
            try {
                TimeUnit.MILLISECONDS.sleep(200);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private int told(OptimizationResult result) throws IOException {
        if (!folder.hasBegun()) {
            console.note(
                    "The run was ended before it had begun: " + result.outcome().reason());
            return ExitCode.FAILED;
        }
        Path page = folder.path().resolve(REPORT);
        try {
            Report.write(folder.path(), page);
        } catch (IOException | RuntimeException e) {
            // The run and its model are there all the same.
            console.note("The report cannot be written: " + e.getMessage());
        }
        Path best = folder.path().resolve(RunFolder.BEST);
        boolean stopped = result.status() == Outcome.Status.CANCELLED || result.status() == Outcome.Status.FAILED;
        List<CostGoal> missed =
                goals.stream().filter(goal -> isMissed(goal, result)).toList();
        Comparison comparison = comparison(result);
        if (json) {
            console.result(Json.text(json(result, comparison, best, page)));
        } else {
            console.report(text(result, comparison, missed, best, page));
        }
        if (stopped) {
            console.note("The run " + (result.status() == Outcome.Status.FAILED ? "failed: " : "was ended: ")
                    + result.outcome().reason() + "\nTo go on with it: growingnn resume " + folder);
            return ExitCode.FAILED;
        }
        return missed.isEmpty() ? ExitCode.DONE : ExitCode.GOAL_MISSED;
    }

    private static boolean isMissed(CostGoal goal, OptimizationResult result) {
        long before = goal.cost().of(result.initialNetwork());
        return goal.cost().of(result.network()) > goal.limit(before);
    }

    private Comparison comparison(OptimizationResult result) {
        return new Comparison(
                "before",
                "after",
                Comparison.Counts.of(result.initialParameters(), result.parameters()),
                Comparison.Counts.macs(result.initialNetwork(), result.network()),
                // What one of them has of the optimiser's state, which the other may lack, is no difference of models.
                Comparison.Counts.of(Cost.FILE_SIZE.of(result.initialNetwork()), Cost.FILE_SIZE.of(result.network())),
                result.latency().isPresent()
                        ? new Comparison.Counts(nanos(result, true), nanos(result, false))
                        : Comparison.Counts.unknown(),
                grader.map(some -> some.metric().name()).orElse(""),
                grader.map(some -> some.source() + " (" + TextTable.number(some.examples()) + " examples)")
                        .orElse(""),
                values(result));
    }

    private Optional<Comparison.Values> values(OptimizationResult result) {
        try {
            return grader.map(some ->
                    new Comparison.Values(some.measure(result.initialNetwork()), some.measure(result.network())));
        } catch (IllegalStateException | ModelFailure e) {
            console.note("The test data does not tell how good the models are: " + e.getMessage());
            return Optional.empty();
        }
    }

    private static OptionalLong nanos(OptimizationResult result, boolean before) {
        List<Generation> history = result.history();
        Generation of =
                before ? history.get(0) : result.outcome().state().result().generation();
        return of.costs().of(Cost.LATENCY);
    }

    private String text(OptimizationResult result, Comparison comparison, List<CostGoal> missed, Path best, Path page) {
        Generation first = result.history().get(0);
        Generation last = result.outcome().state().result().generation();
        StringBuilder text = new StringBuilder(comparison.text());
        text.append(String.format(
                Locale.ROOT,
                "%nOn validation data %.4f before, %.4f after; %d generations, %s%n",
                first.validationMetric(),
                last.validationMetric(),
                result.history().size() - 1,
                result.outcome().reason()));
        missed.forEach(goal -> text.append("Not reached: ")
                .append(Names.hyphenated(goal.cost()))
                .append(" at most ")
                .append(TextTable.number(Math.round(goal.limit(goal.cost().of(result.initialNetwork())))))
                .append('\n'));
        return text.append("The model is ")
                .append(best)
                .append(", which holds the optimiser's state, too; the report ")
                .append(page)
                .append('\n')
                .toString();
    }

    private ObjectNode json(OptimizationResult result, Comparison comparison, Path best, Path page) {
        ObjectNode root = Json.object();
        root.put("run", folder.path().toString());
        root.put("status", Names.hyphenated(result.status()));
        root.put("reason", result.outcome().reason());
        root.put("model", best.toString());
        root.put("report", page.toString());
        comparison.put(root, "before", "after");
        ArrayNode generations = root.putArray("generations");
        for (Generation generation : result.history()) {
            ObjectNode node = generations.addObject();
            node.put("number", generation.number());
            node.put("accepted", generation.accepted());
            node.put("parameters", generation.parameters());
            Json.put(node, "validation", OptionalDouble.of(generation.validationMetric()));
            node.put("action", action(generation));
        }
        return root;
    }

    private static @Nullable String action(Generation generation) {
        return generation.action().map(Object::toString).orElse(null);
    }
}
