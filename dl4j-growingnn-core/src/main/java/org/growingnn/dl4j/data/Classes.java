package org.growingnn.dl4j.data;

import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Tells which labels the examples of a batch have, as far as labels are classes. Whether they are shows in all of the data only: a
 * column of whole numbers may hold quantities, and a few whole numbers may be among others.
 */
final class Classes {

    /** Examples whose labels are no class, such as numbers to predict. */
    static final int NONE = Integer.MIN_VALUE;

    /** The label of examples that answer every question with no. */
    static final int NO = -1;

    /** Class numbers of more classes are quantities rather. */
    private static final int MAXIMUM = 10_000;

    private static final double ROUNDING = 1e-3;

    private final Map<Integer, Long> counts = new TreeMap<>();
    private long examples;
    private long without;
    private boolean numbers;
    private boolean exclusive = true;

    /**
     * Counts the examples of a batch.
     *
     * @param labels one row per example, or one array of steps or positions
     * @return the labels of each example, if it turns out that they are classes
     */
    int[][] add(INDArray labels) {
        int[][] sets = labels(labels);
        examples += sets.length;
        numbers |= labels.rank() == 1 || labels.length() == labels.size(0) || labels.rank() > 2 && single(labels);
        exclusive &= labels.rank() <= 2;
        for (int[] set : sets) {
            without += set.length == 0 ? 1 : 0;
            exclusive &= set.length <= 1 && !Arrays.equals(set, new int[] {NO}) || numbers;
            for (int label : set) {
                if (counts.size() <= MAXIMUM || counts.containsKey(label)) {
                    counts.merge(label, 1L, Long::sum);
                }
            }
        }
        return sets;
    }

    /**
     * Tells whether the labels of what was counted are classes: at least half of the examples have one, there are not too many, and
     * if they are whole numbers, an example has the same as another one more often than not.
     */
    boolean told() {
        return 2 * without <= examples && counts.size() <= MAXIMUM && !(numbers && 2L * counts.size() > examples);
    }

    /** Gives the number of examples by class; none where labels are no classes, or examples may have several. */
    Map<Integer, Long> counts() {
        return exclusive && told() ? counts : Map.of();
    }

    /** Tells how many of the examples that were counted have a label. */
    long count(int label) {
        return counts.getOrDefault(label, 0L);
    }

    /** Tells the labels of each example: its class, the questions that it answers with yes, the classes of its steps or positions. */
    static int[][] labels(INDArray labels) {
        if (labels.rank() > 2) {
            return new Positions(labels).labels();
        }
        int[] classes = of(labels);
        int[][] sets = new int[classes.length][];
        for (int row = 0; row < sets.length; row++) {
            sets[row] = classes[row] != NONE
                    ? new int[] {classes[row]}
                    : labels.rank() == 2 ? answers(labels.getRow(row).toDoubleVector()) : new int[0];
        }
        return sets;
    }

    /** Of several questions, answered by 0 and 1 or by −1 and 1, those with yes. */
    private static int[] answers(double... row) {
        boolean zeroOrOne = Arrays.stream(row).allMatch(value -> value == 0 || value == 1);
        boolean signs = Arrays.stream(row).allMatch(value -> Math.abs(value) == 1);
        if (row.length == 1 || !zeroOrOne && !signs) {
            return new int[0];
        }
        int[] yes = IntStream.range(0, row.length).filter(i -> row[i] == 1).toArray();
        return yes.length == 0 ? new int[] {NO} : yes;
    }

    /** Whether series or maps have one value for each step or position. */
    private static boolean single(INDArray labels) {
        return labels.size(1) == 1 || labels.size(labels.rank() - 1) == 1;
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

    static int number(double value) {
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
