package org.growingnn.dl4j;

import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.adapter.AdapterRegistry;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.graph.NetworkGraph;

/**
 * Opens Deeplearning4j models for structural surgery and writes them back.
 *
 * <pre>{@code
 * NetworkGraph g = Dl4jGraphs.read(model);
 * UnitSpace s = g.space("conv2");
 * NetworkGraph g2 = Actions.removeNeurons(s, 0.5).apply(g, Projections.pseudoInverse());
 * ComputationGraph smaller = Dl4jGraphs.toComputationGraph(g2);
 * }</pre>
 */
public final class Dl4jGraphs {

    private Dl4jGraphs() {}

    /**
     * Reads a model with its parameters, optimiser state and counters. The model is not modified. Layers of the caller's own are
     * known by the adapters that {@link AdapterRegistry#load()} finds.
     *
     * @param model an initialised {@link ComputationGraph} or {@link MultiLayerNetwork}
     * @param inputTypes the type of every network input, in order; may be left out, but then the multiply-accumulates of
     *     convolutional and recurrent networks cannot be counted, because models do not store the size of their inputs
     * @return the network
     * @throws IllegalArgumentException if the model is null, of another class or not initialised
     */
    public static NetworkGraph read(Model model, InputType... inputTypes) {
        return ModelReader.read(model, List.of(inputTypes));
    }

    /**
     * Gives a network the types of its inputs, as if the model had been read with them.
     *
     * @param graph a network as it was read by {@link #read}
     * @param inputTypes the type of every network input, in order
     * @return the network with the same arrays
     * @throws IllegalArgumentException if the number of input types is wrong, or if they tell what some vertices are and the network
     *     was edited already
     */
    public static NetworkGraph withInputTypes(NetworkGraph graph, InputType... inputTypes) {
        return ModelReader.withInputTypes(graph, List.of(inputTypes));
    }

    /**
     * Reads a model with adapters of the caller's choice, for example those that the class loader of a plug-in finds, or one that is
     * not listed in a service file.
     *
     * <pre>{@code
     * Dl4jGraphs.read(model, AdapterRegistry.load(loader).with(new MyLayerAdapter()));
     * }</pre>
     *
     * @param model an initialised {@link ComputationGraph} or {@link MultiLayerNetwork}
     * @param adapters the adapters, which the network and everything that is made from it keep
     * @param inputTypes the type of every network input, in order; may be left out
     * @return the network
     * @throws IllegalArgumentException if the model is null, of another class or not initialised
     */
    public static NetworkGraph read(Model model, AdapterRegistry adapters, InputType... inputTypes) {
        return ModelReader.read(model, adapters, List.of(inputTypes));
    }

    /**
     * Builds a computation graph, whatever kind of model the network was read from.
     *
     * @param graph a network read by {@link #read}, edited or not
     * @return an initialised model of plain Deeplearning4j with the network's parameters, optimiser state and counters; its
     *     listeners are left to the caller
     */
    public static ComputationGraph toComputationGraph(NetworkGraph graph) {
        return ModelWriter.toComputationGraph(graph);
    }

    /**
     * Builds a multi-layer network.
     *
     * @param graph a network read from a {@link MultiLayerNetwork} that is still a chain of the same layers
     * @return an initialised model of plain Deeplearning4j with the network's parameters, optimiser state and counters
     * @throws IllegalArgumentException if the network is not such a chain
     */
    public static MultiLayerNetwork toMultiLayerNetwork(NetworkGraph graph) {
        return ModelWriter.toMultiLayerNetwork(graph);
    }
}
