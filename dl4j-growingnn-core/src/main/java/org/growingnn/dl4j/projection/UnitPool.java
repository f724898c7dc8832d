package org.growingnn.dl4j.projection;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.Calibration.Activations;
import org.growingnn.dl4j.graph.CandidateUnits;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Role;
import org.growingnn.dl4j.graph.SparseMatrix;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;

/**
 * Draws units that spaces could gain, and ranks them by what the loss's gradient says of the weights that would consume them.
 *
 * <p>All of them are added to a copy of the network with outgoing weights of 0, which changes no output, and one pass of calibration data
 * through that copy gives the gradient of these weights. That new weights should start where their gradient is largest is the idea of
 * GradMax (Evci et al. 2022); to choose among random units by it, that of Firefly (Wu et al. 2020), which holds through any activation
 * function, batch norm and topology, where GradMax's closed form needs layers right behind each other. Units that answer alike have large
 * gradients together. Therefore they are taken as orthogonal matching pursuit takes features (Pati et al. 1993): a unit counts by
 * the part of its activations that neither present units nor those taken before make up for, and by the error that this part correlates
 * with, as candidates do in cascade-correlation (Fahlman and Lebiere 1990), {@code ‖E[ã δ]‖² / E[ã²]}.
 */
public final class UnitPool {

    /** Fewer are hardly a choice. */
    private static final int LEAST = 32;

    /** More cost memory and time that grow with their number in all layers. */
    private static final int MOST = 256;

    /** Added to E[ã²], as a share of E[a²]: what is left of a unit that others nearly make up for is mostly noise. */
    private static final double RIDGE = 0.01;

    private UnitPool() {}

    /**
     * Draws candidates for every space that can grow: twice as many as it has units, at least 32 and at most 256. Their weights are normally
     * distributed with the mean square of those that are there, their biases are those of units that are there.
     *
     * @param network the network
     * @param seed what they derive from, together with the weights that are there
     * @return the network with candidates in its calibration, in no order
     */
    public static NetworkGraph drawn(NetworkGraph network, long seed) {
        Map<String, CandidateUnits> candidates = new LinkedHashMap<>();
        for (UnitSpace space : network.spaces()) {
            if (space.resizable() && !space.selectionOnly() && space.size() != Layout.UNKNOWN) {
                int count = (int) Math.max(LEAST, Math.min(2 * space.size(), MOST));
                candidates.put(space.name(), drawn(network, space, count, seed));
            }
        }
        return network.with(Optional.of(network.calibration()
                .orElseGet(() -> new Calibration(Map.of(), Map.of(), Map.of()))
                .withCandidates(candidates)));
    }

    private static CandidateUnits drawn(NetworkGraph network, UnitSpace space, int count, long seed) {
        Map<String, Map<String, Tensor>> weights = new LinkedHashMap<>();
        for (Vertex vertex : network.vertices()) {
            Map<String, Tensor> byKey = new LinkedHashMap<>();
            network.axes(vertex.name()).forEach((key, axes) -> {
                if (axes.stream().anyMatch(axis -> axis.role() == Role.PRODUCES && indexes(network, axis, space))) {
                    byKey.put(key, drawn(network, space, vertex, key, count, seed));
                }
            });
            if (!byKey.isEmpty()) {
                weights.put(vertex.name(), byKey);
            }
        }
        return new CandidateUnits(count, weights);
    }

