package org.growingnn.dl4j.search;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * Foretells grades as a sum of what each feature of a network adds, fitted to all grades of a search by ridge regression (Hoerl and Kennard
 * 1970). Effects of width are nearly additive, so that few grades tell much about networks that nobody has graded.
 */
final class AdditiveModel {

    private final Map<String, Double> weights;
    private final double mean;

    private AdditiveModel(Map<String, Double> weights, double mean) {
        this.weights = weights;
        this.mean = mean;
    }

    /**
     * Fits.
     *
     * @param features of each network, missing ones are 0
     * @param grades of each network
     * @param ridge weight of the squared weights beside the mean squared error, for features and grades of standard deviation 1, &gt; 0
     */
    static AdditiveModel fit(List<Map<String, Double>> features, double[] grades, double ridge) {
        Map<String, Integer> index = new LinkedHashMap<>();
        features.forEach(each -> each.keySet().forEach(name -> index.putIfAbsent(name, index.size())));
        int rows = grades.length;
        int columns = index.size();
        DMatrixRMaj x = new DMatrixRMaj(rows, columns);
        double mean = 0;
        for (int row = 0; row < rows; row++) {
            int at = row;
            features.get(row).forEach((name, value) -> x.set(at, index.get(name), value));
            mean += grades[row] / rows;
        }
        // Effects are those of departures from the mean network.
        double[] centre = new double[columns];
        double[] spread = new double[columns];
        for (int column = 0; column < columns; column++) {
            for (int row = 0; row < rows; row++) {
                centre[column] += x.get(row, column) / rows;
            }
            for (int row = 0; row < rows; row++) {
                x.add(row, column, -centre[column]);
                spread[column] += x.get(row, column) * x.get(row, column) / rows;
            }
        }
        DMatrixRMaj y = new DMatrixRMaj(rows, 1);
        for (int row = 0; row < rows; row++) {
            y.set(row, grades[row] - mean);
        }
        DMatrixRMaj normal = new DMatrixRMaj(columns, columns);
        CommonOps_DDRM.multTransA(x, x, normal);
        for (int column = 0; column < columns; column++) {
            // In units of the feature's own spread; what never varies keeps a weight of 0.
            normal.add(column, column, ridge * rows * Math.max(spread[column], 1e-9) + 1e-12);
        }
        DMatrixRMaj right = new DMatrixRMaj(columns, 1);
        CommonOps_DDRM.multTransA(x, y, right);
        DMatrixRMaj solution = new DMatrixRMaj(columns, 1);
        LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.symmPosDef(columns);
        Map<String, Double> weights = new LinkedHashMap<>();
        double offset = mean;
        if (columns > 0 && solver.setA(normal)) {
            solver.solve(right, solution);
            for (Map.Entry<String, Integer> entry : index.entrySet()) {
                double weight = solution.get(entry.getValue());
                weights.put(entry.getKey(), weight);
                offset -= weight * centre[entry.getValue()];
            }
        }
        return new AdditiveModel(weights, offset);
    }

    /** Foretells a grade. */
    double of(Map<String, Double> features) {
        double sum = mean;
        for (Map.Entry<String, Double> entry : features.entrySet()) {
            sum += weights.getOrDefault(entry.getKey(), 0.0) * entry.getValue();
        }
        return sum;
    }
}
