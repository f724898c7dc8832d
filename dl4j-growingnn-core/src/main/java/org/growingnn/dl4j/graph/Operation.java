package org.growingnn.dl4j.graph;

/**
 * What a vertex does to units, without widths: widths are always read from the parameter arrays and the arriving signals,
 * so an operation stays valid whatever is resized around it. Implementations are immutable.
 */
public interface Operation {

    /**
     * Names the operation for people.
     *
     * @return for example {@code ConvolutionLayer}
     */
    String type();

    /**
     * Declares the axes of the vertex's parameters, ties or freezes spaces, and tells what leaves the vertex.
     *
     * @param propagation the arriving signals, the parameter shapes, and what to call
     * @return the signal that leaves
     */
    Signal propagate(Propagation propagation);
}
