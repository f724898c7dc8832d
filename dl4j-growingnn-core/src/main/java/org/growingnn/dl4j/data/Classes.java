package org.growingnn.dl4j.data;

import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Tells which class the examples of a batch belong to, as far as labels are classes. Whether they are shows in all of the data only: a
 * column of whole numbers may hold quantities, and a few whole numbers may be among others.
 */
final class Classes {

    /** Examples whose labels are no class: numbers to predict, several classes at once, series, maps. */
    static final int NONE = Integer.MIN_VALUE;

    /** Class numbers of more classes are quantities rather. */
    private static final int MAXIMUM = 10_000;

    private static final double ROUNDING = 1e-3;

    private final Map<Integer, Long> counts = new TreeMap<>();
    private long examples;
    private long without;
    private boolean numbers;

    /**
     * Counts the examples of a batch.
     *
     * @param batch a batch with labels
     * @return the class of each row of the first labels, if it turns out that labels are classes
     * @throws IllegalArgumentException if the batch has no labels
     */
    int[] add(MultiDataSet batch) {
        if (batch.getLabels() == null || batch.getLabels().length == 0 || batch.getLabels(0) == null) {
            throw new IllegalArgumentException("A batch has no labels, although the data had some when it was checked.\n"
                    + "Maybe the iterator gives other data in its next pass?");
        }
        INDArray labels = batch.getLabels(0);
        int[] classes = of(labels);
        examples += classes.length;
        numbers |= labels.rank() == 1 || labels.length() == labels.size(0);
        for (int label : classes) {
            if (label == NONE) {
                without++;
            } else if (counts.size() <= MAXIMUM || counts.containsKey(label)) {
                counts.merge(label, 1L, Long::sum);
            }
        }
        return classes;
    }

    /**
     * Tells whether the labels of what was counted are classes: at least half of the examples have one, there are not too many, and
     * if they are whole numbers, an example has the same as another one more often than not.
     */
    boolean told() {
        return 2 * without <= examples && counts.size() <= MAXIMUM && !(numbers && 2L * counts.size() > examples);
    }

    /** Gives the number of examples by class; none where labels are no classes. */
    Map<Integer, Long> counts() {
        return told() ? counts : Map.of();
    }

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
