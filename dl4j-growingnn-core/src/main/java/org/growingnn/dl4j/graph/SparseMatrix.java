package org.growingnn.dl4j.graph;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * An immutable sparse matrix in compressed rows: row {@code i} says how new unit {@code i} is combined from old units.
 *
 * <p>Projections have a few non-zeros a row, so applying one costs a few additions per value instead of a dense product.
 */
public final class SparseMatrix {

    private final int columns;
    private final int[] starts;
    private final int[] indices;
    private final double[] values;

    private SparseMatrix(int columns, int[] starts, int[] indices, double[] values) {
        this.columns = columns;
        this.starts = starts;
        this.indices = indices;
        this.values = values;
    }

    /**
     * Starts an empty matrix.
     *
     * @param columns number of old units, ≥ 0
     * @return a builder to which rows are appended in order
     */
    public static Builder builder(int columns) {
        return new Builder(columns);
    }

    /**
     * Makes the identity.
     *
     * @param size rows and columns
     * @return the identity matrix
     */
    public static SparseMatrix identity(int size) {
        Builder builder = builder(size);
        for (int i = 0; i < size; i++) {
            builder.entry(i, 1).endRow();
        }
        return builder.build();
    }

    /**
     * Keeps the non-zero entries of a dense matrix.
     *
     * @param rows the matrix by rows, all of the same length; at least one row
     * @return the sparse form
     */
    public static SparseMatrix ofDense(double[][] rows) {
        Builder builder = builder(rows[0].length);
        for (double[] row : rows) {
            for (int j = 0; j < row.length; j++) {
                if (row[j] != 0) {
                    builder.entry(j, row[j]);
                }
            }
            builder.endRow();
        }
        return builder.build();
    }

    /**
     * Gives the number of rows.
     *
     * @return the number of new units
     */
    public int rows() {
        return starts.length - 1;
    }

    /**
     * Gives the number of columns.
     *
     * @return the number of old units
     */
    public int columns() {
        return columns;
    }

    /**
     * Counts the stored entries.
     *
     * @return the number of non-zeros
     */
    public int entries() {
        return indices.length;
    }

    /**
     * Expands to a dense matrix.
     *
     * @return the entries by rows
     */
    public double[][] toDense() {
        double[][] dense = new double[rows()][columns];
        for (int i = 0; i < rows(); i++) {
            for (int k = starts[i]; k < starts[i + 1]; k++) {
                dense[i][indices[k]] += values[k];
            }
        }
        return dense;
    }

    /**
     * Transposes.
     *
     * @return the matrix with rows and columns exchanged
     */
    public SparseMatrix transpose() {
        int[] newStarts = new int[columns + 1];
        for (int index : indices) {
            newStarts[index + 1]++;
        }
        for (int j = 0; j < columns; j++) {
            newStarts[j + 1] += newStarts[j];
        }
        int[] cursor = newStarts.clone();
        int[] newIndices = new int[indices.length];
        double[] newValues = new double[values.length];
        for (int i = 0; i < rows(); i++) {
            for (int k = starts[i]; k < starts[i + 1]; k++) {
                int position = cursor[indices[k]]++;
                newIndices[position] = i;
                newValues[position] = values[k];
            }
        }
        return new SparseMatrix(rows(), newStarts, newIndices, newValues);
    }

    /**
     * Applies a function to every stored entry.
     *
     * @param function maps an entry to its replacement
     * @return a matrix of the same pattern
     */
    public SparseMatrix map(java.util.function.DoubleUnaryOperator function) {
        return new SparseMatrix(
                columns, starts, indices, Arrays.stream(values).map(function).toArray());
    }

    /**
     * Scales every row so that its entries sum to one; rows that sum to zero stay as they are.
     *
     * @return the row-stochastic matrix of the same pattern
     */
    public SparseMatrix normalizeRows() {
        double[] scaled = values.clone();
        for (int i = 0; i < rows(); i++) {
            double sum = 0;
            for (int k = starts[i]; k < starts[i + 1]; k++) {
                sum += values[k];
            }
            for (int k = starts[i]; k < starts[i + 1] && sum != 0; k++) {
                scaled[k] = values[k] / sum;
            }
        }
        return new SparseMatrix(columns, starts, indices, scaled);
    }

    /**
     * Multiplies by another matrix.
     *
     * @param other the factor behind this one, with as many rows as this has columns
     * @return the product; entries of a row by ascending column, zeros left out
     */
    public SparseMatrix times(SparseMatrix other) {
        if (other.rows() != columns) {
            throw new IllegalArgumentException(this + " cannot be multiplied by " + other + ".");
        }
        Builder product = builder(other.columns);
        for (int row = 0; row < rows(); row++) {
            Map<Integer, Double> sums = new TreeMap<>();
            forEach(
                    row,
                    (middle, factor) ->
                            other.forEach(middle, (column, value) -> sums.merge(column, factor * value, Double::sum)));
            sums.forEach((column, value) -> {
                if (value != 0) {
                    product.entry(column, value);
                }
            });
            product.endRow();
        }
        return product.build();
    }

