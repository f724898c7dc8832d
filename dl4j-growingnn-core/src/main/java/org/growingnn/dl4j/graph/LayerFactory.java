package org.growingnn.dl4j.graph;

import java.util.List;
import java.util.Optional;

/**
 * Makes layers of the framework that a network came from, and tells what actions on layers need to know about its own. New
 * layers learn like those that are there: same updater, regularisation and gradient normalisation.
 */
public interface LayerFactory {

    /**
     * Makes a fully connected layer with a bias of zeros. Maps that reach it are flattened.
     *
     * @param graph the network
     * @param name a new name
     * @param input the vertex or network input that feeds it; maps must be of known size
     * @param weight {@code [nIn, nOut]}
     * @param activation name of an activation function
     * @return the vertex
     * @throws IllegalArgumentException if there is no such activation function
     */
    Vertex dense(NetworkGraph graph, String name, String input, Tensor weight, String activation);

    /**
     * Makes a 2-D convolution with a bias of zeros.
     *
     * @param graph the network
     * @param name a new name
     * @param input the vertex or network input that feeds it
     * @param weight {@code [nOut, nIn, kH, kW]}
     * @param stride vertical and horizontal
     * @param padding vertical and horizontal on either side; empty to keep the size of the maps, for stride 1
     * @param activation name of an activation function
     * @return the vertex
     * @throws IllegalArgumentException if there is no such activation function
     */
    Vertex convolution(
            NetworkGraph graph,
            String name,
            String input,
            Tensor weight,
            int[] stride,
            Optional<int[]> padding,
            String activation);

    /**
     * Makes a concatenation along the unit axis.
     *
     * @param graph the network
     * @param name a new name
     * @param inputs what to concatenate, the first of which is in the network
     * @return the vertex
     */
    Vertex concatenation(NetworkGraph graph, String name, List<String> inputs);

    /** How a vertex joins its inputs. */
    enum Join {
        /** Along the unit axis. */
        CONCATENATION,
        /** Unit by unit, in a way in which one input fewer is as good: a sum, a mean, a maximum. */
        ELEMENT_WISE
    }

    /**
     * Tells how a vertex joins its inputs.
     *
     * @param vertex a vertex of the network
     * @return empty if it is no join, or one that needs all of its inputs
     */
    Optional<Join> join(Vertex vertex);

    /**
     * Tells whether a vertex belongs to the layer in front of it, without which it would make no sense: batch norms and
     * activations.
     *
     * @param vertex a vertex of the network
     * @return true if it goes when the layer goes
     */
    boolean belongsToLayer(Vertex vertex);

    /**
     * Tells whether a vertex is linear but for a constant.
     *
     * @param vertex a vertex of the network
     * @return true for a layer without activation function and for batch norm
     */
    boolean isAffine(Vertex vertex);

    /**
     * What a vertex does to each unit: {@code scale · x + shift}.
     *
     * @param scale one per unit
     * @param shift one per unit
     */
    record Scaling(double[] scale, double[] shift) {}

    /**
     * Gives what a vertex does to each unit at inference.
     *
     * @param vertex a vertex of the network
     * @return empty if it is no batch norm
     */
    Optional<Scaling> scaling(Vertex vertex);

    /**
     * The two parts of a layer that flattens the maps it takes.
     *
     * @param flattening makes vectors of maps
     * @param layer takes vectors
     */
    record Flattening(Operation flattening, Operation layer) {}

    /**
     * Takes apart a layer that flattens the maps it takes.
     *
     * @param vertex a vertex of the network
     * @return its parts; empty if it flattens none
     */
    Optional<Flattening> flattening(Vertex vertex);

    /**
     * Tells whether what leaves a vertex is never negative, so that a rectifier behind it changes nothing.
     *
     * @param graph the network
     * @param name a vertex or network input
     * @return true if that is certain
     */
    boolean isNonNegative(NetworkGraph graph, String name);

    /**
     * Drops what does nothing in the network as it was read, but would be in the way of new connections.
     *
     * @param graph a network with changed connections
     * @return the network, with the same function
     */
    NetworkGraph tidy(NetworkGraph graph);
}
