package org.growingnn.dl4j;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.projection.GlobalRanking.Measure;

/** How far to prune; see {@link StructuralPruner#to(PruningTarget)}. */
public final class PruningTarget {

    private final Measure measure;
    private final double share;
    private final Map<String, Integer> widths;
    private final Optional<Check> check;

    /** What a network must pass, and how many may be tried. */
    record Check(Predicate<ComputationGraph> passes, int most) {}

    private static final int DEFAULT_CHECKS = 12;

    private PruningTarget(Check check) {
        this.measure = Measure.PARAMETERS;
        this.share = 0;
        this.widths = Map.of();
        this.check = Optional.of(check);
    }

    private PruningTarget(Measure measure, double share, Map<String, Integer> widths) {
        if (widths.isEmpty() && !(share > 0 && share < 1)) {
            throw new IllegalArgumentException(
                    "The share to remove (" + share + ") must be greater than 0 and less than 1.\nMaybe 0.5 for half?");
        }
        this.measure = measure;
        this.share = share;
        // Copies of Map.copyOf have another order in every run.
        this.widths = Collections.unmodifiableMap(new LinkedHashMap<>(widths));
        this.check = Optional.empty();
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

    /**
     * Prunes as far as a check of the program's own is passed, in at most 12 checks.
     *
     * @param passes as for {@link #smallest(Predicate, int)}
     * @return the target
     */
    public static PruningTarget smallest(Predicate<ComputationGraph> passes) {
        return smallest(passes, DEFAULT_CHECKS);
    }

    /**
     * Prunes as far as a check of the program's own is passed. Units are ranked once; how many of them can go is found by bisection,
     * which n checks narrow down to a unit among {@code 2ⁿ⁻¹}. The first check is of the model as it was given. If some network passes
     * although a larger one fails, the result need not be the smallest of all, but it is the smallest of those that were seen to pass.
     *
     * @param passes tells whether a network is good enough, for example by its accuracy on validation data; it may change the network,
     *     which is released afterwards; ND4J's random generator is seeded for each check
     * @param checks largest number of checks, ≥ 1
     * @return the target
     */
    public static PruningTarget smallest(Predicate<ComputationGraph> passes, int checks) {
        Objects.requireNonNull(passes, "passes");
        if (checks < 1) {
            throw new IllegalArgumentException("The number of checks (" + checks + ") must be at least 1.\nMaybe "
                    + DEFAULT_CHECKS + ", which is enough for thousands of units?");
        }
        return new PruningTarget(new Check(passes, checks));
    }

    Optional<Check> check() {
        return check;
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
