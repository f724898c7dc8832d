package org.growingnn.dl4j;

import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.graph.NetworkGraph;

/**
 * A pruned model.
 *
 * @param graph the model, plain Deeplearning4j
 * @param network the same as a graph of unit spaces
 * @param initialNetwork the network before pruning
 * @param kept for each space that lost units, by its name, the old indices of the units it kept, in their new order
 */
public record PruningResult(
        ComputationGraph graph, NetworkGraph network, NetworkGraph initialNetwork, Map<String, int[]> kept) {

    /**
     * Copies the map.
     *
     * @param graph the model
     * @param network the same as a graph of unit spaces
     * @param initialNetwork the network before pruning
     * @param kept units that were kept
     */
    public PruningResult {
        kept = Map.copyOf(kept);
    }

    /**
     * Gives the share of parameters that is gone.
     *
     * @return 0 to 1
     */
    public double reduction() {
        return 1 - (double) network.parameterCount() / initialNetwork.parameterCount();
    }

    /**
     * Gives the model as a chain.
     *
     * @return a new model
     * @throws IllegalArgumentException if a computation graph was pruned
     */
    public MultiLayerNetwork multiLayerNetwork() {
        return ModelWriter.toMultiLayerNetwork(network);
    }
}
