package org.growingnn.dl4j.metric;

import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** Right and wrong answers by class. A single unit answers a question: its classes are 0 for no and 1 for yes. */
final class ClassCounter implements Counter {

    /** What to make of the counts. */
    enum Kind {
        ACCURACY,
        MACRO_F1,
        F1
    }

    private final Kind kind;
    private final double threshold;
    private final int positive;
    private long[] right = {};
    private long[] predicted = {};
    private long[] actual = {};

    ClassCounter(Kind kind, double threshold, int positive) {
        this.kind = kind;
        this.threshold = threshold;
        this.positive = positive;
    }

    @Override
    public void add(Rows rows, int row) {
        boolean question = rows.columns() == 1;
        int truth = question ? answer(rows.label(row, 0)) : rows.actual(row);
        if (truth < 0) {
            return;
        }
        int answer = question ? answer(rows.output(row, 0)) : rows.predicted(row);
        grow(question ? 2 : rows.columns());
        actual[truth]++;
        predicted[answer]++;
        right[truth] += truth == answer ? 1 : 0;
    }

    private int answer(double value) {
        return value > threshold ? 1 : 0;
    }

    private void grow(int classes) {
        if (actual.length < classes) {
            right = Arrays.copyOf(right, classes);
            predicted = Arrays.copyOf(predicted, classes);
            actual = Arrays.copyOf(actual, classes);
        }
    }

    @Override
    public void add(Counter other) {
        ClassCounter more = (ClassCounter) other;
        grow(more.actual.length);
        for (int i = 0; i < more.actual.length; i++) {
            right[i] += more.right[i];
            predicted[i] += more.predicted[i];
            actual[i] += more.actual[i];
        }
    }

    @Override
    public double value() {
        return switch (kind) {
            case ACCURACY ->
                (double) Arrays.stream(right).sum() / Arrays.stream(actual).sum();
            case MACRO_F1 ->
                IntStream.range(0, actual.length)
                        .filter(i -> actual[i] > 0)
                        .mapToDouble(this::f1)
                        .average()
                        .orElse(Double.NaN);
            case F1 -> positive < actual.length && actual[positive] > 0 ? f1(positive) : Double.NaN;
        };
    }

    /** Twice the right answers of a class over all that are or should be of it. */
    private double f1(int i) {
        return 2.0 * right[i] / (predicted[i] + actual[i]);
    }

    /**
     * The binomial error of a share; answers within one example are not independent. Two more examples, one of them wrong, keep it from
     * being 0 when all are right.
     */
    @Override
    public OptionalDouble standardError(long examples) {
        if (kind != Kind.ACCURACY) {
            return OptionalDouble.empty();
        }
        double share = (value() * examples + 1) / (examples + 2);
        return OptionalDouble.of(Math.sqrt(share * (1 - share) / (examples + 2)));
    }
}
