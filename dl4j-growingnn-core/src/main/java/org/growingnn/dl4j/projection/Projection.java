package org.growingnn.dl4j.projection;

import java.util.Optional;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;

/** Decides how units are merged, selected or replicated when a space is resized. */
public interface Projection {

    /**
     * Names the projection in journals and reports.
     *
     * @return a stable short name
     */
    String name();

    /**
     * Makes the matrices that resize a space.
     *
     * @param graph the network
     * @param space a space of the network with a known size
     * @param newSize number of units afterwards, ≥ 1
     * @return matrices of {@code newSize × space.size()}
     */
    UnitMap map(NetworkGraph graph, UnitSpace space, int newSize);

    /**
     * Tells whether only {@linkplain NetworkGraph#calibration() calibrated} networks can be resized.
     *
     * @return false unless overridden
     */
    default boolean needsCalibration() {
        return false;
    }

    /**
     * Tells whether the calibration must hold the loss's gradients, which cost a backward pass.
     *
     * @return what the {@linkplain #criterion() criterion} says, or {@link #needsCalibration()} without one, unless overridden
     */
    default boolean needsGradients() {
        return criterion().map(Criterion::needsGradients).orElse(needsCalibration());
    }

    /**
     * Tells whether the weights that consume reduced units are then solved anew, see {@link Refit}.
     *
     * @return false unless overridden
     */
    default boolean refits() {
        return false;
    }

    /**
     * Gives what the projection rates units by.
     *
     * @return empty if it does not choose among units by a rating
     */
    default Optional<Criterion> criterion() {
        return Optional.empty();
    }

    /**
     * Tells whether the calibration must hold squared gradients.
     *
     * @return true if the {@link #criterion} needs them
     */
    default boolean needsSquaredGradients() {
        return criterion().map(Criterion::needsSquaredGradients).orElse(false);
    }

    /**
     * Tells whether the calibration must hold units that spaces could gain, see {@link Projections#growingByGradient}.
     *
     * @return false unless overridden
     */
    default boolean needsCandidates() {
        return false;
    }

    /**
     * Tells whether resizing leaves the network's function as it was, through any activation and batch norm, provided that
     * nothing else mixes the units.
     *
     * @param size number of units before
     * @param newSize number of units afterwards
     * @return true if outputs are equal up to rounding
     */
    boolean preservesFunction(long size, long newSize);
}
