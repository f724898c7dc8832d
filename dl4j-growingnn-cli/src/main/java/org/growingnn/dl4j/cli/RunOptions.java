package org.growingnn.dl4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.CostGoal;
import org.growingnn.dl4j.run.RunSettings;
import org.growingnn.dl4j.run.Stopper;
import org.growingnn.dl4j.run.Stoppers;
import org.growingnn.dl4j.worker.ProcessExecution;
import org.jspecify.annotations.Nullable;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;
import org.nd4j.shade.jackson.databind.node.TextNode;
import picocli.CommandLine.Option;

/** What a run is to do: settings from a file, of which options change some. */
final class RunOptions {

    @Option(
            names = "--settings",
            paramLabel = "FILE",
            description = "all kinds of settings, as JSON or as YAML (*.yaml, *.yml); docs/settings.md lists them")
    private @Nullable Path file;

    @Option(
            names = "--set",
            paramLabel = "NAME=VALUE",
            description = "one setting by its name in such a file, for example search.strategy=monte-carlo-tree; may be"
                    + " given several times")
    private List<String> assignments = new ArrayList<>();

    @Option(
            names = {"-t", "--target"},
            paramLabel = "GOAL",
            split = ",",
            description = "end when so much is left: params=0.1 (a tenth), 'params<=50000', macs=0.5, memory=2MB,"
                    + " file-size=100KB, latency=0.5, latency=5ms; several are all met")
    private List<String> goals = new ArrayList<>();

    @Option(names = "--generations", paramLabel = "N", description = "generations of search and training at most")
    private @Nullable Integer generations;

    @Option(
            names = "--max-drop",
            paramLabel = "DROP",
            description = "how much worse than the given model accepted models may be: in points for shares such as an"
                    + " accuracy (0.01 is one), else as a share of its loss or error")
    private @Nullable Double maxDrop;

    @Option(
            names = "--time-limit",
            paramLabel = "MINUTES",
            description = "begin no generation behind so many minutes of the run")
    private @Nullable Double minutes;

    @Option(names = "--seed", paramLabel = "N", description = "what all randomness derives from")
    private @Nullable Long seed;

    @Option(names = "--workers", paramLabel = "N", description = "candidates that are evaluated at once")
    private @Nullable Integer workers;

    @Option(names = "--processes", description = "evaluate candidates in processes of their own instead of threads")
    private boolean processes;

    @Option(
            names = "--master",
            paramLabel = "MASTER",
            description =
                    "evaluate candidates on a Spark cluster, as Spark names it: local[2], spark://host:7077; needs"
                            + " dl4j-growingnn-spark and Spark on the class path, see docs/spark.md")
    private @Nullable String master;

    @Option(
            names = "--deterministic",
            description =
                    "refuse whatever the result could depend on besides seed, data and machine, such as limits of time")
    private boolean deterministic;

    /** Tells whether the run is to go further than it was to before. */
    boolean goesFurther() {
        return file != null
                || !assignments.isEmpty()
                || !goals.isEmpty()
                || generations != null
                || minutes != null
                || maxDrop != null;
    }

    /** Gives the goals as they were named. */
    List<String> goals() {
        return goals;
    }

    /**
     * Changes settings by the options.
     *
     * @param base settings of a run, or the defaults
     * @param wanted the goals that hold: those that were named, or those that the run began with
     * @return the changed settings
     * @throws InputException if they cannot be read, or do not go together
     */
    RunSettings settings(RunSettings base, List<CostGoal> wanted) {
        RunSettings settings = file == null ? base : read(base, file);
        for (String assignment : assignments) {
            settings = with(settings, assignment);
        }
        try {
            if (generations != null) {
                settings = settings.with("generations", generations);
            }
            if (seed != null) {
                settings = settings.with("seed", seed);
            }
            if (workers != null) {
                settings = settings.with("workers", workers);
            }
            if (processes) {
                settings = settings.with("execution", ProcessExecution.processes());
            }
            if (master != null) {
                settings = settings.withJson(onSpark(master));
            }
            if (maxDrop != null) {
                settings = settings.with("acceptance.maxDrop", OptionalDouble.of(maxDrop));
            }
            if (deterministic) {
                settings = settings.with("deterministic", true);
            }
            if (!goals.isEmpty() || minutes != null) {
                settings = settings.with("stopper", stopper(settings.stopper(), wanted));
            }
            boolean latency = wanted.stream().anyMatch(goal -> goal.cost() == Cost.LATENCY);
            // What options say together is checked like a file, unless what layers take is still to be measured.
            return latency && settings.latencies().isEmpty() ? settings : settings.withJson("{}");
        } catch (IllegalArgumentException e) {
            throw new InputException(String.valueOf(e.getMessage()), e);
        }
    }

    /** By its name in settings, since this module does not know Spark's. */
    private String onSpark(String cluster) {
        if (processes) {
            throw new InputException(
                    "--processes and --master exclude each other: both say where candidates are evaluated.");
        }
        ObjectNode root = Json.object();
        root.putObject("execution").put("type", "spark").put("master", cluster);
        return root.toString();
    }

    /** All goals must be met; the time ends the run whatever is met. */
    private Stopper stopper(Stopper otherwise, List<CostGoal> wanted) {
        Stopper met =
                wanted.stream().map(RunOptions::stopper).reduce(Stopper::and).orElse(otherwise);
        if (minutes == null) {
            return met;
        }
        if (!(minutes > 0)) {
            throw new InputException("The --time-limit (" + minutes + ") must be positive.");
        }
        return met.or(Stoppers.time(Duration.ofMillis((long) (minutes * 60_000))));
    }

    private static Stopper stopper(CostGoal goal) {
        return goal.left().isPresent()
                ? Stoppers.left(goal.cost(), goal.left().getAsDouble())
                : Stoppers.atMost(goal.cost(), goal.most().getAsLong());
    }

    private static RunSettings read(RunSettings base, Path file) {
        Inputs.requireFile(file, "file of settings");
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        try {
            String text = Files.readString(file);
            return name.endsWith(".yaml") || name.endsWith(".yml") ? base.withYaml(text) : base.withJson(text);
        } catch (IOException e) {
            throw Inputs.unreadable(file, "file of settings", e);
        } catch (IllegalArgumentException e) {
            throw new InputException("The settings in " + file + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static RunSettings with(RunSettings settings, String assignment) {
        int equals = assignment.indexOf('=');
        if (equals <= 0) {
            throw new InputException(
                    "--set " + assignment + " must be NAME=VALUE.\nMaybe --set search.strategy=random?");
        }
        String[] names = assignment.substring(0, equals).strip().split("\\.");
        ObjectNode root = Json.object();
        ObjectNode node = root;
        for (int i = 0; i < names.length - 1; i++) {
            node = node.putObject(names[i]);
        }
        node.set(names[names.length - 1], value(assignment.substring(equals + 1).strip()));
        try {
            return settings.withJson(root.toString());
        } catch (IllegalArgumentException e) {
            throw new InputException("--set " + assignment + " cannot be used: " + e.getMessage(), e);
        }
    }

    /** Names need no quotes. */
    private static JsonNode value(String text) {
        try {
            return Json.read(text);
        } catch (JsonProcessingException e) {
            return TextNode.valueOf(text);
        }
    }
}
