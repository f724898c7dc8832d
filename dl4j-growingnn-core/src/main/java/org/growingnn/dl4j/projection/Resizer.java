package org.growingnn.dl4j.projection;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Operation;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Parameter.Moment;
import org.growingnn.dl4j.graph.Role;
import org.growingnn.dl4j.graph.Selection;
import org.growingnn.dl4j.graph.SparseMatrix;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;
import org.jspecify.annotations.Nullable;

/**
 * Applies a {@link UnitMap} to a network: one loop over every axis of every parameter. The paper's column rule
 * {@code [W_before | W_middle · Qᵀ | W_after]} is what the loop does to one block of a consuming axis.
 *
 * <p>Optimiser state follows by the dual map. If parameters transform as {@code W' = P W} on the producing side and {@code V'
 * = C V} on the consuming side, the chain rule sends gradients through C on the producing side and through P on the
 * consuming side; running means of gradients are linear in them. For running means of squared gradients the entries are
 * {@code |c_ij| · Σ_k |c_ik|}: by the Cauchy–Schwarz inequality this bounds the square of the mixed gradient, it is exact for
 * selection and replication, and it is never negative.
 */
public final class Resizer {

    private Resizer() {}

    /**
     * Resizes a space.
     *
     * @param graph the network
     * @param space a resizable space of it
     * @param map matrices with {@code space.size()} columns
     * @return a network whose space has {@code map.producer().rows()} units; arrays that no unit of the space indexes are
     *     shared
     * @throws IllegalArgumentException if the space is frozen, the matrices do not fit it, or they combine units that can only be
     *     left out
     */
    public static NetworkGraph resize(NetworkGraph graph, UnitSpace space, UnitMap map) {
        if (!space.resizable()) {
            throw new IllegalArgumentException("The space '" + space.name() + "' cannot be resized: "
                    + space.frozen().orElseThrow() + ".");
        }
        if (map.producer().columns() != space.size()) {
            throw new IllegalArgumentException("The map (" + map.producer() + ") must have one column for each of the "
                    + space.size() + " units of '" + space.name() + "'.");
        }
        if (space.selectionOnly() && map.selected().isEmpty()) {
            throw new IllegalArgumentException(
                    "The units of '" + space.name() + "' can be left out, but neither scaled,"
                            + " merged, replicated nor reordered: "
                            + space.keptWeights()
                                    .map(reason -> reason + ".\nMaybe use a map made by UnitMap.selection?")
                                    .orElse("they are positions that are selected, which nobody computes.\n"
                                            + "Maybe use Actions.inputs() or a map made by UnitMap.selection?"));
        }
        Optional<int[]> kept = map.selected();
        Map<String, int[]> following = kept.map(units -> Selection.following(graph, Map.of(space.name(), units)))
                .orElse(Map.of());
        if (!following.isEmpty()) {
            // Positions of units that go go first; of what is selected, all is left then.
            NetworkGraph narrowed = graph;
            for (Map.Entry<String, int[]> entry : following.entrySet()) {
                UnitSpace selected = narrowed.spaceNamed(entry.getKey());
                narrowed = resize(
                        narrowed, selected, UnitMap.selection(Math.toIntExact(selected.size()), entry.getValue()));
            }
            return resize(narrowed, narrowed.spaceNamed(space.name()), map);
        }
        List<Vertex> changed = new ArrayList<>();
        for (Vertex vertex : graph.vertices()) {
            Map<String, Parameter> parameters = new LinkedHashMap<>(vertex.parameters());
            boolean touched = false;
            for (Map.Entry<String, List<Axis>> entry : graph.axes(vertex.name()).entrySet()) {
                List<Axis> axes = entry.getValue();
                for (int axis = 0; axis < axes.size(); axis++) {
                    if (indexes(graph, axes.get(axis), space)) {
                        Parameter old = parameters.get(entry.getKey());
                        parameters.put(
                                entry.getKey(),
                                new AxisResize(graph, space, map, axes.get(axis), axis, arriving(graph, vertex, map))
                                        .apply(old, seed(vertex.name(), entry.getKey())));
                        touched = true;
                    }
                }
            }
            map.added()
                    .ifPresent(units -> units.weights()
                            .getOrDefault(vertex.name(), Map.of())
                            .forEach((key, weights) -> parameters.put(
                                    key,
                                    CandidateWeights.inserted(
                                            graph, space, map, vertex.name(), key, parameters.get(key), weights))));
            Operation operation = resized(graph, vertex, space, map);
            if (touched || operation != vertex.operation()) {
                changed.add(vertex.withParameters(parameters).withOperation(operation));
            }
        }
        NetworkGraph resized =
                graph.with(changed).withCalibrationOf(graph, calibration -> follow(graph, calibration, space, map));
        return graph.lineage()
                .map(lineage -> resized.with(lineage.resized(space, map.producer())))
                .orElse(resized);
    }

