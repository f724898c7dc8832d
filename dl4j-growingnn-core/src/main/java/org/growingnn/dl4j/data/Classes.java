package org.growingnn.dl4j.data;

import java.lang.ref.Reference;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Tells which class the examples of a batch belong to, as far as labels are classes. */
final class Classes {

    /** Examples whose labels are no class: numbers to predict, several classes at once, series, maps. */
    static final int NONE = Integer.MIN_VALUE;

    private static final double ROUNDING = 1e-3;

    private Classes() {}

    /**
     * Tells the class of each example: the largest of the probabilities in its row, or its class number.
     *
     * @param labels one row per example
     * @return by row; {@link #NONE} where the label is no class
     */
    static int[] of(INDArray labels) {
        int examples = Math.toIntExact(labels.size(0));
        int[] classes = new int[examples];
        if (labels.rank() > 2) {
            Arrays.fill(classes, NONE);
            return classes;
        }
        INDArray copy = labels.castTo(DataType.DOUBLE).dup('c');
        double[] values = copy.data().asDouble();
        Reference.reachabilityFence(copy);
        int columns = examples == 0 ? 0 : values.length / examples;
        for (int row = 0; row < examples; row++) {
            classes[row] = columns == 1
                    ? number(values[row])
                    : largest(Arrays.copyOfRange(values, row * columns, (row + 1) * columns));
        }
        return classes;
    }

    private static int number(double value) {
        return value == Math.rint(value) && Math.abs(value) < Integer.MAX_VALUE ? (int) value : NONE;
    }

    private static int largest(double[] row) {
        int best = 0;
        double sum = 0;
        for (int column = 0; column < row.length; column++) {
            if (!(row[column] >= 0)) {
                return NONE;
            }
            sum += row[column];
            best = row[column] > row[best] ? column : best;
        }
        return Math.abs(sum - 1) <= ROUNDING ? best : NONE;
    }
}
