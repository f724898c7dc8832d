package org.growingnn.dl4j.projection;

import org.ejml.data.DMatrixRMaj;

/**
 * Ridge regression from second moments in which some weights must not be negative: projected coordinate descent on the normal
 * equations. A weight that would become negative stays 0, and the others make up for it.
 */
final class NonNegative {

    /** Moments of features that depend on each other converge slowly; what is still to be gained then is little. */
    private static final int SWEEPS = 300;

    /** Descent ends when no sweep moves a weight by more than this share of the largest weight. */
    private static final double TOLERANCE = 1e-6;

    private NonNegative() {}

    /**
     * Minimises {@code ⟨D, (A + λ I) D⟩ − 2 ⟨D, T⟩} over {@code D = W − W₀}.
     *
     * @param moments A, symmetric
     * @param ridge λ, greater than 0
     * @param target T
     * @param left W₀
     * @param start the solution without bounds
     * @param bounded by row of W, whether it must not be negative
     * @return W
     */
    static DMatrixRMaj solve(
            DMatrixRMaj moments,
            double ridge,
            DMatrixRMaj target,
            DMatrixRMaj left,
            DMatrixRMaj start,
            boolean[] bounded) {
        int features = start.numRows;
        int outputs = start.numCols;
        double[][] weights = rows(start);
        double[][] slopes = rows(target);
        for (int i = 0; i < features; i++) {
            for (int k = 0; k < outputs; k++) {
                weights[i][k] = bounded[i] ? Math.max(0, weights[i][k]) : weights[i][k];
                slopes[i][k] = -slopes[i][k];
            }
        }
        for (int i = 0; i < features; i++) {
            double[] difference = new double[outputs];
            for (int k = 0; k < outputs; k++) {
                difference[k] = weights[i][k] - left.get(i, k);
            }
            spread(moments, ridge, i, difference, slopes);
        }
        double moved = Double.MAX_VALUE;
        double largest = 0;
        for (int sweep = 0; sweep < SWEEPS && moved > TOLERANCE * largest; sweep++) {
            moved = 0;
            for (int i = 0; i < features; i++) {
                double curvature = moments.get(i, i) + ridge;
                double[] steps = new double[outputs];
                double widest = 0;
                for (int k = 0; k < outputs; k++) {
                    double wanted = weights[i][k] - slopes[i][k] / curvature;
                    double allowed = bounded[i] ? Math.max(0, wanted) : wanted;
                    steps[k] = allowed - weights[i][k];
                    weights[i][k] = allowed;
                    widest = Math.max(widest, Math.abs(steps[k]));
                    largest = Math.max(largest, Math.abs(allowed));
                }
                if (widest > 0) {
                    spread(moments, ridge, i, steps, slopes);
                }
                moved = Math.max(moved, widest);
            }
        }
        return new DMatrixRMaj(weights);
    }

    /** Adds what steps of one row of weights do to all slopes. */
    private static void spread(DMatrixRMaj moments, double ridge, int row, double[] steps, double[][] slopes) {
        for (int j = 0; j < slopes.length; j++) {
            double factor = moments.get(row, j) + (j == row ? ridge : 0);
            double[] slope = slopes[j];
            for (int k = 0; k < steps.length; k++) {
                slope[k] += factor * steps[k];
            }
        }
    }

    private static double[][] rows(DMatrixRMaj matrix) {
        double[][] rows = new double[matrix.numRows][matrix.numCols];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(matrix.data, i * matrix.numCols, rows[i], 0, matrix.numCols);
        }
        return rows;
    }
}