    private static Tensor drawn(
            NetworkGraph network, UnitSpace space, Vertex vertex, String key, int count, long seed) {
        Tensor present = vertex.parameters().get(key).value();
        // Other weights give other units, also in the generation after one that was taken back.
        SplittableRandom random = new SplittableRandom(
                seed ^ 31L * vertex.name().hashCode() + key.hashCode() ^ (long) present.hashCode() << 32);
        SparseMatrix.Builder copies = SparseMatrix.builder(Math.toIntExact(space.size()));
        for (int unit = 0; unit < count; unit++) {
            copies.entry(random.nextInt(Math.toIntExact(space.size())), 1).endRow();
        }
        SparseMatrix copied = copies.build();
        List<Axis> axes = network.axes(vertex.name()).get(key);
        Tensor units = present;
        double fanIn = 1;
        for (int axis = 0; axis < axes.size(); axis++) {
            Axis typed = axes.get(axis);
            if (typed.role() == Role.PRODUCES) {
                units = units.transform(
                        axis, Positions.of(network, typed.layout(), other -> other.equals(space) ? copied : null));
            } else {
                fanIn *= present.size(axis);
            }
        }
        if (axes.size() == 1) {
            return units;
        }
        double deviation = Math.sqrt(meanSquare(present));
        // A layer whose weights are all zero says nothing of how large they should be (He et al. 2015).
        double scale = deviation > 0 ? deviation : Math.sqrt(2 / fanIn);
        double[] values = new double[units.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = scale * random.nextGaussian();
        }
        Tensor drawn = units.like(units.shape(), values);
        return vertex.operation()
                .constraint(key)
                .flatMap(constraint -> constraint.apply(drawn))
                .orElse(drawn);
    }

    private static double meanSquare(Tensor tensor) {
        double sum = 0;
        for (int i = 0; i < tensor.length(); i++) {
            sum += tensor.get(i) * tensor.get(i);
        }
        return sum / Math.max(1, tensor.length());
    }

    private static boolean indexes(NetworkGraph network, Axis axis, UnitSpace space) {
        return axis.layout().blocks().stream()
                .anyMatch(block -> network.space(block).equals(space));
    }

    /**
     * Adds all candidates to their spaces. What the network computes stays, because nothing consumes them; therefore one pass through
     * the network that comes of it tells of all of them.
     *
     * @param network a network with candidates
     * @return the wider network, without a calibration
     */
    public static NetworkGraph widened(NetworkGraph network) {
        NetworkGraph result = network.with(
                Optional.of(new Calibration(Map.of(), Map.of(), Map.of()).withCandidates(candidates(network))));
        for (String name : candidates(network).keySet()) {
            UnitSpace space = result.spaceNamed(name);
            // Follows the spaces that were widened before.
            CandidateUnits units = candidates(result).get(name);
            int size = Math.toIntExact(space.size());
            result = Resizer.resize(result, space, UnitMap.adding(size, size + units.count(), units));
        }
        return result.with(Optional.empty());
    }

    private static Map<String, CandidateUnits> candidates(NetworkGraph network) {
        return network.calibration().map(Calibration::candidates).orElse(Map.of());
    }

    /**
     * Orders the candidates, those that promise most first.
     *
     * @param network a network with candidates
     * @param widened what {@link #widened} makes of it
     * @param told what calibration data told of the wider network: gradients and activations
     * @return the network with the same candidates in order
     */
    public static NetworkGraph rated(NetworkGraph network, NetworkGraph widened, Calibration told) {
        Objects.requireNonNull(told, "told");
        NetworkGraph calibrated = widened.with(Optional.of(told));
        Map<String, CandidateUnits> ordered = new LinkedHashMap<>(candidates(network));
        ordered.replaceAll((name, units) -> CandidateWeights.ordered(
                network,
                network.spaceNamed(name),
                units,
                order(calibrated, calibrated.spaceNamed(name), units.count())));
        return network.with(network.calibration().map(known -> known.withCandidates(ordered)));
    }

