package org.growingnn.dl4j.projection;

import java.util.Arrays;
import java.util.Optional;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.decomposition.chol.CholeskyDecompositionBlock_DDRM;

/**
 * Ridge regression from second moments: {@code (A + λ I) W = T} for one A and T and several λ. Moments are often of deficient rank,
 * because there were more features than rows or features depend on each other, and rounding may even have made them slightly
 * indefinite. λ is therefore never less than a small share of the mean of A's diagonal, and grows where that is not enough.
 */
final class Ridge {

    /** λ relative to the mean square of a feature: large enough for features that never occur, too small to bias others. */
    private static final double LEAST = 1e-5;

    /** A larger share than this would no longer be a remedy for rounding. */
    private static final double LARGEST = 0.1;

    private static final double GROWTH = 10;

    /** Fastest of those tried for some hundred to a thousand features. */
    private static final int BLOCK_WIDTH = 60;

    private final DMatrixRMaj moments;
    private final DMatrixRMaj target;
    private final double scale;
    private Optional<Solution> last = Optional.empty();

    /**
     * A solution.
     *
     * @param weights W
     * @param ridge λ
     */
    record Solution(DMatrixRMaj weights, double ridge) {}

    /**
     * Poses a problem.
     *
     * @param moments A, symmetric; its upper triangle is used
     * @param target T
     */
    Ridge(DMatrixRMaj moments, DMatrixRMaj target) {
        this.moments = moments;
        this.target = target;
        this.scale = Math.max(0, CommonOps_DDRM.trace(moments)) / moments.numRows;
    }

    /**
     * Solves.
     *
     * @param wanted λ
     * @return the solution for the least λ from there on that has one, but not for less than for the solution before; empty if there
     *     is none within reason
     */
    Optional<Solution> solve(double wanted) {
        double start = Math.max(wanted, LEAST * scale + Double.MIN_NORMAL);
        if (last.isPresent() && start <= last.get().ridge) {
            return last;
        }
        Optional<Solution> found = attempt(start);
        for (double ridge = GROWTH * start; found.isEmpty() && ridge <= LARGEST * scale; ridge *= GROWTH) {
            found = attempt(ridge);
        }
        // A solution for less is better than none.
        if (found.isPresent()) {
            last = found;
        }
        return last;
    }

    private Optional<Solution> attempt(double ridge) {
        DMatrixRMaj regular = moments.copy();
        for (int i = 0; i < regular.numRows; i++) {
            regular.add(i, i, ridge);
        }
        CholeskyDecompositionBlock_DDRM cholesky = new CholeskyDecompositionBlock_DDRM(BLOCK_WIDTH);
        if (!cholesky.decompose(regular) || !outweighsRounding(cholesky.getT(), ridge)) {
            return Optional.empty();
        }
        DMatrixRMaj weights = substitute(cholesky.getT());
        return Arrays.stream(weights.data).allMatch(Double::isFinite)
                ? Optional.of(new Solution(weights, ridge))
                : Optional.empty();
    }

    /** Without rounding, no squared pivot of A + λ I is less than λ: one that is says that A is indefinite by about as much. */
    private static boolean outweighsRounding(DMatrixRMaj lower, double ridge) {
        for (int i = 0; i < lower.numRows; i++) {
            double pivot = lower.get(i, i);
            if (pivot * pivot < ridge / 2) {
                return false;
            }
        }
        return true;
    }

    /** Solves {@code L Lᵀ W = T} row by row, which is several times faster for wide T than column by column. */
    private DMatrixRMaj substitute(DMatrixRMaj lower) {
        double[] l = lower.data;
        int n = lower.numRows;
        // Arrays of their own let the compiler use vector instructions.
        double[][] rows = new double[n][];
        for (int i = 0; i < n; i++) {
            rows[i] = Arrays.copyOfRange(target.data, i * target.numCols, (i + 1) * target.numCols);
            for (int k = 0; k < i; k++) {
                subtract(l[i * n + k], rows[k], rows[i]);
            }
            divide(rows[i], l[i * n + i]);
        }
        for (int i = n - 1; i >= 0; i--) {
            divide(rows[i], l[i * n + i]);
            for (int k = 0; k < i; k++) {
                subtract(l[i * n + k], rows[i], rows[k]);
            }
        }
        return new DMatrixRMaj(rows);
    }

    private static void subtract(double factor, double[] from, double[] to) {
        for (int i = 0; i < to.length; i++) {
            to[i] -= factor * from[i];
        }
    }

    private static void divide(double[] row, double divisor) {
        for (int i = 0; i < row.length; i++) {
            row[i] /= divisor;
        }
    }
}
