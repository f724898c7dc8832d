package org.growingnn.dl4j.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.growingnn.dl4j.graph.LayerFactory.Flattening;
import org.growingnn.dl4j.graph.Signal.Kind;

/**
 * Takes some of the positions of a vector and leaves out the others, so that the layers behind need no weights for them: features of a
 * network input, which still is given all of them, or values of maps that a layer flattens. Immutable.
 *
 * <p>What leaves it is a space of its own, {@link UnitSpace#selectionOnly()}: leaving out units of that space leaves out positions. So are
 * the spaces of what enters it, whose units take their positions along when they go.
 */
public final class Selection implements Operation {

    private final int[] kept;

    private Selection(int[] kept) {
        this.kept = kept;
    }

    /**
     * Positions that follow each other.
     *
     * @param from the first position, ≥ 0
     * @param to the last position, ≥ from
     */
    public record Run(int from, int to) {

        /**
         * Checks the order.
         *
         * @param from the first position, ≥ 0
         * @param to the last position, ≥ from
         */
        public Run {
            if (from < 0 || to < from) {
                throw new IllegalArgumentException("A run from " + from + " to " + to + " has no positions.");
            }
        }
    }

    /**
     * Makes a selection.
     *
     * @param kept positions to take, ascending; at least one
     * @return the selection
     */
    public static Selection of(int... kept) {
        boolean ascending = kept.length > 0 && kept[0] >= 0;
        for (int i = 1; ascending && i < kept.length; i++) {
            ascending = kept[i] > kept[i - 1];
        }
        if (!ascending) {
            throw new IllegalArgumentException(
                    "The positions to select must be ascending and at least one, not " + Arrays.toString(kept) + ".");
        }
        return new Selection(kept.clone());
    }

    /**
     * Makes a selection of everything.
     *
     * @param width number of positions
     * @return the selection
     */
    public static Selection all(int width) {
        return of(IntStream.range(0, width).toArray());
    }

    /**
     * Gives the positions that it takes.
     *
     * @return ascending, in the vector that enters
     */
    public int[] kept() {
        return kept.clone();
    }

    /**
     * Selects among the selected positions.
     *
     * @param units which of the positions that are left so far to keep, ascending
     * @return the narrower selection
     */
    public Selection keep(int... units) {
        return of(Arrays.stream(units).map(unit -> kept[unit]).toArray());
    }

    /**
     * Tells whether it takes everything.
     *
     * @param width number of positions of the vector that enters, or {@link Layout#UNKNOWN}
     * @return true if it is certain that none is left out
     */
    public boolean isIdentity(long width) {
        return kept.length == width;
    }

    /**
     * Divides the selected positions into as few runs as possible.
     *
     * @return the runs in ascending order
     */
    public List<Run> runs() {
        List<Run> runs = new ArrayList<>();
        int start = 0;
        for (int i = 1; i <= kept.length; i++) {
            if (i == kept.length || kept[i] > kept[i - 1] + 1) {
                runs.add(new Run(kept[start], kept[i - 1]));
                start = i;
            }
        }
        return runs;
    }

    @Override
    public String type() {
        return "Selection";
    }

    /** Positions are no interchangeable units: which of them a network sees is a part of its structure. */
    @Override
    public String structure() {
        return runs().stream()
                .map(run -> run.from() == run.to() ? "" + run.from() : run.from() + "-" + run.to())
                .collect(Collectors.joining(", ", type() + "[", "]"));
    }

    @Override
    public Signal propagate(Propagation p) {
        Signal in = p.input();
        long width = in.units().length();
        if (in.kind() != Kind.FEED_FORWARD || width != Layout.UNKNOWN && kept[kept.length - 1] >= width) {
            throw new IllegalStateException("The selection '" + p.vertex() + "' takes positions up to number "
                    + kept[kept.length - 1] + " of vectors, but is given " + in + " (" + in.kind() + ").");
        }
        return Signal.feedForward(p.select(in.units(), kept.length));
    }