    /**
     * Resizes spaces as a projection wants it, and then, if it wants that, refits what consumes reduced units.
     *
     * @param graph the network
     * @param sizes number of units afterwards, by the name of a resizable space
     * @param projection how units turn into others; it sees the network as it is before any space is resized. Where units can
     *     only be left out, the best by {@link Criteria#of} stay.
     * @return the resized network
     * @throws IllegalArgumentException if a space is unknown or frozen
     */
    public static NetworkGraph resize(NetworkGraph graph, Map<String, Integer> sizes, Projection projection) {
        Map<String, UnitMap> maps = new LinkedHashMap<>();
        sizes.forEach((name, size) -> {
            UnitSpace space = graph.spaceNamed(name);
            maps.put(
                    name,
                    space.selectionOnly() && size <= space.size()
                            ? UnitMap.selection(
                                    Math.toIntExact(space.size()),
                                    GlobalRanking.best(
                                            Criteria.rate(Criteria.of(projection, graph), graph, space), size))
                            : projection.map(graph, space, size));
        });
        return resize(graph, maps, projection.refits());
    }

    /**
     * Resizes spaces.
     *
     * @param graph the network
     * @param maps matrices for resizable spaces, by their names
     * @param refit whether to refit what consumes reduced units, which needs a calibrated network, see {@link Refit#consumers}
     * @return the resized network
     * @throws IllegalArgumentException if a space is unknown or frozen, or if the matrices do not fit it
     * @throws IllegalStateException if something is to be refitted, but the network is not calibrated
     */
    public static NetworkGraph resize(NetworkGraph graph, Map<String, UnitMap> maps, boolean refit) {
        return resizeAll(graph, withFollowing(graph, maps), refit);
    }

    /** Says of selections beforehand what they lose, since what consumes their positions is to be refitted for that, too. */
    private static Map<String, UnitMap> withFollowing(NetworkGraph graph, Map<String, UnitMap> maps) {
        Map<String, int[]> kept = new LinkedHashMap<>();
        maps.forEach((name, map) -> map.selected().ifPresent(units -> kept.put(name, units)));
        Map<String, UnitMap> all = new LinkedHashMap<>();
        Selection.following(graph, kept)
                .forEach((name, units) -> all.put(
                        name,
                        UnitMap.selection(Math.toIntExact(graph.spaceNamed(name).size()), units)));
        // Selections come first: when units in front go, none of their positions is selected any more.
        maps.forEach((name, map) -> {
            if (graph.spaceNamed(name).features()) {
                all.putIfAbsent(name, map);
            }
        });
        maps.forEach(all::putIfAbsent);
        return all;
    }

    private static NetworkGraph resizeAll(NetworkGraph graph, Map<String, UnitMap> maps, boolean refit) {
        NetworkGraph result = graph;
        for (Map.Entry<String, UnitMap> entry : maps.entrySet()) {
            result = resize(result, result.spaceNamed(entry.getKey()), entry.getValue());
        }
        if (!refit) {
            return result;
        }
        // Growth preserves the function; there is nothing to repair.
        Map<String, UnitMap> reductions = new LinkedHashMap<>(maps);
        reductions
                .values()
                .removeIf(map -> map.producer().rows() >= map.producer().columns());
        return Refit.consumers(graph, result, reductions);
    }

