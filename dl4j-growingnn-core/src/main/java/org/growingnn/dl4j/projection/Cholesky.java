package org.growingnn.dl4j.projection;

import java.util.Arrays;
import java.util.Optional;
import org.ejml.data.DMatrixRMaj;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The Cholesky factorisation {@code A + λ I = Uᵀ U}, block by block: all but the blocks on the diagonal is products of large matrices,
 * which {@link NativeProducts} computes several times faster than Java does. ND4J's own LAPACK and triangular solutions are of no use: they
 * throw where a matrix is not positive definite, and confuse sizes.
 */
final class Cholesky implements AutoCloseable {

    /** Rows of a block: Java's part grows with its square, while products of narrow matrices are slow. */
    static final int BLOCK = 96;

    private final int size;
    /** U, with the inverses of its blocks on the diagonal in place of these; of no meaning below them. */
    private final INDArray upper;

    private Cholesky(int size, INDArray upper) {
        this.size = size;
        this.upper = upper;
    }

    /**
     * Factorises.
     *
     * @param matrix A, symmetric
     * @param ridge λ
     * @param least what squared pivots must be at least, greater than 0
     * @return the factorisation, to be closed; empty if a squared pivot is less
     */
    static Optional<Cholesky> of(DMatrixRMaj matrix, double ridge, double least) {
        int size = matrix.numRows;
        // By rows or by columns, a symmetric matrix is the same.
        INDArray upper = NativeProducts.columns(matrix.data, size, size);
        for (int i = 0; i < size; i++) {
            upper.putScalar(i, i, matrix.get(i, i) + ridge);
        }
        Cholesky result = new Cholesky(size, upper);
        boolean usable = false;
        try {
            usable = result.factorise(least);
            return usable ? Optional.of(result) : Optional.empty();
        } finally {
            if (!usable) {
                result.close();
            }
        }
    }

    private boolean factorise(double least) {
        for (int from = 0; from < size; from += BLOCK) {
            int to = Math.min(size, from + BLOCK);
            INDArray rows = part(from, to, from, size);
            if (from > 0) {
                NativeProducts.add(-1, part(0, from, from, to), true, part(0, from, from, size), false, 1, rows);
            }
            double[][] block = block(from, to);
            if (!factorise(block, least)) {
                return false;
            }
            double[] inverse = inverse(block);
            try (INDArray inverted = NativeProducts.rows(inverse, to - from, to - from);
                    INDArray old = rows.dup('f')) {
                NativeProducts.add(1, inverted, true, old, false, 0, rows);
                part(from, to, from, to).assign(inverted);
            }
        }
        return true;
    }

    private INDArray part(int fromRow, int toRow, int fromColumn, int toColumn) {
        return NativeProducts.part(upper, fromRow, toRow, fromColumn, toColumn);
    }

    private double[][] block(int from, int to) {
        int width = to - from;
        try (INDArray copy = part(from, to, from, to).dup('c')) {
            double[] values = copy.data().asDouble();
            // Arrays of their own let the compiler use vector instructions.
            double[][] rows = new double[width][];
            Arrays.setAll(rows, i -> Arrays.copyOfRange(values, i * width, (i + 1) * width));
            return rows;
        }
    }

    /** Replaces the upper triangle of a block by its factor. */
    private static boolean factorise(double[][] rows, double least) {
        for (int k = 0; k < rows.length; k++) {
            double squared = rows[k][k];
            if (!(squared >= least)) {
                return false;
            }
            scale(rows[k], k, 1 / Math.sqrt(squared));
            for (int i = k + 1; i < rows.length; i++) {
                add(-rows[k][i], rows[k], rows[i], i);
            }
        }
        return true;
    }

    /** Gives the inverse of an upper triangle by rows. */
    private static double[] inverse(double[][] upper) {
        int width = upper.length;
        double[][] rows = new double[width][width];
        double[] all = new double[width * width];
        for (int i = width - 1; i >= 0; i--) {
            rows[i][i] = 1;
            for (int k = i + 1; k < width; k++) {
                add(-upper[i][k], rows[k], rows[i], k);
            }
            scale(rows[i], i, 1 / upper[i][i]);
            System.arraycopy(rows[i], 0, all, i * width, width);
        }
        return all;
    }

    private static void scale(double[] row, int from, double factor) {
        for (int j = from; j < row.length; j++) {
            row[j] *= factor;
        }
    }

    private static void add(double factor, double[] what, double[] to, int from) {
        for (int j = from; j < to.length; j++) {
            to[j] += factor * what[j];
        }
    }

    /**
     * Solves {@code (A + λ I) W = T}.
     *
     * @param target T
     * @return W
     */
    DMatrixRMaj solve(DMatrixRMaj target) {
        int columns = target.numCols;
        // Rows of T one after the other are the columns of Tᵀ, for which Wᵀ Uᵀ U = Tᵀ.
        try (INDArray solution = NativeProducts.columns(target.data, columns, size)) {
            for (int from = 0; from < size; from += BLOCK) {
                int to = Math.min(size, from + BLOCK);
                INDArray own = NativeProducts.part(solution, 0, columns, from, to);
                if (from > 0) {
                    INDArray known = NativeProducts.part(solution, 0, columns, 0, from);
                    NativeProducts.add(-1, known, false, part(0, from, from, to), false, 1, own);
                }
                divide(own, from, to, false);
            }
            for (int from = (size - 1) / BLOCK * BLOCK; from >= 0; from -= BLOCK) {
                int to = Math.min(size, from + BLOCK);
                INDArray own = NativeProducts.part(solution, 0, columns, from, to);
                if (to < size) {
                    INDArray known = NativeProducts.part(solution, 0, columns, to, size);
                    NativeProducts.add(-1, known, false, part(from, to, to, size), true, 1, own);
                }
                divide(own, from, to, true);
            }
            return DMatrixRMaj.wrap(size, columns, solution.data().asDouble());
        }
    }

    private void divide(INDArray own, int from, int to, boolean transposed) {
        try (INDArray old = own.dup('f')) {
            NativeProducts.add(1, old, false, part(from, to, from, to), transposed, 0, own);
        }
    }

    @Override
    public void close() {
        upper.close();
    }
}
