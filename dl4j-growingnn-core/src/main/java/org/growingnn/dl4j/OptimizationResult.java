package org.growingnn.dl4j;

import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitLineage;
import org.growingnn.dl4j.run.Generation;
import org.growingnn.dl4j.run.JournalEntry;
import org.growingnn.dl4j.run.Outcome;
import org.growingnn.dl4j.run.ParetoArchive;

/**
 * What an optimisation returns, however it ended: look at {@link #status()}.
 *
 * @param graph the optimised model, the best so far if the run did not get to its end: plain Deeplearning4j, independent of this
 *     library
 * @param network the same model as a network for surgery
 * @param initialNetwork the model that the run started from
 * @param outcome how the run ended, and its last state
 * @param provenance what is needed to tell how the result came about
 * @param latency what the latency was predicted to be, what it was measured to be if the run got to its end, and by how much its goal is missed;
 *     empty if the run had no table of latencies, or was cancelled before it was opened
 */
public record OptimizationResult(
        ComputationGraph graph,
        NetworkGraph network,
        NetworkGraph initialNetwork,
        Outcome outcome,
        Provenance provenance,
        Optional<LatencyReport> latency) {

    /**
     * Tells how the run ended.
     *
     * @return finished, stopped, cancelled or failed
     */
    public Outcome.Status status() {
        return outcome.status();
    }

    /**
     * Lists all generations.
     *
     * @return the initial model first
     */
    public List<Generation> history() {
        return outcome.state().history();
    }

    /**
     * Lists the changes that lead from the initial structure to the returned one, with the projections by which weights followed.
     *
     * @return in order, without no-ops
     */
    public List<JournalEntry> journal() {
        return outcome.state().result().journal();
    }

    /**
     * Lists the actions of the {@linkplain #journal() journal}.
     *
     * @return in order, without no-ops
     */
    public List<StructuralAction> actions() {
        return journal().stream().map(JournalEntry::action).toList();
    }

    /**
     * Tells which units of each layer of the initial model the units of the returned one were.
     *
     * @return by layer, over all changes of the {@linkplain #journal() journal}; empty if an action of the program's own, which made its network
     *     anew, has lost it
     */
    public Optional<UnitLineage> lineage() {
        return network.lineage();
    }

    /**
     * Lists accepted models of the run that no other one beats in the metric, parameters and multiply-accumulates.
     *
     * @return the smallest first
     */
    public List<ParetoArchive.Entry> pareto() {
        return outcome.state().archive().entries();
    }

    /**
     * Counts the parameters of the model that the run started from.
     *
     * @return the count
     */
    public long initialParameters() {
        return initialNetwork.parameterCount();
    }

    /**
     * Counts the parameters of the optimised model.
     *
     * @return the count
     */
    public long parameters() {
        return network.parameterCount();
    }

    /**
     * Gives the share of parameters that is gone.
     *
     * @return 0.85 for 85 % fewer parameters; negative after growth
     */
    public double reduction() {
        return 1 - (double) parameters() / initialParameters();
    }

    /**
     * Picks the smallest accepted model that is good enough.
     *
     * @param value what the metric must reach on validation data: at least, or at most where lower is better
     * @return a new model; empty if no model of the run is that good
     */
    public Optional<ComputationGraph> smallest(double value) {
        return pareto().stream()
                .filter(entry -> entry.metric().meets(value))
                .findFirst()
                .map(ParetoArchive.Entry::graph);
    }

    /**
     * Picks the best accepted model that is small enough; of equally good ones the smallest.
     *
     * @param maximumParameters how many parameters it may have
     * @return a new model; empty if no model of the run is that small
     */
    public Optional<ComputationGraph> best(long maximumParameters) {
        return pareto().stream()
                .filter(entry -> entry.parameters() <= maximumParameters)
                .reduce((best, entry) -> entry.goodness() > best.goodness() ? entry : best)
                .map(ParetoArchive.Entry::graph);
    }

    /**
     * Gives the optimised model as a multi-layer network, if it was one when it went in.
     *
     * @return a new model
     * @throws IllegalArgumentException if the model went in as a computation graph, or is no chain any more
     */
    public MultiLayerNetwork multiLayerNetwork() {
        return ModelWriter.toMultiLayerNetwork(network);
    }
}
