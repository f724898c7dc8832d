package org.growingnn.dl4j.training;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.growingnn.dl4j.graph.LatencyTable;
import org.growingnn.dl4j.graph.LatencyTable.Size;

/**
 * Finds the rates of a layer from times at several sizes: those that are not negative and have the least sum of squared relative errors.
 * Relative, because a wide layer takes a hundred times as long as a narrow one, and both are to be foretold.
 */
final class LatencyFit {

    private static final int RATES = 4;

    /** Times of which nothing could be measured count as one nanosecond. */
    private static final double LEAST = 1;

    private final List<double[]> rows = new ArrayList<>();

    /** Adds the time that was measured at a size. */
    void add(Size size, double nanos) {
        double time = Math.max(LEAST, nanos);
        rows.add(new double[] {1 / time, size.inputs() / time, size.outputs() / time, size.weights() / time});
    }

    /** The best rates that are not negative are the best of those that some of the rates allow if the others are 0. */
    LatencyTable.Layer layer(String name) {
        double[] best = new double[RATES];
        double least = Double.POSITIVE_INFINITY;
        for (int chosen = 1; chosen < 1 << RATES; chosen++) {
            double[] rates = solve(chosen);
            double error = error(rates);
            if (error < least && IntStream.range(0, RATES).allMatch(rate -> rates[rate] >= 0)) {
                best = rates;
                least = error;
            }
        }
        return new LatencyTable.Layer(name, best[0], best[1], best[2], best[3]);
    }

    private double[] solve(int chosen) {
        int[] used = IntStream.range(0, RATES)
                .filter(rate -> (chosen >> rate & 1) == 1)
                .toArray();
        DMatrixRMaj matrix = new DMatrixRMaj(rows.size(), used.length);
        double[] scales = new double[used.length];
        for (int column = 0; column < used.length; column++) {
            for (int row = 0; row < rows.size(); row++) {
                matrix.set(row, column, rows.get(row)[used[column]]);
                scales[column] = Math.max(scales[column], Math.abs(matrix.get(row, column)));
            }
            for (int row = 0; row < rows.size() && scales[column] > 0; row++) {
                matrix.set(row, column, matrix.get(row, column) / scales[column]);
            }
        }
        DMatrixRMaj inverse = new DMatrixRMaj(used.length, rows.size());
        CommonOps_DDRM.pinv(matrix, inverse);
        double[] rates = new double[RATES];
        for (int column = 0; column < used.length; column++) {
            for (int row = 0; row < rows.size(); row++) {
                rates[used[column]] += scales[column] > 0 ? inverse.get(column, row) / scales[column] : 0;
            }
        }
        return rates;
    }

    /** Each measured time is 1, since rows are divided by it. */
    private double error(double[] rates) {
        double sum = 0;
        for (double[] row : rows) {
            double missed = -1;
            for (int rate = 0; rate < RATES; rate++) {
                missed += row[rate] * rates[rate];
            }
            sum += missed * missed;
        }
        return sum;
    }
}
