package org.growingnn.dl4j.graph;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A trained network as an immutable directed acyclic graph whose parameter axes are typed by unit spaces.
 *
 * <p>Editing returns a new graph that shares every untouched array. Widths, layouts, tied layers and multiply-accumulates
 * are derived from the arrays when a graph is made, which also checks that all axes agree with their arrays. Networks that differ
 * only in values or in what is attached to them, origin, calibration and lineage, share all that is derived.
 */
public final class NetworkGraph {

    private final List<NetworkInput> inputs;
    private final Map<String, Vertex> vertices;
    private final List<String> outputs;
    private final Origin origin;
    private final Later<Optional<Calibration>> calibration;
    private final Optional<UnitLineage> lineage;

    private final Structure structure;

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
        this.inputs = List.copyOf(inputs);
        this.outputs = List.copyOf(outputs);
        this.origin = Objects.requireNonNull(origin, "origin");
        this.calibration = Later.known(Optional.empty());
        this.lineage = Optional.empty();
        this.vertices = Structure.byName(this.inputs, vertices);
        this.outputs.forEach(this::requireVertex);
        this.structure = new Structure(this.inputs, this.vertices, this.outputs);
    }

    /** Shares what is derived. */
    private NetworkGraph(
            NetworkGraph shared,
            Map<String, Vertex> vertices,
            Origin origin,
            Later<Optional<Calibration>> calibration,
            Optional<UnitLineage> lineage) {
        this.inputs = shared.inputs;
        this.outputs = shared.outputs;
        this.structure = shared.structure;
        this.vertices = Collections.unmodifiableMap(vertices);
        this.origin = Objects.requireNonNull(origin, "origin");
        this.calibration = Objects.requireNonNull(calibration, "calibration");
        this.lineage = Objects.requireNonNull(lineage, "lineage");
    }

    /** Gives what is derived. */
    Structure structure() {
        return structure;
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
        return structure.order();
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
     * Tells whether a name is that of a vertex, and not of a network input.
     *
     * @param name any name
     * @return true if there is such a vertex
     */
    public boolean isVertex(String name) {
        return vertices.containsKey(name);
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
        for (int number = 2; structure.signals().containsKey(name); number++) {
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
        return structure.successors(name);
    }

    /**
     * Gives what leaves a vertex or network input.
     *
     * @param name a vertex or network input
     * @return the signal
     */
    public Signal signal(String name) {
        Signal signal = structure.signals().get(Objects.requireNonNull(name, "name"));
        return signal != null
                ? signal
                : structure.signals().get(requireVertex(name).name());
    }

    /**
     * Tells how many examples leave a vertex or network input.
     *
     * @param name a vertex or network input
     * @return relative to the examples of the network's inputs
     */
    public BatchFactor batch(String name) {
        signal(name);
        return structure.batches().get(name);
    }

    /**
     * Gives the typed axes of a vertex's parameters.
     *
     * @param name the vertex
     * @return by parameter key, one entry per axis of the array
     */
    public Map<String, List<Axis>> axes(String name) {
        return structure.axes().get(requireVertex(name).name());
    }

    /**
     * Lists all unit spaces in topological order of their first producer.
     *
     * @return the spaces, inputs and frozen ones included
     */
    public List<UnitSpace> spaces() {
        return structure.spaces();
    }

    /**
     * Finds the space that a block belongs to.
     *
     * @param block a block of a layout of this graph
     * @return the space
     */
    public UnitSpace space(Block block) {
        return structure.space(block);
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
        UnitSpace space = structure.spaceOfName().get(Objects.requireNonNull(name, "name"));
        if (space == null) {
            throw new IllegalArgumentException("The network has no unit space '" + name + "'.\nMaybe one of "
                    + structure.spaceOfName().keySet() + "?");
        }
        return space;
    }

    /**
     * Counts all parameters, as Deeplearning4j does: weights, biases, and batch-norm statistics.
     *
     * @return the count
     */
    public long parameterCount() {
        return structure.parameterCount();
    }

    /**
     * Counts multiply-accumulates of matrix products and convolutions for one example.
     *
     * @return the count
     * @throws IllegalStateException if the input's height, width or length is unknown
     */
    public long macs() {
        return structure.totalMacs();
    }

    /**
     * Counts multiply-accumulates of one vertex for one example.
     *
     * @param name the vertex
     * @return the count, or {@link Layout#UNKNOWN}
     */
    public long macs(String name) {
        return structure.macs().get(requireVertex(name).name());
    }

    /**
     * Tells whether {@link #macs()} can be computed.
     *
     * @return true if all extents are known
     */
    public boolean macsKnown() {
        return structure.macs().values().stream().allMatch(count -> count >= 0);
    }

    /**
     * Replaces vertices by name and derives layouts anew, unless they differ in values only; everything else is shared.
     *
     * @param changed vertices whose names exist in this graph
     * @return the edited graph
     */
    public NetworkGraph with(Collection<Vertex> changed) {
        Map<String, Vertex> edited = new LinkedHashMap<>(vertices);
        boolean sameStructure = true;
        for (Vertex vertex : changed) {
            sameStructure &= vertex.hasStructureOf(requireVertex(vertex.name()));
            edited.put(vertex.name(), vertex);
        }
        return sameStructure
                ? new NetworkGraph(this, edited, origin, calibration, lineage)
                : new NetworkGraph(inputs, edited.values(), outputs, origin)
                        .with(calibration)
                        .withLineageOf(this);
    }

    /**
     * Replaces values, for example after training, and shares everything else.
     *
     * @param values arrays of the same shapes, by vertex and parameter key; vertices that are not named keep theirs
     * @return a graph of the same structure
     * @throws IllegalArgumentException if there is no such vertex, if it has other parameters, or if a shape is another
     */
    public NetworkGraph withParameters(Map<String, Map<String, Parameter>> values) {
        Map<String, Vertex> edited = new LinkedHashMap<>(vertices);
        values.forEach((name, parameters) -> {
            edited.put(name, requireVertex(name).withValues(parameters));
        });
        return new NetworkGraph(this, edited, origin, calibration, lineage);
    }

    /**
     * Replaces the inputs, for example by inputs of known size, and derives layouts anew. A calibration is kept as far as it
     * still holds, see {@link Calibration#after}.
     *
     * @param newInputs inputs of the same names in the same order
     * @return a graph with the same vertices; this one if the inputs are the same
     * @throws IllegalArgumentException if the names are others
     */
    public NetworkGraph withInputs(List<NetworkInput> newInputs) {
        List<String> names = inputs.stream().map(NetworkInput::name).toList();
        List<String> newNames = newInputs.stream().map(NetworkInput::name).toList();
        if (!names.equals(newNames)) {
            throw new IllegalArgumentException(
                    "The network's inputs are " + names + ", which cannot be replaced by " + newNames + ".");
        }
        if (inputs.equals(newInputs)) {
            return this;
        }
        NetworkGraph changed = new NetworkGraph(newInputs, vertices.values(), outputs, origin);
        return changed.withCalibrationOf(this, known -> known.after(this, changed, Map.of()))
                .withLineageOf(this);
    }

    /**
     * Replaces the origin, for example after training has advanced its counters.
     *
     * @param newOrigin what the writer needs
     * @return a graph with the same vertices
     */
    public NetworkGraph with(Origin newOrigin) {
        return new NetworkGraph(this, vertices, newOrigin, calibration, lineage);
    }

    /**
     * Attaches what calibration data told about the network.
     *
     * @param found what was collected; empty to forget it
     * @return a graph with the same vertices
     */
    public NetworkGraph with(Optional<Calibration> found) {
        return with(Later.known(Objects.requireNonNull(found, "found")));
    }

    private NetworkGraph with(Later<Optional<Calibration>> found) {
        return new NetworkGraph(this, vertices, origin, found, lineage);
    }

    /**
     * Attaches what the calibration of another network tells about this one. It is worked out when somebody asks for it, because most
     * networks of a search are measured and forgotten, and moments of some hundred features are large.
     *
     * @param other the network that this one was made from
     * @param followed makes the calibration of this network from that of the other one; a pure function
     * @return a graph with the same vertices, calibrated if the other one is
     */
    public NetworkGraph withCalibrationOf(NetworkGraph other, UnaryOperator<Calibration> followed) {
        Later<Optional<Calibration>> known = other.calibration;
        return with(Later.of(() -> known.get().map(followed)));
    }

    /**
     * Gives what calibration data told about the network.
     *
     * @return empty if the network was not calibrated
     */
    public Optional<Calibration> calibration() {
        return calibration.get();
    }

    /**
     * Attaches where units came from.
     *
     * @param known the lineage of this network's units
     * @return a graph with the same vertices
     */
    public NetworkGraph with(UnitLineage known) {
        return new NetworkGraph(this, vertices, origin, calibration, Optional.of(known));
    }

    /**
     * Attaches what another network tells about the origin of units, as far as layers are still there, as wide as they were.
     *
     * @param other the network that this one was made from
     * @return a graph with the same vertices
     */
    public NetworkGraph withLineageOf(NetworkGraph other) {
        return new NetworkGraph(this, vertices, origin, calibration, other.lineage.map(known -> known.within(this)));
    }

    /**
     * Tells where units came from, since the model was read.
     *
     * @return empty if an edit of the program's own has lost it, see {@link #withLineageOf}
     */
    public Optional<UnitLineage> lineage() {
        return lineage;
    }

    /**
     * Identifies the structure: names, operations, connections, array shapes and selected input features, but no values. Two graphs of one run
     * with the same hash have the same architecture.
     *
     * @return a SHA-256 in hexadecimal digits
     */
    public String structureHash() {
        return structure.hash(() -> NetworkHash.structure(this));
    }

    /**
     * Draws the network as a table: vertex, type, width in and out, parameters, unit space, and whether the space can be
     * resized or why not.
     *
     * @return lines that end in a line feed
     */
    public String describe() {
        return NetworkTable.describe(this);
    }

    @Override
    public String toString() {
        return "NetworkGraph(" + vertices.size() + " vertices, " + parameterCount() + " parameters)";
    }
}
