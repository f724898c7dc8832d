package org.growingnn.dl4j.graph;

/** What a parameter axis does with the units that index it. */
public enum Role {
    /** The axis indexes the units that the layer computes, such as the columns of a dense weight matrix or a bias. */
    PRODUCES,
    /** The axis indexes units that arrive from elsewhere, such as the rows of a dense weight matrix. */
    CONSUMES,
    /** One value per arriving unit and no mixing, such as the scale and shift of batch normalisation. */
    FOLLOWS,
    /** The axis has nothing to do with units, such as the height of a convolution kernel. */
    FREE
}
