package org.growingnn.dl4j.graph;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Finds what of a calibration still holds for an edited network, see {@link Calibration#after}. */
final class Carryover {

    private final NetworkGraph before;
    private final NetworkGraph after;
    private final Map<String, String> copies;
    /** By name in the edited network, what gave the same values before. */
    private final Map<String, String> origins = new HashMap<>();

    Carryover(NetworkGraph before, NetworkGraph after, Map<String, String> copies) {
        this.before = Objects.requireNonNull(before, "before");
        this.after = Objects.requireNonNull(after, "after");
        this.copies = Objects.requireNonNull(copies, "copies");
        // Whatever is done to a network, it is given the same data.
        after.inputs().forEach(input -> origins.put(input.name(), input.name()));
        for (String name : after.order()) {
            String origin = copies.getOrDefault(name, name);
            if (copies.containsKey(name) ? origin.equals(origins.get(origin)) : givesTheSame(name)) {
                origins.put(name, origin);
            }
        }
    }

    Calibration of(Calibration known) {
        Map<String, Calibration.Moments> moments = new LinkedHashMap<>(known.moments());
        moments.entrySet().removeIf(entry -> !holds(entry.getKey(), entry.getValue()));
        Map<String, Calibration.Activations> activations = new LinkedHashMap<>(known.activations());
        copies.forEach((copy, original) -> {
            if (activations.containsKey(original)) {
                activations.put(copy, activations.get(original));
            }
        });
        activations
                .entrySet()
                .removeIf(entry ->
                        !copies.getOrDefault(entry.getKey(), entry.getKey()).equals(origins.get(entry.getKey()))
                                || entry.getValue().size()
                                        != after.signal(entry.getKey()).units().length());
        Map<String, CandidateUnits> candidates = new LinkedHashMap<>(known.candidates());
        candidates.entrySet().removeIf(entry -> !holds(entry.getKey(), entry.getValue()));
        return new Calibration(
                holding(known.gradients()), holding(known.squaredGradients()), moments, activations, candidates);
    }

    private Map<String, Map<String, Tensor>> holding(Map<String, Map<String, Tensor>> gradients) {
        Map<String, Map<String, Tensor>> result = new LinkedHashMap<>();
        gradients.forEach((vertex, byKey) -> {
            Map<String, Tensor> kept = new LinkedHashMap<>(byKey);
            kept.entrySet().removeIf(entry -> !holds(vertex, entry.getKey(), entry.getValue()));
            if (!kept.isEmpty()) {
                result.put(vertex, kept);
            }
        });
        return result;
    }

    private boolean holds(String vertex, String key, Tensor gradient) {
        if (!isSameLayer(vertex)) {
            return false;
        }
        Parameter parameter = after.vertex(vertex).parameters().get(key);
        return parameter != null
                && Arrays.equals(parameter.value().shape(), gradient.shape())
                && (isGivenTheSame(vertex)
                        || isIndexedBySame(
                                before.axes(vertex).getOrDefault(key, List.of()),
                                after.axes(vertex).get(key)));
    }

    private boolean holds(String vertex, Calibration.Moments moments) {
        return isSameLayer(vertex)
                && isGivenTheSame(vertex)
                && moments.keys().stream().allMatch(key -> hasSameShape(vertex, key));
    }

    private boolean holds(String space, CandidateUnits units) {
        return after.spaces().stream()
                        .anyMatch(now -> now.name().equals(space)
                                && now.producers()
                                        .equals(before.spaceNamed(space).producers()))
                && units.weights().entrySet().stream()
                        .allMatch(entry -> isSameLayer(entry.getKey())
                                && entry.getValue().keySet().stream()
                                        .allMatch(key -> hasSameShape(entry.getKey(), key)
                                                && isIndexedBySame(
                                                        before.axes(entry.getKey())
                                                                .get(key),
                                                        after.axes(entry.getKey())
                                                                .get(key))));
    }

    private boolean hasSameShape(String vertex, String key) {
        Parameter parameter = after.vertex(vertex).parameters().get(key);
        return parameter != null
                && Arrays.equals(
                        parameter.value().shape(),
                        before.vertex(vertex).parameters().get(key).value().shape());
    }

    private boolean givesTheSame(String name) {
        if (!isSameLayer(name)
                || before.signal(name).units().length()
                        != after.signal(name).units().length()) {
            return false;
        }
        return computesUnits(before, name) && computesUnits(after, name)
                || before.vertex(name).operation().equals(after.vertex(name).operation())
                        && before.vertex(name)
                                .parameters()
                                .equals(after.vertex(name).parameters())
                        && isGivenTheSame(name);
    }

    private boolean isSameLayer(String name) {
        return before.isVertex(name)
                && after.isVertex(name)
                && before.vertex(name)
                        .operation()
                        .structure()
                        .equals(after.vertex(name).operation().structure());
    }

    /** Tells whether a layer weighs what arrives, and so stands for what is in front of it. */
    private static boolean computesUnits(NetworkGraph graph, String name) {
        return graph.axes(name).values().stream().flatMap(List::stream).anyMatch(axis -> axis.role() == Role.PRODUCES);
    }

    private boolean isGivenTheSame(String name) {
        return after.vertex(name).inputs().stream()
                .map(origins::get)
                .toList()
                .equals(before.vertex(name).inputs());
    }

    private boolean isIndexedBySame(List<Axis> old, List<Axis> now) {
        boolean same = old.size() == now.size();
        for (int i = 0; same && i < old.size(); i++) {
            same = old.get(i).role() == now.get(i).role()
                    && areSame(old.get(i).layout().blocks(), now.get(i).layout().blocks());
        }
        return same;
    }

    private boolean areSame(List<Block> old, List<Block> now) {
        boolean same = old.size() == now.size();
        for (int i = 0; same && i < old.size(); i++) {
            same = old.get(i).size() == now.get(i).size()
                    && old.get(i).inner() == now.get(i).inner()
                    // A sum with fewer parts still has the units of those that are left.
                    && !Collections.disjoint(
                            before.space(old.get(i)).producers(),
                            after.space(now.get(i)).producers());
        }
        return same;
    }
}
