package org.growingnn.dl4j.training;

import java.util.Arrays;
import org.growingnn.dl4j.adapter.Weighing;
import org.growingnn.dl4j.graph.Calibration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Adds up products of values, and of a constant 1 behind them. */
final class SecondMoments {

    /** Products of more values do not fit an array. */
    static final int LARGEST = 46_338;

    /** How many columns of products are computed at once: as few as BLAS is still fast with, because some are computed twice. */
    static final int BLOCK = 256;

    private static final int TILE = 32;

    private final int size;
    private final double[] sums;
    private long rows;

    SecondMoments(int size) {
        this.size = size;
        this.sums = new double[length(size + 1)];
    }

    private static int length(int width) {
        return Math.toIntExact((long) width * (width + 1) / 2);
    }

    /**
     * Products of a batch, added up over its rows.
     *
     * @param values {@code xᵀx} with the constant behind {@code x}: of each row what is not behind the diagonal, one row after the other
     * @param rows how many rows x has
     */
    record Products(double[] values, long rows) {

        /** The arrays in between are large, once for each batch, so they do not wait for the garbage collector. */
        static Products of(INDArray x) {
            int width = Math.toIntExact(x.size(1) + 1);
            double[] values = new double[length(width)];
            try (INDArray extended =
                    Nd4j.createUninitialized(x.dataType(), new long[] {x.size(0), width}, x.ordering())) {
                extended.get(NDArrayIndex.all(), NDArrayIndex.interval(0, width - 1))
                        .assign(x);
                extended.getColumn(width - 1).assign(1);
                for (int from = 0; from < width; from += BLOCK) {
                    int to = Math.min(width, from + BLOCK);
                    INDArray before = extended.get(NDArrayIndex.all(), NDArrayIndex.interval(0, to));
                    INDArray own = extended.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to));
                    // ND4J's mmul would copy what this leaves in the order that BLAS gives.
                    try (INDArray product = Nd4j.createUninitialized(x.dataType(), new long[] {to, to - from}, 'f')) {
                        Nd4j.gemm(before, own, product, true, false, 1, 0);
                        double[] columns = product.data().asDouble();
                        for (int row = from; row < to; row++) {
                            System.arraycopy(columns, (row - from) * to, values, length(row), row + 1);
                        }
                    }
                }
            }
            return new Products(values, x.size(0));
        }
    }

    /**
     * Adds the products of rows of values.
     *
     * @return false if there is a product that is not finite
     */
    boolean add(Products products) {
        double[] values = products.values();
        for (int i = 0; i < sums.length; i++) {
            sums[i] += values[i];
        }
        rows += products.rows();
        return Arrays.stream(sums).allMatch(Double::isFinite);
    }

    Calibration.Moments moments(Weighing weighing) {
        return new Calibration.Moments(
                weighing.terms().stream().map(Weighing.Term::key).toList(),
                size,
                rows,
                means(size + 1),
                weighing.linear());
    }

    /** Gives the means of products of the first values. */
    private double[] means(int width) {
        double[] means = new double[width * width];
        double count = Math.max(1, rows);
        for (int i = 0; i < width; i++) {
            for (int j = 0; j <= i; j++) {
                means[i * width + j] = sums[length(i) + j] / count;
            }
        }
        // Square tiles, because one of the two sides is walked through against its order.
        for (int top = 0; top < width; top += TILE) {
            for (int left = 0; left <= top; left += TILE) {
                for (int i = top; i < Math.min(width, top + TILE); i++) {
                    for (int j = left; j < Math.min(i, left + TILE); j++) {
                        means[j * width + i] = means[i * width + j];
                    }
                }
            }
        }
        return means;
    }

    Calibration.Activations activations() {
        double[] mean = new double[size];
        Arrays.setAll(mean, i -> sums[length(size) + i] / Math.max(1, rows));
        return new Calibration.Activations(mean, means(size));
    }
}
