package org.growingnn.dl4j.metric;

/** Which values of a metric are better, and how they compare with those of the model that a run started from. */
public enum Scale {

    /** From 0 or less to 1, higher is better: accuracy, F1, R². A drop counts in points: from 0.92 to 0.90 it is 0.02. */
    SHARE(0.015) {

        @Override
        double goodness(double value, double initial) {
            return Math.max(0, Math.min(1, value));
        }

        @Override
        double drop(double value, double initial) {
            return initial - value;
        }
    },

    /** Without bound, higher is better. A drop counts as a share of the initial model's value. */
    HIGHER(0.05) {

        @Override
        double goodness(double value, double initial) {
            return LOWER.goodness(-value, -initial);
        }

        @Override
        double drop(double value, double initial) {
            return LOWER.drop(-value, -initial);
        }
    },

    /** Without bound, lower is better: losses and errors. A drop counts as a share of the initial model's value. */
    LOWER(0.05) {

        @Override
        double goodness(double value, double initial) {
            return 1 / (1 + Math.exp(drop(value, initial)));
        }

        @Override
        double drop(double value, double initial) {
            return (value - initial) / Math.max(Math.abs(initial), LEAST_UNIT);
        }
    };

    /** A model without any error has no error to compare others with. */
    private static final double LEAST_UNIT = 1e-6;

    private final double defaultDrop;

    Scale(double defaultDrop) {
        this.defaultDrop = defaultDrop;
    }

    /** The place on [0, 1], higher is better: the value itself where it is a share, otherwise 1 / (1 + exp(drop)). */
    abstract double goodness(double value, double initial);

    /** How much worse than the initial value, in points or as a share of it; negative if better. */
    abstract double drop(double value, double initial);

    /**
     * Tells whether a value is as good as demanded.
     *
     * @param value the value
     * @param demanded the least or, if lower is better, the largest value allowed
     * @return true if it is
     */
    public boolean meets(double value, double demanded) {
        return this == LOWER ? value <= demanded : value >= demanded;
    }

    /**
     * Tells how far a model may fall below the initial one if nothing is said: 0.015 of a share, 5 % of what has no bound.
     *
     * @return a drop, as {@link Reading#drop} counts it
     */
    public double defaultDrop() {
        return defaultDrop;
    }
}
