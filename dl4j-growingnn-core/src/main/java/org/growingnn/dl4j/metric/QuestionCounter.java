package org.growingnn.dl4j.metric;

import java.util.stream.IntStream;

/** F1 of several questions, each answered by a unit of its own: the mean over those to which any label says yes. */
final class QuestionCounter implements Counter {

    private final double threshold;
    private long[] right = {};
    private long[] predicted = {};
    private long[] actual = {};

    QuestionCounter(double threshold) {
        this.threshold = threshold;
    }

    @Override
    public void add(Rows rows, int row) {
        grow(rows.columns());
        for (int column = 0; column < rows.columns(); column++) {
            if (rows.counts(row, column)) {
                boolean truth = rows.label(row, column) > threshold;
                boolean answer = rows.output(row, column) > threshold;
                actual[column] += truth ? 1 : 0;
                predicted[column] += answer ? 1 : 0;
                right[column] += truth && answer ? 1 : 0;
            }
        }
    }

    private void grow(int columns) {
        if (actual.length == 0) {
            right = new long[columns];
            predicted = new long[columns];
            actual = new long[columns];
        }
    }

    @Override
    public void add(Counter other) {
        QuestionCounter more = (QuestionCounter) other;
        grow(more.actual.length);
        for (int i = 0; i < more.actual.length; i++) {
            right[i] += more.right[i];
            predicted[i] += more.predicted[i];
            actual[i] += more.actual[i];
        }
    }

    @Override
    public double value() {
        return IntStream.range(0, actual.length)
                .filter(i -> actual[i] > 0)
                .mapToDouble(i -> 2.0 * right[i] / (predicted[i] + actual[i]))
                .average()
                .orElse(Double.NaN);
    }
}
