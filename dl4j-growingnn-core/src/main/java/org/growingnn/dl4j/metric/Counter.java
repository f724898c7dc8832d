package org.growingnn.dl4j.metric;

import java.util.OptionalDouble;

/**
 * Adds up, row by row, what one metric needs of one output. The definitions are those of DL4J's evaluations, which do not know all axes
 * and masks, and add up numbers in single precision.
 */
interface Counter {

    /** Takes a row of which at least one value counts. */
    void add(PredictionRows rows, int row);

    /** Takes all that another counter of the same metric has taken. */
    void add(Counter other);

    /** The metric of all that was taken; NaN if that does not define it. */
    double value();

    /** The standard error, where the metric has a formula for it. */
    default OptionalDouble standardError(long examples) {
        return OptionalDouble.empty();
    }
}
