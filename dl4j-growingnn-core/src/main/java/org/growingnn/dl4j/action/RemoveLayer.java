package org.growingnn.dl4j.action;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.LayerFactory;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Role;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.SparseMatrix;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.QuasiIdentity;

/**
 * Removes a hidden layer, with the batch norms and activations that belong to it: its consumers take its input instead, and
 * their weights for its n units become weights for the m arriving ones, {@code W'_next = W_next · T}.
 *
 * @param layer the layer
 * @param rewiring how T is made
 */
public record RemoveLayer(String layer, Rewiring rewiring) implements StructuralAction {

    /** How the consumers' weights follow. */
    public enum Rewiring {
        /** T is the bilinear quasi-identity from n to m units, as in the GrowingNN paper: the layer's own weights are forgotten. */
        BYPASS,
        /**
         * T is the layer's weight matrix (the sum over its kernel for convolutions), with batch norm folded in, and its bias goes
         * into the consumers' biases: exact for layers that are linear and see one position at a time.
         */
        COMPOSITION
    }

    /**
     * Checks the values.
     *
     * @param layer the layer
     * @param rewiring how T is made
     */
    public RemoveLayer {
        Objects.requireNonNull(layer, "layer");
        Objects.requireNonNull(rewiring, "rewiring");
    }

    /** The layer and what belongs to it, as the network has it. */
    private record Part(UnitSpace space, List<String> vertices, String input, String end) {}

    /** What the layer computes if it is taken for linear: {@code y_i = Σ_j weight[i, j] · x_j + shift_i}. */
    private record Linear(double[][] weight, double[] shift) {}

    private Part part(NetworkGraph graph) {
        Vertex vertex = graph.vertex(layer);
        LayerFactory layers = graph.origin().layers();
        List<String> vertices = new ArrayList<>(List.of(layer));
        String end = layer;
        List<String> behind = graph.successors(end);
        while (!graph.outputs().contains(end)
                && behind.size() == 1
                && layers.belongsToLayer(graph.vertex(behind.get(0)))) {
            end = behind.get(0);
            vertices.add(end);
            behind = graph.successors(end);
        }
        return new Part(
                graph.spaces().stream()
                        .filter(space -> space.producers().contains(layer))
                        .findFirst()
                        .orElse(null),
                vertices,
                vertex.inputs().get(0),
                end);
    }

    /** Tells why the action does not apply to a network; empty if it does. */
    Optional<String> obstacle(NetworkGraph graph) {
        if (graph.vertex(layer).inputs().size() != 1) {
            return Optional.of("it has several inputs");
        }
        Part part = part(graph);
        if (part.space() == null
                || part.space().producers().size() != 1
                || graph.spaces().stream()
                                .filter(space -> space.producers().contains(layer))
                                .count()
                        != 1) {
            return Optional.of("it has no units that are its own alone");
        }
        if (!part.space().resizable()) {
            return Optional.of(part.space().frozen().orElseThrow());
        }
        if (part.space().keptWeights().isPresent()) {
            // Whoever comes to stand in for its units would need other weights behind it.
            return part.space().keptWeights();
        }
        Signal in = graph.signal(part.input());
        Signal out = graph.signal(part.end());
        if (graph.outputs().contains(part.end()) || !Edits.mayFeed(graph, part.input())) {
            return Optional.of("it is an output of the network, or is fed by one");
        }
        boolean sameShape = in.kind() == out.kind()
                && (in.format() == out.format() || in.extents().length == 0)
                && Arrays.equals(in.extents(), out.extents())
                && in.positions() != Layout.UNKNOWN
                && in.units().length() != Layout.UNKNOWN;
        if (!sameShape) {
            return Optional.of("it makes " + out + " of " + in + ", or the sizes of maps are unknown");
        }
        if (out.units().blocks().size() != 1 || out.units().blocks().get(0).inner() != 1) {
            return Optional.of("its units are rearranged");
        }
        if (Edits.areIndices(graph, part.input())) {
            return Optional.of("it takes indices, which are no values to weigh");
        }
        if (!weighedOnly(graph, part)) {
            return Optional.of("something behind it does more with its units than to weigh them");
        }
        if (rewiring == Rewiring.COMPOSITION && linear(graph, part).isEmpty()) {
            return Optional.of("its weights are not those of a dense layer or a convolution");
        }
        return Optional.empty();
    }

    /** Everything behind the layer must use its units by weights. */
    private static boolean weighedOnly(NetworkGraph graph, Part part) {
        return graph.order().stream()
                .filter(name -> !part.vertices().contains(name))
                .flatMap(name -> graph.axes(name).values().stream())
                .flatMap(List::stream)
                .filter(axis -> axis.role() != Role.CONSUMES)
                .noneMatch(axis -> indexes(graph, axis.layout(), part.space()));
    }

    private static boolean indexes(NetworkGraph graph, Layout layout, UnitSpace space) {
        return layout.blocks().stream().anyMatch(block -> graph.space(block).equals(space));
    }

