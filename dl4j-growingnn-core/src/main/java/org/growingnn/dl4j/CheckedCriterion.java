package org.growingnn.dl4j;

import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Criterion;

/**
 * Passes on what a criterion says, unless it does not rate all units with numbers: those that are none cannot be ranked.
 *
 * @param criterion the criterion
 */
record CheckedCriterion(Criterion criterion) implements Criterion {

    @Override
    public String name() {
        return criterion.name();
    }

    @Override
    public boolean needsCalibration() {
        return criterion.needsCalibration();
    }

    @Override
    public double[] rate(NetworkGraph graph, UnitSpace space) {
        double[] ratings = criterion.rate(graph, space);
        if (ratings.length != space.size()) {
            throw new IllegalArgumentException(
                    "The criterion '" + name() + "' rates " + ratings.length + " unit(s) of '"
                            + space.name() + "', which has " + space.size()
                            + ".\nMaybe it must return one rating for each unit?");
        }
        for (int unit = 0; unit < ratings.length; unit++) {
            if (Double.isNaN(ratings[unit])) {
                throw new IllegalArgumentException("The criterion '" + name() + "' rates unit " + unit + " of '"
                        + space.name() + "' NaN.\nMaybe "
                        + (graph.calibration().isPresent()
                                ? "the calibration data hold values that are infinite, no numbers, or much too large"
                                : "it divides by zero")
                        + "?");
            }
        }
        return ratings;
    }
}
