package org.growingnn.dl4j.metric;

import java.util.stream.IntStream;

/** Errors of predicted numbers and the spread of the true ones, column by column, in double precision. */
final class NumberCounter implements Counter {

    /** What to make of the sums. */
    enum Kind {
        R2,
        POOLED_R2,
        MAE,
        RMSE
    }

    /** A column that a model predicts badly counts no worse than this in a mean, which it would outweigh otherwise. */
    private static final double LEAST = -1;

    private final Kind kind;
    private long[] count = {};
    private double[] mean = {};
    /** Sum of squared distances from the mean. */
    private double[] spread = {};

    private double[] squares = {};
    private double[] distances = {};

    NumberCounter(Kind kind) {
        this.kind = kind;
    }

    @Override
    public void add(PredictionRows rows, int row) {
        grow(rows.columns());
        for (int column = 0; column < rows.columns(); column++) {
            if (rows.counts(row, column)) {
                double label = rows.label(row, column);
                double error = rows.output(row, column) - label;
                squares[column] += error * error;
                distances[column] += Math.abs(error);
                count[column]++;
                double before = label - mean[column];
                mean[column] += before / count[column];
                spread[column] += before * (label - mean[column]);
            }
        }
    }

    private void grow(int columns) {
        if (count.length == 0) {
            count = new long[columns];
            mean = new double[columns];
            spread = new double[columns];
            squares = new double[columns];
            distances = new double[columns];
        }
    }

    /** Chan's formula for the spread of two parts. */
    @Override
    public void add(Counter other) {
        NumberCounter more = (NumberCounter) other;
        grow(more.count.length);
        for (int i = 0; i < more.count.length; i++) {
            if (more.count[i] > 0) {
                double apart = more.mean[i] - mean[i];
                double share = (double) more.count[i] / (count[i] + more.count[i]);
                spread[i] += more.spread[i] + apart * apart * count[i] * share;
                mean[i] += apart * share;
                count[i] += more.count[i];
                squares[i] += more.squares[i];
                distances[i] += more.distances[i];
            }
        }
    }

    @Override
    public double value() {
        double values =
                IntStream.range(0, count.length).mapToLong(i -> count[i]).sum();
        return switch (kind) {
            case R2 -> count.length == 1 ? explained(0) : meanExplained();
            case POOLED_R2 -> sum(spread) > 0 ? 1 - sum(squares) / sum(spread) : Double.NaN;
            case MAE -> sum(distances) / values;
            case RMSE -> Math.sqrt(sum(squares) / values);
        };
    }

    private double explained(int column) {
        return spread[column] > 0 ? 1 - squares[column] / spread[column] : Double.NaN;
    }

    private double meanExplained() {
        return IntStream.range(0, count.length)
                .filter(i -> spread[i] > 0)
                .mapToDouble(i -> Math.max(LEAST, explained(i)))
                .average()
                .orElse(Double.NaN);
    }

    private static double sum(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }
}
