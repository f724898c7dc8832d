package org.growingnn.dl4j.projection;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.CandidateUnits;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Role;
import org.growingnn.dl4j.graph.SparseMatrix;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.UnitSpace;
import org.jspecify.annotations.Nullable;

/** Lets weights of candidate units follow resizings, and puts them into parameters. */
final class CandidateWeights {

    private CandidateWeights() {}

    /** What the units of a space on an axis turn into. */
    private interface Units {
        /** Gives null if they stay. */
        @Nullable
        SparseMatrix matrix(Role role, UnitSpace other);
    }

    private static Tensor transform(NetworkGraph graph, List<Axis> axes, Tensor weights, Units units) {
        Tensor result = weights;
        for (int axis = 0; axis < axes.size(); axis++) {
            Axis typed = axes.get(axis);
            if (typed.layout().blocks().stream()
                    .anyMatch(block -> units.matrix(typed.role(), graph.space(block)) != null)) {
                result = result.transform(
                        axis, Positions.of(graph, typed.layout(), other -> units.matrix(typed.role(), other)));
            }
        }
        return result;
    }

    /** Adds the weights of new units to a parameter that is resized already and has zeros there. */
    static Parameter inserted(
            NetworkGraph graph,
            UnitSpace space,
            UnitMap map,
            String vertex,
            String key,
            Parameter resized,
            Tensor weights) {
        int old = map.producer().columns();
        SparseMatrix.Builder places =
                SparseMatrix.builder(map.added().orElseThrow().count());
        for (int unit = 0; unit < map.producer().rows(); unit++) {
            if (unit >= old) {
                places.entry(unit - old, 1);
            }
            places.endRow();
        }
        SparseMatrix placed = places.build();
        Tensor added = transform(
                graph,
                graph.axes(vertex).get(key),
                weights,
                (role, other) -> other.equals(space) ? role == Role.PRODUCES ? placed : of(map, role) : null);
        double[] values = resized.value().toDoubles();
        for (int i = 0; i < values.length; i++) {
            values[i] += added.get(i);
        }
        return new Parameter(resized.value().like(resized.value().shape(), values), resized.state());
    }

    private static @Nullable SparseMatrix of(UnitMap map, Role role) {
        return switch (role) {
            case PRODUCES -> map.producer();
            case CONSUMES -> map.consumer();
            case FOLLOWS -> map.follower();
            case FREE -> null;
        };
    }

    /** Lets candidates follow a resizing. Those that became units are candidates no more. */
    static Map<String, CandidateUnits> follow(
            NetworkGraph graph, Map<String, CandidateUnits> candidates, UnitSpace space, UnitMap map) {
        Map<String, CandidateUnits> result = new LinkedHashMap<>();
        candidates.forEach((name, units) -> {
            boolean own = name.equals(space.name());
            int taken = own ? map.addedCount() : 0;
            if (taken < units.count()) {
                SparseMatrix left = taken == 0 ? null : range(units.count(), taken);
                result.put(name, map(graph, graph.spaceNamed(name), units, left, space, map));
            }
        });
        return result;
    }

    /** Keeps some candidates, in another order. */
    static CandidateUnits ordered(NetworkGraph graph, UnitSpace space, CandidateUnits units, List<Integer> order) {
        SparseMatrix.Builder rows = SparseMatrix.builder(units.count());
        order.forEach(unit -> rows.entry(unit, 1).endRow());
        return map(graph, space, units, rows.build(), null, null);
    }

    private static SparseMatrix range(int count, int from) {
        SparseMatrix.Builder rows = SparseMatrix.builder(count);
        for (int unit = from; unit < count; unit++) {
            rows.entry(unit, 1).endRow();
        }
        return rows.build();
    }

    /**
     * Chooses among candidates, and follows a resizing.
     *
     * @param space the space that the candidates are for
     * @param chosen null for all of them
     * @param resized the space that is resized, if any
     */
    private static CandidateUnits map(
            NetworkGraph graph,
            UnitSpace space,
            CandidateUnits units,
            @Nullable SparseMatrix chosen,
            @Nullable UnitSpace resized,
            @Nullable UnitMap map) {
        SparseMatrix own = chosen == null ? SparseMatrix.identity(units.count()) : chosen;
        Map<String, Map<String, Tensor>> weights = new LinkedHashMap<>();
        units.weights().forEach((vertex, byKey) -> {
            Map<String, Tensor> followed = new LinkedHashMap<>(byKey);
            followed.replaceAll((key, tensor) ->
                    transform(graph, graph.axes(vertex).get(key), tensor, (role, other) -> {
                        if (role == Role.PRODUCES && other.equals(space)) {
                            return own;
                        }
                        return map != null && other.equals(resized) ? of(map, role) : null;
                    }));
            weights.put(vertex, followed);
        });
        return new CandidateUnits(own.rows(), weights);
    }
}
