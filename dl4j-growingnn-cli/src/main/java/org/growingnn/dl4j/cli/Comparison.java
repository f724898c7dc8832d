package org.growingnn.dl4j.cli;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.metric.Reading;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Two models side by side.
 *
 * @param first what the first one is called
 * @param second what the second one is called
 * @param parameters their parameters
 * @param macs their multiply-accumulates for one example
 * @param bytes the sizes of their files
 * @param nanos what a forward pass takes
 * @param metric name of what they are judged by; empty if they are not
 * @param source the data that they are judged on; empty if they are not
 * @param values what it tells
 */
record Comparison(
        String first,
        String second,
        Comparison.Counts parameters,
        Comparison.Counts macs,
        Comparison.Counts bytes,
        Comparison.Counts nanos,
        String metric,
        String source,
        Optional<Comparison.Values> values) {

    /** Two counts, as far as they are known. */
    record Counts(OptionalLong first, OptionalLong second) {

        static Counts unknown() {
            return new Counts(OptionalLong.empty(), OptionalLong.empty());
        }

        static Counts of(long first, long second) {
            return new Counts(OptionalLong.of(first), OptionalLong.of(second));
        }

        static Counts macs(NetworkGraph first, NetworkGraph second) {
            return new Counts(
                    first.macsKnown() ? OptionalLong.of(first.macs()) : OptionalLong.empty(),
                    second.macsKnown() ? OptionalLong.of(second.macs()) : OptionalLong.empty());
        }

        private boolean known() {
            return first.isPresent() || second.isPresent();
        }
    }

    /** Two readings of a metric. */
    record Values(Reading first, Reading second) {}

    String text() {
        TextTable table = new TextTable(List.of("", first, second, "left"), Set.of(first, second, "left"));
        row(table, "parameters", parameters);
        row(table, "multiply-accumulates", macs);
        row(table, "bytes of file", bytes);
        if (nanos.known()) {
            table.row("forward pass", milliseconds(nanos.first), milliseconds(nanos.second), share(nanos));
        }
        values.ifPresent(some -> table.row(metric, some.first.toString(), some.second.toString(), ""));
        return table + (values.isPresent() ? "\n" + metric + " on " + source + "\n" : "");
    }

    private static void row(TextTable table, String name, Counts counts) {
        table.row(name, TextTable.number(counts.first), TextTable.number(counts.second), share(counts));
    }

    private static String milliseconds(OptionalLong nanos) {
        return nanos.isPresent() ? String.format(Locale.ROOT, "%.3f ms", nanos.getAsLong() / 1e6) : "unknown";
    }

    private static String share(Counts counts) {
        return counts.first.isPresent() && counts.second.isPresent() && counts.first.getAsLong() > 0
                ? String.format(Locale.ROOT, "%.1f %%", 100.0 * counts.second.getAsLong() / counts.first.getAsLong())
                : "";
    }

    /** Adds the numbers to an object, under the names "before" and "after" or "a" and "b". */
    void put(ObjectNode node, String firstKey, String secondKey) {
        put(node, "parameters", parameters, firstKey, secondKey);
        put(node, "macs", macs, firstKey, secondKey);
        put(node, "fileBytes", bytes, firstKey, secondKey);
        if (nanos.known()) {
            put(node, "latencyNanos", nanos, firstKey, secondKey);
        }
        values.ifPresent(some -> {
            ObjectNode measured = node.putObject("metric");
            measured.put("name", metric);
            measured.put("data", source);
            Json.put(measured, firstKey, OptionalDouble.of(some.first.value()));
            Json.put(measured, secondKey, OptionalDouble.of(some.second.value()));
        });
    }

    private static void put(ObjectNode node, String name, Counts counts, String firstKey, String secondKey) {
        ObjectNode pair = node.putObject(name);
        Json.put(pair, firstKey, counts.first);
        Json.put(pair, secondKey, counts.second);
    }
}
