package org.growingnn.dl4j.search;

/**
 * The range of values that a search has backed up. Grades of neighbouring networks differ little; spread over [0, 1], an exploration
 * constant means the same whatever the grades are.
 */
final class ValueRange {

    private final boolean scaling;
    private double least = Double.POSITIVE_INFINITY;
    private double greatest = Double.NEGATIVE_INFINITY;

    ValueRange(boolean scaling) {
        this.scaling = scaling;
    }

    void add(double value) {
        least = Math.min(least, value);
        greatest = Math.max(greatest, value);
    }

    /** Gives 0 for the least and 1 for the greatest value; before anything is known, 0. */
    double scaled(double value) {
        if (Double.isNaN(value)) {
            return 0;
        }
        if (!scaling) {
            return value;
        }
        return greatest > least ? (value - least) / (greatest - least) : 0;
    }
}
