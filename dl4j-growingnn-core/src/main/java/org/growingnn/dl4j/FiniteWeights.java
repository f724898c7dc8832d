package org.growingnn.dl4j;

import java.util.Map;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.Vertex;

/** Refuses networks with weights that are not numbers. */
final class FiniteWeights {

    private FiniteWeights() {}

    /**
     * Looks at every weight.
     *
     * @param network the network
     * @param cause what made the network, as the start of a sentence
     * @param maybe what to do about it, as a question
     * @return the network
     * @throws IllegalArgumentException if a weight is NaN or infinite, with its layer and parameter
     */
    static NetworkGraph require(NetworkGraph network, String cause, String maybe) {
        for (Vertex vertex : network.vertices()) {
            for (Map.Entry<String, Parameter> entry : vertex.parameters().entrySet()) {
                Tensor value = entry.getValue().value();
                for (int i = 0; i < value.length(); i++) {
                    if (!Double.isFinite(value.get(i))) {
                        throw new IllegalArgumentException(cause + " " + value.get(i) + " in the parameter '"
                                + entry.getKey() + "' of the layer '" + vertex.name() + "'.\nMaybe " + maybe + "?");
                    }
                }
            }
        }
        return network;
    }
}
