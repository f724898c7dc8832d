package org.growingnn.dl4j.graph;

import java.util.Optional;

/**
 * What whoever read a network needs to write it back: configuration, counters. Opaque to the graph, which only carries it
 * along. Implementations are immutable.
 */
public interface Origin {

    /**
     * Gives the factory for further layers of the network.
     *
     * @return the factory
     * @throws UnsupportedOperationException if whoever read the network cannot make layers
     */
    default LayerFactory layers() {
        throw new UnsupportedOperationException("No layers can be made for a network from " + this + ".");
    }

    /**
     * Tells why no layer with weights can be made for a network.
     *
     * @param network a network of this origin
     * @return empty if one can be made; by default that none can
     */
    default Optional<String> layerObstacle(NetworkGraph network) {
        return Optional.of("no layers can be made for a network from " + this);
    }

    /**
     * Tells what the configuration says beyond the graph: learning rates, regularisation, activations and the like.
     *
     * @return a text that is the same for networks of the same configuration and differs for others; empty unless overridden
     */
    default String fingerprint() {
        return "";
    }

    /**
     * Measures what a file of a network takes beside the values of its parameters: configuration and headers.
     *
     * @param network a network of this origin
     * @return bytes
     * @throws IllegalStateException if networks of this origin are not written to files
     */
    default long fileOverhead(NetworkGraph network) {
        throw new IllegalStateException("The size of a file is unknown for a network from " + this + ".");
    }

    /**
     * Gives the measured times that {@link Cost#LATENCY} of the network, and of those that are made from it, follows from.
     *
     * @return empty where nothing was measured
     */
    default Optional<LatencyTable> latencies() {
        return Optional.empty();
    }

    /**
     * Attaches measured times, which are about the machine and not part of what a network is.
     *
     * @param table what was measured
     * @return an origin that is the same otherwise, and equal to this one
     * @throws UnsupportedOperationException if networks of this origin are not run
     */
    default Origin withLatencies(LatencyTable table) {
        throw new UnsupportedOperationException("No latencies can be attached to a network from " + this + ".");
    }
}
