package org.growingnn.dl4j.projection;

import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;

/** Tells how important the units of a space are, summed over all layers that produce or consume them. */
public interface Criterion {

    /**
     * Names the criterion in journals and reports.
     *
     * @return a stable short name
     */
    String name();

    /**
     * Tells whether only {@linkplain NetworkGraph#calibration() calibrated} networks can be rated.
     *
     * @return false unless overridden
     */
    default boolean needsCalibration() {
        return false;
    }

    /**
     * Tells whether the calibration must hold {@linkplain org.growingnn.dl4j.graph.Calibration#squaredGradients() squared gradients},
     * which take as much memory as the parameters and are collected only for criteria that need them.
     *
     * @return false unless overridden
     */
    default boolean needsSquaredGradients() {
        return false;
    }

    /**
     * Tells whether the calibration must hold the loss's gradients, which cost a backward pass.
     *
     * @return {@link #needsCalibration()} unless overridden
     */
    default boolean needsGradients() {
        return needsCalibration();
    }

    /**
     * Tells whether the ratings of different spaces have one scale, such as that of the loss. Sums over weights have not: a unit of
     * a layer with many weights is rated higher than one that matters as much in a layer with few. {@link GlobalRanking} compares
     * ratings that are not comparable by their {@linkplain Criteria#share shares} of each space.
     *
     * @return false unless overridden
     */
    default boolean comparable() {
        return false;
    }

    /**
     * Rates units.
     *
     * @param graph the network
     * @param space a space of the network with a known size
     * @return one value ≥ 0 per unit; the smaller, the less is lost without it
     */
    double[] rate(NetworkGraph graph, UnitSpace space);
}
