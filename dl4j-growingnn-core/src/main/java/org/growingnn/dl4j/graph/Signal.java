package org.growingnn.dl4j.graph;

import java.util.Arrays;

/**
 * What travels along an edge: which units, and how many positions in space or time each unit has.
 *
 * @param kind the kind of activations
 * @param units the unit axis
 * @param format where the unit axis stands relative to the spatial or temporal ones
 * @param extents height and width, or time steps, or depth, height and width; −1 where unknown; empty for
 *     {@link Kind#FEED_FORWARD} and {@link Kind#UNKNOWN}
 */
public record Signal(Kind kind, Layout units, Format format, long... extents) {

    /** Kinds of activations. */
    public enum Kind {
        /** One value per unit and example. */
        FEED_FORWARD(0),
        /** One value per unit and time step. */
        RECURRENT(1),
        /** One map per unit. */
        CONVOLUTIONAL(2),
        /** One volume per unit. */
        CONVOLUTIONAL_3D(3),
        /** Behind a layer that the library does not know. */
        UNKNOWN(0);

        private final int extents;

        Kind(int extents) {
            this.extents = extents;
        }

        /**
         * Counts the spatial or temporal axes.
         *
         * @return 0 to 3
         */
        public int extents() {
            return extents;
        }
    }

    /** Position of the unit axis in memory. */
    public enum Format {
        /** NCHW, NCW, NCDHW; also used where there is no other axis. */
        CHANNELS_FIRST,
        /** NHWC, NWC, NDHWC. */
        CHANNELS_LAST
    }

    /**
     * Copies and checks the extents.
     *
     * @param kind the kind of activations
     * @param units the unit axis
     * @param format position of the unit axis
     * @param extents as many as the kind has
     */
    public Signal {
        if (extents.length != kind.extents()) {
            throw new IllegalArgumentException(
                    "A " + kind + " signal has " + kind.extents() + " extents, not " + Arrays.toString(extents) + ".");
        }
        extents = extents.clone();
    }

    /**
     * Makes a signal of one value per unit.
     *
     * @param units the units
     * @return the signal
     */
    public static Signal feedForward(Layout units) {
        return new Signal(Kind.FEED_FORWARD, units, Format.CHANNELS_FIRST);
    }

    /**
     * Gives the spatial or temporal extents.
     *
     * @return a copy
     */
    @Override
    public long[] extents() {
        return extents.clone();
    }

    /**
     * Counts the positions of one unit.
     *
     * @return the product of the extents, 1 without any, or {@link Layout#UNKNOWN}
     */
    public long positions() {
        long product = 1;
        for (long extent : extents) {
            if (extent < 0) {
                return Layout.UNKNOWN;
            }
            product *= extent;
        }
        return product;
    }

    /**
     * Replaces the units.
     *
     * @param newUnits the new unit axis
     * @return the same kind of signal over other units
     */
    public Signal withUnits(Layout newUnits) {
        return new Signal(kind, newUnits, format, extents);
    }

    /**
     * Replaces the extents.
     *
     * @param newExtents as many as the kind has
     * @return the same units at other extents
     */
    public Signal withExtents(long... newExtents) {
        return new Signal(kind, units, format, newExtents);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Signal that
                && kind == that.kind
                && format == that.format
                && units.equals(that.units)
                && Arrays.equals(extents, that.extents);
    }

    @Override
    public int hashCode() {
        return units.hashCode() * 31 + Arrays.hashCode(extents);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(units.length() == Layout.UNKNOWN ? "?" : units.length());
        for (long extent : extents) {
            text.append('x').append(extent < 0 ? "?" : extent);
        }
        return text.toString();
    }
}