    /**
     * Follows products of values by products of their combinations.
     *
     * @param matrix products by rows; only the first {@link #columns()} rows and columns count
     * @param width number of columns of the matrix, ≥ {@link #columns()}
     * @return {@code this · matrix · thisᵀ} by rows
     */
    public double[] congruent(double[] matrix, int width) {
        int size = rows();
        double[] result = new double[Math.multiplyExact(size, size)];
        double[] combined = new double[columns];
        for (int i = 0; i < size; i++) {
            Arrays.fill(combined, 0);
            for (int k = starts[i]; k < starts[i + 1]; k++) {
                int source = indices[k] * width;
                double weight = values[k];
                for (int c = 0; c < columns; c++) {
                    combined[c] += weight * matrix[source + c];
                }
            }
            for (int j = 0; j < size; j++) {
                double sum = 0;
                for (int k = starts[j]; k < starts[j + 1]; k++) {
                    sum += values[k] * combined[indices[k]];
                }
                result[i * size + j] = sum;
            }
        }
        return result;
    }

    /**
     * Visits the entries of one row in order of insertion.
     *
     * @param row the row
     * @param visitor receives column and value
     */
    public void forEach(int row, EntryVisitor visitor) {
        for (int k = starts[row]; k < starts[row + 1]; k++) {
            visitor.visit(indices[k], values[k]);
        }
    }

    void combineRows(float[] from, int fromOffset, float[] to, int toOffset, int width) {
        for (int i = 0; i < rows(); i++) {
            int target = toOffset + i * width;
            for (int k = starts[i]; k < starts[i + 1]; k++) {
                int source = fromOffset + indices[k] * width;
                float weight = (float) values[k];
                for (int c = 0; c < width; c++) {
                    to[target + c] += weight * from[source + c];
                }
            }
        }
    }

    void combineRows(double[] from, int fromOffset, double[] to, int toOffset, int width) {
        for (int i = 0; i < rows(); i++) {
            int target = toOffset + i * width;
            for (int k = starts[i]; k < starts[i + 1]; k++) {
                int source = fromOffset + indices[k] * width;
                double weight = values[k];
                for (int c = 0; c < width; c++) {
                    to[target + c] += weight * from[source + c];
                }
            }
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SparseMatrix that
                && columns == that.columns
                && Arrays.equals(starts, that.starts)
                && Arrays.equals(indices, that.indices)
                && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(indices) * 31 + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return rows() + " x " + columns + " with " + entries() + " entries";
    }

    /** Receives the entries of a row. */
    @FunctionalInterface
    public interface EntryVisitor {

        /**
         * Called for one entry.
         *
         * @param column the old unit
         * @param value its weight
         */
        void visit(int column, double value);
    }

    /** Collects rows. */
    public static final class Builder {

        private final int columns;
        private int[] starts = new int[16];
        private int rows;
        private int[] indices = new int[16];
        private double[] values = new double[16];
        private int entries;

        private Builder(int columns) {
            if (columns < 0) {
                throw new IllegalArgumentException("The number of columns (" + columns + ") must not be negative.");
            }
            this.columns = columns;
        }

        /**
         * Adds an entry to the row in progress.
         *
         * @param column the old unit
         * @param value its weight
         * @return this builder
         */
        public Builder entry(int column, double value) {
            if (column < 0 || column >= columns) {
                throw new IllegalArgumentException("The column (" + column + ") must be in [0, " + columns + ").");
            }
            if (entries == indices.length) {
                indices = Arrays.copyOf(indices, 2 * entries);
                values = Arrays.copyOf(values, 2 * entries);
            }
            indices[entries] = column;
            values[entries++] = value;
            return this;
        }

        /**
         * Ends the row in progress, which may be empty.
         *
         * @return this builder
         */
        public Builder endRow() {
            if (++rows == starts.length) {
                starts = Arrays.copyOf(starts, 2 * rows);
            }
            starts[rows] = entries;
            return this;
        }

        /**
         * Finishes.
         *
         * @return the matrix of all ended rows
         */
        public SparseMatrix build() {
            return new SparseMatrix(
                    columns,
                    Arrays.copyOf(starts, rows + 1),
                    Arrays.copyOf(indices, entries),
                    Arrays.copyOf(values, entries));
        }
    }
}
