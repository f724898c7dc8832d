package org.growingnn.dl4j.benchmarks;

import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.util.ComputationGraphUtil;
import org.growingnn.dl4j.examples.Mnist;
import org.growingnn.dl4j.training.Distillation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Digits, each of which is moved by a few pixels at random whenever it comes. Its labels stay the same.
 *
 * @param pixels rows of {@value Mnist#FEATURES}
 * @param most by how many pixels digits are moved along each axis, at most; what leaves the image is lost
 * @param labels rows of {@value Mnist#CLASSES}
 */
record ShiftedDigits(float[] pixels, int most, float[] labels) {

    private static final int SIDE = Mnist.STEPS;
    private static final int PART = 500;

    static ShiftedDigits of(DataSet digits, int most) {
        return new ShiftedDigits(
                digits.getFeatures().ravel().toFloatVector(),
                most,
                digits.getLabels().ravel().toFloatVector());
    }

    int count() {
        return pixels.length / Mnist.FEATURES;
    }

    /** Mixes a teacher's answers to the digits where they were into their labels. */
    ShiftedDigits taught(ComputationGraph teacher, Distillation distillation) {
        float[] mixed = new float[labels.length];
        for (int from = 0; from < count(); from += PART) {
            int[] digits = IntStream.range(from, Math.min(from + PART, count())).toArray();
            int[] unmoved = new int[digits.length];
            Arrays.fill(unmoved, most * (2 * most + 1) + most);
            float[] answers = distillation
                    .distil(ComputationGraphUtil.toMultiDataSet(batch(digits, unmoved)), teacher)
                    .getLabels(0)
                    .ravel()
                    .toFloatVector();
            System.arraycopy(answers, 0, mixed, from * Mnist.CLASSES, answers.length);
        }
        return new ShiftedDigits(pixels, most, mixed);
    }

    /** Batches without an end, in another order in every epoch. */
    Iterator<DataSet> batches(int size, long seed) {
        Random random = new Random(seed);
        List<Integer> order = IntStream.range(0, count()).boxed().collect(Collectors.toList());
        return new Iterator<>() {
            private int next = count();

            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public DataSet next() {
                if (next >= count()) {
                    Collections.shuffle(order, random);
                    next = 0;
                }
                int[] digits = order.subList(next, Math.min(next + size, count())).stream()
                        .mapToInt(Integer::intValue)
                        .toArray();
                next += digits.length;
                return batch(
                        digits,
                        random.ints(digits.length, 0, (2 * most + 1) * (2 * most + 1))
                                .toArray());
            }
        };
    }

    private DataSet batch(int[] digits, int[] shifts) {
        float[] moved = new float[digits.length * Mnist.FEATURES];
        float[] wanted = new float[digits.length * Mnist.CLASSES];
        for (int i = 0; i < digits.length; i++) {
            int down = shifts[i] / (2 * most + 1) - most;
            int right = shifts[i] % (2 * most + 1) - most;
            for (int row = Math.max(0, down); row < SIDE + Math.min(0, down); row++) {
                System.arraycopy(
                        pixels,
                        digits[i] * Mnist.FEATURES + (row - down) * SIDE + Math.max(0, -right),
                        moved,
                        i * Mnist.FEATURES + row * SIDE + Math.max(0, right),
                        SIDE - Math.abs(right));
            }
            System.arraycopy(labels, digits[i] * Mnist.CLASSES, wanted, i * Mnist.CLASSES, Mnist.CLASSES);
        }
        return new DataSet(rows(moved, Mnist.FEATURES), rows(wanted, Mnist.CLASSES));
    }

    private static INDArray rows(float[] values, int width) {
        return Nd4j.createFromArray(values).reshape(values.length / width, width);
    }
}
