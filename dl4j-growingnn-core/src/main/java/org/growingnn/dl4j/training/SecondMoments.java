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

    private static final int TILE = 32;

    private final int size;
    private final double[] matrix;
    private long rows;

    SecondMoments(int size) {
        this.size = size;
        this.matrix = new double[(size + 1) * (size + 1)];
    }

    /**
     * Products of a batch, added up over its rows.
     *
     * @param values {@code xᵀx} with the constant behind {@code x}, column by column
     * @param rows how many there are
     */
    record Products(double[] values, long rows) {

        /** The arrays in between take the square of the size, once for each batch, so they do not wait for the garbage collector. */
        static Products of(INDArray x) {
            long width = x.size(1) + 1;
            try (INDArray ones = Nd4j.ones(x.dataType(), x.size(0), 1);
                    INDArray extended = Nd4j.hstack(x, ones);
                    INDArray product = Nd4j.createUninitialized(x.dataType(), new long[] {width, width}, 'f')) {
                // ND4J's mmul would copy what this leaves in the order that BLAS gives.
                Nd4j.gemm(extended.transpose(), extended, product, false, false, 1, 0);
                return new Products(product.data().asDouble(), x.size(0));
            }
        }
    }

    /**
     * Adds the products of rows of values.
     *
     * @return false if there is a product that is not finite
     */
    boolean add(Products products) {
        int width = size + 1;
        double[] values = products.values();
        boolean finite = true;
        // Square tiles, because one of the two arrays is walked through against its order.
        for (int top = 0; top < width; top += TILE) {
            for (int left = 0; left < width; left += TILE) {
                for (int i = top; i < Math.min(width, top + TILE); i++) {
                    for (int j = left; j < Math.min(width, left + TILE); j++) {
                        double sum = matrix[i * width + j] + values[j * width + i];
                        matrix[i * width + j] = sum;
                        finite &= Double.isFinite(sum);
                    }
                }
            }
        }
        rows += products.rows();
        return finite;
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
