package org.growingnn.dl4j;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.CostGoal;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Selection;
import org.growingnn.dl4j.graph.UnitLineage;
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
 * @param reached what became of the costs that the target names, each once; empty for targets of widths or a check
 * @param latency what became of the latency, if the target names it: {@code reached} tells it by the table, this by the clock, too
 */
public record PruningResult(
        ComputationGraph graph,
        NetworkGraph network,
        NetworkGraph initialNetwork,
        Map<String, int[]> kept,
        int checks,
        List<PruningResult.Reached> reached,
        Optional<LatencyReport> latency) {

    /**
     * What became of one cost.
     *
     * @param cost what was to become small
     * @param before of the network as it was given
     * @param after of the pruned network
     * @param goal what it may be at most
     */
    public record Reached(Cost cost, long before, long after, long goal) {

        /**
         * Checks the ranges.
         *
         * @param cost what was to become small
         * @param before of the network as it was given
         * @param after of the pruned network
         * @param goal what it may be at most
         */
        public Reached {
            Objects.requireNonNull(cost, "cost");
            Ranges.requireAtLeast("before", before, 0);
            Ranges.requireAtLeast("after", after, 0);
            Ranges.requireAtLeast("goal", goal, 0);
        }

        /**
         * Tells whether the goal is met.
         *
         * @return true if nothing is left above it
         */
        public boolean met() {
            return after <= goal;
        }

        /** Compares two networks by each cost that goals name. */
        static List<Reached> of(List<CostGoal> goals, NetworkGraph initial, NetworkGraph pruned) {
            List<Reached> reached = new ArrayList<>();
            CostGoal.limits(goals, initial)
                    .forEach((cost, limit) -> reached.add(
                            new Reached(cost, cost.of(initial), cost.of(pruned), (long) Math.floor(limit))));
            return reached;
        }
    }

    /**
     * Copies the map, and keeps its order.
     *
     * @param graph the model
     * @param network the same as a graph of unit spaces
     * @param initialNetwork the network before pruning
     * @param kept units that were kept
     * @param checks how many networks were checked
     * @param reached what became of costs
     * @param latency what became of the latency
     */
    public PruningResult {
        Objects.requireNonNull(graph, "graph");
        Objects.requireNonNull(network, "network");
        Objects.requireNonNull(initialNetwork, "initialNetwork");
        kept = Collections.unmodifiableMap(new LinkedHashMap<>(Objects.requireNonNull(kept, "kept")));
        Ranges.requireAtLeast("checks", checks, 0);
        Ranges.requireItems("reached", reached);
        reached = List.copyOf(reached);
        Objects.requireNonNull(latency, "latency");
    }

    /**
     * Makes the result of a pruning without checks or costs.
     *
     * @param graph the model
     * @param network the same as a graph of unit spaces
     * @param initialNetwork the network before pruning
     * @param kept units that were kept
     */
    public PruningResult(
            ComputationGraph graph, NetworkGraph network, NetworkGraph initialNetwork, Map<String, int[]> kept) {
        this(graph, network, initialNetwork, kept, 0, List.of(), Optional.empty());
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
     * Tells which positions of the maps that a layer flattens the pruned network uses.
     *
     * @param layer name of a layer
     * @return positions in the flattened vector of the channels that are left, in ascending order; empty if none is left out
     * @throws IllegalArgumentException if the network has no such layer
     */
    public Optional<int[]> positions(String layer) {
        return Selection.inFrontOf(network, layer).map(vertex -> ((Selection) vertex.operation()).kept());
    }

    /**
     * Tells which units of each layer of the model the units of the pruned one were.
     *
     * @return by layer, over all rounds; see {@link #features} for network inputs
     */
    public UnitLineage lineage() {
        return network.lineage().orElseThrow();
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
