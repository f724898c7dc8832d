package org.growingnn.dl4j.metric;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Right, given and true answers by what they are about: a class, or a question. */
final class AnswerCounts {

    private long[] right = {};
    private long[] given = {};
    private long[] actual = {};

    /** Makes room. */
    void grow(int kinds) {
        if (actual.length < kinds) {
            right = Arrays.copyOf(right, kinds);
            given = Arrays.copyOf(given, kinds);
            actual = Arrays.copyOf(actual, kinds);
        }
    }

    void add(int kind, boolean truth, boolean answer) {
        actual[kind] += truth ? 1 : 0;
        given[kind] += answer ? 1 : 0;
        right[kind] += truth && answer ? 1 : 0;
    }

    void add(AnswerCounts more) {
        grow(more.actual.length);
        for (int i = 0; i < more.actual.length; i++) {
            right[i] += more.right[i];
            given[i] += more.given[i];
            actual[i] += more.actual[i];
        }
    }

    /** Twice the right answers over all that are or should be of a kind; NaN if none should be. */
    double f1(int kind) {
        return kind < actual.length && actual[kind] > 0 ? 2.0 * right[kind] / (given[kind] + actual[kind]) : Double.NaN;
    }

    /** The mean over the kinds that occur. */
    double meanF1() {
        return IntStream.range(0, actual.length)
                .filter(kind -> actual[kind] > 0)
                .mapToDouble(this::f1)
                .average()
                .orElse(Double.NaN);
    }

    /** The share of right answers where each example is of one kind. */
    double accuracy() {
        return (double) Arrays.stream(right).sum() / Arrays.stream(actual).sum();
    }
}
