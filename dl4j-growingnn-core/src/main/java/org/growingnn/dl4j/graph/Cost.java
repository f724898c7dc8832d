package org.growingnn.dl4j.graph;

import java.util.OptionalLong;

/**
 * What a network takes. Every cost is a whole number that follows from the structure alone, not from values, so that training does not
 * change it.
 */
public enum Cost {
    /** Parameters, as Deeplearning4j counts them: weights, biases, and batch-norm statistics. */
    PARAMETERS("parameters"),

    /** Multiply-accumulates of matrix products and convolutions for one example. */
    MACS("multiply-accumulates"),

    /**
     * Bytes that inference on one example takes: {@code b · (parameters + activations)}, where {@code b} is 4, or 8 in double
     * precision, and activations are the values of all network inputs and of what leaves every vertex. Nothing is taken off for
     * memory that is used again during one pass, nothing added for the inner arrays of a layer. Deeplearning4j's own memory reports
     * add up the same.
     */
    MEMORY("bytes of memory"),

    /**
     * Bytes of the file that Deeplearning4j's {@code ModelSerializer} writes without the optimiser's state. Configuration and headers
     * are measured by writing them, and parameters count with what they take if they cannot be compressed: {@code b} bytes each, and
     * 0.03 % for the blocks of the archive. 64 bytes are added for counters that training advances. No file is larger; weights of a
     * trained network are hard to compress, so that it is some per cent smaller.
     */
    FILE_SIZE("bytes of file"),

    /**
     * Nanoseconds that a forward pass takes by the {@link LatencyTable} that the {@linkplain Origin#latencies origin} carries. What was
     * measured is in the table; the cost itself follows from the structure, like all others.
     */
    LATENCY("nanoseconds of latency");

    private static final int COUNTERS = 64;

    private final String unit;

    Cost(String unit) {
        this.unit = unit;
    }

    /**
     * Names what is counted.
     *
     * @return a plural, such as "parameters"
     */
    public String unit() {
        return unit;
    }

    /**
     * Measures a network.
     *
     * @param network the network
     * @return the cost, ≥ 0
     * @throws IllegalStateException if it cannot be told, with the reason
     */
    public long of(NetworkGraph network) {
        return switch (this) {
            case PARAMETERS -> network.parameterCount();
            case MACS -> network.macs();
            case MEMORY -> memory(network);
            case FILE_SIZE ->
                fileSize(network.origin().fileOverhead(network), bytes(network, network.parameterCount()));
            case LATENCY -> latencies(network).of(network);
        };
    }

    /**
     * Measures what a layer or vertex adds to a network's cost.
     *
     * @param network the network
     * @param vertex a vertex
     * @return its part of the cost, ≥ 0; 0 where it is unknown
     * @throws IllegalStateException if that is the latency, and the network carries no table
     */
    public long of(NetworkGraph network, String vertex) {
        long parameters = network.vertex(vertex).parameterCount();
        return switch (this) {
            case PARAMETERS -> parameters;
            case MACS -> Math.max(0, network.macs(vertex));
            case MEMORY ->
                bytes(
                        network,
                        parameters
                                + activations(
                                                network,
                                                vertex,
                                                network.signal(vertex).units().length())
                                        .orElse(0));
            case FILE_SIZE -> bytes(network, parameters);
            case LATENCY -> latencies(network).of(network, vertex);
        };
    }

    /**
     * Gives the measured times that a network carries.
     *
     * @param network the network
     * @return the table
     * @throws IllegalStateException if it carries none
     */
    public static LatencyTable latencies(NetworkGraph network) {
        return network.origin()
                .latencies()
                .orElseThrow(() -> new IllegalStateException(
                        "The latency of the network is unknown, because nobody measured its layers."
                                + "\nMaybe attach a table by network.with(network.origin().withLatencies(table))?"));
    }

    private static long memory(NetworkGraph network) {
        long values = network.parameterCount();
        for (NetworkInput input : network.inputs()) {
            values += requireActivations(network, input.name());
        }
        for (String name : network.order()) {
            values += requireActivations(network, name);
        }
        return bytes(network, values);
    }

    private static long requireActivations(NetworkGraph network, String name) {
        return activations(network, name, network.signal(name).units().length())
                .orElseThrow(() -> new IllegalStateException("The memory that '" + name
                        + "' takes is unknown, because the number of its activations for one example is not known.\n"
                        + "Maybe pass the InputType of every network input when reading the model?"));
    }

    /**
     * Counts the activations that leave a vertex or network input.
     *
     * @param network the network
     * @param name a vertex or network input
     * @param width its number of units, which may be another than it is
     * @return for one example; empty where extents, the width, or the number of examples are unknown
     */
    public static OptionalLong activations(NetworkGraph network, String name, long width) {
        Signal signal = network.signal(name);
        BatchFactor batch = network.batch(name);
        long positions = signal.positions();
        if (positions < 0 || width < 0 || !batch.folds().isEmpty() || signal.kind() == Signal.Kind.UNKNOWN) {
            return OptionalLong.empty();
        }
        long values = width * positions * batch.times();
        return OptionalLong.of((values + batch.per() - 1) / batch.per());
    }

    /**
     * Tells how many bytes values of a network take.
     *
     * @param network the network
     * @param values number of parameters or activations
     * @return 4 bytes for each, or 8 in double precision
     */
    public static long bytes(NetworkGraph network, long values) {
        boolean wide = network.vertices().stream()
                .flatMap(vertex -> vertex.parameters().values().stream())
                .anyMatch(parameter -> parameter.value().isDouble());
        return values * (wide ? Double.BYTES : Float.BYTES);
    }

    /**
     * Tells the size of a file.
     *
     * @param overhead what {@link Origin#fileOverhead} tells
     * @param parameterBytes bytes of all parameters
     * @return an upper bound
     */
    public static long fileSize(long overhead, long parameterBytes) {
        // zlib's own bound for data that cannot be compressed.
        long blocks = (parameterBytes >> 12) + (parameterBytes >> 14) + (parameterBytes >> 25) + 13;
        return overhead + parameterBytes + blocks + COUNTERS;
    }
}
