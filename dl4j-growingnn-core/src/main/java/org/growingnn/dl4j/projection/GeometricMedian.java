package org.growingnn.dl4j.projection;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Role;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;

/** Rates units by the sum of their distances to the others, see {@link Criteria#geometricMedian()}. */
record GeometricMedian() implements Criterion {

    @Override
    public String name() {
        return "geometric-median";
    }

    @Override
    public double[] rate(NetworkGraph graph, UnitSpace space) {
        int units = Math.toIntExact(space.size());
        double[][] squares = new double[units][];
        Arrays.setAll(squares, double[]::new);
        if (!add(graph, space, Role.PRODUCES, squares)) {
            add(graph, space, Role.CONSUMES, squares);
        }
        double[] sums = new double[units];
        for (int i = 0; i < units; i++) {
            for (int j = 0; j < i; j++) {
                double distance = Math.sqrt(squares[i][j]);
                sums[i] += distance;
                sums[j] += distance;
            }
        }
        return sums;
    }

    /**
     * Adds squared differences of all weights on the axes of a role.
     *
     * @param squares below the diagonal, one for each pair of units
     * @return whether there are such axes
     */
    private static boolean add(NetworkGraph graph, UnitSpace space, Role role, double[][] squares) {
        boolean found = false;
        for (Vertex vertex : graph.vertices()) {
            for (Map.Entry<String, List<Axis>> entry : graph.axes(vertex.name()).entrySet()) {
                Tensor value = vertex.parameters().get(entry.getKey()).value();
                for (int axis = 0; axis < entry.getValue().size(); axis++) {
                    if (entry.getValue().get(axis).role() == role) {
                        int start = 0;
                        for (Block block : entry.getValue().get(axis).layout().blocks()) {
                            if (graph.space(block).equals(space)) {
                                add(value, axis, start, block.inner(), squares);
                                found = true;
                            }
                            start += Math.toIntExact(block.length());
                        }
                    }
                }
            }
        }
        return found;
    }

    /** Takes one coordinate of all units after the other: vectors of wide layers together would take as much memory as the layer. */
    private static void add(Tensor value, int axis, int start, int perUnit, double[][] squares) {
        int extent = (int) value.size(axis);
        int inner = 1;
        for (int i = axis + 1; i < value.rank(); i++) {
            inner *= (int) value.size(i);
        }
        int step = perUnit * inner;
        double[] coordinate = new double[squares.length];
        for (int outer = 0; outer < value.length() / extent; outer += inner) {
            int first = (outer / inner * extent + start) * inner;
            for (int offset = 0; offset < step; offset++) {
                for (int unit = 0; unit < coordinate.length; unit++) {
                    coordinate[unit] = value.get(first + unit * step + offset);
                }
                addDifferences(coordinate, squares);
            }
        }
    }

    private static void addDifferences(double[] coordinate, double[][] squares) {
        for (int i = 1; i < coordinate.length; i++) {
            double own = coordinate[i];
            double[] row = squares[i];
            for (int j = 0; j < i; j++) {
                double difference = own - coordinate[j];
                row[j] += difference * difference;
            }
        }
    }
}
