package org.growingnn.dl4j.search;

import java.lang.ref.SoftReference;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Allocations;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Criterion;
import org.growingnn.dl4j.projection.GlobalRanking;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Resizer;
import org.jspecify.annotations.Nullable;

/** A network with all its units and some layers changed, from which networks at a target are made. Safe for several threads. */
final class TargetBase {

    private final List<StructuralAction> edits;
    private final NetworkGraph network;
    private final Allocations allocations;
    private final Target target;
    private SoftReference<NetworkGraph> calibrated = new SoftReference<>(null);
    /** By criterion and space: rating units can take longer than all else that makes a network. */
    private final Map<List<String>, double[]> ratings = new ConcurrentHashMap<>();

    TargetBase(List<StructuralAction> edits, NetworkGraph network, Allocations allocations, Target target) {
        this.edits = List.copyOf(edits);
        this.network = network;
        this.allocations = allocations;
        this.target = target;
    }

    /** What was done to layers of the root. */
    List<StructuralAction> edits() {
        return edits;
    }

    /** The network, with what is left of the root's calibration. */
    NetworkGraph network() {
        return network;
    }

    Allocations allocations() {
        return allocations;
    }

    Target target() {
        return target;
    }

    /** The network with a calibration of its own; the root has one. */
    synchronized NetworkGraph calibrated() {
        if (edits.isEmpty()) {
            return network;
        }
        @Nullable NetworkGraph known = calibrated.get();
        if (known == null) {
            known = target.calibration().apply(network);
            calibrated = new SoftReference<>(known);
        }
        return known;
    }

    /**
     * Resizes the network as a projection wants it.
     *
     * @param widths number of units afterwards, by the name of the space; at most as many as there are
     */
    NetworkGraph narrowed(Map<String, Integer> widths, Projection projection) {
        NetworkGraph full = calibrated();
        if (projection.criterion().isEmpty()) {
            return Resizer.resize(full, widths, projection);
        }
        Criterion criterion = projection.criterion().get();
        Map<String, int[]> kept = new LinkedHashMap<>();
        widths.forEach((name, width) -> kept.put(
                name,
                GlobalRanking.best(
                        ratings.computeIfAbsent(
                                List.of(criterion.name(), name),
                                key -> Criteria.rate(criterion, full, full.spaceNamed(name))),
                        width)));
        return Resizer.resize(full, GlobalRanking.maps(full, kept), projection.refits());
    }
}
