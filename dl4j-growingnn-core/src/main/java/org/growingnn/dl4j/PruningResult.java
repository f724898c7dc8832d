package org.growingnn.dl4j;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Selection;
import org.growingnn.dl4j.value.Ranges;

/**
 * A pruned model.
 *
 * @param graph the model, plain Deeplearning4j
 * @param network the same as a graph of unit spaces
 * @param initialNetwork the network before pruning
 * @param kept for each space that lost units, by its name, the old indices of the units it kept, in their new order; spaces
 *     come in the order of the network; the features of a network input are such a space if {@link StructuralPruner.Builder#leaveOutInputs} was chosen
 * @param checks how many networks were checked, see {@link PruningTarget#smallest}; 0 for other targets
 */
public record PruningResult(
        ComputationGraph graph,
        NetworkGraph network,
        NetworkGraph initialNetwork,
        Map<String, int[]> kept,
        int checks) {

    /**
     * Copies the map, and keeps its order.
     *
     * @param graph the model
     * @param network the same as a graph of unit spaces
     * @param initialNetwork the network before pruning
     * @param kept units that were kept
     * @param checks how many networks were checked
     */
    public PruningResult {
        Objects.requireNonNull(graph, "graph");
        Objects.requireNonNull(network, "network");
        Objects.requireNonNull(initialNetwork, "initialNetwork");
        kept = Collections.unmodifiableMap(new LinkedHashMap<>(Objects.requireNonNull(kept, "kept")));
        Ranges.requireAtLeast("checks", checks, 0);
    }

    /**
     * Makes the result of a pruning without checks.
     *
     * @param graph the model
     * @param network the same as a graph of unit spaces
     * @param initialNetwork the network before pruning
     * @param kept units that were kept
     */
    public PruningResult(
            ComputationGraph graph, NetworkGraph network, NetworkGraph initialNetwork, Map<String, int[]> kept) {
        this(graph, network, initialNetwork, kept, 0);
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
     * Tells which features of a network input the pruned network uses.
     *
     * @param input name of a network input
     * @return their positions in ascending order; empty if none is left out
     * @throws IllegalArgumentException if the network has no such input
     */
    public Optional<int[]> features(String input) {
        return Selection.behind(network, input).map(vertex -> ((Selection) vertex.operation()).kept());
    }

    /**
     * Gives the model as a chain.
     *
     * @return a new model
     * @throws IllegalArgumentException if a computation graph was pruned, or if input features were left out
     */
    public MultiLayerNetwork multiLayerNetwork() {
        return ModelWriter.toMultiLayerNetwork(network);
    }
}
