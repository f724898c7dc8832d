package org.growingnn.dl4j.graph;

import java.util.Optional;

/** What training does to the values of a parameter behind every step. Implementations are immutable. */
public interface Constraint {

    /**
     * Tells whether training makes negative values 0.
     *
     * @return true if no value stays negative
     */
    boolean nonNegative();

    /**
     * Does what training does.
     *
     * @param value values of the parameter
     * @return values that training leaves as they are; empty if that depends on more than on these values
     */
    Optional<Tensor> apply(Tensor value);
}