    /** Finds the layer's matrix and bias, and folds in the batch norms behind it. */
    private Optional<Linear> linear(NetworkGraph graph, Part part) {
        Vertex vertex = graph.vertex(layer);
        Layout arriving = graph.signal(part.input()).units();
        int n = Math.toIntExact(part.space().size());
        double[][] weight = null;
        double[] shift = null;
        for (Map.Entry<String, List<Axis>> entry : graph.axes(layer).entrySet()) {
            List<Axis> axes = entry.getValue();
            int produced = Edits.axis(axes, Role.PRODUCES);
            int consumed = Edits.axis(axes, Role.CONSUMES);
            Tensor value = vertex.parameters().get(entry.getKey()).value();
            if (produced >= 0 && consumed >= 0) {
                boolean plain = weight == null
                        && axes.get(consumed).layout().equals(arriving)
                        && axes.get(produced).layout().length() == n;
                if (!plain) {
                    return Optional.empty();
                }
                weight = sumOverPositions(value, produced, consumed);
            } else if (shift == null && produced >= 0 && axes.size() == 1 && value.length() == n) {
                shift = value.toDoubles();
            } else {
                // A second value per unit is the gain of a layer norm.
                return Optional.empty();
            }
        }
        if (weight == null) {
            return Optional.empty();
        }
        shift = shift == null ? new double[n] : shift;
        for (String name : part.vertices()) {
            Optional<LayerFactory.Scaling> scaling = graph.origin().layers().scaling(graph.vertex(name));
            if (scaling.isPresent()) {
                for (int i = 0; i < n; i++) {
                    double scale = scaling.get().scale()[i];
                    weight[i] = Arrays.stream(weight[i]).map(w -> w * scale).toArray();
                    shift[i] = shift[i] * scale + scaling.get().shift()[i];
                }
            }
        }
        return Optional.of(new Linear(weight, shift));
    }

    private static double[][] sumOverPositions(Tensor value, int produced, int consumed) {
        double[][] sum = new double[(int) value.size(produced)][(int) value.size(consumed)];
        int[] index = new int[value.rank()];
        for (int position = 0; position < value.length(); position++) {
            sum[index[produced]][index[consumed]] += value.get(position);
            for (int axis = index.length - 1; axis >= 0 && ++index[axis] == value.size(axis); axis--) {
                index[axis] = 0;
            }
        }
        return sum;
    }

    @Override
    public NetworkGraph apply(NetworkGraph graph, Projection projection) {
        obstacle(graph).ifPresent(reason -> {
            throw new IllegalArgumentException("The layer '" + layer + "' cannot be removed: " + reason + ".");
        });
        Part part = part(graph);
        Layout arriving = graph.signal(part.input()).units();
        int m = Math.toIntExact(arriving.length());
        int n = Math.toIntExact(part.space().size());
        Optional<Linear> linear = rewiring == Rewiring.COMPOSITION ? linear(graph, part) : Optional.empty();
        SparseMatrix rows = linear.isPresent()
                ? SparseMatrix.ofDense(linear.get().weight()).transpose()
                : QuasiIdentity.bilinear(n, m);
        Set<String> removed = new HashSet<>(part.vertices());
        List<Vertex> vertices = new ArrayList<>();
        for (Vertex vertex : graph.vertices()) {
            if (!removed.contains(vertex.name())) {
                Vertex rewired = vertex.withParameters(parameters(graph, vertex, part, rows, linear.map(Linear::shift)))
                        .withOperation(vertex.operation()
                                .resized(
                                        vertex.inputs().stream()
                                                .map(graph::signal)
                                                .toList(),
                                        block -> graph.space(block).equals(part.space())
                                                ? (long) m * block.inner()
                                                : block.length()));
                vertices.add(rewired.reconnected(part.end(), part.input()));
            }
        }
        return Edits.graph(
                graph, vertices, Map.of(), known -> known.and(Edits.takenOver(graph, layer, part.input(), part.end())));
    }

    private static Map<String, Parameter> parameters(
            NetworkGraph graph, Vertex vertex, Part part, SparseMatrix rows, Optional<double[]> shift) {
        Map<String, Parameter> parameters = new LinkedHashMap<>(vertex.parameters());
        for (Map.Entry<String, List<Axis>> entry : graph.axes(vertex.name()).entrySet()) {
            for (int axis = 0; axis < entry.getValue().size(); axis++) {
                Layout layout = entry.getValue().get(axis).layout();
                if (indexes(graph, layout, part.space())) {
                    Tensor old = parameters.get(entry.getKey()).value();
                    if (shift.isPresent()) {
                        addConstant(graph, vertex, entry.getValue(), axis, old, part, shift.get(), parameters);
                    }
                    // The weights stand for others now, whose gradients the optimiser has not seen.
                    parameters.put(
                            entry.getKey(), Parameter.of(old.transform(axis, replaced(graph, layout, part, rows))));
                }
            }
        }
        return parameters;
    }

