package org.growingnn.dl4j.graph;

/** What a per-unit value says about its unit, which decides how it follows when units are mixed. */
public enum Statistic {
    /** A value of the unit, such as its shift: the mixed unit has the same mixture of it. */
    VALUE,
    /** The mean of the unit, which mixes like any value. */
    MEAN,
    /** The variance of the unit: that of a mixture depends on how its parts correlate. */
    VARIANCE,
    /** The logarithm to base 10 of the unit's standard deviation. */
    LOG_DEVIATION,
    /** A factor by which the unit's standardised value is multiplied, so that its size is a standard deviation. */
    SCALE;

    /**
     * Tells whether the value measures how far its unit spreads: mixed units then need to know how their parts correlate.
     *
     * @return false for what mixes like the units themselves
     */
    public boolean measuresSpread() {
        return this == VARIANCE || this == LOG_DEVIATION || this == SCALE;
    }

    /**
     * Tells whether the value estimates how what arrives at its unit is distributed, so that it must change when that does.
     *
     * @return false for what was chosen by training
     */
    public boolean estimatesInput() {
        return this == MEAN || this == VARIANCE || this == LOG_DEVIATION;
    }
}
