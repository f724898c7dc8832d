package org.growingnn.dl4j;

import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Draws examples of tasks of all kinds. Features are standard normal; what follows from them is not linear. */
final class TaskData {

    static final int FEATURES = 8;
    static final int STEPS = 7;
    static final int SIDE = 8;
    static final int PIXELS = 40;
    static final int GRID = 4;
    static final int YOLO_CLASSES = 3;

    private TaskData() {}

    /** Labels of one example. */
    interface Labels {
        double[] of(double[] features);
    }

    static Task.Data vectors(Labels... labels) {
        return (examples, seed) -> {
            Random random = new Random(seed);
            double[][] features = new double[examples][];
            double[][][] answers = new double[labels.length][examples][];
            for (int i = 0; i < examples; i++) {
                features[i] = normal(random, FEATURES);
                for (int output = 0; output < labels.length; output++) {
                    answers[output][i] = labels[output].of(features[i]);
                }
            }
            INDArray[] arrays = new INDArray[labels.length];
            for (int output = 0; output < labels.length; output++) {
                arrays[output] = floats(answers[output]);
            }
            return new MultiDataSet(new INDArray[] {floats(features)}, arrays);
        };
    }

    static double[] normal(Random random, int count) {
        return random.doubles(count, 0, 1).map(any -> random.nextGaussian()).toArray();
    }

    private static INDArray floats(double[][] values) {
        return Nd4j.create(values).castTo(Nd4j.dataType());
    }

    /** A quantity of about −2 to 2 that a small network can learn. */
    static double quantity(double[] x) {
        return Math.sin(x[0] + x[1]) + 0.5 * x[2] - 0.5 * Math.abs(x[3]) + 0.3;
    }

    static double other(double[] x) {
        return Math.tanh(x[4] - x[0]) + 0.5 * x[5];
    }

    static double third(double[] x) {
        return 0.7 * x[6] + Math.cos(x[7]) - 0.6;
    }

    static double[] oneHot(int label, int classes) {
        double[] row = new double[classes];
        row[label] = 1;
        return row;
    }

    /** One of three classes of like sizes. */
    static int threeWays(double[] x) {
        double a = quantity(x);
        double b = other(x);
        return a > b + 0.3 ? 0 : b > 0 ? 1 : 2;
    }

    /** Yes where a quantity is above a limit. */
    static double yes(ToDoubleFunction<double[]> quantity, double limit, double[] x) {
        return quantity.applyAsDouble(x) > limit ? 1 : 0;
    }

    /** A sum of two waves in some noise, and its next value at each step. */
    static MultiDataSet waves(int examples, long seed) {
        Random random = new Random(seed);
        double[][][] features = new double[examples][1][STEPS];
        double[][][] labels = new double[examples][1][STEPS];
        for (int i = 0; i < examples; i++) {
            double phase = random.nextDouble() * 6;
            double speed = 0.5 + random.nextDouble();
            for (int t = 0; t <= STEPS; t++) {
                double value = Math.sin(phase + speed * t) + 0.05 * random.nextGaussian();
                if (t < STEPS) {
                    features[i][0][t] = value;
                }
                if (t > 0) {
                    labels[i][0][t - 1] = value;
                }
            }
        }
        return new MultiDataSet(floats(features), floats(labels));
    }

    private static INDArray floats(double[][][] values) {
        return Nd4j.create(values).castTo(Nd4j.dataType());
    }

    /** Series of 4 to 7 steps, each of which belongs to a class that depends on it and on the one before. */
    static Task.Data tagged(boolean unitsLast) {
        return (examples, seed) -> {
            Random random = new Random(seed);
            INDArray features = Nd4j.zeros(examples, 4, STEPS);
            INDArray labels = Nd4j.zeros(examples, 3, STEPS);
            INDArray mask = Nd4j.zeros(examples, STEPS);
            for (int i = 0; i < examples; i++) {
                int length = 4 + random.nextInt(STEPS - 3);
                double before = 0;
                for (int t = 0; t < length; t++) {
                    double[] x = normal(random, 4);
                    for (int k = 0; k < 4; k++) {
                        features.putScalar(i, k, t, x[k]);
                    }
                    labels.putScalar(i, before + x[1] > 0.5 ? 0 : x[2] > 0 ? 1 : 2, t, 1);
                    mask.putScalar(i, t, 1);
                    before = x[0];
                }
            }
            return new MultiDataSet(
                    new INDArray[] {turned(features, unitsLast)},
                    new INDArray[] {turned(labels, unitsLast)},
                    new INDArray[] {mask},
                    new INDArray[] {mask.dup()});
        };
    }