    /**
     * Tells what else goes when units in front of selections go: positions of a unit that goes go with it.
     *
     * @param graph the network
     * @param kept the units that spaces keep, ascending, by the names of the spaces
     * @return the units that spaces of selections keep then, by the names of these spaces, where they are not those that they keep anyway;
     *     at least one each
     */
    public static Map<String, int[]> following(NetworkGraph graph, Map<String, int[]> kept) {
        Map<String, int[]> following = new LinkedHashMap<>();
        for (Vertex vertex : graph.vertices()) {
            if (vertex.operation() instanceof Selection selection) {
                UnitSpace space = graph.space(vertex.name());
                int[] before = kept.getOrDefault(
                        space.name(), IntStream.range(0, selection.kept.length).toArray());
                selection
                        .staying(graph, vertex, kept)
                        .map(staying -> selection.left(before, staying))
                        .filter(left -> !Arrays.equals(left, before))
                        .ifPresent(left -> following.put(space.name(), left));
            }
        }
        return following;
    }

    /** Drops positions of units that go. Where nothing would be left, the first one stays, and moves to a unit that does. */
    private int[] left(int[] units, BitSet staying) {
        int[] left =
                Arrays.stream(units).filter(unit -> staying.get(kept[unit])).toArray();
        return left.length > 0 ? left : new int[] {units[0]};
    }

    /** Marks the arriving positions of units that stay; empty if all do. */
    private Optional<BitSet> staying(NetworkGraph graph, Vertex vertex, Map<String, int[]> units) {
        List<Block> arriving = graph.signal(vertex.inputs().get(0)).units().blocks();
        if (arriving.stream()
                .noneMatch(block -> units.containsKey(graph.space(block).name()))) {
            return Optional.empty();
        }
        BitSet staying = new BitSet();
        int offset = 0;
        for (Block block : arriving) {
            int[] stay = units.get(graph.space(block).name());
            if (stay == null) {
                staying.set(offset, Math.toIntExact(offset + block.length()));
            } else {
                for (int unit : stay) {
                    staying.set(offset + unit * block.inner(), offset + (unit + 1) * block.inner());
                }
            }
            offset += Math.toIntExact(block.length());
        }
        return Optional.of(staying);
    }

    /**
     * Follows units in front that go, when none of their positions is selected any more, see {@link #following}.
     *
     * @param graph the network before
     * @param vertex the selection's own vertex
     * @param space name of a space
     * @param units the units that it keeps
     * @return the selection of the same values; of another one where nothing would be left
     */
    public Selection moved(NetworkGraph graph, Vertex vertex, String space, int[] units) {
        return staying(graph, vertex, Map.of(space, units))
                .map(staying -> of(Arrays.stream(kept)
                        .map(position -> staying.get(0, position).cardinality())
                        .map(position -> Math.min(position, staying.cardinality() - 1))
                        .toArray()))
                .orElse(this);
    }

    /**
     * Finds the selection that a network input passes.
     *
     * @param graph the network
     * @param input name of a network input
     * @return the vertex, whose operation is a {@link Selection}; empty if the input feeds anything else
     */
    public static Optional<Vertex> behind(NetworkGraph graph, String input) {
        List<String> consumers = graph.successors(requireInput(graph, input).name());
        return consumers.size() == 1
                ? Optional.of(graph.vertex(consumers.get(0))).filter(vertex -> vertex.operation() instanceof Selection)
                : Optional.empty();
    }

