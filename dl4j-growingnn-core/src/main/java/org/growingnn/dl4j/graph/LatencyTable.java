package org.growingnn.dl4j.graph;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.growingnn.dl4j.value.Ranges;
import org.growingnn.dl4j.value.RecordJson;

/**
 * What the layers of a network take in one forward pass, from measured times. A network that is made from the measured one by leaving
 * out units takes the sum of its layers' times, and of what a pass takes beside them. What follows from a table is the same on every
 * machine and on every day, so that decisions that are made with it repeat.
 *
 * <p>The time of a layer is taken to grow evenly with the units that come in, the units that go out and the weights between them, from
 * what it takes however narrow it is. No rate is negative, so that no layer gets faster when units are added.
 *
 * <p>A layer that was added later was not measured. Where the table tells {@link #withKinds what layers of its kind take}, its time is
 * estimated from these: the same for each value that comes in or goes out and for each multiply-accumulate, so that the estimate fits
 * maps of any height and width.
 *
 * @param examples number of examples in a pass, ≥ 1
 * @param pass nanoseconds that a pass takes beside its layers, ≥ 0
 * @param layers the layers and vertices of the network, each once
 * @param kinds what layers take that are not listed, by the {@linkplain Operation#type() type} of their operation: for each value rather
 *     than each unit, and for each multiply-accumulate rather than each weight. For other types there are {@value #WEIGHTLESS} and {@value
 *     #ANY}. Empty if only listed layers have a latency; else {@value #ANY} is among them, since any layer may be added
 * @param multipleOf what numbers of units take as long as, rounded up: 8 where kernels compute eight channels at a time, ≥ 1. Nothing that is
 *     measured here has such steps; it is for tables of other devices
 */
