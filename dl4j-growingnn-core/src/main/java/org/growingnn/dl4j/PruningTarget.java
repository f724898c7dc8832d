package org.growingnn.dl4j;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.growingnn.dl4j.projection.GlobalRanking.Measure;

/** How far to prune; see {@link StructuralPruner#to(PruningTarget)}. */
public final class PruningTarget {

    private final Measure measure;
    private final double share;
    private final Map<String, Integer> widths;

    private PruningTarget(Measure measure, double share, Map<String, Integer> widths) {
        if (widths.isEmpty() && !(share > 0 && share < 1)) {
            throw new IllegalArgumentException(
                    "The share to remove (" + share + ") must be greater than 0 and less than 1.\nMaybe 0.5 for half?");
        }
        this.measure = measure;
        this.share = share;
        // Copies of Map.copyOf have another order in every run.
        this.widths = Collections.unmodifiableMap(new LinkedHashMap<>(widths));
    }

    /**
     * Prunes until a share of the parameters is gone.
     *
     * @param share 0 &lt; share &lt; 1; 0.9 leaves a tenth
     * @return the target
     */
    public static PruningTarget reduction(double share) {
        return new PruningTarget(Measure.PARAMETERS, share, Map.of());
    }

    /**
     * Prunes until a share of the multiply-accumulates is gone.
     *
     * @param share 0 &lt; share &lt; 1
     * @return the target
     */
    public static PruningTarget macs(double share) {
        return new PruningTarget(Measure.MACS, share, Map.of());
    }

    /**
     * Prunes layers to given widths, and no others.
     *
     * @param widths number of units to leave, by the name of the layer; tied layers follow
     * @return the target
     * @throws IllegalArgumentException if no layer is named, or if a width is less than 1
     */
    public static PruningTarget widths(Map<String, Integer> widths) {
        Objects.requireNonNull(widths, "widths");
        if (widths.isEmpty()) {
            throw new IllegalArgumentException("The widths are empty.\nMaybe name a layer to prune?");
        }
        widths.forEach((layer, width) -> {
            Objects.requireNonNull(layer, "layer");
            Objects.requireNonNull(width, () -> "width of '" + layer + "'");
            if (width < 1) {
                throw new IllegalArgumentException("The layer '" + layer + "' cannot be pruned to " + width
                        + " units: at least 1 must be left.\nMaybe remove the layer with an action?");
            }
        });
        return new PruningTarget(Measure.PARAMETERS, 0, widths);
    }

    Measure measure() {
        return measure;
    }

    double share() {
        return share;
    }

    Map<String, Integer> layerWidths() {
        return widths;
    }
}
