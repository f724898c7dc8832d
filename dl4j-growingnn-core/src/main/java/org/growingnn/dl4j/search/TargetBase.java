package org.growingnn.dl4j.search;

import java.lang.ref.SoftReference;
import java.util.List;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Allocations;
import org.jspecify.annotations.Nullable;

/** A network with all its units and some layers changed, from which networks at a target are made. Safe for several threads. */
final class TargetBase {

    private final List<StructuralAction> edits;
    private final NetworkGraph network;
    private final Allocations allocations;
    private final Target target;
    private SoftReference<NetworkGraph> calibrated = new SoftReference<>(null);

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
}
