package org.growingnn.dl4j.cli.report;

import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;

/** How well one order foretells another. */
final class Ranks {

    /** With fewer points, a correlation says nothing. */
    static final int FEWEST = 5;

    private Ranks() {}

    /** Spearman's rank correlation; empty with too few points, or if all values of one kind are equal. */
    static OptionalDouble correlation(double[] first, double[] second) {
        if (first.length < FEWEST || constant(first) || constant(second)) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(new SpearmansCorrelation().correlation(first, second));
    }

    private static boolean constant(double[] values) {
        return IntStream.range(1, values.length).allMatch(i -> values[i] == values[0]);
    }
}