    /**
     * Counts the parameters that a network would have, without making it.
     *
     * @param graph the network
     * @param sizes number of units by the name of a space; others keep theirs
     * @return the count
     */
    public static long parameterCount(NetworkGraph graph, Map<String, Integer> sizes) {
        return Math.round(new WidthCosts(graph).of(Cost.PARAMETERS, sizes));
    }

    /** Lets what is known from calibration follow: gradients by the dual map, their squares by its bound, moments of units as the units themselves. */
    private static Calibration follow(NetworkGraph graph, Calibration calibration, UnitSpace space, UnitMap map) {
        Map<String, Calibration.Moments> moments = new LinkedHashMap<>(calibration.moments());
        Map<String, Calibration.Activations> activations = new LinkedHashMap<>(calibration.activations());
        if (map.added().isPresent()) {
            // What units that stem from no other will be like is not known.
            moments.entrySet()
                    .removeIf(entry -> entry.getValue().keys().stream()
                            .flatMap(key -> graph.axes(entry.getKey()).get(key).stream())
                            .anyMatch(axis -> axis.role() == Role.CONSUMES && indexes(graph, axis, space)));
            activations
                    .keySet()
                    .removeIf(name -> graph.signal(name).units().blocks().stream()
                            .anyMatch(block -> graph.space(block).equals(space)));
        }
        // Layers that take the same values share their moments, and go on doing so.
        Map<double[], Followed> known = new IdentityHashMap<>();
        moments.replaceAll((vertex, old) -> {
            if (old.keys().stream()
                    .flatMap(key -> graph.axes(vertex).get(key).stream())
                    .noneMatch(axis -> axis.role() == Role.CONSUMES && indexes(graph, axis, space))) {
                return old;
            }
            SparseMatrix features = Positions.ofFeatures(
                    graph, vertex, old.keys(), true, other -> other.equals(space) ? map.follower() : null);
            Followed followed = known.get(old.matrix());
            if (followed == null || !followed.features.equals(features)) {
                followed = new Followed(features, features.congruent(old.matrix(), features.columns()));
                known.put(old.matrix(), followed);
            }
            return new Calibration.Moments(old.keys(), features.rows() - 1, old.rows(), followed.matrix, old.linear());
        });
        activations.replaceAll((vertex, old) -> {
            Layout units = graph.signal(vertex).units();
            return units.blocks().stream().noneMatch(block -> graph.space(block).equals(space))
                    ? old
                    : old.follow(Positions.of(graph, units, other -> other.equals(space) ? map.follower() : null));
        });
        return new Calibration(
                follow(graph, calibration.gradients(), space, map, UnaryOperator.identity()),
                follow(graph, calibration.squaredGradients(), space, map, AxisResize::bound),
                moments,
                activations,
                CandidateWeights.follow(graph, calibration.candidates(), space, map));
    }

    /** Moments, and by what they became so. */
    private record Followed(SparseMatrix features, double[] matrix) {}

    /** Lets something follow that is laid out like the parameters. */
    private static Map<String, Map<String, Tensor>> follow(
            NetworkGraph graph,
            Map<String, Map<String, Tensor>> gradients,
            UnitSpace space,
            UnitMap map,
            UnaryOperator<SparseMatrix> ofDual) {
        Map<String, Map<String, Tensor>> result = new LinkedHashMap<>();
        gradients.forEach((vertex, byKey) -> {
            Map<String, Tensor> followed = new LinkedHashMap<>(byKey);
            followed.replaceAll((key, gradient) -> {
                List<Axis> axes = graph.axes(vertex).getOrDefault(key, List.of());
                Tensor tensor = gradient;
                for (int axis = 0; axis < axes.size(); axis++) {
                    if (indexes(graph, axes.get(axis), space)) {
                        AxisResize resize = new AxisResize(graph, space, map, axes.get(axis), axis, null);
                        tensor = resize.transform(tensor, ofDual.apply(resize.dual()));
                    }
                }
                return tensor;
            });
            result.put(vertex, followed);
        });
        return result;
    }

