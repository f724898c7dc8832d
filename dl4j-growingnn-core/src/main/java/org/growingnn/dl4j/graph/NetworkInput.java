package org.growingnn.dl4j.graph;

import java.util.Arrays;

/**
 * An input of the network, whose width never changes.
 *
 * @param name its name
 * @param kind kind of activations
 * @param format position of the unit axis
 * @param size number of features or channels, or {@link Layout#UNKNOWN}
 * @param extents height and width, time steps, …; −1 where unknown
 */
public record NetworkInput(String name, Signal.Kind kind, Signal.Format format, long size, long... extents) {

    /**
     * Copies the extents.
     *
     * @param name its name
     * @param kind kind of activations
     * @param format position of the unit axis
     * @param size number of features or channels
     * @param extents as many as the kind has
     */
    public NetworkInput {
        extents = extents.clone();
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

    @Override
    public boolean equals(Object other) {
        return other instanceof NetworkInput that
                && name.equals(that.name)
                && kind == that.kind
                && format == that.format
                && size == that.size
                && Arrays.equals(extents, that.extents);
    }

    @Override
    public int hashCode() {
        return name.hashCode() * 31 + Arrays.hashCode(extents);
    }
}
