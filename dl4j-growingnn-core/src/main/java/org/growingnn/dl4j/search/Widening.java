package org.growingnn.dl4j.search;

/**
 * Progressive widening: a node with n visits offers its {@code ⌈factor · n^exponent⌉} best children.
 *
 * @param factor finite and &gt; 0
 * @param exponent in [0, 1]
 */
public record Widening(double factor, double exponent) {

    /**
     * Checks the numbers.
     *
     * @param factor finite and &gt; 0
     * @param exponent in [0, 1]
     */
    public Widening {
        if (!(factor > 0 && exponent >= 0 && exponent <= 1) || Double.isInfinite(factor)) {
            throw new IllegalArgumentException("The factor (" + factor
                    + ") of progressive widening must be finite and positive, and its exponent (" + exponent
                    + ") in [0, 1].\nMaybe 2 and 0.5?");
        }
    }

    int offers(int visits) {
        return (int) Math.min(Integer.MAX_VALUE / 2, Math.ceil(factor * Math.pow(Math.max(1, visits), exponent)));
    }

    @Override
    public String toString() {
        return "progressiveWidening(" + factor + ", " + exponent + ")";
    }
}
