package org.growingnn.dl4j.projection;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Operation;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Parameter.Moment;
import org.growingnn.dl4j.graph.Role;
import org.growingnn.dl4j.graph.Selection;
import org.growingnn.dl4j.graph.SparseMatrix;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;

/**
 * Applies a {@link UnitMap} to a network: one loop over every axis of every parameter. The paper's column rule
 * {@code [W_before | W_middle · Qᵀ | W_after]} is what the loop does to one block of a consuming axis.
 *
 * <p>Optimiser state follows by the dual map. If parameters transform as {@code W' = P W} on the producing side and {@code V'
 * = C V} on the consuming side, the chain rule sends gradients through C on the producing side and through P on the
 * consuming side; running means of gradients are linear in them. For running means of squared gradients the entries are
 * {@code |c_ij| · Σ_k |c_ik|}: by the Cauchy–Schwarz inequality this bounds the square of the mixed gradient, it is exact for
 * selection and replication, and it is never negative.
 */
public final class Resizer {

    private Resizer() {}

    /**
     * Resizes a space.
     *
     * @param graph the network
     * @param space a resizable space of it
     * @param map matrices with {@code space.size()} columns
     * @return a network whose space has {@code map.producer().rows()} units; arrays that no unit of the space indexes are
     *     shared
     * @throws IllegalArgumentException if the space is frozen, the matrices do not fit it, or they combine units that can only be
     *     left out
     */
    public static NetworkGraph resize(NetworkGraph graph, UnitSpace space, UnitMap map) {
        if (!space.resizable()) {
            throw new IllegalArgumentException("The space '" + space.name() + "' cannot be resized: "
                    + space.frozen().orElseThrow() + ".");
        }
        if (map.producer().columns() != space.size()) {
            throw new IllegalArgumentException("The map (" + map.producer() + ") must have one column for each of the "
                    + space.size() + " units of '" + space.name() + "'.");
        }
        if (space.selectionOnly() && map.selected().isEmpty()) {
            throw new IllegalArgumentException("The units of '" + space.name()
                    + "' are features of a network input, which can be left out, but neither scaled, merged, replicated nor"
                    + " reordered.\nMaybe use Actions.inputs() or a map made by UnitMap.selection?");
        }
        List<Vertex> changed = new ArrayList<>();
        for (Vertex vertex : graph.vertices()) {
            Map<String, Parameter> parameters = new LinkedHashMap<>(vertex.parameters());
            boolean touched = false;
            for (Map.Entry<String, List<Axis>> entry : graph.axes(vertex.name()).entrySet()) {
                List<Axis> axes = entry.getValue();
                for (int axis = 0; axis < axes.size(); axis++) {
                    if (indexes(graph, axes.get(axis), space)) {
                        Parameter old = parameters.get(entry.getKey());
                        parameters.put(
                                entry.getKey(),
                                new AxisResize(graph, space, map, axes.get(axis), axis)
                                        .apply(old, seed(vertex.name(), entry.getKey())));
                        touched = true;
                    }
                }
            }
            Operation operation = resized(graph, vertex, space, map);
            if (touched || operation != vertex.operation()) {
                changed.add(vertex.withParameters(parameters).withOperation(operation));
            }
        }
        return graph.with(changed);
    }

    private static Operation resized(NetworkGraph graph, Vertex vertex, UnitSpace space, UnitMap map) {
        if (vertex.operation() instanceof Selection selection
                && graph.space(vertex.name()).equals(space)) {
            return selection.keep(map.selected().orElseThrow());
        }
        return vertex.operation()
                .resized(
                        vertex.inputs().stream().map(graph::signal).toList(),
                        block -> length(graph, block, space, map.producer().rows()));
    }

    private static long length(NetworkGraph graph, Block block, UnitSpace space, int newSize) {
        return graph.space(block).equals(space) ? (long) newSize * block.inner() : block.length();
    }

    private static boolean indexes(NetworkGraph graph, Axis axis, UnitSpace space) {
        return axis.layout().blocks().stream()
                .anyMatch(block -> graph.space(block).equals(space));
    }

    private static long seed(String vertex, String key) {
        return 31L * vertex.hashCode() + key.hashCode();
    }

    /** Resizes one axis of one parameter. */
    private record AxisResize(NetworkGraph graph, UnitSpace space, UnitMap map, Axis axis, int index) {

