package org.growingnn.dl4j.graph;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A vertex of the network: a layer, or an operation that joins or rearranges activations.
 *
 * @param name unique name
 * @param inputs names of the vertices or network inputs that feed it, in order
 * @param operation what it does
 * @param parameters its parameter arrays by key, in the order of the network's parameter table
 */
public record Vertex(String name, List<String> inputs, Operation operation, Map<String, Parameter> parameters) {

    /**
     * Copies the collections.
     *
     * @param name unique name
     * @param inputs names of what feeds it
     * @param operation what it does
     * @param parameters its parameter arrays by key
     */
    public Vertex {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(operation, "operation");
        inputs = List.copyOf(inputs);
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }

    /**
     * Replaces the parameters.
     *
     * @param newParameters arrays by key
     * @return the same vertex with other arrays
     */
    public Vertex withParameters(Map<String, Parameter> newParameters) {
        return new Vertex(name, inputs, operation, newParameters);
    }

    /**
     * Replaces the operation.
     *
     * @param newOperation what it does
     * @return the same vertex with another operation
     */
    public Vertex withOperation(Operation newOperation) {
        return new Vertex(name, inputs, newOperation, parameters);
    }

    /**
     * Replaces the inputs.
     *
     * @param newInputs names of the vertices or network inputs that feed it, in order
     * @return the same vertex fed by others
     */
    public Vertex withInputs(List<String> newInputs) {
        return new Vertex(name, newInputs, operation, parameters);
    }

    /**
     * Takes another vertex's activations instead of one's.
     *
     * @param from a vertex or network input
     * @param to what to take instead, wherever {@code from} is taken
     * @return the reconnected vertex
     */
    public Vertex reconnected(String from, String to) {
        return withInputs(
                inputs.stream().map(input -> input.equals(from) ? to : input).toList());
    }

    /**
     * Counts the parameters.
     *
     * @return the number of values of all arrays, optimiser state excluded
     */
    public long parameterCount() {
        return parameters.values().stream().mapToLong(p -> p.value().length()).sum();
    }
}