    /** Selections match no moments, and do not ask for a calibration that nobody else may ask for. */
    private static Calibration.@Nullable Activations arriving(NetworkGraph graph, Vertex vertex, UnitMap map) {
        return vertex.inputs().size() != 1 || map.selected().isPresent()
                ? null
                : graph.calibration()
                        .map(calibration ->
                                calibration.activations().get(vertex.inputs().get(0)))
                        .orElse(null);
    }

    private static Operation resized(NetworkGraph graph, Vertex vertex, UnitSpace space, UnitMap map) {
        if (vertex.operation() instanceof Selection selection) {
            int[] units = map.selected().orElse(null);
            if (units == null) {
                // Neither what is selected nor what it is selected from can be combined.
                return selection;
            }
            return graph.space(vertex.name()).equals(space)
                    ? selection.keep(units)
                    : selection.moved(graph, vertex, space.name(), units);
        }
        return vertex.operation()
                .resized(
                        vertex.inputs().stream().map(graph::signal).toList(),
                        block -> length(graph, block, space, map.producer().rows()));
    }

    private static long length(NetworkGraph graph, Block block, UnitSpace space, int newSize) {
        return graph.space(block).equals(space) ? (long) newSize * block.inner() : block.length();
    }

    private static boolean indexes(NetworkGraph graph, Axis axis, UnitSpace space) {
        return axis.layout().blocks().stream()
                .anyMatch(block -> graph.space(block).equals(space));
    }

    private static long seed(String vertex, String key) {
        return 31L * vertex.hashCode() + key.hashCode();
    }

