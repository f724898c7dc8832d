package org.growingnn.dl4j.action;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.Calibration.Moments;
import org.growingnn.dl4j.graph.LayerFactory.Join;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Operation;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Parameter.Moment;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.SparseMatrix;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.projection.Projection;

/**
 * Cuts one input off a join, with every layer that served nothing else: a summand of a residual sum, or a part of a
 * concatenation, whose weights behind it go as well. A join with one input left goes too.
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

    /** Gives what passes it units of their own, so that these can be told apart from the same units on other ways. */
    private record Mark() implements Operation {

        @Override
        public String type() {
            return "Mark";
        }

        @Override
        public Signal propagate(Propagation p) {
            List<Block> marked = new ArrayList<>();
            for (Block block : p.input().units().blocks()) {
                Block fresh = p.produce(block.size()).blocks().get(0);
                marked.add(new Block(fresh.space(), block.size(), block.inner()));
            }
            return p.input().withUnits(new Layout(marked));
        }
    }

    private record Marked(NetworkGraph graph, String mark) {}

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
        Optional<Marked> marked = marked(graph);
        List<Vertex> alive = Edits.alive(cut(graph, marked), graph.outputs());
        Optional<String> unused = Edits.unusedInput(graph, alive);
        if (unused.isPresent()) {
            return Optional.of("the network input '" + unused.get() + "' would lead nowhere");
        }
        return marked.flatMap(RemoveBranch::obstacleBehind);
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

    private static Optional<String> obstacleBehind(Marked marked) {
        return marked.graph().spaces().stream()
                .filter(space -> isMarked(space, marked.mark()))
                .filter(space -> !space.resizable() || space.producers().size() > 1)
                .map(space -> space.frozen().orElse("its units are tied to those of " + space.producers()))
                .findFirst()
                .or(() -> emptied(marked.graph(), marked.mark()));
    }

    /** What selects nothing but units of the branch would have none to give. */
    private static Optional<String> emptied(NetworkGraph marked, String mark) {
        return marked.order().stream()
                .filter(name -> !name.equals(mark))
                .filter(name -> {
                    List<Block> blocks = marked.signal(name).units().blocks();
                    return !blocks.isEmpty() && blocks.stream().allMatch(block -> isMarked(marked.space(block), mark));
                })
                .map(name -> "'" + name + "' would have no units left")
                .findFirst();
    }

    private List<String> left(Vertex vertex) {
        return vertex.inputs().stream().filter(other -> !other.equals(input)).toList();
    }

    /** The network with the branch's units told apart, where weights go with them: behind a concatenation. */
    private Optional<Marked> marked(NetworkGraph graph) {
        if (join(graph) != Join.CONCATENATION) {
            return Optional.empty();
        }
        String mark = graph.freshName(input + "*");
        Vertex marker = new Vertex(mark, List.of(input), new Mark(), Map.of());
        return Optional.of(new Marked(
                new NetworkGraph(
                        graph.inputs(),
                        Edits.insert(graph, List.of(marker), graph.vertex(join).reconnected(input, mark)),
                        graph.outputs(),
                        graph.origin()),
                mark));
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
        Optional<Marked> marked = marked(graph);
        List<Vertex> alive = Edits.alive(cut(graph, marked), graph.outputs());
        return Edits.graph(
                graph,
                alive,
                Map.of(),
                known -> marked.map(units -> known.and(narrowed(graph, alive, units)))
                        .orElse(known));
    }

    /** What is known about layers that lose weights for the cut units holds for the weights that are left. */
    private static Calibration narrowed(NetworkGraph graph, List<Vertex> left, Marked units) {
        Calibration known = graph.calibration().orElseThrow();
        String mark = units.mark();
        NetworkGraph marked = units.graph();
        Map<String, Moments> moments = new LinkedHashMap<>();
        for (Vertex vertex : left) {
            String name = vertex.name();
            Moments old = known.moments().get(name);
            if (old != null && old.keys().stream().anyMatch(key -> cuts(marked, name, key, mark))) {
                moments.put(name, narrow(marked, name, old, mark));
            }
        }
        return new Calibration(
                narrow(marked, mark, left, known.gradients()),
                narrow(marked, mark, left, known.squaredGradients()),
                moments,
                Map.of());
    }

    private static Map<String, Map<String, Tensor>> narrow(
            NetworkGraph marked, String mark, List<Vertex> left, Map<String, Map<String, Tensor>> gradients) {
        Map<String, Map<String, Tensor>> result = new LinkedHashMap<>();
        for (Vertex vertex : left) {
            String name = vertex.name();
            Map<String, Tensor> followed = new LinkedHashMap<>();
            gradients.getOrDefault(name, Map.of()).forEach((key, gradient) -> {
                if (cuts(marked, name, key, mark)) {
                    followed.put(key, narrow(marked, name, key, mark, gradient));
                }
            });
            if (!followed.isEmpty()) {
                result.put(name, followed);
            }
        }
        return result;
    }

    private List<Vertex> cut(NetworkGraph graph, Optional<Marked> marked) {
        List<String> left = left(graph.vertex(join));
        List<Vertex> vertices = new ArrayList<>();
        for (Vertex vertex : graph.vertices()) {
            Vertex narrowed = marked.map(units -> narrow(units.graph(), vertex, units.mark()))
                    .orElse(vertex);
            if (!vertex.name().equals(join)) {
                vertices.add(left.size() == 1 ? narrowed.reconnected(join, left.get(0)) : narrowed);
            } else if (left.size() > 1) {
                vertices.add(narrowed.withInputs(left));
            }
        }
        return vertices;
    }

    /** Drops a vertex's weights for marked units, and moves what it addresses by position. */
    private static Vertex narrow(NetworkGraph marked, Vertex vertex, String mark) {
        Map<String, Parameter> parameters = new LinkedHashMap<>(vertex.parameters());
        parameters.replaceAll((key, old) -> cuts(marked, vertex.name(), key, mark)
                ? new Parameter(
                        narrow(marked, vertex.name(), key, mark, old.value()),
                        old.state().stream()
                                .map(moment -> new Moment(
                                        moment.kind(), narrow(marked, vertex.name(), key, mark, moment.value())))
                                .toList())
                : old);
        Operation operation = vertex.operation()
                .resized(
                        marked.vertex(vertex.name()).inputs().stream()
                                .map(marked::signal)
                                .toList(),
                        block -> isMarked(marked.space(block), mark) ? 0 : block.length());
        return vertex.withParameters(parameters).withOperation(operation);
    }

    private static boolean cuts(NetworkGraph marked, String vertex, String key, String mark) {
        return marked.axes(vertex).get(key).stream().anyMatch(axis -> cuts(marked, axis, mark));
    }

    private static boolean cuts(NetworkGraph marked, Axis axis, String mark) {
        return axis.layout().blocks().stream().anyMatch(block -> isMarked(marked.space(block), mark));
    }

    /** Drops what an array of a parameter's shape holds for marked units. */
    private static Tensor narrow(NetworkGraph marked, String vertex, String key, String mark, Tensor array) {
        List<Axis> axes = marked.axes(vertex).get(key);
        Tensor result = array;
        for (int axis = 0; axis < axes.size(); axis++) {
            if (cuts(marked, axes.get(axis), mark)) {
                result = result.transform(
                        axis, Edits.without(axes.get(axis).layout(), 1, block -> isMarked(marked.space(block), mark)));
            }
        }
        return result;
    }

    /** Drops features that marked units were; a feature is a consumed position together with one on each free axis. */
    private static Moments narrow(NetworkGraph marked, String vertex, Moments old, String mark) {
        SparseMatrix.Builder kept = SparseMatrix.builder(old.features() + 1);
        int offset = 0;
        for (String key : old.keys()) {
            List<Axis> axes = marked.axes(vertex).get(key);
            Tensor weight = marked.vertex(vertex).parameters().get(key).value();
            int free = 1;
            Layout consumed = new Layout(List.of());
            for (int i = 0; i < axes.size(); i++) {
                switch (axes.get(i).role()) {
                    case CONSUMES -> consumed = axes.get(i).layout();
                    case FREE -> free *= Math.toIntExact(weight.size(i));
                    default -> {}
                }
            }
            SparseMatrix own = Edits.without(consumed, free, block -> isMarked(marked.space(block), mark));
            int start = offset;
            for (int row = 0; row < own.rows(); row++) {
                own.forEach(row, (column, value) -> kept.entry(start + column, value));
                kept.endRow();
            }
            offset += own.columns();
        }
        kept.entry(old.features(), 1);
        kept.endRow();
        SparseMatrix features = kept.build();
        return new Moments(
                old.keys(),
                features.rows() - 1,
                old.rows(),
                Calibration.congruent(features, old.matrix()),
                old.linear());
    }

    private static boolean isMarked(UnitSpace space, String mark) {
        return space.producers().contains(mark);
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
