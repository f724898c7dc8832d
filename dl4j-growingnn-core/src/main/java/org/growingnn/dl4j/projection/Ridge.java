package org.growingnn.dl4j.projection;

import java.util.Arrays;
import java.util.Optional;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

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
     * @param moments A, symmetric
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
        // Without rounding, no squared pivot of A + λ I is less than λ: one that is says that A is indefinite by about
        // as much.
        try (Cholesky factor = Cholesky.of(moments, ridge, ridge / 2).orElse(null)) {
            if (factor == null) {
                return Optional.empty();
            }
            DMatrixRMaj weights = factor.solve(target);
            return Arrays.stream(weights.data).allMatch(Double::isFinite)
                    ? Optional.of(new Solution(weights, ridge))
                    : Optional.empty();
        }
    }
}
