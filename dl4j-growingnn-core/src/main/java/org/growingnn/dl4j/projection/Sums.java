package org.growingnn.dl4j.projection;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Vertex;

/** Means and variances of a layer's weighted sums, which a batch norm behind it describes. */
record Sums(double[] means, double[] variances) {

    /** A batch norm never expects less than this share of the variance, or else it would blow up the little that is left. */
    private static final double LEAST_VARIANCE = 0.01;

    /** @param squares mean squares of the sums */
    static Sums of(DMatrixRMaj weights, DMatrixRMaj featureMeans, double[] squares) {
        double[] means = CommonOps_DDRM.multTransA(weights, featureMeans, null).data;
        double[] variances = new double[means.length];
        Arrays.setAll(variances, output -> Math.max(0, squares[output] - means[output] * means[output]));
        return new Sums(means, variances);
    }

    /** Multiplies each column of a matrix by that of another one. */
    static double[] products(DMatrixRMaj one, DMatrixRMaj other) {
        double[] products = new double[one.numCols];
        for (int row = 0; row < one.numRows; row++) {
            for (int column = 0; column < products.length; column++) {
                int position = row * products.length + column;
                products[column] += one.data[position] * other.data[position];
            }
        }
        return products;
    }

    private double ratio(int output, Sums before) {
        return before.variances[output] < Float.MIN_NORMAL
                ? 1
                : Math.max(LEAST_VARIANCE, variances[output] / before.variances[output]);
    }

    static boolean areDescribed(List<Axis> axes) {
        return axes.size() == 1 && axes.get(0).statistic().estimatesInput();
    }

    /** Moves the statistics of a vertex by as much as the sums that arrive there have changed. */
    static Vertex expecting(NetworkGraph network, Vertex vertex, Sums before, Sums after) {
        Map<String, Parameter> parameters = new LinkedHashMap<>(vertex.parameters());
        network.axes(vertex.name()).forEach((key, axes) -> {
            Parameter old = parameters.get(key);
            // A preprocessor in between may have made maps of units, or units of maps.
            if (!areDescribed(axes) || old.value().length() != after.means.length) {
                return;
            }
            double[] values = old.value().toDoubles();
            for (int unit = 0; unit < values.length; unit++) {
                switch (axes.get(0).statistic()) {
                    case MEAN -> values[unit] += after.means[unit] - before.means[unit];
                    case VARIANCE -> values[unit] *= after.ratio(unit, before);
                    default -> values[unit] += 0.5 * Math.log10(after.ratio(unit, before));
                }
            }
            parameters.put(key, new Parameter(old.value().like(old.value().shape(), values), old.state()));
        });
        return vertex.withParameters(parameters);
    }
}
