package org.growingnn.dl4j.cli.report;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What became of the vertices of a network, by their names.
 *
 * @param before vertices as they were
 * @param after vertices as they are
 */
record NetworkDiff(Map<String, RunLog.Vertex> before, Map<String, RunLog.Vertex> after) {

    /** What became of a vertex. Each kind has a sign, so that nothing is told by colour alone. */
    enum Kind {
        REMOVED("\u2212", "removed"),
        ADDED("+", "added"),
        NARROWED("\u25bc", "narrowed"),
        WIDENED("\u25b2", "widened"),
        REWIRED("\u21c4", "other inputs"),
        SAME("", "unchanged");

        private final String sign;
        private final String text;

        Kind(String sign, String text) {
            this.sign = sign;
            this.text = text;
        }

        String sign() {
            return sign;
        }

        String text() {
            return text;
        }

        String css() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static NetworkDiff of(RunLog.Network before, RunLog.Network after) {
        return new NetworkDiff(byName(before), byName(after));
    }

    private static Map<String, RunLog.Vertex> byName(RunLog.Network network) {
        Map<String, RunLog.Vertex> vertices = new LinkedHashMap<>();
        network.vertices().forEach(vertex -> vertices.putIfAbsent(vertex.name(), vertex));
        return vertices;
    }

    /** All names, those of the first network first. */
    Set<String> names() {
        Set<String> names = new LinkedHashSet<>(before.keySet());
        names.addAll(after.keySet());
        return names;
    }

    Kind kind(String name) {
        RunLog.Vertex old = before.get(name);
        RunLog.Vertex now = after.get(name);
        if (old == null || now == null) {
            return old == null ? Kind.ADDED : Kind.REMOVED;
        }
        if (old.units().isPresent() && now.units().isPresent()) {
            int compared = Long.compare(now.units().getAsLong(), old.units().getAsLong());
            if (compared != 0) {
                return compared < 0 ? Kind.NARROWED : Kind.WIDENED;
            }
        }
        return old.inputs().equals(now.inputs()) ? Kind.SAME : Kind.REWIRED;
    }

    /** What became of a vertex, in a few words; empty if nothing did. */
    Optional<String> change(String name) {
        Kind kind = kind(name);
        return switch (kind) {
            case SAME -> Optional.empty();
            case NARROWED, WIDENED ->
                Optional.of(kind.sign() + " "
                        + Numbers.count(before.get(name).units().getAsLong()) + Numbers.ARROW
                        + Numbers.count(after.get(name).units().getAsLong()) + " units");
            default -> Optional.of(kind.sign() + " " + kind.text());
        };
    }
}
