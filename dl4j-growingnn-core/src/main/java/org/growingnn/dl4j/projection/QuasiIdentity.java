package org.growingnn.dl4j.projection;

import org.growingnn.dl4j.graph.SparseMatrix;

/**
 * Resized identity matrices.
 *
 * <p>Source of the bilinear formula: the quasi-identity of the GrowingNN method, a bilinear image resize of the identity
 * matrix without anti-aliasing, with half-pixel centres, as OpenCV computes it.
 */
public final class QuasiIdentity {

    private QuasiIdentity() {}

    /**
     * Resizes the identity bilinearly. For {@code to < from}, row {@code i} samples position {@code x = (i + 0.5) · from / to −
     * 0.5}: weight {@code 1 − frac(x)} at {@code floor(x)} and {@code frac(x)} at {@code floor(x) + 1}, clamped to the range. For
     * {@code to > from} the result is the transpose of the matrix for the opposite direction.
     *
     * <p>Positions and weights are rounded to 32 bits, as OpenCV does, which makes the entries bit-exact with its matrices.
     *
     * @param from number of old units, ≥ 1
     * @param to number of new units, ≥ 1
     * @return {@code to × from}; one or two entries a row when shrinking
     */
    public static SparseMatrix bilinear(int from, int to) {
        requirePositive(from, to);
        if (to == from) {
            return SparseMatrix.identity(from);
        }
        if (to > from) {
            return bilinear(to, from).transpose();
        }
        double scale = (double) from / to;
        SparseMatrix.Builder builder = SparseMatrix.builder(from);
        for (int i = 0; i < to; i++) {
            float x = (float) ((i + 0.5) * scale - 0.5);
            int left = (int) Math.floor(x);
            float fraction = x - left;
            if (left < 0) {
                left = 0;
                fraction = 0;
            }
            if (left >= from - 1) {
                left = from - 1;
                fraction = 0;
            }
            builder.entry(left, 1f - fraction);
            if (fraction > 0) {
                builder.entry(left + 1, fraction);
            }
            builder.endRow();
        }
        return builder.build();
    }

    /**
     * Shrinks the identity by an area kernel: row {@code i} averages the old units between {@code i · from / to} and {@code (i +
     * 1) · from / to}, those at the edges by the share that lies inside. Unlike {@link #bilinear}, it leaves no unit out.
     *
     * @param from number of old units, ≥ to
     * @param to number of new units, ≥ 1
     * @return {@code to × from}; rows sum to 1
     */
    public static SparseMatrix area(int from, int to) {
        requirePositive(from, to);
        if (to > from) {
            throw new IllegalArgumentException("An area kernel shrinks, but not " + from + " units to " + to + ".");
        }
        SparseMatrix.Builder builder = SparseMatrix.builder(from);
        double width = (double) from / to;
        for (int i = 0; i < to; i++) {
            double start = i * width;
            double end = i == to - 1 ? from : start + width;
            for (int j = (int) start; j < from && j < end; j++) {
                double inside = Math.min(end, j + 1) - Math.max(start, j);
                // What rounding leaves of a unit that ends where the row begins.
                if (inside > 1e-9) {
                    builder.entry(j, inside / width);
                }
            }
            builder.endRow();
        }
        return builder.build();
    }

    /**
     * Resizes the identity by nearest neighbour: new unit {@code i} is old unit {@code floor((i + 0.5) · from / to)}.
     *
     * @param from number of old units, ≥ 1
     * @param to number of new units, ≥ 1
     * @return {@code to × from} with one entry a row: a selection when shrinking, replication when growing
     */
    public static SparseMatrix nearest(int from, int to) {
        requirePositive(from, to);
        SparseMatrix.Builder builder = SparseMatrix.builder(from);
        for (int i = 0; i < to; i++) {
            builder.entry((int) ((2L * i + 1) * from / (2L * to)), 1).endRow();
        }
        return builder.build();
    }

    private static void requirePositive(int from, int to) {
        if (from < 1 || to < 1) {
            throw new IllegalArgumentException(
                    "A quasi-identity needs at least one unit on either side, not " + from + " to " + to + ".");
        }
    }
}
