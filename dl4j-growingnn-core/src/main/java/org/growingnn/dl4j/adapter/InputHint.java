package org.growingnn.dl4j.adapter;

import java.util.Arrays;
import java.util.Objects;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Signal.Format;
import org.growingnn.dl4j.graph.Signal.Kind;

/**
 * What a configuration tells about the arrays that it takes, because Deeplearning4j does not store input types.
 *
 * @param kind the kind; {@link Kind#UNKNOWN} if only the number of units is known
 * @param format the memory format
 * @param size number of units, or {@link Layout#UNKNOWN}
 * @param extents height and width, length, …, each perhaps {@link Layout#UNKNOWN}; as many as the kind has
 */
public record InputHint(Kind kind, Format format, long size, long... extents) {

    /**
     * Checks the number of extents.
     *
     * @param kind the kind
     * @param format the memory format
     * @param size number of units
     * @param extents the extents
     */
    public InputHint {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(format, "format");
        if (extents.length != kind.extents()) {
            throw new IllegalArgumentException("An input of kind " + kind + " has " + kind.extents() + " extents, not "
                    + Arrays.toString(extents) + ".");
        }
        extents = extents.clone();
    }

    /**
     * Tells of vectors.
     *
     * @param size number of units, or {@link Layout#UNKNOWN}
     * @return the hint
     */
    public static InputHint vectors(long size) {
        return new InputHint(Kind.FEED_FORWARD, Format.CHANNELS_FIRST, size);
    }

    /**
     * Tells of series of unknown length.
     *
     * @param size number of units
     * @param format the memory format
     * @return the hint
     */
    public static InputHint series(long size, Format format) {
        return new InputHint(Kind.RECURRENT, format, size, Layout.UNKNOWN);
    }

    /**
     * Tells of maps of unknown height and width.
     *
     * @param channels number of channels
     * @param format the memory format
     * @return the hint
     */
    public static InputHint maps(long channels, Format format) {
        return new InputHint(Kind.CONVOLUTIONAL, format, channels, Layout.UNKNOWN, Layout.UNKNOWN);
    }

    /**
     * Tells of volumes of unknown depth, height and width.
     *
     * @param channels number of channels
     * @param format the memory format
     * @return the hint
     */
    public static InputHint volumes(long channels, Format format) {
        return new InputHint(Kind.CONVOLUTIONAL_3D, format, channels, Layout.UNKNOWN, Layout.UNKNOWN, Layout.UNKNOWN);
    }

    /**
     * Tells of a number of units, whatever the kind.
     *
     * @param size number of units
     * @return the hint
     */
    public static InputHint units(long size) {
        return new InputHint(Kind.UNKNOWN, Format.CHANNELS_FIRST, size);
    }

    /**
     * Copies the extents.
     *
     * @return a copy
     */
    @Override
    public long[] extents() {
        return extents.clone();
    }

    NetworkInput toInput(String name) {
        return new NetworkInput(name, kind, format, size, extents);
    }

    InputHint withUnknownSize() {
        return new InputHint(kind, format, Layout.UNKNOWN, extents);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof InputHint that
                && kind == that.kind
                && format == that.format
                && size == that.size
                && Arrays.equals(extents, that.extents);
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, format, size) * 31 + Arrays.hashCode(extents);
    }
}
