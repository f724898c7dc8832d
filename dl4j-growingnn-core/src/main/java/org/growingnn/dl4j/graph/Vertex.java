package org.growingnn.dl4j.graph;

import java.util.Arrays;
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
     * @return the same vertex with other arrays; this one if they are no others
     */
    public Vertex withParameters(Map<String, Parameter> newParameters) {
        return same(newParameters) ? this : new Vertex(name, inputs, operation, newParameters);
    }

    /** Replaces the values of all parameters, which must have the same shapes. */
    Vertex withValues(Map<String, Parameter> values) {
        Map<String, Parameter> ordered = new LinkedHashMap<>(parameters);
        ordered.replaceAll((key, parameter) -> values.getOrDefault(key, parameter));
        Vertex replaced = withParameters(ordered);
        if (!values.keySet().equals(parameters.keySet()) || !replaced.hasStructureOf(this)) {
            throw new IllegalArgumentException("The parameters of '" + name + "' are " + shapes(parameters)
                    + ", which cannot be replaced by " + shapes(values)
                    + ".\nMaybe the values come from a network of another structure?");
        }
        return replaced;
    }

    private static Map<String, String> shapes(Map<String, Parameter> parameters) {
        Map<String, String> shapes = new LinkedHashMap<>();
        parameters.forEach((key, parameter) ->
                shapes.put(key, Arrays.toString(parameter.value().shape())));
        return shapes;
    }

    private boolean same(Map<String, Parameter> others) {
        return List.copyOf(others.keySet()).equals(List.copyOf(parameters.keySet()))
                && parameters.entrySet().stream().allMatch(entry -> others.get(entry.getKey()) == entry.getValue());
    }

    /** Tells whether layouts cannot tell this vertex from another: same inputs, operation, keys in order, and shapes. */
    boolean hasStructureOf(Vertex other) {
        return operation.equals(other.operation)
                && inputs.equals(other.inputs)
                && List.copyOf(parameters.keySet()).equals(List.copyOf(other.parameters.keySet()))
                && parameters.entrySet().stream()
                        .allMatch(entry -> Arrays.equals(
                                entry.getValue().value().shape(),
                                other.parameters.get(entry.getKey()).value().shape()));
    }

    /**
     * Replaces the operation.
     *
     * @param newOperation what it does
     * @return the same vertex with another operation; this one if it is no other
     */
    public Vertex withOperation(Operation newOperation) {
        return newOperation == operation ? this : new Vertex(name, inputs, newOperation, parameters);
    }

    /**
     * Replaces the inputs.
     *
     * @param newInputs names of the vertices or network inputs that feed it, in order
     * @return the same vertex fed by others; this one if they are no others
     */
    public Vertex withInputs(List<String> newInputs) {
        return newInputs.equals(inputs) ? this : new Vertex(name, newInputs, operation, parameters);
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
     * Tells whether the vertex has weights that must stay as they are.
     *
     * @return true for a frozen layer, but not for one without weights
     */
    public boolean hasFrozenWeights() {
        return operation.isFrozen() && !parameters.isEmpty();
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
