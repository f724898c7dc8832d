package org.growingnn.dl4j.graph;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * How many examples a signal has for each example of the network's inputs: {@code times / per}, times a number for each of {@code
 * folds} that only the data tells, such as that of the time steps where these became examples. Only signals of equal factors can be
 * joined.
 *
 * @param times numerator, ≥ 1
 * @param per denominator, ≥ 1, without common divisors
 * @param folds vertices that multiply the examples by numbers which are not known, in the order of the network
 */
public record BatchFactor(long times, long per, List<String> folds) {

    /** As many as the network is given. */
    public static final BatchFactor ONE = new BatchFactor(1, 1, List.of());

    /**
     * Reduces the fraction.
     *
     * @param times numerator, ≥ 1
     * @param per denominator, ≥ 1
     * @param folds vertices that multiply the examples by unknown numbers
     */
    public BatchFactor {
        if (times < 1 || per < 1) {
            throw new IllegalArgumentException("The number of examples (" + times + " / " + per
                    + ") for each example of the inputs must be greater than 0.");
        }
        long divisor = BigInteger.valueOf(times).gcd(BigInteger.valueOf(per)).longValue();
        times /= divisor;
        per /= divisor;
        folds = List.copyOf(folds);
    }

    /**
     * Lets every example become several.
     *
     * @param count how many, ≥ 1
     * @return the larger factor
     */
    public BatchFactor multipliedBy(long count) {
        return new BatchFactor(times * count, per, folds);
    }

    /**
     * Keeps one of several parts of the examples.
     *
     * @param count how many parts there are, ≥ 1
     * @return the smaller factor
     */
    public BatchFactor dividedBy(long count) {
        return new BatchFactor(times, per * count, folds);
    }

    /**
     * Lets every example become a number of them that is not known.
     *
     * @param vertex the vertex that does it, to tell its number from others
     * @return a factor that equals only those which come from the same vertex
     */
    public BatchFactor foldedBy(String vertex) {
        List<String> all = new ArrayList<>(folds);
        all.add(vertex);
        return new BatchFactor(times, per, all);
    }

    /**
     * Puts the examples of several signals one behind the other.
     *
     * @param factors those of the signals, at least one
     * @param vertex the vertex that does it
     * @return the sum; where it depends on several unknown numbers, an unknown one of the vertex
     */
    public static BatchFactor sum(List<BatchFactor> factors, String vertex) {
        BatchFactor sum = factors.get(0);
        for (BatchFactor other : factors.subList(1, factors.size())) {
            if (!sum.folds.equals(other.folds)) {
                return ONE.foldedBy(vertex);
            }
            sum = new BatchFactor(sum.times * other.per + other.times * sum.per, sum.per * other.per, sum.folds);
        }
        return sum;
    }

    @Override
    public String toString() {
        String number = per == 1 ? "" + times : times + "/" + per;
        return folds.isEmpty() ? number : number + " · ? of " + folds;
    }
}
