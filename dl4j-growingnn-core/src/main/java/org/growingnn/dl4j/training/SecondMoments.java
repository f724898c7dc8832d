package org.growingnn.dl4j.training;

import java.util.Arrays;
import org.growingnn.dl4j.adapter.Weighing;
import org.growingnn.dl4j.graph.Calibration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Adds up products of values, and of a constant 1 behind them. */
final class SecondMoments {

    /** Products of more values do not fit an array. */
    static final int LARGEST = 46_338;

    private final int size;
    private final double[] matrix;
    private long rows;

    SecondMoments(int size) {
        this.size = size;
        this.matrix = new double[(size + 1) * (size + 1)];
    }

    /**
     * Adds rows of values.
     *
     * @return false if there is a product that is not finite
     */
    boolean add(INDArray x) {
        double[] products = products(x);
        boolean finite = true;
        for (int i = 0; i < matrix.length; i++) {
            matrix[i] += products[i];
            finite &= Double.isFinite(matrix[i]);
        }
        rows += x.size(0);
        return finite;
    }

    /** The arrays in between take the square of the size, once for each batch, so they do not wait for the garbage collector. */
    private static double[] products(INDArray x) {
        try (INDArray ones = Nd4j.ones(x.dataType(), x.size(0), 1);
                INDArray extended = Nd4j.hstack(x, ones);
                INDArray product = extended.transpose().mmul(extended);
                INDArray ordered = product.dup('c')) {
            return ordered.data().asDouble();
        }
    }

    private double mean(int row, int column) {
        return matrix[row * (size + 1) + column] / Math.max(1, rows);
    }

    Calibration.Moments moments(Weighing weighing) {
        double[] means = new double[matrix.length];
        Arrays.setAll(means, i -> mean(i / (size + 1), i % (size + 1)));
        return new Calibration.Moments(
                weighing.terms().stream().map(Weighing.Term::key).toList(), size, rows, means, weighing.linear());
    }

    Calibration.Activations activations() {
        double[] means = new double[size];
        Arrays.setAll(means, i -> mean(i, size));
        double[] products = new double[size * size];
        Arrays.setAll(products, i -> mean(i / size, i % size));
        return new Calibration.Activations(means, products);
    }
}
