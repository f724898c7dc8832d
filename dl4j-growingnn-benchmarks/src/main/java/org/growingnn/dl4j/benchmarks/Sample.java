package org.growingnn.dl4j.benchmarks;

import java.util.Arrays;
import java.util.Locale;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.StatUtils;

/** Values of several seeds, with the 95 % confidence interval of their mean by Student's t distribution. */
record Sample(double... values) {

    double mean() {
        return StatUtils.mean(values);
    }

    /** Half the width of the interval; NaN for a single value. */
    double halfWidth() {
        int n = values.length;
        return n < 2
                ? Double.NaN
                : new TDistribution(n - 1).inverseCumulativeProbability(0.975)
                        * Math.sqrt(StatUtils.variance(values) / n);
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
