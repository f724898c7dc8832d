package org.growingnn.dl4j.graph;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Objects;

/**
 * An immutable array of 32-bit or 64-bit floating-point numbers on the Java heap, row-major ("c" order).
 *
 * <p>Parameters live on the heap rather than in ND4J's off-heap memory because a search makes thousands of short-lived
 * variants that share most of their arrays: the garbage collector frees what is no longer reachable, and nobody can
 * write to an array that another graph shares.
 */
public final class Tensor {

    private final long[] shape;
    private final int length;
    private final float[] floats;
    private final double[] doubles;

    private Tensor(long[] shape, float[] floats, double[] doubles) {
        this.shape = shape.clone();
        this.floats = floats;
        this.doubles = doubles;
        this.length = floats != null ? floats.length : doubles.length;
        long expected = 1;
        for (long extent : shape) {
            if (extent < 0) {
                throw new IllegalArgumentException("The shape " + Arrays.toString(shape) + " has a negative extent.");
            }
            expected = Math.multiplyExact(expected, extent);
        }
        if (expected != length) {
            throw new IllegalArgumentException("The shape " + Arrays.toString(shape) + " needs " + expected
                    + " values, but " + length + " were given.");
        }
    }

    /**
     * Wraps values without copying them; the caller hands the array over and must not write to it afterwards.
     *
     * @param shape extents, outermost first; the product must equal the number of values
     * @param values the values in row-major order
     * @return a single-precision tensor
     */
    public static Tensor wrap(long[] shape, float[] values) {
        return new Tensor(shape, Objects.requireNonNull(values, "values"), null);
    }

    /**
     * Wraps values without copying them; the caller hands the array over and must not write to it afterwards.
     *
     * @param shape extents, outermost first; the product must equal the number of values
     * @param values the values in row-major order
     * @return a double-precision tensor
     */
    public static Tensor wrap(long[] shape, double[] values) {
        return new Tensor(shape, null, Objects.requireNonNull(values, "values"));
    }

    /**
     * Makes a tensor of other values in this one's precision.
     *
     * @param newShape extents
     * @param values as many as the extents ask for, row by row; not to be changed afterwards
     * @return the tensor
     */
    public Tensor like(long[] newShape, double[] values) {
        if (isDouble()) {
            return wrap(newShape, values);
        }
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) values[i];
        }
        return wrap(newShape, narrow);
    }

    /**
     * Tells the precision of the stored values.
     *
     * @return true when the values are 64-bit
     */
    public boolean isDouble() {
        return doubles != null;
    }

    /**
     * Gives the extents.
     *
     * @return a copy of the shape, outermost axis first
     */
    public long[] shape() {
        return shape.clone();
    }

    /**
     * Gives the number of axes.
     *
     * @return the rank
     */
    public int rank() {
        return shape.length;
    }

    /**
     * Gives the extent of one axis.
     *
     * @param axis 0 for the outermost
     * @return the extent
     */
    public long size(int axis) {
        return shape[axis];
    }

    /**
     * Gives the number of values.
     *
     * @return the product of the extents
     */
    public int length() {
        return length;
    }

    /**
     * Reads one value by its row-major position.
     *
     * @param position 0 ≤ position &lt; {@link #length()}
     * @return the value
     */
    public double get(int position) {
        return floats != null ? floats[position] : doubles[position];
    }

    /**
     * Copies the values, rounded to 32 bits if they are stored in 64.
     *
     * @return a new array in row-major order
     */
    public float[] toFloats() {
        if (floats != null) {
            return floats.clone();
        }
        float[] result = new float[length];
        for (int i = 0; i < length; i++) {
            result[i] = (float) doubles[i];
        }
        return result;
    }

    /**
     * Copies the values in double precision.
     *
     * @return a new array in row-major order
     */
    public double[] toDoubles() {
        if (doubles != null) {
            return doubles.clone();
        }
        double[] result = new double[length];
        for (int i = 0; i < length; i++) {
            result[i] = floats[i];
        }
        return result;
    }

    /**
     * Copies the values to a buffer in row-major order, rounded to 32 bits if they are stored in 64.
     *
     * @param buffer receives them from its position on, which moves by {@link #length()}
     * @throws java.nio.BufferOverflowException if it does not take as many
     */
    public void copyTo(FloatBuffer buffer) {
        buffer.put(floats != null ? floats : toFloats());
    }

    /**
     * Copies the values to a buffer in row-major order.
     *
     * @param buffer receives them from its position on, which moves by {@link #length()}
     * @throws java.nio.BufferOverflowException if it does not take as many
     */
    public void copyTo(DoubleBuffer buffer) {
        buffer.put(doubles != null ? doubles : toDoubles());
    }

    /**
     * Gives the same values under another shape.
     *
     * @param newShape extents with the same product
     * @return a tensor that shares the values
     */
    public Tensor reshape(long... newShape) {
        return new Tensor(newShape, floats, doubles);
    }

    /**
     * Multiplies one axis by a matrix: {@code result[.., i, ..] = Σ_j matrix[i, j] · this[.., j, ..]}.
     *
     * @param axis the axis to transform; its extent must equal {@code matrix.columns()}
     * @param matrix the rows to form
     * @return a tensor whose extent along the axis is {@code matrix.rows()}
     */
    public Tensor transform(int axis, SparseMatrix matrix) {
        if (shape[axis] != matrix.columns()) {
            throw new IllegalArgumentException("Axis " + axis + " of shape " + Arrays.toString(shape)
                    + " cannot be multiplied by a matrix of " + matrix.rows() + " x " + matrix.columns() + ".");
        }
        int outer = 1;
        for (int i = 0; i < axis; i++) {
            outer *= (int) shape[i];
        }
        int inner = 1;
        for (int i = axis + 1; i < shape.length; i++) {
            inner *= (int) shape[i];
        }
        long[] newShape = shape.clone();
        newShape[axis] = matrix.rows();
        int newLength = Math.toIntExact((long) outer * matrix.rows() * inner);
        if (floats != null) {
            float[] result = new float[newLength];
            for (int o = 0; o < outer; o++) {
                matrix.combineRows(floats, o * matrix.columns() * inner, result, o * matrix.rows() * inner, inner);
            }
            return new Tensor(newShape, result, null);
        }
        double[] result = new double[newLength];
        for (int o = 0; o < outer; o++) {
            matrix.combineRows(doubles, o * matrix.columns() * inner, result, o * matrix.rows() * inner, inner);
        }
        return new Tensor(newShape, null, result);
    }

    /**
     * Compares shape, precision and values.
     *
     * @param other the tensor to compare with
     * @return true when both hold the same numbers under the same shape
     */
    @Override
    public boolean equals(Object other) {
        return other instanceof Tensor that
                && Arrays.equals(shape, that.shape)
                && Arrays.equals(floats, that.floats)
                && Arrays.equals(doubles, that.doubles);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(shape) + (floats != null ? Arrays.hashCode(floats) : Arrays.hashCode(doubles));
    }

    @Override
    public String toString() {
        return (isDouble() ? "double" : "float") + Arrays.toString(shape);
    }
}
