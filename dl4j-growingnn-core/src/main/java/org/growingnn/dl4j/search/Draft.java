package org.growingnn.dl4j.search;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.growingnn.dl4j.action.ResizeSpaces;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Projection;

/**
 * What a network at a target is made from.
 *
 * @param base the network with changed layers and all units
 * @param projection how units are chosen or merged
 * @param variant the name of the projection; empty for the search's own
 * @param widths of the base's spaces, in its order
 * @param move what led here, whatever it was applied to: moves of the same key have a similar effect everywhere
 */
record Draft(TargetBase base, Projection projection, String variant, List<Integer> widths, String move) {

    /** What two drafts of the same network have in common: layers that were changed in another order are the same layers. */
    record Key(TreeSet<String> edits, String variant, List<Integer> widths) {}

    Key key() {
        TreeSet<String> edits = new TreeSet<>();
        base.edits().forEach(edit -> edits.add(edit.toString()));
        return new Key(edits, variant, widths);
    }

    /** The actions that lead from the root to the network. */
    List<StructuralAction> path() {
        List<StructuralAction> path = new ArrayList<>(base.edits());
        narrowing().ifPresent(path::add);
        return List.copyOf(path);
    }

    private Optional<StructuralAction> narrowing() {
        Map<String, Integer> narrower = narrower();
        return narrower.isEmpty() ? Optional.empty() : Optional.of(new ResizeSpaces(narrower, variant));
    }

    private Map<String, Integer> narrower() {
        Map<String, Integer> narrower = new LinkedHashMap<>();
        List<UnitSpace> spaces = base.allocations().spaces();
        for (int s = 0; s < widths.size(); s++) {
            if (widths.get(s) < spaces.get(s).size()) {
                narrower.put(spaces.get(s).name(), widths.get(s));
            }
        }
        return narrower;
    }

    /**
     * Makes the network.
     *
     * @throws IllegalStateException if it costs more than followed from its widths, as it may where a file's configuration counts
     */
    NetworkGraph network() {
        NetworkGraph narrowed = base.narrowed(narrower(), projection);
        if (!base.target().met(narrowed)) {
            throw new IllegalStateException("The widths " + widths + " cost more than was foretold.");
        }
        // Whoever trains it makes the calibration stale.
        return narrowed.with(Optional.empty());
    }

    /**
     * What an additive model sees of the network: how far each width is from that of another draft, and what was done to layers.
     *
     * @param origin where the search began
     */
    Map<String, Double> features(Draft origin) {
        Map<String, Double> features = new TreeMap<>();
        Map<String, Integer> before = origin.base.allocations().named(origin.widths);
        base.allocations().named(widths).forEach((space, width) -> {
            double log = Math.log((double) width / Objects.requireNonNullElse(before.get(space), width));
            features.put(space + "/log", log);
            features.put(space + "/square", log * log);
            // Few grades tell that extremes are bad; more are needed to tell it of each space.
            features.merge("squares", log * log, Double::sum);
        });
        base.edits().forEach(edit -> features.merge(edit.toString(), 1.0, Double::sum));
        features.put("variant/" + variant, 1.0);
        return features;
    }
}
