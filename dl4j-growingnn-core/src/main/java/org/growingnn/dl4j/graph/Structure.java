package org.growingnn.dl4j.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jgrapht.Graph;
import org.jgrapht.graph.DefaultEdge;

/**
 * What follows from a network's inputs, connections, operations and the shapes of its arrays: order, layouts, spaces, counts. It
 * holds no arrays, so that networks which differ only in values and attachments share it.
 */
final class Structure {

    private final List<String> order;
    private final Map<String, List<String>> successors = new HashMap<>();
    private final List<UnitSpace> spaceOfId;
    private final List<UnitSpace> spaces;
    private final Map<String, UnitSpace> spaceOfName = new LinkedHashMap<>();
    private final Map<String, Signal> signals = new LinkedHashMap<>();
    private final Map<String, Map<String, List<Axis>>> axes = new LinkedHashMap<>();
    private final Map<String, BatchFactor> batches = new LinkedHashMap<>();
    private final Map<String, Long> macs = new LinkedHashMap<>();
    private final long parameterCount;
    private volatile String hash;
    private volatile Graph<String, DefaultEdge> topology;

    /** Derives everything; the names of inputs and vertices are unique, those of the outputs are known. */
    Structure(List<NetworkInput> inputs, Map<String, Vertex> vertices, List<String> outputs) {
        this.order = topologicalOrder(inputs, vertices);
        for (String name : order) {
            vertices.get(name).inputs().stream()
                    .distinct()
                    .forEach(source -> successors
                            .computeIfAbsent(source, key -> new ArrayList<>())
                            .add(name));
        }
        successors.replaceAll((source, names) -> List.copyOf(names));
        SpaceTable table = new SpaceTable();
        propagate(inputs, vertices, outputs, table);
        this.spaceOfId = table.resolve();
        this.spaces = spaceOfId.stream().distinct().toList();
        spaces.forEach(space -> spaceOfName.put(space.name(), space));
        this.parameterCount =
                vertices.values().stream().mapToLong(Vertex::parameterCount).sum();
    }

    /** Finds vertices by name; the names of inputs and vertices must be unique. */
    static Map<String, Vertex> byName(List<NetworkInput> inputs, Collection<Vertex> vertices) {
        Map<String, Vertex> byName = new LinkedHashMap<>();
        Set<String> names = new LinkedHashSet<>();
        inputs.forEach(input -> requireNew(names, input.name()));
        for (Vertex vertex : vertices) {
            requireNew(names, vertex.name());
            byName.put(vertex.name(), vertex);
        }
        return Collections.unmodifiableMap(byName);
    }

    private static void requireNew(Set<String> names, String name) {
        if (!names.add(name)) {
            throw new IllegalArgumentException("The name '" + name + "' occurs twice in the network.");
        }
    }

    private static List<String> topologicalOrder(List<NetworkInput> inputs, Map<String, Vertex> vertices) {
        Map<String, Integer> waiting = new LinkedHashMap<>();
        Map<String, List<String>> consumers = new HashMap<>();
        Set<String> inputNames = new LinkedHashSet<>();
        inputs.forEach(input -> inputNames.add(input.name()));
        for (Vertex vertex : vertices.values()) {
            int pending = 0;
            for (String source : vertex.inputs()) {
                if (vertices.containsKey(source)) {
                    consumers.computeIfAbsent(source, key -> new ArrayList<>()).add(vertex.name());
                    pending++;
                } else if (!inputNames.contains(source)) {
                    throw new IllegalArgumentException(
                            "The vertex '" + vertex.name() + "' takes '" + source + "', which does not exist.");
                }
            }
            waiting.put(vertex.name(), pending);
        }
        Deque<String> ready = new ArrayDeque<>();
        waiting.forEach((name, pending) -> {
            if (pending == 0) {
                ready.add(name);
            }
        });
        List<String> result = new ArrayList<>();
        while (!ready.isEmpty()) {
            String name = ready.remove();
            result.add(name);
            for (String consumer : consumers.getOrDefault(name, List.of())) {
                if (waiting.merge(consumer, -1, Integer::sum) == 0) {
                    ready.add(consumer);
                }
            }
        }
        if (result.size() < vertices.size()) {
            Set<String> cyclic = new LinkedHashSet<>(vertices.keySet());
            result.forEach(cyclic::remove);
            throw new IllegalArgumentException("The network has a cycle through or before " + cyclic + ".");
        }
        return List.copyOf(result);
    }

    private void propagate(
            List<NetworkInput> inputs, Map<String, Vertex> vertices, List<String> outputs, SpaceTable table) {
        for (NetworkInput input : inputs) {
            Layout layout = table.fresh(input.name(), input.size());
            table.freeze(layout.blocks().get(0).space(), "network input");
            signals.put(input.name(), new Signal(input.kind(), layout, input.format(), input.extents()));
            batches.put(input.name(), BatchFactor.ONE);
        }
        for (String name : order) {
            Vertex vertex = vertices.get(name);
            Propagation propagation = new Propagation(
                    vertex,
                    vertex.inputs().stream().map(signals::get).toList(),
                    vertex.inputs().stream().map(batches::get).toList(),
                    table);
            signals.put(name, vertex.operation().propagate(propagation));
            batches.put(name, propagation.leavingBatch());
            axes.put(name, Collections.unmodifiableMap(propagation.declaredAxes()));
            macs.put(name, propagation.declaredMacs());
        }
        for (String output : outputs) {
            signals.get(output).units().blocks().forEach(block -> table.freeze(block.space(), "network output"));
        }
    }

    List<String> order() {
        return order;
    }

    /** Lists what takes a vertex or input, in topological order. */
    List<String> successors(String name) {
        return successors.getOrDefault(name, List.of());
    }

    /** Gives all spaces in the order of their first producers. */
    List<UnitSpace> spaces() {
        return spaces;
    }

    UnitSpace space(Block block) {
        return spaceOfId.get(block.space());
    }

    /** Gives spaces by their own names. */
    Map<String, UnitSpace> spaceOfName() {
        return spaceOfName;
    }

    /** Gives what leaves vertices and inputs, by name. */
    Map<String, Signal> signals() {
        return signals;
    }

    /** Gives how many examples leave vertices and inputs, by name. */
    Map<String, BatchFactor> batches() {
        return batches;
    }

    /** Gives the typed axes by vertex and parameter key. */
    Map<String, Map<String, List<Axis>>> axes() {
        return axes;
    }

    /** Gives multiply-accumulates by vertex, in topological order. */
    Map<String, Long> macs() {
        return macs;
    }

    /** Adds up the multiply-accumulates of all vertices. */
    long totalMacs() {
        long sum = 0;
        for (Map.Entry<String, Long> count : macs.entrySet()) {
            if (count.getValue() < 0) {
                throw new IllegalStateException("The multiply-accumulates of '" + count.getKey()
                        + "' are unknown, because the model does not store the size of its inputs.\n"
                        + "Maybe pass the InputType of every network input when reading the model?");
            }
            sum += count.getValue();
        }
        return sum;
    }

    long parameterCount() {
        return parameterCount;
    }

    /** Remembers the structure's hash. */
    String hash(Supplier<String> compute) {
        if (hash == null) {
            hash = compute.get();
        }
        return hash;
    }

    /** Remembers the graph of names. */
    Graph<String, DefaultEdge> topology(Supplier<Graph<String, DefaultEdge>> compute) {
        if (topology == null) {
            topology = compute.get();
        }
        return topology;
    }
}
