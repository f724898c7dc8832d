package org.growingnn.dl4j.action;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.growingnn.dl4j.graph.LayerFactory.Join;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.projection.Projection;

/**
 * Cuts one input off a join, with every layer that served nothing else: a summand of a residual sum, or a part of a
 * concatenation, whose weights behind it go as well. A join with one input left goes too. A layer with weights that are frozen stays,
 * and so does all that it serves.
 *
 * @param join a sum, mean, maximum or concatenation
 * @param input the input to cut off
 */
public record RemoveBranch(String join, String input) implements StructuralAction {

    /**
     * Checks the values.
     *
     * @param join a sum, mean, maximum or concatenation
     * @param input the input to cut off
     */
    public RemoveBranch {
        Objects.requireNonNull(join, "join");
        Objects.requireNonNull(input, "input");
    }

    /** Tells why the action does not apply to a network; empty if it does. */
    Optional<String> obstacle(NetworkGraph graph) {
        Vertex vertex = graph.vertex(join);
        Optional<Join> kind = graph.origin().layers().join(vertex);
        if (kind.isEmpty()) {
            return Optional.of("'" + join + "' is no join that could do with one input fewer");
        }
        if (vertex.inputs().stream().filter(input::equals).count() != 1) {
            return Optional.of("'" + input + "' does not feed '" + join + "', or does so twice");
        }
        List<String> left = left(vertex);
        if (left.isEmpty()) {
            return Optional.of("it is the only input of '" + join + "'");
        }
        if (kind.get() == Join.ELEMENT_WISE && !sizeKept(graph, left)) {
            return Optional.of("what is left would be smaller");
        }
        if (left.size() == 1 && (graph.outputs().contains(join) || !Edits.mayFeed(graph, left.get(0)))) {
            return Optional.of("'" + join + "' or what is left is an output of the network");
        }
        Optional<MarkedUnits> marked = marked(graph);
        List<Vertex> alive = Edits.alive(cut(graph, marked), graph.outputs());
        Optional<String> unused = Edits.unusedInput(graph, alive);
        if (unused.isPresent()) {
            return Optional.of("the network input '" + unused.get() + "' would lead nowhere");
        }
        Set<String> names = alive.stream().map(Vertex::name).collect(Collectors.toSet());
        Optional<String> frozen = Edits.frozen(graph.vertices().stream()
                .filter(other -> !names.contains(other.name()))
                .toList());
        if (frozen.isPresent()) {
            return frozen;
        }
        return marked.flatMap(MarkedUnits::obstacle);
    }

    /** Where single units or positions were spread over others, these may be gone. */
    private boolean sizeKept(NetworkGraph graph, List<String> left) {
        Signal joined = graph.signal(join);
        boolean kept = left.stream()
                .anyMatch(other ->
                        graph.signal(other).units().length() == joined.units().length());
        for (int i = 0; i < joined.extents().length; i++) {
            int axis = i;
            kept &= left.stream()
                    .map(graph::signal)
                    .anyMatch(
                            other -> other.kind() == joined.kind() && other.extents()[axis] == joined.extents()[axis]);
        }
        return kept;
    }

    private List<String> left(Vertex vertex) {
        return vertex.inputs().stream().filter(other -> !other.equals(input)).toList();
    }

    /** The branch's units, where weights go with them: behind a concatenation. */
    private Optional<MarkedUnits> marked(NetworkGraph graph) {
        return join(graph) == Join.CONCATENATION
                ? Optional.of(MarkedUnits.between(graph, input, join))
                : Optional.empty();
    }

    private Join join(NetworkGraph graph) {
        return graph.origin().layers().join(graph.vertex(join)).orElseThrow();
    }

    @Override
    public NetworkGraph apply(NetworkGraph graph, Projection projection) {
        obstacle(graph).ifPresent(reason -> {
            throw new IllegalArgumentException(
                    "The branch from '" + input + "' cannot be cut off '" + join + "': " + reason + ".");
        });
        Optional<MarkedUnits> marked = marked(graph);
        List<Vertex> alive = Edits.alive(cut(graph, marked), graph.outputs());
        return Edits.graph(
                graph,
                alive,
                Map.of(),
                known -> marked.map(units ->
                                known.and(units.without(graph.calibration().orElseThrow(), alive)))
                        .orElse(known));
    }

    private List<Vertex> cut(NetworkGraph graph, Optional<MarkedUnits> marked) {
        List<String> left = left(graph.vertex(join));
        List<Vertex> vertices = new ArrayList<>();
        for (Vertex vertex : graph.vertices()) {
            Vertex narrowed = marked.map(units -> units.without(vertex)).orElse(vertex);
            if (!vertex.name().equals(join)) {
                vertices.add(left.size() == 1 ? narrowed.reconnected(join, left.get(0)) : narrowed);
            } else if (left.size() > 1) {
                vertices.add(narrowed.withInputs(left));
            }
        }
        return vertices;
    }

    @Override
    public boolean preservesFunction(NetworkGraph graph, Projection projection) {
        return false;
    }

    @Override
    public String toString() {
        return "remove-branch(join=" + join + ", input=" + input + ")";
    }
}
