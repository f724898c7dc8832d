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
     * Rates units.
     *
     * @param graph the network
     * @param space a space of the network with a known size
     * @return one value ≥ 0 per unit; the smaller, the less is lost without it
     */
    double[] rate(NetworkGraph graph, UnitSpace space);
}