    /** Extends the matrix from the layer's units to a whole axis, on which other units stay as they are. */
    private static SparseMatrix replaced(NetworkGraph graph, Layout layout, Part part, SparseMatrix rows) {
        SparseMatrix.Builder builder = SparseMatrix.builder(Math.toIntExact(layout.length()));
        int start = 0;
        for (Block block : layout.blocks()) {
            int inner = block.inner();
            int offset = start;
            if (graph.space(block).equals(part.space())) {
                for (int j = 0; j < rows.rows(); j++) {
                    for (int k = 0; k < inner; k++) {
                        int position = offset + k;
                        rows.forEach(j, (i, value) -> builder.entry(position + i * inner, value));
                        builder.endRow();
                    }
                }
            } else {
                for (int i = 0; i < block.length(); i++) {
                    builder.entry(offset + i, 1);
                    builder.endRow();
                }
            }
            start += Math.toIntExact(block.length());
        }
        return builder.build();
    }

    /** Moves what the layer adds to its units into the consumer's bias. */
    private static void addConstant(
            NetworkGraph graph,
            Vertex consumer,
            List<Axis> axes,
            int consumed,
            Tensor weight,
            Part part,
            double[] shift,
            Map<String, Parameter> parameters) {
        int produced = Edits.axis(axes, Role.PRODUCES);
        Optional<String> bias = bias(graph, consumer, axes);
        if (produced < 0 || bias.isEmpty()) {
            return;
        }
        double[] constants = constants(graph, axes.get(consumed).layout(), part, shift);
        double[][] sums = sumOverPositions(weight, produced, consumed);
        Parameter old = parameters.get(bias.get());
        parameters.put(
                bias.get(),
                new Parameter(
                        Weights.make(
                                weight.isDouble(),
                                index -> {
                                    double sum = old.value().get(index[0]);
                                    for (int i = 0; i < constants.length; i++) {
                                        sum += sums[index[0]][i] * constants[i];
                                    }
                                    return sum;
                                },
                                old.value().length()),
                        old.state()));
    }

    /** Finds the bias that is added to what the weights give; behind a layer norm, with its gain, there is none. */
    private static Optional<String> bias(NetworkGraph graph, Vertex consumer, List<Axis> weightAxes) {
        Layout produced = weightAxes.get(Edits.axis(weightAxes, Role.PRODUCES)).layout();
        List<String> perUnit = graph.axes(consumer.name()).entrySet().stream()
                .filter(entry -> entry.getValue().equals(List.of(Axis.produces(produced))))
                .map(Map.Entry::getKey)
                .toList();
        return perUnit.size() == 1 ? Optional.of(perUnit.get(0)) : Optional.empty();
    }

    private static double[] constants(NetworkGraph graph, Layout layout, Part part, double[] shift) {
        double[] constants = new double[Math.toIntExact(layout.length())];
        int start = 0;
        for (Block block : layout.blocks()) {
            if (graph.space(block).equals(part.space())) {
                for (int i = 0; i < block.length(); i++) {
                    constants[start + i] = shift[i / block.inner()];
                }
            }
            start += Math.toIntExact(block.length());
        }
        return constants;
    }

    @Override
    public boolean preservesFunction(NetworkGraph graph, Projection projection) {
        if (rewiring != Rewiring.COMPOSITION || obstacle(graph).isPresent()) {
            return false;
        }
        Part part = part(graph);
        LayerFactory layers = graph.origin().layers();
        boolean linear = part.vertices().stream().allMatch(name -> layers.isAffine(graph.vertex(name)));
        boolean onePosition = graph.axes(layer).entrySet().stream()
                .allMatch(entry ->
                        positions(graph.vertex(layer).parameters().get(entry.getKey()), entry.getValue()) == 1);
        // At the border of padded maps, and behind an activation, a constant is not one.
        boolean constantFree =
                Arrays.stream(linear(graph, part).orElseThrow().shift()).allMatch(b -> b == 0);
        boolean directlyWeighed = graph.successors(part.end()).stream()
                .allMatch(next -> graph.axes(next).values().stream()
                        .anyMatch(axes -> axes.stream().anyMatch(axis -> indexes(graph, axis.layout(), part.space()))
                                && axes.stream().noneMatch(axis -> axis.role() == Role.FREE)
                                && Edits.axis(axes, Role.PRODUCES) >= 0
                                && bias(graph, graph.vertex(next), axes).isPresent()));
        return linear && onePosition && (constantFree ? unrectified(graph, part) : directlyWeighed);
    }

    /** Without a constant, anything between layer and consumers that treats units alike may stay, but for activations. */
    private static boolean unrectified(NetworkGraph graph, Part part) {
        return graph.successors(part.end()).stream()
                .allMatch(next -> graph.axes(next).values().stream()
                        .flatMap(List::stream)
                        .anyMatch(axis -> indexes(graph, axis.layout(), part.space())));
    }

    private static long positions(Parameter parameter, List<Axis> axes) {
        long product = 1;
        for (int i = 0; i < axes.size(); i++) {
            if (axes.get(i).role() == Role.FREE) {
                product *= parameter.value().size(i);
            }
        }
        return product;
    }

    @Override
    public String toString() {
        return "remove-layer(layer=" + layer + ", rewiring=" + rewiring + ")";
    }
}
