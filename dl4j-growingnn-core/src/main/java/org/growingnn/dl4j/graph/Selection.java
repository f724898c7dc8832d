package org.growingnn.dl4j.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.growingnn.dl4j.graph.Signal.Kind;

/**
 * Takes some of the features of a network input and leaves out the others, so that the layers behind need no weights for them,
 * while the network still is given all of them. Immutable.
 *
 * <p>What leaves it is a space of its own, {@link UnitSpace#selectionOnly()}: leaving out units of that space leaves out features.
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
     * @param kept positions of the features to take, ascending; at least one
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
     * @param width number of features
     * @return the selection
     */
    public static Selection all(int width) {
        return of(IntStream.range(0, width).toArray());
    }

    /**
     * Gives the features that it takes.
     *
     * @return their positions in the network input, ascending
     */
    public int[] kept() {
        return kept.clone();
    }

    /**
     * Selects among the selected features.
     *
     * @param units which of the features that are left so far to keep, ascending
     * @return the narrower selection
     */
    public Selection keep(int... units) {
        return of(Arrays.stream(units).map(unit -> kept[unit]).toArray());
    }

    /**
     * Tells whether it takes everything.
     *
     * @param width number of features of the network input, or {@link Layout#UNKNOWN}
     * @return true if it is certain that no feature is left out
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

    /** Features are no interchangeable units: which of them a network sees is a part of its structure. */
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
            throw new IllegalStateException("The selection '" + p.vertex() + "' takes features up to number "
                    + kept[kept.length - 1] + " of vectors, but is given " + in + " (" + in.kind() + ").");
        }
        p.freeze(in.units(), "'" + p.vertex() + "' selects some of them by position");
        return Signal.feedForward(p.produceSelection(kept.length));
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
        NetworkGraph inserted = inserted(graph, given);
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
        return behind(graph, input).isPresent() ? graph : inserted(graph, requireInput(graph, input));
    }

    private static NetworkGraph inserted(NetworkGraph graph, NetworkInput input) {
        String name = graph.freshName(input.name() + "-selected");
        List<Vertex> vertices = new ArrayList<>();
        vertices.add(new Vertex(name, List.of(input.name()), all(Math.toIntExact(input.size())), Map.of()));
        for (Vertex vertex : graph.vertices()) {
            vertices.add(vertex.reconnected(input.name(), name));
        }
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
