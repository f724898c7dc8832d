package org.growingnn.dl4j.graph;

import java.util.List;
import java.util.Optional;

/**
 * A set of units (neurons, channels, filters, cells) that can only be resized together. Layers that are summed share one
 * space; a concatenation keeps the spaces of its parts.
 *
 * @param name the first vertex, in topological order, that computes these units; stable under resizing
 * @param size number of units, or {@link Layout#UNKNOWN} behind an unknown layer
 * @param minimum least number of units with which Deeplearning4j can run everything that the units pass, ≥ 1
 * @param producers the vertices that compute these units, in topological order; for a network input, its name
 * @param frozen why the space must keep its size; empty when it can be resized
 * @param mixed what combines units of the space in a way that replication does not survive (response normalisation,
 *     softmax over hidden units); empty when replicating units can preserve the network's function
 * @param features true when the units are positions that a {@link Selection} takes, which nobody computes
 * @param indices true when the units are indices into a table, such as those of words, which no layer can weigh
 * @param keptWeights why weights of the units must stay as they are as long as the units do, or which selection takes some of their
 *     positions; empty when units may be combined
 */
public record UnitSpace(
        String name,
        long size,
        long minimum,
        List<String> producers,
        Optional<String> frozen,
        Optional<String> mixed,
        boolean features,
        boolean indices,
        Optional<String> keptWeights) {

    /**
     * Copies the list.
     *
     * @param name the first producer
     * @param size number of units
     * @param minimum least number of units
     * @param producers all producers
     * @param frozen why it must keep its size
     * @param mixed what mixes its units
     * @param features true when the units are selected positions
     * @param indices true when the units are indices into a table
     * @param keptWeights why weights of the units must stay as they are
     */
    public UnitSpace {
        producers = List.copyOf(producers);
    }

    /**
     * Tells whether the number of units may change; where {@link #selectionOnly()}, by leaving out units only.
     *
     * @return true when nothing freezes the space
     */
    public boolean resizable() {
        return frozen.isEmpty();
    }

    /**
     * Tells whether units can be left out, but neither merged nor scaled nor replicated nor reordered.
     *
     * @return true for positions of a {@link Selection}, for what it selects from, and where frozen layers have weights of the units
     */
    public boolean selectionOnly() {
        return features || keptWeights.isPresent();
    }
}
