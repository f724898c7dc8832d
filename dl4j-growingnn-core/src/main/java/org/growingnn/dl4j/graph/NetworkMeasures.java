package org.growingnn.dl4j.graph;

import java.util.HashMap;
import java.util.Map;
import org.jgrapht.Graph;
import org.jgrapht.GraphMetrics;
import org.jgrapht.graph.AsUndirectedGraph;
import org.jgrapht.graph.AsUnmodifiableGraph;
import org.jgrapht.graph.DefaultEdge;
import org.jgrapht.graph.SimpleDirectedGraph;

/** Measures how a network is connected. */
public final class NetworkMeasures {

    private NetworkMeasures() {}

    /**
     * Gives the vertex graph to JGraphT's algorithms.
     *
     * @param network the network
     * @return an unmodifiable directed graph over the names of inputs and vertices
     */
    public static Graph<String, DefaultEdge> topology(NetworkGraph network) {
        return network.structure().topology(() -> {
            Graph<String, DefaultEdge> graph = new SimpleDirectedGraph<>(DefaultEdge.class);
            network.inputs().forEach(input -> graph.addVertex(input.name()));
            network.order().forEach(graph::addVertex);
            network.order()
                    .forEach(name -> network.vertex(name).inputs().forEach(source -> graph.addEdge(source, name)));
            return new AsUnmodifiableGraph<>(graph);
        });
    }

    /**
     * Measures the longest path from an input to an output.
     *
     * @param network the network
     * @return the number of vertices on it, inputs excluded
     */
    public static int depth(NetworkGraph network) {
        Map<String, Integer> depths = new HashMap<>();
        for (String name : network.order()) {
            int deepest = network.vertex(name).inputs().stream()
                    .mapToInt(source -> depths.getOrDefault(source, 0))
                    .max()
                    .orElse(0);
            depths.put(name, deepest + 1);
        }
        return depths.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    }

    /**
     * Measures the longest shortest path between any two vertices, edges taken in both directions.
     *
     * @param network the network
     * @return the diameter in edges; infinite if the network falls into parts
     */
    public static double diameter(NetworkGraph network) {
        return GraphMetrics.getDiameter(new AsUndirectedGraph<>(topology(network)));
    }

    /**
     * Measures the least eccentricity, edges taken in both directions.
     *
     * @param network the network
     * @return the radius in edges; infinite if the network falls into parts
     */
    public static double radius(NetworkGraph network) {
        return GraphMetrics.getRadius(new AsUndirectedGraph<>(topology(network)));
    }
}
