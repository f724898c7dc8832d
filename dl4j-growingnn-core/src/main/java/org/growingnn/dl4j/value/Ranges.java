package org.growingnn.dl4j.value;

import java.util.Objects;

/** Checks of values, with one wording: the name, the value and what is allowed. */
public final class Ranges {

    private Ranges() {}

    /**
     * Insists on a condition.
     *
     * @param valid whether it holds
     * @param name name of the value
     * @param value the value
     * @param range what it must be, as in "must be ..."
     * @throws IllegalArgumentException if it does not hold
     */
    public static void require(boolean valid, String name, Object value, String range) {
        if (!valid) {
            throw new IllegalArgumentException("The " + name + " (" + value + ") must be " + range + ".");
        }
    }

    /**
     * Insists on a condition, with a hint.
     *
     * @param valid whether it holds
     * @param name name of the value
     * @param value the value
     * @param range what it must be, as in "must be ..."
     * @param hint what to do instead, as in "Maybe ...?"
     * @throws IllegalArgumentException if it does not hold
     */
    public static void require(boolean valid, String name, Object value, String range, String hint) {
        if (!valid) {
            throw new IllegalArgumentException(
                    "The " + name + " (" + value + ") must be " + range + ".\nMaybe " + hint + "?");
        }
    }

    /**
     * Insists on a least value.
     *
     * @param name name of the value
     * @param value the value
     * @param least what it must be at least
     * @throws IllegalArgumentException if it is less
     */
    public static void requireAtLeast(String name, long value, long least) {
        require(value >= least, name, value, "at least " + least);
    }

    /**
     * Insists on a share, 0 and 1 included.
     *
     * @param name name of the value
     * @param value the value
     * @throws IllegalArgumentException if it is outside of [0, 1] or not a number; the hint takes it for a percentage if it can be one
     */
    public static void requireShare(String name, double value) {
        if (value > 1 && value <= 100) {
            require(false, name, value, "in [0, 1]", String.valueOf(value / 100));
        }
        require(value >= 0 && value <= 1, name, value, "in [0, 1]");
    }

    /**
     * Insists on a number that is neither negative nor infinite.
     *
     * @param name name of the value
     * @param value the value
     * @throws IllegalArgumentException if it is negative, infinite or not a number
     */
    public static void requireFinite(String name, double value) {
        require(value >= 0 && value < Double.POSITIVE_INFINITY, name, value, "finite and at least 0");
    }

    /**
     * Insists on the items of a list.
     *
     * @param name name of the list
     * @param items the items
     * @throws NullPointerException if the list or an item is null
     */
    public static void requireItems(String name, Iterable<?> items) {
        Objects.requireNonNull(items, name);
        for (Object item : items) {
            if (item == null) {
                throw new NullPointerException("an item of " + name);
            }
        }
    }
}
