package org.growingnn.dl4j.graph;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jgrapht.Graph;
import org.jgrapht.GraphMetrics;
import org.jgrapht.graph.AsUndirectedGraph;
import org.jgrapht.graph.AsUnmodifiableGraph;
import org.jgrapht.graph.DefaultEdge;
import org.jgrapht.graph.SimpleDirectedGraph;

/**
 * A trained network as an immutable directed acyclic graph whose parameter axes are typed by unit spaces.
 *
 * <p>Editing returns a new graph that shares every untouched array. Widths, layouts, tied layers and multiply-accumulates
 * are derived from the arrays when a graph is made, which also checks that all axes agree with their arrays.
 */
public final class NetworkGraph {

    private final List<NetworkInput> inputs;
    private final Map<String, Vertex> vertices;
    private final List<String> outputs;
    private final Origin origin;
    private final Optional<Calibration> calibration;

    private final List<String> order;
    private final List<UnitSpace> spaceOfId;
    private final List<UnitSpace> spaces;
    private final Map<String, Signal> signals = new HashMap<>();
    private final Map<String, Map<String, List<Axis>>> axes = new HashMap<>();
    private final Map<String, Long> macs = new HashMap<>();
    private final long parameterCount;
    private volatile String structureHash;
    private volatile Graph<String, DefaultEdge> topology;

    /**
     * Makes a graph and derives its layouts.
     *
     * @param inputs the network's inputs, at least one
     * @param vertices the vertices; their order breaks ties of the topological order
     * @param outputs names of the vertices whose activations leave the network, at least one
     * @param origin what the writer needs
     * @throws IllegalArgumentException if names clash, an input is unknown, or there is a cycle
     * @throws IllegalStateException if an array does not have the widths of the units that index it
     */
    public NetworkGraph(List<NetworkInput> inputs, Collection<Vertex> vertices, List<String> outputs, Origin origin) {
        this(inputs, vertices, outputs, origin, Optional.empty());
    }

    private NetworkGraph(
            List<NetworkInput> inputs,
            Collection<Vertex> vertices,
            List<String> outputs,
            Origin origin,
            Optional<Calibration> calibration) {
        this.inputs = List.copyOf(inputs);
        this.calibration = calibration;
        this.outputs = List.copyOf(outputs);
        this.origin = Objects.requireNonNull(origin, "origin");
        Map<String, Vertex> byName = new LinkedHashMap<>();
        Set<String> names = new LinkedHashSet<>();
        for (NetworkInput input : inputs) {
            requireNew(names, input.name());
        }
        for (Vertex vertex : vertices) {
            requireNew(names, vertex.name());
            byName.put(vertex.name(), vertex);
        }
        this.vertices = Collections.unmodifiableMap(byName);
        for (String output : outputs) {
            requireVertex(output);
        }
        this.order = topologicalOrder();
        SpaceTable table = new SpaceTable();
        propagate(table);
        this.spaceOfId = table.resolve();
        this.spaces = spaceOfId.stream().distinct().toList();
        this.parameterCount =
                byName.values().stream().mapToLong(Vertex::parameterCount).sum();
    }

    private static void requireNew(Set<String> names, String name) {
        if (!names.add(name)) {
            throw new IllegalArgumentException("The name '" + name + "' occurs twice in the network.");
        }
    }