    /** Gives the candidates, which are the last units of the space, counted from 0, in the order in which they are to be taken. */
    private static List<Integer> order(NetworkGraph widened, UnitSpace space, int count) {
        int size = Math.toIntExact(space.size());
        double[][] errors = gradientProducts(widened, space);
        Optional<Activations> activations = Calibrated.activations(widened, space, "the choice of new units");
        double[][] products = new double[size][size];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                products[i][j] = activations.isPresent() ? activations.get().product(i, j) : i == j ? 1 : 0;
            }
        }
        return pursuit(errors, products, size - count);
    }

    /**
     * Takes features by orthogonal matching pursuit.
     *
     * @param errors products of what any two features correlate with, {@code Σ_o E[a_i δ_o] E[a_j δ_o]}; overwritten
     * @param products {@code E[a_i a_j]}; overwritten
     * @param present how many of the first features are taken already
     * @return the others, counted from the first of them, in the order in which they are taken
     */
    static List<Integer> pursuit(double[][] errors, double[][] products, int present) {
        int size = errors.length;
        double[] squares =
                IntStream.range(0, size).mapToDouble(i -> products[i][i]).toArray();
        List<Integer> left = new ArrayList<>(IntStream.range(0, size).boxed().toList());
        for (int i = 0; i < present; i++) {
            left.remove(0);
            remove(errors, products, i, squares[i], left);
        }
        List<Integer> order = new ArrayList<>();
        while (!left.isEmpty()) {
            Integer best = left.stream()
                    .max(Comparator.comparingDouble((Integer i) ->
                                    squares[i] > 0 ? errors[i][i] / (products[i][i] + RIDGE * squares[i]) : 0)
                            .thenComparing(Comparator.reverseOrder()))
                    .orElseThrow();
            left.remove(best);
            order.add(best - present);
            remove(errors, products, best, squares[best], left);
        }
        return order;
    }

    /** Takes from all that are left what a feature makes up for. */
    private static void remove(double[][] errors, double[][] products, int taken, double square, List<Integer> left) {
        double pivot = products[taken][taken];
        // Nothing but rounding is left of a feature that the others make up for.
        if (!(pivot > 1e-6 * square)) {
            return;
        }
        double own = errors[taken][taken];
        double[] shares = new double[errors.length];
        double[] correlated = errors[taken].clone();
        left.forEach(i -> shares[i] = products[i][taken] / pivot);
        for (int i : left) {
            for (int j : left) {
                errors[i][j] += -shares[i] * correlated[j] - shares[j] * correlated[i] + shares[i] * shares[j] * own;
                products[i][j] -= shares[i] * shares[j] * pivot;
            }
        }
    }

    /** Multiplies the gradients of the weights that consume any two units. */
    private static double[][] gradientProducts(NetworkGraph network, UnitSpace space) {
        int size = Math.toIntExact(space.size());
        double[][] products = new double[size][size];
        Calibration known = network.calibration().orElseThrow();
        for (Vertex vertex : network.vertices()) {
            network.axes(vertex.name()).forEach((key, axes) -> {
                Parameter parameter = vertex.parameters().get(key);
                known.gradient(vertex.name(), key, parameter.value().shape()).ifPresent(gradient -> {
                    for (int axis = 0; axis < axes.size(); axis++) {
                        if (axes.get(axis).role() == Role.CONSUMES && indexes(network, axes.get(axis), space)) {
                            add(products, rows(network, space, axes.get(axis), gradient, axis));
                        }
                    }
                });
            });
        }
        return products;
    }

    /** Gives the gradients of the weights that consume each unit, all in the same order. */
    private static double[][] rows(NetworkGraph network, UnitSpace space, Axis axis, Tensor gradient, int index) {
        int size = Math.toIntExact(space.size());
        int[] counts = new int[size];
        UnitWeights.visit(network, space, axis, gradient, index, (unit, position) -> counts[unit]++);
        double[][] rows = new double[size][counts[0]];
        int[] next = new int[size];
        UnitWeights.visit(
                network,
                space,
                axis,
                gradient,
                index,
                (unit, position) -> rows[unit][next[unit]++] = gradient.get(position));
        return rows;
    }

    private static void add(double[][] products, double[][] rows) {
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = 0;
                for (int k = 0; k < rows[i].length; k++) {
                    sum += rows[i][k] * rows[j][k];
                }
                products[i][j] += sum;
                if (j < i) {
                    products[j][i] += sum;
                }
            }
        }
    }
}
