package org.growingnn.dl4j.action;

import java.util.Objects;
import java.util.Optional;
import org.growingnn.dl4j.graph.UnitSpace;

/**
 * Shrinks a unit space of {@code n} units to {@code round((1 − ratio) · n)}, but never below the minimum, nor below
 * {@link UnitSpace#minimum()}, and always by at least one unit.
 *
 * @param space name of the unit space
 * @param ratio share of the units to remove, 0 &lt; ratio &lt; 1
 * @param minimum least number of units to keep, ≥ 1
 */
public record RemoveNeurons(String space, double ratio, int minimum) implements ResizeSpace {

    /**
     * Checks the ranges.
     *
     * @param space name of the unit space
     * @param ratio share of the units to remove, 0 &lt; ratio &lt; 1
     * @param minimum least number of units to keep, ≥ 1
     */
    public RemoveNeurons {
        Objects.requireNonNull(space, "space");
        if (!(ratio > 0 && ratio < 1)) {
            throw new IllegalArgumentException("The ratio (" + ratio + ") of neurons to remove from '" + space
                    + "' must be greater than 0 and less than 1.\nMaybe 0.1 to remove 10 %?");
        }
        if (minimum < 1) {
            throw new IllegalArgumentException(
                    "The minimum (" + minimum + ") of neurons to keep in '" + space + "' must be at least 1.");
        }
    }

    @Override
    public int newSize(UnitSpace resized) {
        long size = resized.size();
        long least = Math.max(minimum, resized.minimum());
        long target = Math.max(least, Math.round((1 - ratio) * size));
        int result = (int) Math.min(target, size - 1);
        if (result < least) {
            throw new IllegalArgumentException("The space '" + space + "' has " + size
                    + " units and cannot lose one without falling below its minimum of " + least + ".");
        }
        return result;
    }

    @Override
    public Optional<StructuralAction> leadingTo(int size, UnitSpace from) {
        return size < from.size()
                ? Optional.of(new RemoveNeurons(space, 1 - (double) size / from.size(), minimum))
                : Optional.empty();
    }

    /** Fewer units of the same space are left. */
    @Override
    public boolean goesAsFarAs(StructuralAction other) {
        return other instanceof RemoveNeurons removal
                && removal.space.equals(space)
                && ratio >= removal.ratio
                && minimum <= removal.minimum;
    }

    @Override
    public String toString() {
        return "remove-neurons(space=" + space + ", ratio=" + ratio + ", minimum=" + minimum + ")";
    }
}