    /** Resizes one axis of one parameter. */
    private record AxisResize(
            NetworkGraph graph,
            UnitSpace space,
            UnitMap map,
            Axis axis,
            int index,
            Calibration.@Nullable Activations arriving) {

        /** What gradients follow. */
        SparseMatrix dual() {
            return axis.role() == Role.CONSUMES ? map.producer() : map.consumer();
        }

        Parameter apply(Parameter old, long seed) {
            SparseMatrix own = switch (axis.role()) {
                case PRODUCES -> map.producer();
                case CONSUMES -> map.consumer();
                case FOLLOWS -> map.follower();
                case FREE -> throw new IllegalStateException("A free axis has no units.");
            };
            SparseMatrix dual = dual();
            Tensor value = matchesMoments(old.value()) ? matchMoments(old.value()) : transform(old.value(), own);
            if (axis.role() == Role.CONSUMES && map.splitJitter() > 0) {
                value = jitter(value, seed);
            }
            List<Moment> state = old.state().stream()
                    .map(moment -> new Moment(
                            moment.kind(),
                            transform(
                                    moment.value(),
                                    switch (moment.kind()) {
                                        case GRADIENT -> dual;
                                        case GRADIENT_SQUARED -> bound(dual);
                                        case GRADIENT_MAGNITUDE -> dual.map(Math::abs);
                                        case UPDATE_SQUARED -> bound(own);
                                    })))
                    .toList();
            return new Parameter(value, state);
        }

        private static SparseMatrix bound(SparseMatrix matrix) {
            SparseMatrix absolute = matrix.map(Math::abs);
            SparseMatrix.Builder builder = SparseMatrix.builder(matrix.columns());
            for (int i = 0; i < matrix.rows(); i++) {
                double[] sum = new double[1];
                absolute.forEach(i, (j, value) -> sum[0] += value);
                absolute.forEach(i, (j, value) -> builder.entry(j, value * sum[0]));
                builder.endRow();
            }
            return builder.build();
        }

        private Tensor transform(Tensor tensor, SparseMatrix units) {
            List<Block> blocks = axis.layout().blocks();
            if (blocks.size() > 1) {
                return tensor.transform(index, blockDiagonal(units));
            }
            int inner = blocks.get(0).inner();
            if (inner == 1) {
                return tensor.transform(index, units);
            }
            long[] shape = tensor.shape();
            long[] split = insert(shape, index, units.columns(), inner);
            shape[index] = (long) units.rows() * inner;
            return tensor.reshape(split).transform(index, units).reshape(shape);
        }

        private static long[] insert(long[] shape, int axis, long outer, long inner) {
            long[] result = new long[shape.length + 1];
            System.arraycopy(shape, 0, result, 0, axis);
            result[axis] = outer;
            result[axis + 1] = inner;
            System.arraycopy(shape, axis + 1, result, axis + 2, shape.length - axis - 1);
            return result;
        }

        private SparseMatrix blockDiagonal(SparseMatrix units) {
            return Positions.of(graph, axis.layout(), other -> other.equals(space) ? units : null);
        }

        private boolean matchesMoments(Tensor value) {
            return axis.statistic().measuresSpread()
                    && arriving != null
                    && arriving.size() == value.length()
                    && map.selected().isEmpty();
        }

        /**
         * Variances and scales of mixed units, from how the units that arrive correlate: a mixture {@code Σ_j f_j y_j} has the
         * variance {@code Σ_jk f_j f_k ρ_jk σ_j σ_k}.
         */
        private Tensor matchMoments(Tensor value) {
            SparseMatrix mixture = blockDiagonal(map.follower());
            double[] spread = new double[value.length()];
            Arrays.setAll(spread, unit -> switch (axis.statistic()) {
                case VARIANCE -> Math.sqrt(Math.max(0, value.get(unit)));
                case LOG_DEVIATION -> Math.pow(10, value.get(unit));
                case SCALE, VALUE, MEAN -> value.get(unit);
            });
            double[] result = new double[mixture.rows()];
            for (int i = 0; i < result.length; i++) {
                int row = i;
                double[] sums = new double[2];
                mixture.forEach(row, (j, first) -> {
                    sums[1] += first * spread[j];
                    mixture.forEach(
                            row,
                            (k, second) -> sums[0] +=
                                    first * second * (j == k ? 1 : arriving.correlation(j, k)) * spread[j] * spread[k]);
                });
                double mixed = Math.max(0, sums[0]);
                result[i] = switch (axis.statistic()) {
                    case VARIANCE -> mixed;
                    case LOG_DEVIATION -> 0.5 * Math.log10(Math.max(mixed, Float.MIN_NORMAL));
                    case SCALE, VALUE, MEAN -> Math.copySign(Math.sqrt(mixed), sums[1]);
                };
            }
            long[] shape = value.shape();
            shape[index] = result.length;
            return value.like(shape, result);
        }

        /** Varies how much of each outgoing weight every copy of a unit carries, keeping the sum over the copies. */
        private Tensor jitter(Tensor value, long seed) {
            long[] shape = value.shape();
            int outer = 1;
            for (int i = 0; i < index; i++) {
                outer *= (int) shape[i];
            }
            int length = (int) shape[index];
            int inner = value.length() / (outer * length);
            SplittableRandom random = new SplittableRandom(seed);
            double[] values = value.toDoubles();
            for (int[] copies : copies()) {
                double[] factors = new double[copies.length];
                for (int o = 0; o < outer; o++) {
                    for (int c = 0; c < inner; c++) {
                        double before = 0;
                        double after = 0;
                        for (int k = 0; k < copies.length; k++) {
                            factors[k] = 1 + map.splitJitter() * (2 * random.nextDouble() - 1);
                            double weight = values[(o * length + copies[k]) * inner + c];
                            before += weight;
                            after += weight * factors[k];
                        }
                        for (int k = 0; k < copies.length; k++) {
                            int position = (o * length + copies[k]) * inner + c;
                            values[position] *= after == 0 ? 1 : factors[k] * before / after;
                        }
                    }
                }
            }
            return value.like(shape, values);
        }

        /** Positions on the new axis that stem from the same old position, where there are several. */
        private List<int[]> copies() {
            SparseMatrix positions = blockDiagonal(map.producer());
            Map<Integer, List<Integer>> byOrigin = new TreeMap<>();
            for (int i = 0; i < positions.rows(); i++) {
                int position = i;
                positions.forEach(
                        i,
                        (j, value) -> byOrigin.computeIfAbsent(j, key -> new ArrayList<>())
                                .add(position));
            }
            return byOrigin.values().stream()
                    .filter(list -> list.size() > 1)
                    .map(list -> list.stream().mapToInt(Integer::intValue).toArray())
                    .toList();
        }
    }
}
