package org.growingnn.dl4j.projection;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.SparseMatrix;
import org.growingnn.dl4j.graph.UnitSpace;
import org.jspecify.annotations.Nullable;

/** Extends matrices of units to the positions of an axis. */
final class Positions {

    private Positions() {}

    /**
     * Repeats each space's matrix for all of its blocks and for the positions of each unit.
     *
     * @param units the matrix of a space, or null if its units stay as they are; it may have other columns than the space has units, for
     *     arrays that have others in their place
     */
    static SparseMatrix of(NetworkGraph graph, Layout layout, Function<UnitSpace, @Nullable SparseMatrix> units) {
        List<SparseMatrix> matrices = new ArrayList<>();
        int columns = 0;
        for (Block block : layout.blocks()) {
            SparseMatrix given = units.apply(graph.space(block));
            SparseMatrix rows = given != null ? given : SparseMatrix.identity(Math.toIntExact(block.size()));
            matrices.add(rows);
            columns = Math.addExact(columns, Math.multiplyExact(rows.columns(), block.inner()));
        }
        SparseMatrix.Builder builder = SparseMatrix.builder(columns);
        int offset = 0;
        for (int b = 0; b < matrices.size(); b++) {
            SparseMatrix rows = matrices.get(b);
            int inner = layout.blocks().get(b).inner();
            int start = offset;
            for (int i = 0; i < rows.rows(); i++) {
                for (int k = 0; k < inner; k++) {
                    int position = start + k;
                    rows.forEach(i, (j, value) -> builder.entry(position + j * inner, value));
                    builder.endRow();
                }
            }
            offset += rows.columns() * inner;
        }
        return builder.build();
    }

    /**
     * Does so for the features of a layer's weights, see {@link org.growingnn.dl4j.graph.Calibration.Moments}.
     *
     * @param constant whether the constant behind the features takes part
     */
    static SparseMatrix ofFeatures(
            NetworkGraph graph,
            String vertex,
            List<String> keys,
            boolean constant,
            Function<UnitSpace, @Nullable SparseMatrix> units) {
        List<SparseMatrix> parts = new ArrayList<>();
        for (String key : keys) {
            parts.add(ofFeatures(graph, vertex, key, units));
        }
        if (constant) {
            parts.add(SparseMatrix.identity(1));
        }
        return diagonal(parts);
    }

    private static SparseMatrix ofFeatures(
            NetworkGraph graph, String vertex, String key, Function<UnitSpace, @Nullable SparseMatrix> units) {
        List<Axis> axes = graph.axes(vertex).get(key);
        int free = 1;
        Layout consumed = null;
        for (int i = 0; i < axes.size(); i++) {
            switch (axes.get(i).role()) {
                case CONSUMES -> consumed = axes.get(i).layout();
                case FREE ->
                    free *= (int)
                            graph.vertex(vertex).parameters().get(key).value().size(i);
                default -> {}
            }
        }
        if (consumed == null) {
            throw new IllegalStateException("The weights '" + key + "' of '" + vertex + "' consume nothing.");
        }
        return repeat(of(graph, consumed, units), free);
    }

    /** Lets each of a number of inner positions follow its outer one. */
    private static SparseMatrix repeat(SparseMatrix matrix, int times) {
        if (times == 1) {
            return matrix;
        }
        SparseMatrix.Builder builder = SparseMatrix.builder(matrix.columns() * times);
        for (int i = 0; i < matrix.rows(); i++) {
            for (int k = 0; k < times; k++) {
                int offset = k;
                matrix.forEach(i, (j, value) -> builder.entry(j * times + offset, value));
                builder.endRow();
            }
        }
        return builder.build();
    }

    private static SparseMatrix diagonal(List<SparseMatrix> blocks) {
        SparseMatrix.Builder builder = SparseMatrix.builder(
                blocks.stream().mapToInt(SparseMatrix::columns).sum());
        int offset = 0;
        for (SparseMatrix block : blocks) {
            int start = offset;
            for (int i = 0; i < block.rows(); i++) {
                block.forEach(i, (j, value) -> builder.entry(start + j, value));
                builder.endRow();
            }
            offset += block.columns();
        }
        return builder.build();
    }
}