    /**
     * Tells why features of a network input cannot be left out.
     *
     * @param graph the network
     * @param input name of a network input
     * @return empty if they can
     */
    public static Optional<String> obstacle(NetworkGraph graph, String input) {
        NetworkInput given = requireInput(graph, input);
        Optional<Vertex> present = behind(graph, input);
        if (present.isPresent()) {
            return obstacle(graph.space(present.get().name()));
        }
        if (given.kind() != Kind.FEED_FORWARD) {
            return Optional.of("it is no vector of features (" + given.kind() + ")");
        }
        if (given.size() == Layout.UNKNOWN) {
            return Optional.of("its width is unknown");
        }
        Optional<String> partial = graph.successors(input).stream()
                .filter(name -> graph.vertex(name).operation() instanceof Selection)
                .findFirst();
        if (partial.isPresent()) {
            return Optional.of("'" + partial.get() + "' takes some of its features while others take all");
        }
        NetworkGraph inserted = inserted(graph, input, input);
        return obstacle(inserted.space(behind(inserted, input).orElseThrow().name()));
    }

    private static Optional<String> obstacle(UnitSpace features) {
        return features.frozen()
                .or(() -> features.producers().size() == 1
                        ? Optional.empty()
                        : Optional.of("its features are joined, one by one, with units of "
                                + features.producers()
                                        .subList(1, features.producers().size())));
    }

    /**
     * Puts a selection of all features behind a network input, whose space can then be reduced. What took the input takes the
     * selection, which is called like the input with {@code -selected} behind it.
     *
     * @param graph the network
     * @param input name of a network input
     * @return the network with the selection; the network itself if the input passes one already
     * @throws IllegalArgumentException if features of the input cannot be left out, with the reason
     */
    public static NetworkGraph insert(NetworkGraph graph, String input) {
        obstacle(graph, input).ifPresent(reason -> {
            throw new IllegalArgumentException(
                    "Features of the network input '" + input + "' cannot be left out: " + reason + ".");
        });
        return behind(graph, input).isPresent() ? graph : inserted(graph, input, input);
    }

    /**
     * Finds the selection of the positions of maps that a layer flattens.
     *
     * @param graph the network
     * @param layer name of a layer
     * @return the vertex, whose operation is a {@link Selection}; empty if there is none
     */
    public static Optional<Vertex> inFrontOf(NetworkGraph graph, String layer) {
        List<String> inputs = graph.vertex(layer).inputs();
        return inputs.size() == 1 && !isInput(graph, inputs.get(0))
                ? Optional.of(graph.vertex(inputs.get(0)))
                        .filter(vertex -> vertex.operation() instanceof Selection
                                && !isInput(graph, vertex.inputs().get(0)))
                : Optional.empty();
    }

    private static boolean isInput(NetworkGraph graph, String name) {
        return graph.inputs().stream().anyMatch(input -> input.name().equals(name));
    }

    /**
     * Tells why positions of the maps that a layer flattens cannot be left out.
     *
     * @param graph the network
     * @param layer name of a layer
     * @return empty if they can
     */
    public static Optional<String> flatteningObstacle(NetworkGraph graph, String layer) {
        Optional<Vertex> present = inFrontOf(graph, layer);
        if (present.isPresent()) {
            return obstacle(graph.space(present.get().name()));
        }
        Vertex vertex = graph.vertex(layer);
        Optional<Flattening> parts = graph.origin().layers().flattening(vertex);
        if (parts.isEmpty()) {
            return Optional.of("it flattens no maps");
        }
        if (isInput(graph, vertex.inputs().get(0))) {
            return Optional.of("what it flattens is a network input");
        }
        if (vertex.operation().isFrozen() || vertex.operation().stopsGradients()) {
            return Optional.of(
                    "no gradient comes back from it, without which Deeplearning4j cannot train a selection in front");
        }
        NetworkGraph flattened = flattened(graph, vertex, parts.get());
        String maps = flattened.vertex(layer).inputs().get(0);
        if (flattened.signal(maps).units().length() == Layout.UNKNOWN) {
            return Optional.of("the size of the maps is unknown");
        }
        NetworkGraph inserted = inserted(flattened, maps, layer);
        return obstacle(inserted.space(inFrontOf(inserted, layer).orElseThrow().name()));
    }

