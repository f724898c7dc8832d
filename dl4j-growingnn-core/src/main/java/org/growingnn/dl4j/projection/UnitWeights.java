package org.growingnn.dl4j.projection;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Role;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;
import org.jspecify.annotations.Nullable;

/** Visits and adds up the weights that belong to units. */
final class UnitWeights {

    private UnitWeights() {}

    /** Visits values of an axis's array together with the unit of the space that each belongs to. */
    interface Visitor {
        void visit(int unit, int position);
    }

    static void visit(NetworkGraph graph, UnitSpace space, Axis axis, Tensor value, int index, Visitor visitor) {
        int[] unitOfIndex = new int[(int) value.size(index)];
        Arrays.fill(unitOfIndex, -1);
        int start = 0;
        boolean found = false;
        for (Block block : axis.layout().blocks()) {
            if (graph.space(block).equals(space)) {
                found = true;
                for (int i = 0; i < block.length(); i++) {
                    unitOfIndex[start + i] = i / block.inner();
                }
            }
            start += Math.toIntExact(block.length());
        }
        if (!found) {
            return;
        }
        int inner = 1;
        for (int i = index + 1; i < value.rank(); i++) {
            inner *= (int) value.size(i);
        }
        for (int position = 0; position < value.length(); position++) {
            int unit = unitOfIndex[position / inner % unitOfIndex.length];
            if (unit >= 0) {
                visitor.visit(unit, position);
            }
        }
    }

    /**
     * Adds up something of every weight on the axes of a role.
     *
     * @param gradients where given, parameters without a gradient of their shape are passed over
     * @param term of a weight and its gradient, or 0
     * @param sums to add to, one per unit
     */
    static void sum(
            NetworkGraph graph,
            UnitSpace space,
            Role role,
            @Nullable Calibration gradients,
            DoubleBinaryOperator term,
            double[] sums) {
        for (Vertex vertex : graph.vertices()) {
            graph.axes(vertex.name()).forEach((key, axes) -> {
                Tensor value = vertex.parameters().get(key).value();
                Tensor gradient = gradients == null
                        ? null
                        : gradients.gradient(vertex.name(), key, value.shape()).orElse(null);
                if (gradients != null && gradient == null) {
                    return;
                }
                for (int axis = 0; axis < axes.size(); axis++) {
                    if (axes.get(axis).role() == role) {
                        visit(
                                graph,
                                space,
                                axes.get(axis),
                                value,
                                axis,
                                (unit, position) -> sums[unit] += term.applyAsDouble(
                                        value.get(position), gradient == null ? 0 : gradient.get(position)));
                    }
                }
            });
        }
    }

    /**
     * How many weights a space has on the axes of a role.
     *
     * @param all their number
     * @param known how many of them have gradients
     */
    record Count(long all, long known) {}

    /** Counts weights that belong to units of a space. */
    static Count count(NetworkGraph graph, UnitSpace space, Role role, Calibration gradients) {
        long[] counts = new long[2];
        for (Vertex vertex : graph.vertices()) {
            graph.axes(vertex.name()).forEach((key, axes) -> {
                Tensor value = vertex.parameters().get(key).value();
                long own = 0;
                for (int axis = 0; axis < axes.size(); axis++) {
                    if (axes.get(axis).role() == role) {
                        long positions = axes.get(axis).layout().blocks().stream()
                                .filter(block -> graph.space(block).equals(space))
                                .mapToLong(Block::length)
                                .sum();
                        own += positions * (value.length() / Math.max(1, value.size(axis)));
                    }
                }
                counts[0] += own;
                if (own > 0
                        && gradients.gradient(vertex.name(), key, value.shape()).isPresent()) {
                    counts[1] += own;
                }
            });
        }
        return new Count(counts[0], counts[1]);
    }

    /** Sums the squares of the weights that consume each unit. */
    static double[] outgoing(NetworkGraph graph, UnitSpace space) {
        double[] result = Criteria.zeros(space);
        sum(graph, space, Role.CONSUMES, null, (weight, unused) -> weight * weight, result);
        return result;
    }
}
