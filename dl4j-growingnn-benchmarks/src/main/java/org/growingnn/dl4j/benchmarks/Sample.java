package org.growingnn.dl4j.benchmarks;

import java.util.Arrays;
import java.util.Locale;

/** Values of several seeds, with the 95 % confidence interval of their mean by Student's t distribution. */
record Sample(double... values) {

    /** The 97.5 % quantiles of Student's t distribution with 1, 2, … degrees of freedom. */
    private static final double[] QUANTILES = {
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
        2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042
    };

    double mean() {
        return Arrays.stream(values).average().orElse(Double.NaN);
    }

    /** Half the width of the interval; NaN for a single value. Beyond 31 values the last quantile is a little too wide. */
    double halfWidth() {
        int n = values.length;
        if (n < 2) {
            return Double.NaN;
        }
        double mean = mean();
        double variance = Arrays.stream(values)
                        .map(value -> (value - mean) * (value - mean))
                        .sum()
                / (n - 1);
        return QUANTILES[Math.min(n - 1, QUANTILES.length) - 1] * Math.sqrt(variance / n);
    }

    Sample minus(Sample other) {
        double[] differences = values.clone();
        Arrays.setAll(differences, i -> values[i] - other.values[i]);
        return new Sample(differences);
    }

    String format(int decimals) {
        String number = "%." + decimals + "f";
        return values.length < 2
                ? String.format(Locale.ROOT, number, mean())
                : String.format(Locale.ROOT, number + " ± " + number, mean(), halfWidth());
    }
}
