package org.growingnn.dl4j;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.CostGoal;
import org.growingnn.dl4j.value.Ranges;

/**
 * How far to prune; see {@link StructuralPruner#to(PruningTarget)}.
 *
 * <p>Targets of costs can be told as what goes ({@link #reduction}, {@link #macs}) or as what is left ({@link #parametersLeft}, {@link
 * #parametersAtMost}, {@link #macsLeft}, {@link #macsAtMost}, {@link #memory}, {@link #fileSize}, {@link #latency}), and {@link #and several at once}.
 * They are met with as few removals as the ranking of units allows: not one unit more of any layer would fit.
 */
public final class PruningTarget {

    private final List<CostGoal> goals;
    private final Map<String, Integer> widths;
    private final Optional<Check> check;

    /** What a network must pass, and how many may be tried. */
    record Check(Predicate<ComputationGraph> passes, int most) {}

    private static final int DEFAULT_CHECKS = 12;

    private PruningTarget(List<CostGoal> goals, Map<String, Integer> widths, Optional<Check> check) {
        this.goals = List.copyOf(goals);
        // Copies of Map.copyOf have another order in every run.
        this.widths = Collections.unmodifiableMap(new LinkedHashMap<>(widths));
        this.check = check;
    }

    private static PruningTarget of(CostGoal goal) {
        return new PruningTarget(List.of(goal), Map.of(), Optional.empty());
    }

    private static PruningTarget without(Cost cost, double share) {
        Ranges.require(
                share > 0 && share < 1, "share to remove", share, "greater than 0 and less than 1", "0.5 for half");
        return of(CostGoal.without(cost, share));
    }

    private static PruningTarget left(Cost cost, double share) {
        Ranges.require(
                share > 0 && share < 1,
                "share of " + cost.unit() + " to leave",
                share,
                "greater than 0 and less than 1",
                "0.1 for a tenth");
        return of(CostGoal.left(cost, share));
    }

    private static PruningTarget atMost(Cost cost, long most) {
        return of(CostGoal.atMost(cost, most));
    }

    /**
     * Prunes until a share of the parameters is gone.
     *
     * @param share 0 &lt; share &lt; 1; 0.9 leaves a tenth
     * @return the target
     */
    public static PruningTarget reduction(double share) {
        return without(Cost.PARAMETERS, share);
    }

    /**
     * Prunes until a share of the multiply-accumulates is gone.
     *
     * @param share 0 &lt; share &lt; 1
     * @return the target
     */
    public static PruningTarget macs(double share) {
        return without(Cost.MACS, share);
    }

    /**
     * Prunes until no more than a share of the parameters is left.
     *
     * @param share 0 &lt; share &lt; 1; 0.1 leaves a tenth
     * @return the target
     */
    public static PruningTarget parametersLeft(double share) {
        return left(Cost.PARAMETERS, share);
    }

    /**
     * Prunes until no more than a number of parameters is left.
     *
     * @param most the number, ≥ 1
     * @return the target
     */
    public static PruningTarget parametersAtMost(long most) {
        return atMost(Cost.PARAMETERS, most);
    }

    /**
     * Prunes until no more than a share of the multiply-accumulates is left.
     *
     * @param share 0 &lt; share &lt; 1; 0.1 leaves a tenth
     * @return the target
     */
    public static PruningTarget macsLeft(double share) {
        return left(Cost.MACS, share);
    }

    /**
     * Prunes until no more than a number of multiply-accumulates is left for one example.
     *
     * @param most the number, ≥ 1
     * @return the target
     */
    public static PruningTarget macsAtMost(long most) {
        return atMost(Cost.MACS, most);
    }

    /**
     * Prunes until inference on one example takes no more than some bytes for parameters and activations, see {@link Cost#MEMORY}.
     *
     * @param bytes the number of bytes, ≥ 1
     * @return the target
     */
    public static PruningTarget memory(long bytes) {
        return atMost(Cost.MEMORY, bytes);
    }

    /**
     * Prunes until the file that {@code ModelSerializer.writeModel(model, file, false)} writes is no larger than some bytes. Weights
     * count as if they could not be compressed, see {@link Cost#FILE_SIZE}, whatever values training leaves.
     *
     * @param bytes the number of bytes, ≥ 1
     * @return the target
     */
    public static PruningTarget fileSize(long bytes) {
        return atMost(Cost.FILE_SIZE, bytes);
    }

    /**
     * Prunes until a forward pass takes no longer than some time on this machine: with one example, unless {@linkplain
     * StructuralPruner.Builder#latencies a table} was measured with more.
     *
     * <p>Each layer is timed at several widths first, and units are removed by what that {@linkplain
     * org.growingnn.dl4j.graph.LatencyTable table} tells. What is left is then measured, and more is removed if it takes too long, see
     * {@link StructuralPruner.Builder#latencyChecks}. {@link PruningResult#latency()} tells what was predicted and measured, and by how
     * much the target is missed if it is.
     *
     * @param most the time, longer than zero, and a day at most
     * @return the target
     */
    public static PruningTarget latency(Duration most) {
        return of(CostGoal.latency(most));
    }

    /**
     * Prunes until a forward pass takes no more than a share of the time, as for {@link #latency}.
     *
     * @param share 0 &lt; share &lt; 1; 0.5 for twice as fast
     * @return the target
     */
    public static PruningTarget latencyLeft(double share) {
        return left(Cost.LATENCY, share);
    }

    /**
     * Prunes until this target and another are both met. Widths and checks stand alone.
     *
     * @param other another target of costs
     * @return the targets together
     * @throws IllegalArgumentException if one of them is about widths or a check
     */
    public PruningTarget and(PruningTarget other) {
        Objects.requireNonNull(other, "other");
        if (goals.isEmpty() || other.goals.isEmpty()) {
            throw new IllegalArgumentException(
                    "Targets of " + (check.isPresent() || other.check.isPresent() ? "a check" : "widths")
                            + " cannot be joined with others: they tell how far each layer goes."
                            + "\nMaybe test the other costs in the check, or give limits(layer, …) instead of widths?");
        }
        List<CostGoal> all = new ArrayList<>(goals);
        all.addAll(other.goals);
        return new PruningTarget(all, Map.of(), Optional.empty());
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
        return new PruningTarget(List.of(), widths, Optional.empty());
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
        return new PruningTarget(List.of(), Map.of(), Optional.of(new Check(passes, checks)));
    }

    Optional<Check> check() {
        return check;
    }

    /** Gives what costs are to become; empty for targets of widths or a check. */
    List<CostGoal> goals() {
        return goals;
    }

    Map<String, Integer> layerWidths() {
        return widths;
    }
}
