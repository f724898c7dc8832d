package org.growingnn.dl4j.cli;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.growingnn.dl4j.PruningTarget;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.CostGoal;

/** Reads goals such as {@code params=0.1}, {@code macs<=1000000}, {@code file-size=100KB} and {@code latency<=5ms}. */
final class Targets {

    private static final Pattern GOAL = Pattern.compile("(params|macs|memory|file-size|latency)(<=|=)(.+)");
    private static final Pattern QUANTITY = Pattern.compile("([0-9.]+(?:[eE][+-]?[0-9]+)?)\\s*([A-Za-zµ]*)");

    private static final Map<String, Cost> COSTS = Map.of(
            "params", Cost.PARAMETERS,
            "macs", Cost.MACS,
            "memory", Cost.MEMORY,
            "file-size", Cost.FILE_SIZE,
            "latency", Cost.LATENCY);

    private static final Map<String, Double> BYTES = Map.of(
            "", 1.0, "b", 1.0, "kb", 1e3, "mb", 1e6, "gb", 1e9, "kib", 0x1p10, "mib", 0x1p20, "gib", 0x1p30, "k", 1e3,
            "m", 1e6);
    private static final Map<String, Double> COUNTS = Map.of("", 1.0, "k", 1e3, "m", 1e6, "g", 1e9);
    private static final Map<String, Double> NANOSECONDS = Map.of("ns", 1.0, "us", 1e3, "µs", 1e3, "ms", 1e6, "s", 1e9);

    private static final String EXAMPLES =
            "Maybe params=0.1 (a tenth is left), 'params<=50000', macs=0.5, memory=2MB, file-size=100KB or latency=5ms?";

    private Targets() {}

    /** Tells whether a text is meant to be a goal. */
    static boolean isGoal(String text) {
        return GOAL.matcher(text).matches();
    }

    /** Tells whether a goal is about the size of the file. */
    static boolean isFileSize(String goal) {
        return goal.startsWith("file-size");
    }

    /** Tells whether a goal speaks of what depends on the size of the model's inputs. */
    static boolean needsInputSize(String goal) {
        return goal.startsWith("macs") || goal.startsWith("memory");
    }

    /**
     * Reads goals for a pruning.
     *
     * @param goals at least one
     * @return all of them together
     */
    static PruningTarget read(List<String> goals) {
        return goals(goals).stream()
                .map(Targets::target)
                .reduce(PruningTarget::and)
                .orElseThrow();
    }

    /**
     * Reads goals.
     *
     * @param goals any number
     * @return the goals
     */
    static List<CostGoal> goals(List<String> goals) {
        return goals.stream().map(Targets::goal).toList();
    }

    private static PruningTarget target(CostGoal goal) {
        double left = goal.left().orElse(0);
        long most = goal.most().orElse(0);
        boolean share = goal.left().isPresent();
        return switch (goal.cost()) {
            case PARAMETERS -> share ? PruningTarget.parametersLeft(left) : PruningTarget.parametersAtMost(most);
            case MACS -> share ? PruningTarget.macsLeft(left) : PruningTarget.macsAtMost(most);
            case MEMORY -> PruningTarget.memory(most);
            case FILE_SIZE -> PruningTarget.fileSize(most);
            case LATENCY -> share ? PruningTarget.latencyLeft(left) : PruningTarget.latency(Duration.ofNanos(most));
        };
    }

    private static CostGoal goal(String goal) {
        Matcher matcher = GOAL.matcher(goal);
        if (!matcher.matches()) {
            throw new InputException("The target '" + goal + "' is no goal.\n" + EXAMPLES);
        }
        Cost cost = COSTS.get(matcher.group(1));
        Matcher quantity = QUANTITY.matcher(matcher.group(3).strip());
        if (!quantity.matches()) {
            throw refused(goal);
        }
        double value;
        try {
            value = Double.parseDouble(quantity.group(1));
        } catch (NumberFormatException e) {
            throw refused(goal);
        }
        String unit = quantity.group(2).toLowerCase(Locale.ROOT);
        boolean share = matcher.group(2).equals("=") && unit.isEmpty() && value < 1;
        return switch (cost) {
            case PARAMETERS, MACS ->
                share ? CostGoal.left(cost, value) : CostGoal.atMost(cost, quantity(value, unit, COUNTS, goal));
            case MEMORY, FILE_SIZE -> CostGoal.atMost(cost, quantity(value, unit, BYTES, goal));
            case LATENCY ->
                share
                        ? CostGoal.left(cost, value)
                        : CostGoal.latency(Duration.ofNanos(quantity(value, unit, NANOSECONDS, goal)));
        };
    }

    private static long quantity(double value, String unit, Map<String, Double> units, String goal) {
        Double factor = units.get(unit);
        if (factor == null || value * factor < 1) {
            throw refused(goal);
        }
        return (long) (value * factor);
    }

    private static InputException refused(String goal) {
        return new InputException("The target '" + goal + "' has no amount that it can have.\n" + EXAMPLES);
    }
}