public record LatencyTable(
        int examples, double pass, List<LatencyTable.Layer> layers, List<LatencyTable.Layer> kinds, int multipleOf) {

    /**
     * The name of the kind of all layers together. Vertices without weights are faster than it says; where no such vertex was measured,
     * they are taken to be rather too slow.
     */
    public static final String ANY = "any";

    /** The name of the kind of all vertices without weights, such as those that join others. */
    public static final String WEIGHTLESS = "without-weights";

    private static final RecordJson JSON = new RecordJson();
    private static final LatencyTable EMPTY = new LatencyTable(1, 0, List.of());

    /**
     * What one layer or vertex takes, in nanoseconds.
     *
     * @param name its name, or that of a kind
     * @param fixed what it takes whatever its width, ≥ 0
     * @param perInput for each unit that comes in, ≥ 0
     * @param perOutput for each unit that goes out, ≥ 0
     * @param perWeight for each value of its arrays that have more than one axis, as a matrix and a kernel have and biases do not, ≥ 0
     */
    public record Layer(String name, double fixed, double perInput, double perOutput, double perWeight) {

        /**
         * Checks the ranges.
         *
         * @param name its name
         * @param fixed what it takes whatever its width
         * @param perInput for each unit that comes in
         * @param perOutput for each unit that goes out
         * @param perWeight for each weight
         */
        public Layer {
            Objects.requireNonNull(name, "name");
            Ranges.requireFinite("fixed time of '" + name + "'", fixed);
            Ranges.requireFinite("perInput time of '" + name + "'", perInput);
            Ranges.requireFinite("perOutput time of '" + name + "'", perOutput);
            Ranges.requireFinite("perWeight time of '" + name + "'", perWeight);
        }

        /**
         * Tells the time at a size.
         *
         * @param size how wide the layer is
         * @return nanoseconds
         */
        public double nanos(Size size) {
            return fixed + perInput * size.inputs + perOutput * size.outputs + perWeight * size.weights;
        }
    }

    /**
     * How wide a layer or vertex is.
     *
     * @param inputs units that come in, of all its inputs together; 0 where that is unknown
     * @param outputs units that go out; 0 where that is unknown
     * @param weights values of arrays that have more than one axis
     */
    public record Size(double inputs, double outputs, double weights) {

        /**
         * Measures a layer or vertex of a network.
         *
         * @param network the network
         * @param vertex its name
         * @return the size
         */
        public static Size of(NetworkGraph network, String vertex) {
            Vertex measured = network.vertex(vertex);
            return new Size(
                    measured.inputs().stream()
                            .mapToLong(input -> units(network, input))
                            .sum(),
                    units(network, vertex),
                    measured.parameters().values().stream()
                            .map(Parameter::value)
                            .filter(value -> value.rank() > 1)
                            .mapToLong(Tensor::length)
                            .sum());
        }

        /** The size that takes as long where units count in multiples; weights grow with both sides. */
        private Size roundedUp(int multiple) {
            double in = Math.ceil(inputs / multiple) * multiple;
            double out = Math.ceil(outputs / multiple) * multiple;
            double grown = (inputs > 0 ? in / inputs : 1) * (outputs > 0 ? out / outputs : 1);
            return multiple == 1 ? this : new Size(in, out, weights * grown);
        }

        /** Counts units at each position, and weights wherever they are applied, as far as extents are known. */
        private static Size spread(NetworkGraph network, String vertex) {
            long macs = network.macs(vertex);
            return new Size(
                    network.vertex(vertex).inputs().stream()
                            .mapToLong(input -> values(network, input))
                            .sum(),
                    values(network, vertex),
                    macs > 0 ? macs : of(network, vertex).weights);
        }

        private static long values(NetworkGraph network, String name) {
            long units = units(network, name);
            return Cost.activations(network, name, units).orElse(units);
        }

        private static long units(NetworkGraph network, String name) {
            return Math.max(0, network.signal(name).units().length());
        }
    }

    /**
     * Checks the ranges.
     *
     * @param examples number of examples in a pass
     * @param pass nanoseconds that a pass takes beside its layers
     * @param layers the layers and vertices of the network
     * @param kinds what layers take that are not listed
     * @param multipleOf what numbers of units take as long as, rounded up
     */
    public LatencyTable {
        Ranges.requireAtLeast("number of examples in a pass", examples, 1);
        Ranges.requireAtLeast("multipleOf", multipleOf, 1);
        Ranges.requireFinite("pass time", pass);
        layers = unique("layers", layers);
        kinds = unique("kinds", kinds);
        List<String> names = kinds.stream().map(Layer::name).toList();
        Ranges.require(
                names.isEmpty() || names.contains(ANY),
                "kinds",
                names,
                "none, or have '" + ANY + "' among them, which tells of layers of all other kinds",
                "leave them out, so that they are found from the layers");
    }

    /**
     * Makes a table of a network that no layer is added to.
     *
     * @param examples number of examples in a pass, ≥ 1
     * @param pass nanoseconds that a pass takes beside its layers, ≥ 0
     * @param layers the layers and vertices of the network, each once
     */
    public LatencyTable(int examples, double pass, List<LatencyTable.Layer> layers) {
        this(examples, pass, layers, List.of());
    }

    /**
     * Makes a table in which time grows evenly with units.
     *
     * @param examples number of examples in a pass, ≥ 1
     * @param pass nanoseconds that a pass takes beside its layers, ≥ 0
     * @param layers the layers and vertices of the network, each once
     * @param kinds what layers take that are not listed
     */
    public LatencyTable(int examples, double pass, List<LatencyTable.Layer> layers, List<LatencyTable.Layer> kinds) {
        this(examples, pass, layers, kinds, 1);
    }

    /**
     * Lets time grow in steps.
     *
     * @param units what numbers of units are rounded up to a multiple of, ≥ 1
     * @return the table
     */
    public LatencyTable inMultiplesOf(int units) {
        return new LatencyTable(examples, pass, layers, kinds, units);
    }

    private static List<Layer> unique(String what, List<Layer> layers) {
        Ranges.requireItems(what, layers);
        Map<String, Long> counts = layers.stream().collect(Collectors.groupingBy(Layer::name, Collectors.counting()));
        counts.forEach((name, count) -> Ranges.require(
                count == 1, "number of " + what + " '" + name + "'", count, "1, because names are unique"));
        return List.copyOf(layers);
    }

    /**
     * Tells from the listed layers what layers of their kinds take that actions add later: the mean of what they take anyway, and their
     * time for each value and each multiply-accumulate. It follows from the table and the network alone.
     *
     * @param measured the network that the layers are of, each of which the table lists
     * @return a table that also knows kinds; this one if it does already
     * @throws IllegalArgumentException if the network has a layer that is not listed
     */
    public LatencyTable withKinds(NetworkGraph measured) {
        requireLayers(measured);
        if (!kinds.isEmpty()) {
            return this;
        }
        Map<String, List<Layer>> byKind = new LinkedHashMap<>();
        Map<String, Layer> byName = byName(layers);
        for (String vertex : measured.order()) {
            kinds(measured.vertex(vertex))
                    .forEach(kind -> byKind.computeIfAbsent(kind, key -> new ArrayList<>())
                            .add(byName.get(vertex)));
        }
        List<Layer> found = new ArrayList<>();
        byKind.forEach((kind, members) -> found.add(mean(kind, members, measured)));
        return new LatencyTable(examples, pass, layers, found, multipleOf);
    }

    /** Which kinds tell of a vertex, the most telling first. */
    private static List<String> kinds(Vertex vertex) {
        String type = vertex.operation().type();
        return vertex.parameters().isEmpty() ? List.of(type, WEIGHTLESS, ANY) : List.of(type, ANY);
    }

    private static Layer mean(String kind, List<Layer> members, NetworkGraph measured) {
        double fixed = members.stream().mapToDouble(Layer::fixed).sum() / members.size();
        double inputs = 0;
        double outputs = 0;
        double weights = 0;
        Size all = new Size(0, 0, 0);
        for (Layer member : members) {
            Size size = Size.of(measured, member.name());
            Size spread = Size.spread(measured, member.name());
            inputs += member.perInput * size.inputs;
            outputs += member.perOutput * size.outputs;
            weights += member.perWeight * size.weights;
            all = new Size(all.inputs + spread.inputs, all.outputs + spread.outputs, all.weights + spread.weights);
        }
        return new Layer(
                kind, fixed, ratio(inputs, all.inputs), ratio(outputs, all.outputs), ratio(weights, all.weights));
    }

    private static double ratio(double part, double whole) {
        return whole > 0 ? part / whole : 0;
    }

    /**
     * Insists that each layer of a network was measured.
     *
     * @param network the network
     * @throws IllegalArgumentException if the network has a layer or vertex that is not listed, with its name
     */
    public void requireLayers(NetworkGraph network) {
        Map<String, Layer> byName = byName(layers);
        network.order().stream()
                .filter(name -> !byName.containsKey(name))
                .findFirst()
                .ifPresent(name -> {
                    throw unknown(name);
                });
    }

    /**
     * Tells how long a pass of a network takes.
     *
     * @param network the measured network, or one that was made from it
     * @return nanoseconds, those of each layer rounded
     * @throws IllegalArgumentException if the network has a layer or vertex that the table has not, nor its kind
     */
    public long of(NetworkGraph network) {
        return of(network, vertex -> Size.of(network, vertex));
    }

    /**
     * Tells how long one layer or vertex of a network takes.
     *
     * @param network the measured network, or one that was made from it
     * @param vertex its name
     * @return nanoseconds, rounded
     * @throws IllegalArgumentException if the table has no such layer, nor its kind
     */
    public long of(NetworkGraph network, String vertex) {
        return Math.round(layer(byName(layers), network, vertex)
                .nanos(Size.of(network, vertex).roundedUp(multipleOf)));
    }

    /**
     * Tells how long a pass would take at other sizes.
     *
     * @param network the measured network, or one that was made from it
     * @param sizes gives the size of each of its vertices
     * @return nanoseconds, those of each layer rounded
     * @throws IllegalArgumentException if the network has a layer or vertex that the table has not, nor its kind
     */
    public long of(NetworkGraph network, Function<String, Size> sizes) {
        Map<String, Layer> byName = byName(layers);
        long sum = Math.round(pass);
        for (String vertex : network.order()) {
            sum += Math.round(
                    layer(byName, network, vertex).nanos(sizes.apply(vertex).roundedUp(multipleOf)));
        }
        return sum;
    }

    private static Map<String, Layer> byName(List<Layer> layers) {
        return layers.stream().collect(Collectors.toMap(Layer::name, Function.identity()));
    }

    /** What was measured of a layer, or else what follows from its kind, for each unit and weight that it has. */
    private Layer layer(Map<String, Layer> byName, NetworkGraph network, String vertex) {
        Layer listed = byName.get(vertex);
        if (listed != null) {
            return listed;
        }
        Layer kind = kinds(network.vertex(vertex)).stream()
                .flatMap(type -> kinds.stream().filter(known -> known.name.equals(type)))
                .findFirst()
                .orElseThrow(() -> unknown(vertex));
        Size size = Size.of(network, vertex);
        Size spread = Size.spread(network, vertex);
        return new Layer(
                vertex,
                kind.fixed,
                kind.perInput * ratio(spread.inputs, size.inputs),
                kind.perOutput * ratio(spread.outputs, size.outputs),
                kind.perWeight * ratio(spread.weights, size.weights));
    }

    private IllegalArgumentException unknown(String vertex) {
        return new IllegalArgumentException("The latency of '" + vertex
                + "' is unknown: the table of latencies knows "
                + layers.stream().map(Layer::name).toList()
                + ".\nMaybe it was measured on another network, or before layers were added?");
    }

    /**
     * Writes the table.
     *
     * @return JSON that {@link #fromJson} reads
     */
    public String toJson() {
        return JSON.write(this, EMPTY);
    }

    /**
     * Reads a table.
     *
     * @param json what {@link #toJson} wrote, or what somebody wrote by hand
     * @return the table
     * @throws IllegalArgumentException if it is no table, with the place and what is wrong there
     */
    public static LatencyTable fromJson(String json) {
        return JSON.read(json, EMPTY);
    }
}
