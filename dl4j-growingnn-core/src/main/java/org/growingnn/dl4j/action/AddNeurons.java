package org.growingnn.dl4j.action;

import java.util.Objects;
import org.growingnn.dl4j.graph.UnitSpace;

/**
 * Grows a unit space of {@code n} units to {@code round(ratio · n)}, always by at least one unit.
 *
 * @param space name of the unit space
 * @param ratio size afterwards relative to before, &gt; 1; 1.5 for 150 %
 */
public record AddNeurons(String space, double ratio) implements ResizeSpace {

    /**
     * Checks the ranges.
     *
     * @param space name of the unit space
     * @param ratio size afterwards relative to before, &gt; 1 and ≤ 100
     */
    public AddNeurons {
        Objects.requireNonNull(space, "space");
        if (!(ratio > 1 && ratio <= 100)) {
            throw new IllegalArgumentException("The ratio (" + ratio + ") to grow '" + space
                    + "' must be greater than 1 and at most 100.\nMaybe 1.5 to grow to 150 %?");
        }
    }

    @Override
    public int newSize(UnitSpace resized) {
        return Math.toIntExact(Math.max(resized.size() + 1, Math.round(ratio * resized.size())));
    }

    @Override
    public String toString() {
        return "add-neurons(space=" + space + ", ratio=" + ratio + ")";
    }
}
