package org.growingnn.dl4j.projection;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Role;
import org.growingnn.dl4j.graph.SparseMatrix;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;

/**
 * Keeps the most important units as they are. A unit's importance is {@code ‖incoming weights‖ · ‖outgoing weights‖} (Euclidean
 * norms over all axes of the space that produce or consume it), which does not change when a rectified unit's incoming weights are
 * scaled and its outgoing ones scaled back.
 */
final class Importance implements Projection {

    private final Projection growth;

    /** @param growth what to do when the space grows */
    Importance(Projection growth) {
        this.growth = growth;
    }

    @Override
    public String name() {
        return "importance";
    }

    @Override
    public UnitMap map(NetworkGraph graph, UnitSpace space, int newSize) {
        int size = Math.toIntExact(space.size());
        if (newSize >= size) {
            return growth.map(graph, space, newSize);
        }
        double[] importance = importance(graph, space);
        int[] kept = java.util.stream.IntStream.range(0, size)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer unit) -> -importance[unit]))
                .limit(newSize)
                .mapToInt(Integer::intValue)
                .sorted()
                .toArray();
        SparseMatrix.Builder builder = SparseMatrix.builder(size);
        for (int unit : kept) {
            builder.entry(unit, 1).endRow();
        }
        SparseMatrix selection = builder.build();
        return new UnitMap(selection, selection, selection);
    }

    @Override
    public boolean preservesFunction(long size, long newSize) {
        return newSize >= size && growth.preservesFunction(size, newSize);
    }

    static double[] importance(NetworkGraph graph, UnitSpace space) {
        double[] incoming = new double[Math.toIntExact(space.size())];
        double[] outgoing = new double[incoming.length];
        for (Vertex vertex : graph.vertices()) {
            graph.axes(vertex.name()).forEach((key, axes) -> {
                Parameter parameter = vertex.parameters().get(key);
                for (int axis = 0; axis < axes.size(); axis++) {
                    if (axes.get(axis).role() == Role.PRODUCES) {
                        addSquares(graph, space, axes.get(axis), parameter.value(), axis, incoming);
                    } else if (axes.get(axis).role() == Role.CONSUMES) {
                        addSquares(graph, space, axes.get(axis), parameter.value(), axis, outgoing);
                    }
                }
            });
        }
        double[] result = new double[incoming.length];
        Arrays.setAll(result, unit -> Math.sqrt(incoming[unit] * outgoing[unit]));
        return result;
    }

    private static void addSquares(
            NetworkGraph graph, UnitSpace space, Axis axis, Tensor value, int index, double[] sums) {
        List<Integer> unitOfPosition = new ArrayList<>();
        for (Block block : axis.layout().blocks()) {
            boolean wanted = graph.space(block).equals(space);
            for (int unit = 0; unit < block.size(); unit++) {
                for (int k = 0; k < block.inner(); k++) {
                    unitOfPosition.add(wanted ? unit : -1);
                }
            }
        }
        if (unitOfPosition.stream().allMatch(unit -> unit < 0)) {
            return;
        }
        int inner = 1;
        for (int i = index + 1; i < value.rank(); i++) {
            inner *= (int) value.size(i);
        }
        for (int position = 0; position < value.length(); position++) {
            int unit = unitOfPosition.get(position / inner % (int) value.size(index));
            if (unit >= 0) {
                sums[unit] += value.get(position) * value.get(position);
            }
        }
    }

    @Override
    public String toString() {
        return name();
    }
}