    private List<String> topologicalOrder() {
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

    private void propagate(SpaceTable table) {
        for (NetworkInput input : inputs) {
            Layout layout = table.fresh(input.name(), input.size());
            table.freeze(layout.blocks().get(0).space(), "network input");
            signals.put(input.name(), new Signal(input.kind(), layout, input.format(), input.extents()));
        }
        for (String name : order) {
            Vertex vertex = vertices.get(name);
            Propagation propagation = new Propagation(
                    vertex, vertex.inputs().stream().map(signals::get).toList(), table);
            signals.put(name, vertex.operation().propagate(propagation));
            axes.put(name, propagation.declaredAxes());
            macs.put(name, propagation.declaredMacs());
        }
        for (String output : outputs) {
            signals.get(output).units().blocks().forEach(block -> table.freeze(block.space(), "network output"));
        }
    }

    /**
     * Lists the network's inputs.
     *
     * @return in the network's order
     */
    public List<NetworkInput> inputs() {
        return inputs;
    }

    /**
     * Lists the network's outputs.
     *
     * @return names of vertices, in the network's order
     */
    public List<String> outputs() {
        return outputs;
    }

    /**
     * Gives what the writer needs.
     *
     * @return the origin
     */
    public Origin origin() {
        return origin;
    }

    /**
     * Lists the vertices in topological order; ties follow the order in which they were given.
     *
     * @return names
     */
    public List<String> order() {
        return order;
    }

    /**
     * Lists the vertices in the order in which they were given.
     *
     * @return the vertices
     */
    public Collection<Vertex> vertices() {
        return vertices.values();
    }

    /**
     * Finds a vertex.
     *
     * @param name its name
     * @return the vertex
     * @throws IllegalArgumentException if there is none of that name
     */
    public Vertex vertex(String name) {
        return requireVertex(name);
    }

    private Vertex requireVertex(String name) {
        Vertex vertex = vertices.get(Objects.requireNonNull(name, "name"));
        if (vertex == null) {
            throw new IllegalArgumentException(
                    "The network has no layer or vertex '" + name + "'.\nMaybe one of " + vertices.keySet() + "?");
        }
        return vertex;
    }

    /**
     * Finds a name that no vertex and no input has.
     *
     * @param base the name to give if it is free
     * @return the base, or the base with a number behind it
     */
    public String freshName(String base) {
        String name = base;
        for (int number = 2; signals.containsKey(name); number++) {
            name = base + "#" + number;
        }
        return name;
    }

    /**
     * Lists the vertices that take a vertex's or an input's activations.
     *
     * @param name a vertex or network input
     * @return names in topological order
     */
    public List<String> successors(String name) {
        return order.stream()
                .filter(other -> vertices.get(other).inputs().contains(name))
                .toList();
    }

    /**
     * Gives what leaves a vertex or network input.
     *
     * @param name a vertex or network input
     * @return the signal
     */
    public Signal signal(String name) {
        Signal signal = signals.get(name);
        return signal != null ? signal : signals.get(requireVertex(name).name());
    }

    /**
     * Gives the typed axes of a vertex's parameters.
     *
     * @param name the vertex
     * @return by parameter key, one entry per axis of the array
     */
    public Map<String, List<Axis>> axes(String name) {
        return axes.get(requireVertex(name).name());
    }

    /**
     * Lists all unit spaces in topological order of their first producer.
     *
     * @return the spaces, inputs and frozen ones included
     */
    public List<UnitSpace> spaces() {
        return spaces;
    }

    /**
     * Finds the space that a block belongs to.
     *
     * @param block a block of a layout of this graph
     * @return the space
     */
    public UnitSpace space(Block block) {
        return spaceOfId.get(block.space());
    }

    /**
     * Finds the space that a layer produces, or that leaves a vertex without units of its own.
     *
     * @param name a vertex or network input
     * @return its space
     * @throws IllegalArgumentException if there is no such vertex, or if several spaces leave it, as after a merge
     */
    public UnitSpace space(String name) {
        List<UnitSpace> leaving = signal(name).units().blocks().stream()
                .map(this::space)
                .distinct()
                .toList();
        if (leaving.size() != 1) {
            throw new IllegalArgumentException("The units of '" + name + "' belong to several spaces: "
                    + leaving.stream().map(UnitSpace::name).toList() + ".\nMaybe choose one of these?");
        }
        return leaving.get(0);
    }

    /**
     * Finds a space by its own name, as actions refer to it.
     *
     * @param name {@link UnitSpace#name()}
     * @return the space
     * @throws IllegalArgumentException if this graph has no such space
     */
    public UnitSpace spaceNamed(String name) {
        return spaces.stream()
                .filter(space -> space.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("The network has no unit space '" + name + "'.\nMaybe one of "
                                + spaces.stream().map(UnitSpace::name).toList() + "?"));
    }

    /**
     * Counts all parameters, as Deeplearning4j does: weights, biases, and batch-norm statistics.
     *
     * @return the count
     */
    public long parameterCount() {
        return parameterCount;
    }

    /**
     * Counts multiply-accumulates of matrix products and convolutions for one example.
     *
     * @return the count
     * @throws IllegalStateException if the input's height, width or length is unknown
     */
    public long macs() {
        long sum = 0;
        for (String name : order) {
            long count = macs.get(name);
            if (count < 0) {
                throw new IllegalStateException("The multiply-accumulates of '" + name
                        + "' are unknown, because the model does not store the size of its inputs.\n"
                        + "Maybe pass the InputType of every network input when reading the model?");
            }
            sum += count;
        }
        return sum;
    }

    /**
     * Counts multiply-accumulates of one vertex for one example.
     *
     * @param name the vertex
     * @return the count, or {@link Layout#UNKNOWN}
     */
    public long macs(String name) {
        return macs.get(requireVertex(name).name());
    }

    /**
     * Tells whether {@link #macs()} can be computed.
     *
     * @return true if all extents are known
     */
    public boolean macsKnown() {
        return macs.values().stream().allMatch(count -> count >= 0);
    }

    /**
     * Gives the vertex graph to JGraphT's algorithms.
     *
     * @return an unmodifiable directed graph over the names of inputs and vertices
     */
    public Graph<String, DefaultEdge> topology() {
        if (topology == null) {
            Graph<String, DefaultEdge> graph = new SimpleDirectedGraph<>(DefaultEdge.class);
            inputs.forEach(input -> graph.addVertex(input.name()));
            order.forEach(graph::addVertex);
            order.forEach(name -> vertices.get(name).inputs().forEach(source -> graph.addEdge(source, name)));
            topology = new AsUnmodifiableGraph<>(graph);
        }
        return topology;
    }

    /**
     * Measures the longest path from an input to an output.
     *
     * @return the number of vertices on it, inputs excluded
     */
    public int depth() {
        Map<String, Integer> depths = new HashMap<>();
        for (String name : order) {
            int deepest = vertices.get(name).inputs().stream()
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
     * @return the diameter in edges; infinite if the network falls into parts
     */
    public double diameter() {
        return GraphMetrics.getDiameter(new AsUndirectedGraph<>(topology()));
    }

    /**
     * Measures the least eccentricity, edges taken in both directions.
     *
     * @return the radius in edges; infinite if the network falls into parts
     */
    public double radius() {
        return GraphMetrics.getRadius(new AsUndirectedGraph<>(topology()));
    }

    /**
     * Replaces vertices by name and derives layouts anew; everything else is shared.
     *
     * @param changed vertices whose names exist in this graph
     * @return the edited graph
     */
    public NetworkGraph with(Collection<Vertex> changed) {
        Map<String, Vertex> edited = new LinkedHashMap<>(vertices);
        for (Vertex vertex : changed) {
            requireVertex(vertex.name());
            edited.put(vertex.name(), vertex);
        }
        return new NetworkGraph(inputs, edited.values(), outputs, origin, calibration);
    }

    /**
     * Replaces the origin, for example after training has advanced its counters.
     *
     * @param newOrigin what the writer needs
     * @return a graph with the same vertices
     */
    public NetworkGraph with(Origin newOrigin) {
        return new NetworkGraph(inputs, vertices.values(), outputs, newOrigin, calibration);
    }

    /**
     * Attaches what calibration data told about the network.
     *
     * @param found what was collected; empty to forget it
     * @return a graph with the same vertices
     */
    public NetworkGraph with(Optional<Calibration> found) {
        return new NetworkGraph(inputs, vertices.values(), outputs, origin, found);
    }

    /**
     * Gives what calibration data told about the network.
     *
     * @return empty if the network was not calibrated
     */
    public Optional<Calibration> calibration() {
        return calibration;
    }

    /**
     * Identifies the structure: names, operations, connections, array shapes and selected input features, but no values. Two graphs of one run
     * with the same hash have the same architecture.
     *
     * @return a SHA-256 in hexadecimal digits
     */
    public String structureHash() {
        if (structureHash == null) {
            StringBuilder text = new StringBuilder();
            for (Vertex vertex : vertices.values()) {
                text.append(vertex.name())
                        .append('|')
                        .append(vertex.operation().structure())
                        .append(vertex.inputs());
                new TreeMap<>(vertex.parameters())
                        .forEach((key, parameter) -> text.append(key)
                                .append(Arrays.toString(parameter.value().shape())));
                text.append('\n');
            }
            try {
                byte[] digest = MessageDigest.getInstance("SHA-256")
                        .digest(text.append(outputs).toString().getBytes(StandardCharsets.UTF_8));
                structureHash = HexFormat.of().formatHex(digest);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("Every Java platform provides SHA-256.", e);
            }
        }
        return structureHash;
    }

    /**
     * Draws the network as a table: vertex, type, width in and out, parameters, unit space, and whether the space can be
     * resized or why not.
     *
     * @return lines that end in a line feed
     */
    public String describe() {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"vertex", "type", "in", "out", "parameters", "space", "resizable"});
        for (NetworkInput input : inputs) {
            rows.add(new String[] {
                input.name(), "(input)", "", signal(input.name()).toString(), "", input.name(), "no: network input"
            });
        }
        for (String name : order) {
            Vertex vertex = vertices.get(name);
            List<UnitSpace> leaving = signal(name).units().blocks().stream()
                    .map(this::space)
                    .distinct()
                    .toList();
            rows.add(new String[] {
                name,
                vertex.operation().type(),
                String.join(
                        " + ",
                        vertex.inputs().stream()
                                .map(source -> signal(source).toString())
                                .toList()),
                signal(name).toString(),
                vertex.parameterCount() == 0 ? "" : String.format("%,d", vertex.parameterCount()),
                String.join(", ", leaving.stream().map(UnitSpace::name).toList()),
                leaving.stream()
                        .filter(space -> !space.resizable())
                        .findFirst()
                        .map(space -> "no: " + space.frozen().orElseThrow())
                        .orElse(leaving.stream().anyMatch(UnitSpace::selectionOnly) ? "by selection only" : "yes")
            });
        }
        int columns = rows.get(0).length;
        int[] widths = new int[columns];
        rows.forEach(row -> {
            for (int c = 0; c < columns; c++) {
                widths[c] = Math.max(widths[c], row[c].length());
            }
        });
        StringBuilder text = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int c = 0; c < columns; c++) {
                String padding = " ".repeat(widths[c] - row[c].length());
                boolean number = c == 4;
                line.append(number ? padding + row[c] : row[c] + padding).append("  ");
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        text.append(String.format("%,d parameters", parameterCount));
        text.append(macsKnown() ? String.format(", %,d multiply-accumulates per example%n", macs()) : "\n");
        return text.toString().replace("\r\n", "\n");
    }

    @Override
    public String toString() {
        return "NetworkGraph(" + vertices.size() + " vertices, " + parameterCount + " parameters)";
    }
}