    /**
     * Puts a selection of all positions in front of a layer that flattens maps. Flattening becomes a vertex of its own, called like the
     * layer with {@code -flattened} behind it, the selection one with {@code -selected}.
     *
     * @param graph the network
     * @param layer name of a layer
     * @return the network with the selection; the network itself if it has one already
     * @throws IllegalArgumentException if positions cannot be left out, with the reason
     */
    public static NetworkGraph insertInFrontOf(NetworkGraph graph, String layer) {
        flatteningObstacle(graph, layer).ifPresent(reason -> {
            throw new IllegalArgumentException(
                    "Positions of what '" + layer + "' flattens cannot be left out: " + reason + ".");
        });
        if (inFrontOf(graph, layer).isPresent()) {
            return graph;
        }
        Vertex vertex = graph.vertex(layer);
        NetworkGraph flattened = flattened(
                graph, vertex, graph.origin().layers().flattening(vertex).orElseThrow());
        return inserted(flattened, flattened.vertex(layer).inputs().get(0), layer);
    }

    /** Lets a vertex of its own do the flattening. */
    private static NetworkGraph flattened(NetworkGraph graph, Vertex layer, Flattening parts) {
        String name = graph.freshName(layer.name() + "-flattened");
        List<Vertex> vertices = new ArrayList<>(graph.vertices());
        vertices.replaceAll(vertex ->
                vertex.equals(layer) ? vertex.withOperation(parts.layer()).withInputs(List.of(name)) : vertex);
        vertices.add(new Vertex(name, layer.inputs(), parts.flattening(), Map.of()));
        return of(graph, vertices);
    }

    /** Puts a selection of everything behind a vertex or network input; the name of the selection begins with that of its owner. */
    private static NetworkGraph inserted(NetworkGraph graph, String source, String owner) {
        String name = graph.freshName(owner + "-selected");
        List<Vertex> vertices = new ArrayList<>();
        int width = Math.toIntExact(graph.signal(source).units().length());
        vertices.add(new Vertex(name, List.of(source), all(width), Map.of()));
        for (Vertex vertex : graph.vertices()) {
            vertices.add(vertex.reconnected(source, name));
        }
        return of(graph, vertices);
    }

    private static NetworkGraph of(NetworkGraph graph, List<Vertex> vertices) {
        return new NetworkGraph(graph.inputs(), vertices, graph.outputs(), graph.origin())
                .with(graph.calibration())
                .withLineageOf(graph);
    }

    /**
     * Drops the selections that leave out nothing.
     *
     * @param graph the network
     * @return the network without them; itself if there are none
     */
    public static NetworkGraph withoutIdentities(NetworkGraph graph) {
        List<Vertex> dropped = graph.vertices().stream()
                .filter(vertex -> vertex.operation() instanceof Selection selection
                        && !graph.outputs().contains(vertex.name())
                        && selection.isIdentity(
                                graph.signal(vertex.inputs().get(0)).units().length()))
                .toList();
        if (dropped.isEmpty()) {
            return graph;
        }
        List<Vertex> left = new ArrayList<>(graph.vertices());
        left.removeAll(dropped);
        for (Vertex selection : dropped) {
            left.replaceAll(vertex ->
                    vertex.reconnected(selection.name(), selection.inputs().get(0)));
        }
        NetworkGraph without = new NetworkGraph(graph.inputs(), left, graph.outputs(), graph.origin());
        List<String> names = dropped.stream().map(Vertex::name).toList();
        return without.with(graph.calibration().map(known -> known.only(name -> !names.contains(name))))
                .withLineageOf(graph);
    }

    private static NetworkInput requireInput(NetworkGraph graph, String name) {
        return graph.inputs().stream()
                .filter(input -> input.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("The network has no input '" + name
                        + "'.\nMaybe one of "
                        + graph.inputs().stream().map(NetworkInput::name).toList()
                        + "?"));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Selection that && Arrays.equals(kept, that.kept);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(kept);
    }

    @Override
    public String toString() {
        return structure();
    }
}
