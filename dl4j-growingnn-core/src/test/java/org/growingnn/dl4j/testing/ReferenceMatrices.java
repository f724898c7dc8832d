package org.growingnn.dl4j.testing;

/**
 * The matrices of the projections, written out as their definitions say: dense, in double precision, without the
 * library.
 *
 * @param producer {@code to × from}: how the new units are computed from the old ones
 * @param consumer {@code to × from}: how the old units are recovered, {@code old[j] = Σ_i consumer[i][j] · new[i]}
 * @param follower {@code to × from}: how values that belong to single units follow
 */
public record ReferenceMatrices(double[][] producer, double[][] consumer, double[][] follower) {

    /**
     * Makes the matrices of a projection.
     *
     * @param projection {@code paper}, {@code pseudo-inverse} or {@code replication}
     * @param from number of units before
     * @param to number of units afterwards; less than before for any but the paper's projection
     * @return the matrices
     */
    public static ReferenceMatrices of(String projection, int from, int to) {
        if (to > from && !projection.equals("paper")) {
            throw new IllegalArgumentException("Growing by " + projection + " splits weights at random.");
        }
        switch (projection) {
            case "paper" -> {
                double[][] q = to <= from ? bilinear(from, to) : transpose(bilinear(to, from));
                return new ReferenceMatrices(q, q, q);
            }
            case "pseudo-inverse" -> {
                double[][] q = bilinear(from, to);
                double[][] transposedInverse = multiply(inverse(multiply(q, transpose(q))), q);
                return new ReferenceMatrices(q, transposedInverse, q);
            }
            case "replication" -> {
                double[][] selection = new double[to][from];
                for (int i = 0; i < to; i++) {
                    selection[i][(int) Math.floor((i + 0.5) * from / to)] = 1;
                }
                return new ReferenceMatrices(selection, selection, selection);
            }
            default -> throw new IllegalArgumentException(projection);
        }
    }

    /**
     * Resizes the identity bilinearly without anti-aliasing; positions and weights are 32-bit numbers.
     *
     * @param from number of columns
     * @param to number of rows, not more than columns
     * @return the quasi-identity
     */
    public static double[][] bilinear(int from, int to) {
        double[][] q = new double[to][from];
        for (int i = 0; i < to; i++) {
            float position = (float) ((i + 0.5) * ((double) from / to) - 0.5);
            float clamped = Math.max(0, Math.min(from - 1, position));
            int floor = (int) clamped;
            float fraction = clamped - floor;
            q[i][floor] += 1f - fraction;
            if (fraction > 0) {
                q[i][floor + 1] += fraction;
            }
        }
        return q;
    }

    /**
     * Makes matrices that change nothing.
     *
     * @param size number of units
     * @return identities
     */
    public static ReferenceMatrices identity(int size) {
        double[][] one = identityMatrix(size);
        return new ReferenceMatrices(one, one, one);
    }

    /**
     * Composes with a later resizing of the same units.
     *
     * @param later matrices with as many columns as these have rows
     * @return the matrices of both, one after the other
     */
    public ReferenceMatrices then(ReferenceMatrices later) {
        return new ReferenceMatrices(
                multiply(later.producer, producer),
                multiply(later.consumer, consumer),
                multiply(later.follower, follower));
    }

    static double[][] identityMatrix(int size) {
        double[][] one = new double[size][size];
        for (int i = 0; i < size; i++) {
            one[i][i] = 1;
        }
        return one;
    }

    /**
     * Multiplies dense matrices.
     *
     * @param a rows by inner
     * @param b inner by columns
     * @return rows by columns
     */
    public static double[][] multiply(double[][] a, double[][] b) {
        double[][] product = new double[a.length][b[0].length];
        for (int i = 0; i < a.length; i++) {
            for (int k = 0; k < b.length; k++) {
                for (int j = 0; j < b[0].length; j++) {
                    product[i][j] += a[i][k] * b[k][j];
                }
            }
        }
        return product;
    }

    /**
     * Transposes a dense matrix.
     *
     * @param a a matrix
     * @return rows and columns exchanged
     */
    public static double[][] transpose(double[][] a) {
        double[][] result = new double[a[0].length][a.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a[0].length; j++) {
                result[j][i] = a[i][j];
            }
        }
        return result;
    }

    /** Inverts by Gauss-Jordan elimination with partial pivoting. */
    private static double[][] inverse(double[][] matrix) {
        int n = matrix.length;
        double[][] a = new double[n][];
        double[][] result = identityMatrix(n);
        for (int i = 0; i < n; i++) {
            a[i] = matrix[i].clone();
        }
        for (int column = 0; column < n; column++) {
            int pivot = column;
            for (int row = column + 1; row < n; row++) {
                if (Math.abs(a[row][column]) > Math.abs(a[pivot][column])) {
                    pivot = row;
                }
            }
            double[] swap = a[pivot];
            a[pivot] = a[column];
            a[column] = swap;
            swap = result[pivot];
            result[pivot] = result[column];
            result[column] = swap;
            double divisor = a[column][column];
            for (int j = 0; j < n; j++) {
                a[column][j] /= divisor;
                result[column][j] /= divisor;
            }
            for (int row = 0; row < n; row++) {
                double factor = a[row][column];
                if (row != column && factor != 0) {
                    for (int j = 0; j < n; j++) {
                        a[row][j] -= factor * a[column][j];
                        result[row][j] -= factor * result[column][j];
                    }
                }
            }
        }
        return result;
    }
}
