package org.growingnn.dl4j.action;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.Calibration.Moments;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Role;
import org.growingnn.dl4j.graph.SparseMatrix;
import org.growingnn.dl4j.graph.Vertex;

/** What actions on layers do with the vertices of a network. */
final class Edits {

    private Edits() {}

    /** Tells whether a vertex or network input may feed further layers: DL4J does not compute outputs for others in training. */
    static boolean mayFeed(NetworkGraph graph, String name) {
        return !graph.outputs().contains(name);
    }

    /** Tells whether units of a vertex or network input are indices, which are no values to weigh. */
    static boolean areIndices(NetworkGraph graph, String name) {
        return graph.signal(name).units().blocks().stream()
                .anyMatch(block -> graph.space(block).indices());
    }

    /** Makes a network of other vertices, ready to be written, with what of the calibration still holds. */
    static NetworkGraph graph(NetworkGraph old, Collection<Vertex> vertices) {
        return graph(old, vertices, Map.of(), known -> known);
    }

    /**
     * Makes a network of other vertices, ready to be written, with what of the calibration still holds, see {@link
     * Calibration#after}.
     *
     * @param copies new vertices that do nothing to the values they take, with the names of those which give these
     * @param followed adds to what is kept what the edit knows besides
     */
    static NetworkGraph graph(
            NetworkGraph old,
            Collection<Vertex> vertices,
            Map<String, String> copies,
            UnaryOperator<Calibration> followed) {
        NetworkGraph edited = new NetworkGraph(old.inputs(), vertices, old.outputs(), old.origin());
        NetworkGraph tidied = edited.origin().layers().tidy(edited);
        return tidied.withCalibrationOf(old, known -> followed.apply(known.after(old, tidied, copies)))
                .withLineageOf(old);
    }

    /** Inserts vertices in front of another one; what has the name of one of them is replaced. */
    static List<Vertex> insert(NetworkGraph graph, List<Vertex> inserted, Vertex replaced) {
        List<Vertex> vertices = new ArrayList<>();
        for (Vertex vertex : graph.vertices()) {
            if (vertex.name().equals(replaced.name())) {
                vertices.addAll(inserted);
                vertices.add(replaced);
            } else if (inserted.stream().noneMatch(other -> other.name().equals(vertex.name()))) {
                vertices.add(vertex);
            }
        }
        return vertices;
    }

    /** Drops vertices from which no output can be reached. */
    static List<Vertex> alive(Collection<Vertex> vertices, List<String> outputs) {
        Map<String, Vertex> byName = new HashMap<>();
        vertices.forEach(vertex -> byName.put(vertex.name(), vertex));
        Set<String> alive = new HashSet<>(outputs);
        Deque<String> front = new ArrayDeque<>(outputs);
        while (!front.isEmpty()) {
            Vertex vertex = byName.get(front.remove());
            if (vertex != null) {
                vertex.inputs().stream().filter(alive::add).forEach(front::add);
            }
        }
        return vertices.stream().filter(vertex -> alive.contains(vertex.name())).toList();
    }

    /** Tells which layer keeps vertices from being left out, because its weights are frozen; empty if none does. */
    static Optional<String> frozen(Collection<Vertex> leftOut) {
        return leftOut.stream()
                .filter(Vertex::hasFrozenWeights)
                .map(vertex -> "'" + vertex.name() + "' is frozen in the model")
                .findFirst();
    }

    /** Finds a network input that none of the vertices takes. */
    static Optional<String> unusedInput(NetworkGraph graph, Collection<Vertex> vertices) {
        return graph.inputs().stream()
                .map(NetworkInput::name)
                .filter(input ->
                        vertices.stream().noneMatch(vertex -> vertex.inputs().contains(input)))
                .findFirst();
    }

    /**
     * Makes the matrix that drops the positions of some blocks of a layout.
     *
     * @param times how many values each position of the layout has
     */
    static SparseMatrix without(Layout layout, int times, Predicate<Block> dropped) {
        SparseMatrix.Builder builder = SparseMatrix.builder(Math.toIntExact(layout.length() * times));
        int position = 0;
        for (Block block : layout.blocks()) {
            for (long i = 0; i < block.length() * times; i++, position++) {
                if (!dropped.test(block)) {
                    builder.entry(position, 1);
                    builder.endRow();
                }
            }
        }
        return builder.build();
    }

    /**
     * Lets the layers right behind a removed one take over its moments: what its weights were applied to is what theirs are applied
     * to now.
     *
     * @param input what feeds the removed layer
     * @param end the last of the vertices that go with it
     */
    static Calibration takenOver(NetworkGraph graph, String layer, String input, String end) {
        Map<String, Moments> known =
                graph.calibration().map(Calibration::moments).orElse(Map.of());
        Map<String, Moments> takenOver = new LinkedHashMap<>();
        Moments own = known.get(layer);
        if (own != null && isAppliedTo(graph, layer, own, input)) {
            for (String next : graph.successors(end)) {
                Moments old = known.get(next);
                if (old != null && isAppliedTo(graph, next, old, end)) {
                    takenOver.put(
                            next, new Moments(old.keys(), own.features(), own.rows(), own.matrix(), old.linear()));
                }
            }
        }
        return new Calibration(Map.of(), takenOver, Map.of());
    }

    /** Tells whether a layer's features are just the units that arrive, and not what kernels see of them or what else it hears. */
    private static boolean isAppliedTo(NetworkGraph graph, String name, Moments moments, String input) {
        if (moments.keys().size() != 1 || !graph.vertex(name).inputs().equals(List.of(input))) {
            return false;
        }
        List<Axis> axes = graph.axes(name).get(moments.keys().get(0));
        int consumed = axis(axes, Role.CONSUMES);
        return consumed >= 0
                && axis(axes, Role.FREE) < 0
                && axes.get(consumed).layout().equals(graph.signal(input).units());
    }

    /** Finds the first axis of a role; −1 if there is none. */
    static int axis(List<Axis> axes, Role role) {
        for (int i = 0; i < axes.size(); i++) {
            if (axes.get(i).role() == role) {
                return i;
            }
        }
        return -1;
    }
}
