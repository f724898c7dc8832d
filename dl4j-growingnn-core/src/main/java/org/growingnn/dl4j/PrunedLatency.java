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
 * What became of a target of latency.
 *
 * @param table the times that units were removed by; with it, {@link StructuralPruner.Builder#latencies} repeats all decisions
 * @param predicted what a pass of the pruned network takes by the table
 * @param goal what that was to be at most
 * @param layers what each layer and vertex of the pruned network takes by the table, the slowest first
 * @param checks how many pruned networks were measured
 * @param measured what the measurement of the last one said; empty if none was measured
 */
public record PrunedLatency(
        LatencyTable table,
        Duration predicted,
        Duration goal,
        Map<String, Duration> layers,
        int checks,
        Optional<PrunedLatency.Measured> measured) {

    /** How many layers a text names. */
    private static final int SLOWEST = 3;

    /**
     * Medians of passes of the model before and after, which took turns.
     *
     * @param before of the model as it was given
     * @param after of the pruned model
     * @param goal what the latter was to be at most; a share refers to the former
     * @param passes number of passes of each
     */
    public record Measured(Duration before, Duration after, Duration goal, int passes) {

        /**
         * Checks the ranges.
         *
         * @param before of the model as it was given
         * @param after of the pruned model
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
     * @param table the times that units were removed by
     * @param predicted what a pass takes by the table
     * @param goal what that was to be at most
     * @param layers what each layer takes by the table
     * @param checks how many pruned networks were measured
     * @param measured what the measurement of the last one said
     */
    public PrunedLatency {
        Objects.requireNonNull(table, "table");
        Objects.requireNonNull(predicted, "predicted");
        Objects.requireNonNull(goal, "goal");
        layers = Collections.unmodifiableMap(new LinkedHashMap<>(Objects.requireNonNull(layers, "layers")));
        Ranges.requireAtLeast("checks", checks, 0);
        Objects.requireNonNull(measured, "measured");
    }

    /**
     * Tells by how much the target is missed: by the measurement, or by the table if nothing was measured.
     *
     * @return zero if it is met
     */
    public Duration missedBy() {
        Duration excess = measured.map(found -> found.after.minus(found.goal)).orElse(predicted.minus(goal));
        return excess.isNegative() ? Duration.ZERO : excess;
    }

    /**
     * Tells whether the target is met: by the measurement, or by the table if nothing was measured.
     *
     * @return true if nothing is left above it
     */
    public boolean met() {
        return missedBy().isZero();
    }

    /**
     * Says what was predicted and measured, by how much the target is missed if it is, and which layers take most of what is left.
     *
     * @return a sentence
     */
    public String describe() {
        return "A pass with " + table.examples() + (table.examples() == 1 ? " example" : " examples")
                + " takes " + text(predicted) + " by the table, which was to be at most " + text(goal)
                + measured.map(found -> ", and " + text(found.after) + " by measuring (median of " + found.passes
                                + " passes, check " + checks + "), which was to be at most " + text(found.goal)
                                + ", after "
                                + text(found.before) + " before")
                        .orElse("")
                + (met() ? "." : ": the target is missed by " + text(missedBy()) + ".")
                + " Most of it is in "
                + layers.entrySet().stream()
                        .limit(SLOWEST)
                        .map(layer -> "'" + layer.getKey() + "' (" + text(layer.getValue()) + ")")
                        .collect(Collectors.joining(", "))
                + ".";
    }

    private static String text(Duration duration) {
        long nanos = duration.toNanos();
        return nanos < 1_000_000
                ? String.format(Locale.ROOT, "%.3f µs", nanos / 1e3)
                : String.format(Locale.ROOT, "%.3f ms", nanos / 1e6);
    }
}
