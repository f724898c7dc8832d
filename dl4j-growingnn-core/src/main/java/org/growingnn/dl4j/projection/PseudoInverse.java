package org.growingnn.dl4j.projection;

import org.growingnn.dl4j.graph.SparseMatrix;

/** The Moore–Penrose inverse of shrinking bilinear quasi-identities. */
final class PseudoInverse {

    /** Entries below this share of a column's largest are far under the resolution of 32-bit parameters. */
    private static final double NEGLIGIBLE = 1e-10;

    private PseudoInverse() {}

    /**
     * Computes the transposed pseudo-inverse of a matrix of full row rank, {@code (Q⁺)ᵀ = (Q Qᵀ)⁻¹ Q}. {@code Q Qᵀ} is
     * tridiagonal, because only neighbouring rows of a bilinear resize overlap, so each column is one tridiagonal solve.
     *
     * @param q a bilinear quasi-identity with {@code rows ≤ columns}
     * @return {@code (Q⁺)ᵀ}, of Q's shape; entries decay exponentially away from Q's own and are cut where negligible
     */
    static SparseMatrix transposed(SparseMatrix q) {
        int rows = q.rows();
        double[][] dense = q.toDense();
        double[] diagonal = new double[rows];
        double[] upper = new double[rows];
        for (int i = 0; i < rows; i++) {
            int row = i;
            q.forEach(i, (j, value) -> {
                diagonal[row] += value * value;
                if (row + 1 < rows) {
                    upper[row] += value * dense[row + 1][j];
                }
            });
        }
        // Thomas algorithm; Q Qᵀ is symmetric positive definite, so no pivoting is needed.
        double[] ratio = new double[rows];
        double[] pivot = new double[rows];
        pivot[0] = diagonal[0];
        for (int i = 1; i < rows; i++) {
            ratio[i] = upper[i - 1] / pivot[i - 1];
            pivot[i] = diagonal[i] - ratio[i] * upper[i - 1];
        }
        double[][] result = new double[rows][q.columns()];
        double[] x = new double[rows];
        for (int j = 0; j < q.columns(); j++) {
            for (int i = 0; i < rows; i++) {
                x[i] = dense[i][j] - (i > 0 ? ratio[i] * x[i - 1] : 0);
            }
            double largest = 0;
            for (int i = rows - 1; i >= 0; i--) {
                x[i] = (x[i] - (i + 1 < rows ? upper[i] * x[i + 1] : 0)) / pivot[i];
                largest = Math.max(largest, Math.abs(x[i]));
            }
            for (int i = 0; i < rows; i++) {
                result[i][j] = Math.abs(x[i]) < NEGLIGIBLE * largest ? 0 : x[i];
            }
        }
        return SparseMatrix.ofDense(result);
    }
}
