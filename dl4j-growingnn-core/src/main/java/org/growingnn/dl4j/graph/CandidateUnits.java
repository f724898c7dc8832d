package org.growingnn.dl4j.graph;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Units that a space could gain: the weights by which layers would compute them, from the units that there are.
 *
 * @param count number of units, ≥ 1
 * @param weights by vertex and parameter key, for every parameter by which units of the space are computed: an array that is laid out like
 *     the parameter, with these units in place of the space's own along the axes that {@linkplain Role#PRODUCES produce} them
 */
public record CandidateUnits(int count, Map<String, Map<String, Tensor>> weights) {

    /**
     * Copies the maps, in their order.
     *
     * @param count number of units
     * @param weights by vertex and parameter key
     */
    public CandidateUnits {
        if (count < 1) {
            throw new IllegalArgumentException("The number of candidate units (" + count + ") must be at least 1.");
        }
        Map<String, Map<String, Tensor>> copies = new LinkedHashMap<>();
        weights.forEach((vertex, byKey) -> copies.put(
                Objects.requireNonNull(vertex, "vertex"), Collections.unmodifiableMap(new LinkedHashMap<>(byKey))));
        weights = Collections.unmodifiableMap(copies);
    }
}
