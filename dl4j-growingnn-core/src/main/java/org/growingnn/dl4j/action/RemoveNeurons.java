package org.growingnn.dl4j.action;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.growingnn.dl4j.graph.NetworkGraph;
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
        return target(resized)
                .orElseThrow(() -> new IllegalArgumentException("The space '" + space + "' has " + resized.size()
                        + " units and cannot lose one without falling below its minimum of " + least(resized) + "."));
    }

    private OptionalInt target(UnitSpace resized) {
        long size = resized.size();
        long least = least(resized);
        return size > least
                ? OptionalInt.of((int) Math.min(Math.max(least, Math.round((1 - ratio) * size)), size - 1))
                : OptionalInt.empty();
    }

    private long least(UnitSpace resized) {
        return Math.max(minimum, resized.minimum());
    }

    @Override
    public Optional<StructuralAction> carriedOver(NetworkGraph then, NetworkGraph now) {
        OptionalInt width = targetIn(then);
        Optional<UnitSpace> after = ResizeSpace.find(now, space);
        if (width.isEmpty()
                || after.isEmpty()
                || width.getAsInt() >= after.get().size()
                || width.getAsInt() < least(after.get())) {
            return Optional.empty();
        }
        return Optional.of(
                width.equals(target(after.get()))
                        ? this
                        : new RemoveNeurons(
                                space,
                                1 - (double) width.getAsInt() / after.get().size(),
                                minimum));
    }

    /** No more units of the same space are left. */
    @Override
    public boolean goesAsFarAs(StructuralAction other, NetworkGraph network) {
        if (!(other instanceof RemoveNeurons removal) || !removal.space.equals(space)) {
            return false;
        }
        OptionalInt left = targetIn(network);
        OptionalInt known = removal.targetIn(network);
        return left.isPresent() && known.isPresent() && left.getAsInt() <= known.getAsInt();
    }

    private OptionalInt targetIn(NetworkGraph network) {
        return ResizeSpace.find(network, space).map(this::target).orElse(OptionalInt.empty());
    }

    @Override
    public String toString() {
        return "remove-neurons(space=" + space + ", ratio=" + ratio + ", minimum=" + minimum + ")";
    }
}
