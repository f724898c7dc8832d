package org.growingnn.dl4j.action;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.SparseMatrix;
import org.growingnn.dl4j.graph.Vertex;

/** What actions on layers do with the vertices of a network. */
final class Edits {

    private Edits() {}

    /** Tells whether a name is that of a vertex, and not of a network input. */
    static boolean isVertex(NetworkGraph graph, String name) {
        return graph.order().contains(name);
    }

    /** Tells whether a vertex or network input may feed further layers: DL4J does not compute outputs for others in training. */
    static boolean mayFeed(NetworkGraph graph, String name) {
        return !graph.outputs().contains(name);
    }

    /** Makes a network of other vertices, ready to be written. */
    static NetworkGraph graph(NetworkGraph old, Collection<Vertex> vertices) {
        NetworkGraph edited = new NetworkGraph(old.inputs(), vertices, old.outputs(), old.origin());
        NetworkGraph tidied = edited.origin().layers().tidy(edited);
        Set<String> known = new HashSet<>();
        old.inputs().forEach(input -> known.add(input.name()));
        for (Vertex vertex : tidied.vertices()) {
            String name = vertex.name();
            if (isVertex(old, name)
                    && old.vertex(name) == vertex
                    && old.signal(name).units().length()
                            == tidied.signal(name).units().length()) {
                known.add(name);
            }
        }
        return tidied.with(old.calibration().map(calibration -> calibration.only(known::contains)));
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
        Set<String> alive = new HashSet<>(outputs);
        Deque<String> front = new ArrayDeque<>(outputs);
        while (!front.isEmpty()) {
            String name = front.remove();
            vertices.stream()
                    .filter(vertex -> vertex.name().equals(name))
                    .forEach(vertex ->
                            vertex.inputs().stream().filter(alive::add).forEach(front::add));
        }
        return vertices.stream().filter(vertex -> alive.contains(vertex.name())).toList();
    }

    /** Finds a network input that none of the vertices takes. */
    static Optional<String> unusedInput(NetworkGraph graph, Collection<Vertex> vertices) {
        return graph.inputs().stream()
                .map(NetworkInput::name)
                .filter(input ->
                        vertices.stream().noneMatch(vertex -> vertex.inputs().contains(input)))
                .findFirst();
    }

    /** Makes the matrix that drops the positions of some blocks of a layout. */
    static SparseMatrix without(Layout layout, Predicate<Block> dropped) {
        SparseMatrix.Builder builder = SparseMatrix.builder(Math.toIntExact(layout.length()));
        int position = 0;
        for (Block block : layout.blocks()) {
            for (long i = 0; i < block.length(); i++, position++) {
                if (!dropped.test(block)) {
                    builder.entry(position, 1);
                    builder.endRow();
                }
            }
        }
        return builder.build();
    }
}
