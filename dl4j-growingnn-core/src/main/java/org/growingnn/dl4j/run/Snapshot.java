package org.growingnn.dl4j.run;

import java.util.List;
import java.util.Objects;
import org.growingnn.dl4j.graph.NetworkGraph;

/**
 * A model of a run.
 *
 * @param network the network with its optimiser's state, without calibration
 * @param generation what the generation that made it did and measured
 * @param journal the changes that lead to it from the model that the run was given
 */
public record Snapshot(NetworkGraph network, Generation generation, List<JournalEntry> journal) {

    /**
     * Copies the list.
     *
     * @param network the network
     * @param generation what was measured
     * @param journal the changes
     */
    public Snapshot {
        Objects.requireNonNull(network, "network");
        Objects.requireNonNull(generation, "generation");
        journal = List.copyOf(journal);
    }
}
