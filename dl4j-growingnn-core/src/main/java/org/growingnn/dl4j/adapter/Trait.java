package org.growingnn.dl4j.adapter;

/** What actions on layers and the inference of input types need to know about a layer, vertex or preprocessor. */
public enum Trait {
    /**
     * Takes arrays of any shape and leaves every unit and position where it is, like an activation function. What the network's
     * input is can then be told by what follows.
     */
    UNITWISE,
    /** Gives as many units as arrive, whatever becomes of positions: what {@link #UNITWISE} does, too. */
    KEEPS_UNITS,
    /** Makes no sense without the layer in front of it, and goes when that goes: batch norms and activation functions. */
    BELONGS_TO_LAYER_IN_FRONT,
    /** Is linear but for a constant. */
    AFFINE,
    /** Gives no negative values where none arrive. */
    KEEPS_SIGN,
    /** Never gives negative values. */
    NON_NEGATIVE,
    /** Has weights that do not learn. */
    FROZEN,
    /** Gives nothing back to what is in front of it, which Deeplearning4j then cannot train. */
    STOPS_GRADIENTS,
    /** A preprocessor that leaves vectors as they are, so that it can be dropped where vectors arrive. */
    IDLE_ON_VECTORS
}