        Parameter apply(Parameter old, long seed) {
            SparseMatrix own = switch (axis.role()) {
                case PRODUCES -> map.producer();
                case CONSUMES -> map.consumer();
                case FOLLOWS -> map.follower();
                case FREE -> throw new IllegalStateException("A free axis has no units.");
            };
            SparseMatrix dual = axis.role() == Role.CONSUMES ? map.producer() : map.consumer();
            Tensor value = transform(old.value(), own);
            if (axis.role() == Role.CONSUMES && map.splitJitter() > 0) {
                value = jitter(value, seed);
            }
            List<Moment> state = old.state().stream()
                    .map(moment -> new Moment(
                            moment.kind(),
                            transform(
                                    moment.value(),
                                    switch (moment.kind()) {
                                        case GRADIENT -> dual;
                                        case GRADIENT_SQUARED -> bound(dual);
                                        case GRADIENT_MAGNITUDE -> dual.map(Math::abs);
                                        case UPDATE_SQUARED -> bound(own);
                                    })))
                    .toList();
            return new Parameter(value, state);
        }

        private static SparseMatrix bound(SparseMatrix matrix) {
            SparseMatrix absolute = matrix.map(Math::abs);
            SparseMatrix.Builder builder = SparseMatrix.builder(matrix.columns());
            for (int i = 0; i < matrix.rows(); i++) {
                double[] sum = new double[1];
                absolute.forEach(i, (j, value) -> sum[0] += value);
                absolute.forEach(i, (j, value) -> builder.entry(j, value * sum[0]));
                builder.endRow();
            }
            return builder.build();
        }

        private Tensor transform(Tensor tensor, SparseMatrix units) {
            List<Block> blocks = axis.layout().blocks();
            if (blocks.size() > 1) {
                return tensor.transform(index, blockDiagonal(units));
            }
            int inner = blocks.get(0).inner();
            if (inner == 1) {
                return tensor.transform(index, units);
            }
            long[] shape = tensor.shape();
            long[] split = insert(shape, index, units.columns(), inner);
            shape[index] = (long) units.rows() * inner;
            return tensor.reshape(split).transform(index, units).reshape(shape);
        }

        private static long[] insert(long[] shape, int axis, long outer, long inner) {
            long[] result = new long[shape.length + 1];
            System.arraycopy(shape, 0, result, 0, axis);
            result[axis] = outer;
            result[axis + 1] = inner;
            System.arraycopy(shape, axis + 1, result, axis + 2, shape.length - axis - 1);
            return result;
        }

        private SparseMatrix blockDiagonal(SparseMatrix units) {
            SparseMatrix.Builder builder =
                    SparseMatrix.builder(Math.toIntExact(axis.layout().length()));
            int offset = 0;
            for (Block block : axis.layout().blocks()) {
                int inner = block.inner();
                boolean resized = graph.space(block).equals(space);
                SparseMatrix rows = resized ? units : SparseMatrix.identity(Math.toIntExact(block.size()));
                int start = offset;
                for (int i = 0; i < rows.rows(); i++) {
                    for (int k = 0; k < inner; k++) {
                        int position = k;
                        rows.forEach(i, (j, value) -> builder.entry(start + j * inner + position, value));
                        builder.endRow();
                    }
                }
                offset += Math.toIntExact(block.length());
            }
            return builder.build();
        }

        /** Varies how much of each outgoing weight every copy of a unit carries, keeping the sum over the copies. */
        private Tensor jitter(Tensor value, long seed) {
            long[] shape = value.shape();
            int outer = 1;
            for (int i = 0; i < index; i++) {
                outer *= (int) shape[i];
            }
            int length = (int) shape[index];
            int inner = value.length() / (outer * length);
            SplittableRandom random = new SplittableRandom(seed);
            double[] values = value.toDoubles();
            for (int[] copies : copies()) {
                double[] factors = new double[copies.length];
                for (int o = 0; o < outer; o++) {
                    for (int c = 0; c < inner; c++) {
                        double before = 0;
                        double after = 0;
                        for (int k = 0; k < copies.length; k++) {
                            factors[k] = 1 + map.splitJitter() * (2 * random.nextDouble() - 1);
                            double weight = values[(o * length + copies[k]) * inner + c];
                            before += weight;
                            after += weight * factors[k];
                        }
                        for (int k = 0; k < copies.length; k++) {
                            int position = (o * length + copies[k]) * inner + c;
                            values[position] *= after == 0 ? 1 : factors[k] * before / after;
                        }
                    }
                }
            }
            if (value.isDouble()) {
                return Tensor.wrap(shape, values);
            }
            float[] floats = new float[values.length];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = (float) values[i];
            }
            return Tensor.wrap(shape, floats);
        }

        /** Positions on the new axis that stem from the same old position, where there are several. */
        private List<int[]> copies() {
            SparseMatrix positions = blockDiagonal(map.producer());
            Map<Integer, List<Integer>> byOrigin = new TreeMap<>();
            for (int i = 0; i < positions.rows(); i++) {
                int position = i;
                positions.forEach(
                        i,
                        (j, value) -> byOrigin.computeIfAbsent(j, key -> new ArrayList<>())
                                .add(position));
            }
            return byOrigin.values().stream()
                    .filter(list -> list.size() > 1)
                    .map(list -> list.stream().mapToInt(Integer::intValue).toArray())
                    .toList();
        }
    }
}
