package org.growingnn.dl4j.action;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.Calibration.Moments;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Operation;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Parameter.Moment;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Selection;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.SparseMatrix;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;

/**
 * The units that take one way through a network, told apart from the same units on other ways, to leave out what is weighed of them.
 *
 * @param graph the network with a vertex on that way which gives them a space of their own
 * @param mark the name of that vertex
 */
record MarkedUnits(NetworkGraph graph, String mark) {

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

    /** Marks what goes from a vertex or network input to a vertex. */
    static MarkedUnits between(NetworkGraph network, String from, String to) {
        String mark = network.freshName(from + "*");
        Vertex marker = new Vertex(mark, List.of(from), new Mark(), Map.of());
        return new MarkedUnits(
                new NetworkGraph(
                        network.inputs(),
                        Edits.insert(
                                network, List.of(marker), network.vertex(to).reconnected(from, mark)),
                        network.outputs(),
                        network.origin()),
                mark);
    }

    /** Tells why the units cannot go; empty if they can. */
    Optional<String> obstacle() {
        return graph.spaces().stream()
                .filter(this::isMarked)
                .filter(space -> !space.resizable() || space.producers().size() > 1)
                .map(space -> space.frozen().orElse("its units are tied to those of " + space.producers()))
                .findFirst()
                .or(() -> selected())
                .or(() -> emptied());
    }

    /** Which positions a selection takes is known of all that enters it. */
    private Optional<String> selected() {
        return graph.vertices().stream()
                .filter(vertex -> vertex.operation() instanceof Selection)
                .filter(vertex -> graph.signal(vertex.inputs().get(0)).units().blocks().stream()
                        .anyMatch(this::isMarked))
                .map(vertex -> "'" + vertex.name() + "' selects some of its units by position")
                .findFirst();
    }

    /** What selects nothing but units of the branch would have none to give. */
    private Optional<String> emptied() {
        return graph.order().stream()
                .filter(name -> !name.equals(mark))
                .filter(name -> {
                    List<Block> blocks = graph.signal(name).units().blocks();
                    return !blocks.isEmpty() && blocks.stream().allMatch(this::isMarked);
                })
                .map(name -> "'" + name + "' would have no units left")
                .findFirst();
    }

    /** What is known about layers that lose weights for the cut units holds for the weights that are left. */
    Calibration without(Calibration known, List<Vertex> left) {
        Map<String, Moments> moments = new LinkedHashMap<>();
        for (Vertex vertex : left) {
            String name = vertex.name();
            Moments old = known.moments().get(name);
            if (old != null && old.keys().stream().anyMatch(key -> cuts(name, key))) {
                moments.put(name, narrow(name, old));
            }
        }
        return new Calibration(
                narrow(left, known.gradients()), narrow(left, known.squaredGradients()), moments, Map.of());
    }

    private Map<String, Map<String, Tensor>> narrow(List<Vertex> left, Map<String, Map<String, Tensor>> gradients) {
        Map<String, Map<String, Tensor>> result = new LinkedHashMap<>();
        for (Vertex vertex : left) {
            String name = vertex.name();
            Map<String, Tensor> followed = new LinkedHashMap<>();
            gradients.getOrDefault(name, Map.of()).forEach((key, gradient) -> {
                if (cuts(name, key)) {
                    followed.put(key, narrow(name, key, gradient));
                }
            });
            if (!followed.isEmpty()) {
                result.put(name, followed);
            }
        }
        return result;
    }

    /** Drops a vertex's weights for marked units, and moves what it addresses by position. */
    Vertex without(Vertex vertex) {
        Map<String, Parameter> parameters = new LinkedHashMap<>(vertex.parameters());
        parameters.replaceAll((key, old) -> cuts(vertex.name(), key)
                ? new Parameter(
                        narrow(vertex.name(), key, old.value()),
                        old.state().stream()
                                .map(moment -> new Moment(moment.kind(), narrow(vertex.name(), key, moment.value())))
                                .toList())
                : old);
        Operation operation = vertex.operation()
                .resized(
                        graph.vertex(vertex.name()).inputs().stream()
                                .map(graph::signal)
                                .toList(),
                        block -> isMarked(block) ? 0 : block.length());
        return vertex.withParameters(parameters).withOperation(operation);
    }

    private boolean cuts(String vertex, String key) {
        return graph.axes(vertex).get(key).stream().anyMatch(this::cuts);
    }

    private boolean cuts(Axis axis) {
        return axis.layout().blocks().stream().anyMatch(this::isMarked);
    }

    /** Drops what an array of a parameter's shape holds for marked units. */
    private Tensor narrow(String vertex, String key, Tensor array) {
        List<Axis> axes = graph.axes(vertex).get(key);
        Tensor result = array;
        for (int axis = 0; axis < axes.size(); axis++) {
            if (cuts(axes.get(axis))) {
                result = result.transform(axis, Edits.without(axes.get(axis).layout(), 1, this::isMarked));
            }
        }
        return result;
    }

    /** Drops features that marked units were; a feature is a consumed position together with one on each free axis. */
    private Moments narrow(String vertex, Moments old) {
        SparseMatrix.Builder kept = SparseMatrix.builder(old.features() + 1);
        int offset = 0;
        for (String key : old.keys()) {
            List<Axis> axes = graph.axes(vertex).get(key);
            Tensor weight = graph.vertex(vertex).parameters().get(key).value();
            int free = 1;
            Layout consumed = new Layout(List.of());
            for (int i = 0; i < axes.size(); i++) {
                switch (axes.get(i).role()) {
                    case CONSUMES -> consumed = axes.get(i).layout();
                    case FREE -> free *= Math.toIntExact(weight.size(i));
                    default -> {}
                }
            }
            SparseMatrix own = Edits.without(consumed, free, this::isMarked);
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
                features.congruent(old.matrix(), features.columns()),
                old.linear());
    }

    private boolean isMarked(Block block) {
        return isMarked(graph.space(block));
    }

    private boolean isMarked(UnitSpace space) {
        return space.producers().contains(mark);
    }
}
