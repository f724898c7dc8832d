package org.growingnn.dl4j.adapter;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Signal;

/**
 * The widths of a vertex after all edits.
 *
 * @param inputs the signals that reach the vertex, before its preprocessor
 * @param parameters the parameters by key
 */
public record Widths(List<Signal> inputs, Map<String, Parameter> parameters) {

    /**
     * Gives the extent of one axis of a parameter.
     *
     * @param key the parameter's key
     * @param axis the axis of the shape used by {@link ConfigurationAdapter#propagate}
     * @return the extent
     */
    public long size(String key, int axis) {
        return parameters.get(key).value().size(axis);
    }

    /**
     * Gives the width of the first signal that reaches the vertex.
     *
     * @return number of units, or {@link org.growingnn.dl4j.graph.Layout#UNKNOWN}
     */
    public long input() {
        return inputs.get(0).units().length();
    }

    /**
     * Looks at the parameters of a wrapped layer.
     *
     * @param keyPrefix what the wrapper puts in front of the wrapped layer's parameter keys
     * @return the same inputs and those parameters, without the prefix
     */
    public Widths wrapped(String keyPrefix) {
        Map<String, Parameter> inner = new LinkedHashMap<>();
        parameters.forEach((key, parameter) -> {
            if (key.startsWith(keyPrefix)) {
                inner.put(key.substring(keyPrefix.length()), parameter);
            }
        });
        return new Widths(inputs, inner);
    }
}
