package org.growingnn.dl4j.search;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.GlobalRanking.Limits;
import org.growingnn.dl4j.projection.Projection;

/**
 * Costs that every network has to meet that a search grades or chooses, and which it uses up as far as whole units allow.
 *
 * <p>A search with a target does not remove units step by step. It begins with the widths that a ranking of all units leaves at the target,
 * and moves among networks at the target: one space becomes wider or narrower and all others pay, or one other space does; units are
 * chosen by another projection; layers are removed or added, and widths follow. Each network is made anew from the root, with one
 * reduction and one refit, so that units come back as they were and no order of moves is better than another.
 *
 * @param costs what each cost may be at most; at least one
 * @param limits what to leave of each space
 * @param kept spaces that must keep their size
 * @param variants projections that choose or merge units, beside the search's own; by {@linkplain
 *     org.growingnn.dl4j.projection.Projections#named name}
 * @param calibration calibrates a network after layers were removed or added; called by one thread at a time, whichever needs it
 * @param start where the search begins, which another search of the same root and target has found; the ranking's network if empty
 */
public record Target(
        Map<Cost, Double> costs,
        Function<UnitSpace, Limits> limits,
        Predicate<UnitSpace> kept,
        List<Projection> variants,
        UnaryOperator<NetworkGraph> calibration,
        Optional<Candidate> start) {

    /**
     * Checks that nothing is missing.
     *
     * @param costs what each cost may be at most
     * @param limits what to leave of each space
     * @param kept spaces that must keep their size
     * @param variants projections beside the search's own
     * @param calibration calibrates a network after layers were removed or added
     * @param start where the search begins
     */
    public Target {
        if (costs.isEmpty()) {
            throw new IllegalArgumentException("The target names no cost.\nMaybe Cost.PARAMETERS?");
        }
        costs = Collections.unmodifiableMap(new EnumMap<>(costs));
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(kept, "kept");
        variants = List.copyOf(variants);
        Objects.requireNonNull(calibration, "calibration");
        if (start.isPresent() && start.get().draft().isEmpty()) {
            throw new IllegalArgumentException("The search cannot begin with " + start.get()
                    + ", which no search with a target has found.\nMaybe SearchResult.chosen() of one?");
        }
    }

    /**
     * Makes a target without further rules.
     *
     * @param costs what each cost may be at most
     * @param calibration calibrates a network after layers were removed or added
     * @return the target
     */
    public static Target of(Map<Cost, Double> costs, UnaryOperator<NetworkGraph> calibration) {
        return new Target(costs, space -> Limits.NONE, space -> false, List.of(), calibration, Optional.empty());
    }

    /**
     * Lets a search choose among projections.
     *
     * @param others beside the search's own
     * @return the target
     */
    public Target withVariants(List<Projection> others) {
        return new Target(costs, limits, kept, others, calibration, start);
    }

    /**
     * Goes on from what another search of the same root and target has found.
     *
     * @param found the network that it chose
     * @return the target
     */
    public Target from(Candidate found) {
        return new Target(costs, limits, kept, variants, calibration, Optional.of(found));
    }

    /** Tells whether a network meets the target. */
    boolean met(NetworkGraph network) {
        return costs.entrySet().stream().allMatch(cost -> cost.getKey().of(network) <= cost.getValue());
    }
}
