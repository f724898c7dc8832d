package org.growingnn.dl4j;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.growingnn.dl4j.graph.LatencyTable;
import org.growingnn.dl4j.value.Ranges;

/**
 * What became of the latency of a model that was pruned or optimised.
 *
 * @param table the times that were decided by; given to another pruner or run of the same model, it repeats all decisions
 * @param predicted what a pass of the new model takes by the table
 * @param goal what that was to be at most; empty if the latency had no goal
 * @param layers what each layer and vertex of the new model takes by the table, the slowest first
 * @param checks how many models were measured
 * @param measured what the measurement of the last one said; empty if none was measured
 */
public record LatencyReport(
        LatencyTable table,
        Duration predicted,
        Optional<Duration> goal,
        Map<String, Duration> layers,
        int checks,
        Optional<LatencyReport.Measured> measured) {

    /** How many layers a text names. */
    private static final int SLOWEST = 3;

    /**
     * Medians of passes of the model before and after, which took turns.
     *
     * @param before of the model as it was given
     * @param after of the new model
     * @param goal what the latter was to be at most, if it had a goal; a share refers to the former
     * @param passes number of passes of each
     */
    public record Measured(Duration before, Duration after, Optional<Duration> goal, int passes) {

        /**
         * Checks the ranges.
         *
         * @param before of the model as it was given
         * @param after of the new model
         * @param goal what the latter was to be at most
         * @param passes number of passes of each
         */
        public Measured {
            Objects.requireNonNull(before, "before");
            Objects.requireNonNull(after, "after");
            Objects.requireNonNull(goal, "goal");
            Ranges.requireAtLeast("passes", passes, 1);
        }
    }

    /**
     * Copies the layers, and keeps their order.
     *
     * @param table the times that were decided by
     * @param predicted what a pass takes by the table
     * @param goal what that was to be at most
     * @param layers what each layer takes by the table
     * @param checks how many models were measured
     * @param measured what the measurement of the last one said
     */
    public LatencyReport {
        Objects.requireNonNull(table, "table");
        Objects.requireNonNull(predicted, "predicted");
        Objects.requireNonNull(goal, "goal");
        layers = Collections.unmodifiableMap(new LinkedHashMap<>(Objects.requireNonNull(layers, "layers")));
        Ranges.requireAtLeast("checks", checks, 0);
        Objects.requireNonNull(measured, "measured");
    }

    /**
     * Tells by how much the goal is missed: by the measurement, or by the table if nothing was measured.
     *
     * @return zero if it is met, or if there is none
     */
    public Duration missedBy() {
        Optional<Duration> excess =
                measured.map(found -> found.goal.map(found.after::minus)).orElseGet(() -> goal.map(predicted::minus));
        return excess.filter(missed -> !missed.isNegative()).orElse(Duration.ZERO);
    }

    /**
     * Tells whether the goal is met: by the measurement, or by the table if nothing was measured.
     *
     * @return true if nothing is left above it, or if there is none
     */
    public boolean met() {
        return missedBy().isZero();
    }

    /**
     * Says what was predicted and measured, by how much the goal is missed if it is, and which layers take most of what is left.
     *
     * @return a sentence
     */
    public String describe() {
        return "A pass with " + table.examples() + (table.examples() == 1 ? " example" : " examples")
                + " takes " + text(predicted) + " by the table" + goal(goal)
                + measured.map(found -> ", and " + text(found.after) + " by measuring (median of " + found.passes
                                + " passes, check " + checks + ")" + goal(found.goal) + ", after " + text(found.before)
                                + " before")
                        .orElse("")
                + (met() ? "." : ": the target is missed by " + text(missedBy()) + ".")
                + " Most of it is in "
                + layers.entrySet().stream()
                        .limit(SLOWEST)
                        .map(layer -> "'" + layer.getKey() + "' (" + text(layer.getValue()) + ")")
                        .collect(Collectors.joining(", "))
                + ".";
    }

    private static String goal(Optional<Duration> goal) {
        return goal.map(most -> ", which was to be at most " + text(most)).orElse("");
    }

    private static String text(Duration duration) {
        long nanos = duration.toNanos();
        return nanos < 1_000_000
                ? String.format(Locale.ROOT, "%.3f µs", nanos / 1e3)
                : String.format(Locale.ROOT, "%.3f ms", nanos / 1e6);
    }
}
