package org.growingnn.dl4j.metric;

import java.lang.ref.Reference;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Labels and predictions of one output as rows, one per prediction: per example of vectors, per step of series, per position of maps,
 * whatever the order of the axes. What masks exclude is left out, row by row or value by value.
 */
final class PredictionRows {

    private final int rows;
    private final int columns;
    private final int rowsPerExample;
    private final boolean classNumbers;
    private final double[] labels;
    private final double @Nullable [] outputs;
    /** One value per row, or per row and column. */
    private final double @Nullable [] mask;

    /**
     * Arranges a batch.
     *
     * @param task tells where the units stand
     * @param labels the labels
     * @param outputs the predictions; null if only labels are of interest
     * @param mask the labels' mask; null for none
     */
    PredictionRows(OutputTask task, INDArray labels, @Nullable INDArray outputs, @Nullable INDArray mask) {
        INDArray shaped = outputs == null ? labels : outputs;
        int axis = task.unitsLast() ? shaped.rank() - 1 : 1;
        int examples = Math.toIntExact(shaped.size(0));
        this.classNumbers = task.classNumbers();
        this.columns = Math.toIntExact(classNumbers && outputs == null ? 1 : shaped.rank() < 2 ? 1 : shaped.size(axis));
        this.labels = classNumbers ? values(labels) : values(unitsLast(labels, axis));
        this.outputs = outputs == null ? null : values(unitsLast(outputs, axis));
        this.rows = this.outputs == null ? this.labels.length / columns : this.outputs.length / columns;
        if (this.labels.length != (classNumbers ? rows : rows * columns)) {
            throw new IllegalArgumentException("Labels of shape " + Arrays.toString(labels.shape())
                    + " do not fit predictions of shape " + Arrays.toString(shaped.shape()) + ".");
        }
        this.rowsPerExample = examples == 0 ? 1 : rows / examples;
        this.mask = mask == null ? null : mask(mask, labels, axis, examples);
    }

    private static INDArray unitsLast(INDArray array, int axis) {
        if (array.rank() <= 2 || axis == array.rank() - 1) {
            return array;
        }
        int[] order = new int[array.rank()];
        int next = 0;
        for (int i = 0; i < order.length; i++) {
            if (i != axis) {
                order[next++] = i;
            }
        }
        order[next] = axis;
        return array.permute(order);
    }

    private static double[] values(INDArray array) {
        INDArray copy = array.castTo(DataType.DOUBLE).dup('c');
        double[] values = copy.data().asDouble();
        Reference.reachabilityFence(copy);
        return values;
    }

    /** A mask may speak of examples, of steps or positions, or of single values; size 1 stands for all along an axis. */
    private double[] mask(INDArray mask, INDArray labels, int axis, int examples) {
        if (mask.length() == rows || mask.rank() < labels.rank() && mask.length() == examples) {
            double[] values = values(mask);
            double[] all = new double[rows];
            for (int row = 0; row < rows; row++) {
                all[row] = values[values.length == rows ? row : row / rowsPerExample];
            }
            return all;
        }
        INDArray full = mask.rank() == labels.rank() ? mask.broadcast(labels.shape()) : mask;
        double[] values = values(unitsLast(full, axis));
        if (values.length != rows * columns) {
            throw new IllegalArgumentException("A mask of shape " + Arrays.toString(mask.shape())
                    + " does not fit labels of shape " + Arrays.toString(labels.shape()) + ".");
        }
        return values;
    }

    int rows() {
        return rows;
    }

    int columns() {
        return columns;
    }

    /** The example of the batch that a row belongs to. */
    int example(int row) {
        return row / rowsPerExample;
    }

    double label(int row, int column) {
        return labels[row * columns + column];
    }

    double output(int row, int column) {
        return outputs[row * columns + column];
    }

    /** Whether a value counts. */
    boolean counts(int row, int column) {
        return mask == null || mask[mask.length == rows ? row : row * columns + column] != 0;
    }

    /** Whether any value of a row counts. */
    boolean counts(int row) {
        for (int column = 0; column < columns; column++) {
            if (counts(row, column)) {
                return true;
            }
        }
        return false;
    }

    /** The class that the label names, by its number or as the largest value; −1 if that is none of the classes. */
    int actual(int row) {
        if (!classNumbers) {
            return largest(labels, row);
        }
        double number = labels[row];
        return number >= 0 && (outputs == null || number < columns) ? (int) number : -1;
    }

    /** The class that the model predicts: the largest value, the first of several. */
    int predicted(int row) {
        return largest(outputs, row);
    }

    private int largest(double[] values, int row) {
        int best = 0;
        for (int column = 1; column < columns; column++) {
            best = values[row * columns + column] > values[row * columns + best] ? column : best;
        }
        return best;
    }
}
