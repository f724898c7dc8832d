package org.growingnn.dl4j.adapter;

import java.util.Objects;
import java.util.Optional;
import org.growingnn.dl4j.graph.LatencyTable;
import org.growingnn.dl4j.graph.LayerFactory;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Origin;

/**
 * The configuration that a model was read with, and the counters that training advances.
 *
 * @param adapters the adapters that the model was read with
 * @param graphJson the configuration as a computation graph, in DL4J's own JSON
 * @param multiLayerJson the configuration as a multi-layer network, if the model was one
 * @param iterations parameter updates so far
 * @param epochs epochs so far
 * @param latencies measured times, if somebody measured
 */
record Dl4jOrigin(
        AdapterRegistry adapters,
        String graphJson,
        Optional<String> multiLayerJson,
        int iterations,
        int epochs,
        Optional<LatencyTable> latencies)
        implements Origin {

    @Override
    public Optional<String> layerObstacle(NetworkGraph network) {
        return Dl4jLayers.obstacle(network);
    }

    @Override
    public LayerFactory layers() {
        return new Dl4jLayers(adapters);
    }

    @Override
    public String fingerprint() {
        return graphJson;
    }

    @Override
    public long fileOverhead(NetworkGraph network) {
        return FileOverhead.of(network);
    }

    @Override
    public Origin withLatencies(LatencyTable table) {
        return new Dl4jOrigin(adapters, graphJson, multiLayerJson, iterations, epochs, Optional.of(table));
    }

    /** Replaces the counters, which training advances. */
    Dl4jOrigin counted(int newIterations, int newEpochs) {
        return new Dl4jOrigin(adapters, graphJson, multiLayerJson, newIterations, newEpochs, latencies);
    }

    static Dl4jOrigin of(Origin origin) {
        if (origin instanceof Dl4jOrigin dl4j) {
            return dl4j;
        }
        throw new IllegalArgumentException("This network was not read from a Deeplearning4j model but from " + origin
                + ".\nMaybe read it with Dl4jGraphs.read?");
    }

    /** Adapters are how a network is read, and latencies how fast it was somewhere, not what it is. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Dl4jOrigin origin
                && graphJson.equals(origin.graphJson)
                && multiLayerJson.equals(origin.multiLayerJson)
                && iterations == origin.iterations
                && epochs == origin.epochs;
    }

    @Override
    public int hashCode() {
        return Objects.hash(graphJson, multiLayerJson, iterations, epochs);
    }
}
