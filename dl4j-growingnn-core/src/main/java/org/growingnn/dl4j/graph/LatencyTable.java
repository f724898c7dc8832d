package org.growingnn.dl4j.graph;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
 * @param examples number of examples in a pass, ≥ 1
 * @param pass nanoseconds that a pass takes beside its layers, ≥ 0
 * @param layers the layers and vertices of the network, each once
 */
public record LatencyTable(int examples, double pass, List<LatencyTable.Layer> layers) {

    private static final RecordJson JSON = new RecordJson();
    private static final LatencyTable EMPTY = new LatencyTable(1, 0, List.of());

    /**
     * What one layer or vertex takes, in nanoseconds.
     *
     * @param name its name
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
     */
    public LatencyTable {
        Ranges.requireAtLeast("number of examples in a pass", examples, 1);
        Ranges.requireFinite("pass time", pass);
        Ranges.requireItems("layers", layers);
        layers = List.copyOf(layers);
        Map<String, Long> counts = layers.stream().collect(Collectors.groupingBy(Layer::name, Collectors.counting()));
        counts.forEach((name, count) ->
                Ranges.require(count == 1, "number of layers '" + name + "'", count, "1, because names are unique"));
    }

    /**
     * Tells how long a pass of a network takes.
     *
     * @param network the measured network, or one that was made from it by leaving out units or vertices
     * @return nanoseconds, those of each layer rounded
     * @throws IllegalArgumentException if the network has a layer or vertex that the table has not
     */
    public long of(NetworkGraph network) {
        return of(network, vertex -> Size.of(network, vertex));
    }

    /**
     * Tells how long one layer or vertex of a network takes.
     *
     * @param network the measured network, or one that was made from it by leaving out units or vertices
     * @param vertex its name
     * @return nanoseconds, rounded
     * @throws IllegalArgumentException if the table has no such layer
     */
    public long of(NetworkGraph network, String vertex) {
        return Math.round(layer(byName(), vertex).nanos(Size.of(network, vertex)));
    }

    /**
     * Tells how long a pass would take at other sizes.
     *
     * @param network the measured network, or one that was made from it by leaving out units or vertices
     * @param sizes gives the size of each of its vertices
     * @return nanoseconds, those of each layer rounded
     * @throws IllegalArgumentException if the network has a layer or vertex that the table has not
     */
    public long of(NetworkGraph network, Function<String, Size> sizes) {
        Map<String, Layer> byName = byName();
        long sum = Math.round(pass);
        for (String vertex : network.order()) {
            sum += Math.round(layer(byName, vertex).nanos(sizes.apply(vertex)));
        }
        return sum;
    }

    private Map<String, Layer> byName() {
        return layers.stream().collect(Collectors.toMap(Layer::name, Function.identity()));
    }

    private Layer layer(Map<String, Layer> byName, String vertex) {
        return Optional.ofNullable(byName.get(vertex))
                .orElseThrow(() -> new IllegalArgumentException("The latency of '" + vertex
                        + "' is unknown: the table of latencies knows "
                        + layers.stream().map(Layer::name).toList()
                        + ".\nMaybe it was measured on another network, or before layers were added?"));
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
