package org.growingnn.dl4j.graph;

import java.util.Arrays;
import java.util.List;

/**
 * One parameter array with the optimiser's state for it.
 *
 * @param value the values
 * @param state the optimiser's arrays in the updater's own order, each of the value's shape; empty when there is none
 */
public record Parameter(Tensor value, List<Moment> state) {

    /**
     * Checks that every state array has the value's shape.
     *
     * @param value the values
     * @param state the optimiser's arrays
     */
    public Parameter {
        state = List.copyOf(state);
        for (Moment moment : state) {
            if (!Arrays.equals(moment.value().shape(), value.shape())) {
                throw new IllegalArgumentException("The optimiser state " + moment.value()
                        + " must have the shape of its parameter " + value + ".");
            }
        }
    }

    /**
     * Makes a parameter without optimiser state.
     *
     * @param value the values
     * @return the parameter
     */
    public static Parameter of(Tensor value) {
        return new Parameter(value, List.of());
    }

    /**
     * An array that the optimiser keeps beside a parameter.
     *
     * @param kind what it averages, which decides how it follows a projection
     * @param value the array
     */
    public record Moment(Kind kind, Tensor value) {

        /** What an optimiser's array holds. */
        public enum Kind {
            /** A running sum or mean of gradients (Adam's m, momentum): transforms like a gradient. */
            GRADIENT,
            /** A running sum or mean of squared gradients (Adam's v, AdaGrad, RMSProp): never negative. */
            GRADIENT_SQUARED,
            /** A running maximum of absolute gradients (AdaMax): never negative. */
            GRADIENT_MAGNITUDE,
            /** A running mean of squared updates (AdaDelta): transforms like a squared parameter, never negative. */
            UPDATE_SQUARED
        }
    }
}