    /** Two series of the same lengths, and one class for both. */
    static MultiDataSet twoSeries(int examples, long seed) {
        Random random = new Random(seed);
        INDArray first = Nd4j.zeros(examples, 3, STEPS);
        INDArray second = Nd4j.zeros(examples, 2, STEPS);
        INDArray[] masks = {Nd4j.zeros(examples, STEPS), Nd4j.zeros(examples, STEPS)};
        INDArray labels = Nd4j.zeros(examples, 2);
        for (int i = 0; i < examples; i++) {
            double sum = 0;
            int[] lengths = {3 + random.nextInt(STEPS - 2), 3 + random.nextInt(STEPS - 2)};
            for (int t = 0; t < lengths[0]; t++) {
                for (int k = 0; k < 3; k++) {
                    double value = random.nextGaussian();
                    first.putScalar(i, k, t, value);
                    sum += k == 0 ? value / lengths[0] : 0;
                }
                masks[0].putScalar(i, t, 1);
            }
            for (int t = 0; t < lengths[1]; t++) {
                for (int k = 0; k < 2; k++) {
                    double value = random.nextGaussian();
                    second.putScalar(i, k, t, value);
                    sum += k == 0 ? value / lengths[1] : 0;
                }
                masks[1].putScalar(i, t, 1);
            }
            labels.putScalar(i, sum > 0 ? 1 : 0, 1);
        }
        return new MultiDataSet(new INDArray[] {first, second}, new INDArray[] {labels}, masks, null);
    }

    /** Noisy maps of which bright squares are to be found, position by position. */
    static Task.Data squares(boolean unitsLast) {
        return (examples, seed) -> {
            Random random = new Random(seed);
            INDArray features = Nd4j.zeros(examples, 1, SIDE, SIDE);
            INDArray labels = Nd4j.zeros(examples, 1, SIDE, SIDE);
            for (int i = 0; i < examples; i++) {
                int side = 2 + random.nextInt(3);
                int top = random.nextInt(SIDE - side + 1);
                int left = random.nextInt(SIDE - side + 1);
                for (int y = 0; y < SIDE; y++) {
                    for (int x = 0; x < SIDE; x++) {
                        boolean inside = y >= top && y < top + side && x >= left && x < left + side;
                        features.putScalar(new int[] {i, 0, y, x}, (inside ? 1 : 0) + 0.4 * random.nextGaussian());
                        labels.putScalar(new int[] {i, 0, y, x}, inside ? 1 : 0);
                    }
                }
            }
            return new MultiDataSet(turned(features, unitsLast), turned(labels, unitsLast));
        };
    }

    private static INDArray turned(INDArray array, boolean unitsLast) {
        if (!unitsLast) {
            return array;
        }
        return (array.rank() == 3 ? array.permute(0, 2, 1) : array.permute(0, 2, 3, 1)).dup('c');
    }

    /** Grey values of a line of pixels with a bump; the labels are the same. */
    static MultiDataSet greys(int examples, long seed) {
        Random random = new Random(seed);
        double[][] rows = new double[examples][PIXELS];
        for (int i = 0; i < examples; i++) {
            double middle = random.nextDouble() * PIXELS;
            double width = 2 + 4 * random.nextDouble();
            for (int k = 0; k < PIXELS; k++) {
                double value = Math.exp(-Math.pow((k - middle) / width, 2)) + 0.02 * random.nextGaussian();
                rows[i][k] = Math.max(0, Math.min(1, value));
            }
        }
        return new MultiDataSet(floats(rows), floats(rows));
    }

    /** Pictures with one bright box, whose class is the channel it is in, in the form that a YOLO output takes. */
    static MultiDataSet boxes(int examples, long seed) {
        Random random = new Random(seed);
        int pixels = 16;
        INDArray features = Nd4j.zeros(examples, YOLO_CLASSES, pixels, pixels);
        INDArray labels = Nd4j.zeros(examples, 4 + YOLO_CLASSES, GRID, GRID);
        for (int i = 0; i < examples; i++) {
            int label = random.nextInt(YOLO_CLASSES);
            int width = 3 + random.nextInt(4);
            int height = 3 + random.nextInt(4);
            int left = random.nextInt(pixels - width + 1);
            int top = random.nextInt(pixels - height + 1);
            for (int y = 0; y < pixels; y++) {
                for (int x = 0; x < pixels; x++) {
                    boolean inside = y >= top && y < top + height && x >= left && x < left + width;
                    for (int c = 0; c < YOLO_CLASSES; c++) {
                        features.putScalar(
                                new int[] {i, c, y, x}, (inside && c == label ? 1 : 0) + 0.05 * random.nextGaussian());
                    }
                }
            }
            double cell = (double) pixels / GRID;
            double[] corners = {left / cell, top / cell, (left + width) / cell, (top + height) / cell};
            int column = (int) ((corners[0] + corners[2]) / 2);
            int row = (int) ((corners[1] + corners[3]) / 2);
            for (int k = 0; k < 4; k++) {
                labels.putScalar(new int[] {i, k, row, column}, corners[k]);
            }
            labels.putScalar(new int[] {i, 4 + label, row, column}, 1);
        }
        return new MultiDataSet(features, labels);
    }
}
