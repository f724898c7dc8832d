package org.growingnn.dl4j.data;

import java.lang.ref.Reference;
import java.util.TreeSet;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The labels of series and maps: each example has those of all of its steps or positions. */
final class Positions {

    private final double[] values;
    private final int examples;
    private final int length;
    private final int first;
    private final int last;

    Positions(INDArray labels) {
        INDArray copy = labels.castTo(DataType.DOUBLE).dup('c');
        this.values = copy.data().asDouble();
        Reference.reachabilityFence(copy);
        this.examples = Math.toIntExact(labels.size(0));
        this.length = examples == 0 ? 0 : values.length / examples;
        this.first = Math.toIntExact(labels.size(1));
        this.last = Math.toIntExact(labels.size(labels.rank() - 1));
    }

    int[][] labels() {
        boolean single = first == 1 || last == 1;
        // Labels do not say where their units stand, but one class per step does.
        boolean unitsLast = !single && !oneHot(first, length / first) && oneHot(last, 1);
        int[][] sets = new int[examples][];
        for (int example = 0; example < examples; example++) {
            sets[example] = single
                    ? numbers(example)
                    : unitsLast ? units(example, last, 1) : units(example, first, length / first);
        }
        return sets;
    }

    /** Whether no more than one of a number of units, which stand at a distance from each other, is 1 at any position. */
    private boolean oneHot(int units, int distance) {
        int[] ones = new int[values.length / units];
        for (int i = 0; i < values.length; i++) {
            if (values[i] != 0 && values[i] != 1) {
                return false;
            }
            int position = i / (units * distance) * distance + i % distance;
            ones[position] += (int) values[i];
            if (ones[position] > 1) {
                return false;
            }
        }
        return true;
    }

    /** The units that are 1 at some position; none if there are other values than −1, 0 and 1. */
    private int[] units(int example, int units, int distance) {
        TreeSet<Integer> found = new TreeSet<>();
        for (int i = example * length; i < (example + 1) * length; i++) {
            if (values[i] == 1) {
                found.add(i / distance % units);
            } else if (values[i] != 0 && values[i] != -1) {
                return new int[0];
            }
        }
        return found.isEmpty() ? new int[] {Classes.NO} : toArray(found);
    }

    /** The class numbers of all positions; none if there are other numbers. */
    private int[] numbers(int example) {
        TreeSet<Integer> found = new TreeSet<>();
        int before = Classes.NONE;
        for (int i = example * length; i < (example + 1) * length; i++) {
            int number = Classes.number(values[i]);
            if (number == Classes.NONE) {
                return new int[0];
            }
            if (number != before) {
                found.add(number);
                before = number;
            }
        }
        return toArray(found);
    }

    private static int[] toArray(TreeSet<Integer> found) {
        return found.stream().mapToInt(Integer::intValue).toArray();
    }
}
