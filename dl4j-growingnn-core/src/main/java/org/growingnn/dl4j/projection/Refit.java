package org.growingnn.dl4j.projection;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.Constraint;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Role;
import org.growingnn.dl4j.graph.SparseMatrix;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Solves the weights that consume reduced units anew, so that their layers' pre-activations on calibration data are what they
 * were: {@code min ‖X' W' − X W‖² + λ ‖W' − W₀‖²}, where X' are the reduced features, W₀ the weights that the projection left,
 * and biases are fitted along. Only second moments of X are needed: with {@code X' = X Pᵀ}, the solution is {@code W' = W₀ + (P G
 * Pᵀ + λ I)⁻¹ P G (W − Pᵀ W₀)}. λ is chosen from the data.
 *
 * <p>Moments may be of deficient rank; λ is then large enough for a solution. A layer that has none all the same, or none that its
 * parameters can hold, keeps the weights that the projection left, which is logged as a warning.
 *
 * <p>Where training {@linkplain org.growingnn.dl4j.graph.Operation#constraint constrains} weights or biases, refit does, too:
 * non-negative ones are the least-squares solution among those; norms are set behind the solution. If that is no closer than what the
 * projection left, or it is not known what a constraint does, the layer keeps the latter, with a warning.
 *
 * <p>What a solution cannot explain is missing from the variance of its sums. Batch normalisation right behind a layer gets the means
 * and variances that the new sums have, relative to those of the old ones, unless it is frozen.
 */
public final class Refit {

    private static final Logger LOG = LoggerFactory.getLogger(Refit.class);

    private Refit() {}

    /**
     * Refits all consumers of reduced units that have moments. Layers without moments, which are too wide for them or were added
     * since the network was calibrated, stay as they are, and so do frozen ones.
     *
     * @param original the network that was calibrated
     * @param reduced the same network with some of its spaces reduced; not modified
     * @param maps how each reduced space was, by its name
     * @return the network with other weights and biases, and other statistics in the batch norms behind them
     * @throws IllegalStateException if there are reduced spaces, but the original is not calibrated
     * @throws IllegalArgumentException if moments are not finite, with the layer that has them
     */
    public static NetworkGraph consumers(NetworkGraph original, NetworkGraph reduced, Map<String, UnitMap> maps) {
        Objects.requireNonNull(original, "original");
        Objects.requireNonNull(reduced, "reduced");
        if (maps.isEmpty()) {
            return reduced;
        }
        Map<String, Calibration.Moments> moments =
                Calibrated.of(original, "the refit of consumers").moments();
        List<Vertex> changed = new ArrayList<>();
        // In the network's order, so that nothing depends on the order in which moments were collected.
        for (String name : original.order()) {
            Calibration.Moments own = moments.get(name);
            // Of what is frozen, weights may go with the units that they weigh, but the rest stays as it is.
            if (own == null || original.vertex(name).operation().isFrozen()) {
                continue;
            }
            Layer layer = new Layer(original, name, own, maps);
            if (layer.consumesReduced()) {
                changed.addAll(layer.refit(reduced));
            }
        }
        return reduced.with(changed);
    }

    /** One consumer. */
    private record Layer(NetworkGraph original, String name, Calibration.Moments moments, Map<String, UnitMap> maps) {

        private int axis(String key, Role role) {
            List<Axis> axes = original.axes(name).get(key);
            for (int i = 0; i < axes.size(); i++) {
                if (axes.get(i).role() == role) {
                    return i;
                }
            }
            throw new IllegalStateException(
                    "The weights '" + key + "' of '" + name + "' have no axis that " + role + ".");
        }

        private Layout layout(String key, Role role) {
            return original.axes(name).get(key).get(axis(key, role)).layout();
        }

        boolean consumesReduced() {
            return moments.keys().stream()
                    .flatMap(key -> layout(key, Role.CONSUMES).blocks().stream())
                    .anyMatch(block -> maps.containsKey(original.space(block).name()));
        }

        /** What all of the weights add to. */
        private Layout produced() {
            return layout(moments.keys().get(0), Role.PRODUCES);
        }

        private Optional<String> bias() {
            List<Axis> axes = List.of(Axis.produces(produced()));
            return original.axes(name).entrySet().stream()
                    .filter(entry -> entry.getValue().equals(axes))
                    .map(Map.Entry::getKey)
                    .findFirst();
        }

        List<Vertex> refit(NetworkGraph network) {
            if (!Arrays.stream(moments.matrix()).allMatch(Double::isFinite)) {
                throw new IllegalArgumentException(
                        "The calibration data contains values that are not finite, or are too large"
                                + " to be multiplied, where '" + name
                                + "' takes its inputs.\nMaybe look for NaN in the data, normalise it,"
                                + " or lower the learning rate of a training that diverged?");
            }
            Vertex reduced = network.vertex(name);
            Optional<String> bias = bias();
            DMatrixRMaj full = features(original.vertex(name), bias);
            DMatrixRMaj left = features(reduced, bias);
            SparseMatrix outputs = Positions.of(original, produced(), space -> matrix(space, false));
            SparseMatrix inputs = Positions.ofFeatures(
                    original, name, moments.keys(), bias.isPresent(), space -> matrix(space, true));
            DMatrixRMaj wanted = transposed(multiply(outputs, transposed(full)));
            // How far the reduced weights are from the old ones, as seen by the old features.
            DMatrixRMaj missing = CommonOps_DDRM.subtract(wanted, multiply(inputs.transpose(), left), null);
            DMatrixRMaj seen = seen(missing);
            DMatrixRMaj target = multiply(inputs, seen);
            if (!finite(target.data)) {
                return leftOut("its weights are not finite");
            }
            DMatrixRMaj own = own(inputs);
            Optional<Ridge.Solution> solution = solve(new Ridge(own, target), target, product(missing, seen));
            if (solution.isEmpty()) {
                return leftOut("the moments of its inputs are not positive definite, whatever is added to them");
            }
            DMatrixRMaj correction = solution.get().weights();
            DMatrixRMaj solved = CommonOps_DDRM.add(left, correction, null);
            Map<String, Constraint> constraints = constraints(reduced, bias);
            if (!constraints.isEmpty()) {
                DMatrixRMaj bounded = NonNegative.solve(
                        own, solution.get().ridge(), target, left, solved, nonNegative(reduced, bias, constraints));
                Optional<Map<String, Parameter>> obedient = obedient(write(reduced, bounded, bias), constraints);
                if (obedient.isEmpty()) {
                    return leftOut("it has constraints that are none of Deeplearning4j's own");
                }
                solved = features(reduced.withParameters(obedient.get()), bias);
                DMatrixRMaj change = CommonOps_DDRM.subtract(solved, left, null);
                // ‖X' D − Y‖² − ‖Y‖² = ⟨D, A D⟩ − 2 ⟨D, T⟩.
                if (!(product(change, NativeProducts.of(own, false, change)) <= 2 * product(change, target))) {
                    return leftOut("its constraints leave nothing of the solution that is better");
                }
            }
            List<Vertex> changed = new ArrayList<>();
            changed.add(reduced.withParameters(write(reduced, solved, bias)));
            List<Vertex> describing = describing(network);
            if (!describing.isEmpty()) {
                DMatrixRMaj means = means(bias.isPresent());
                DMatrixRMaj kept = NativeProducts.of(own, false, left);
                // ⟨W, G W⟩ by outputs, of W = Pᵀ W₀ + (W − Pᵀ W₀).
                double[] squares = Sums.products(left, CommonOps_DDRM.add(kept, 2, target, null));
                double[] more = Sums.products(missing, seen);
                Arrays.setAll(squares, output -> squares[output] + more[output]);
                Sums before = Sums.of(wanted, means, squares);
                // P G Pᵀ W' = P G Pᵀ W₀ + T − λ (W' − W₀) without constraints.
                DMatrixRMaj seenAfter = constraints.isEmpty()
                        ? CommonOps_DDRM.add(kept, target, null)
                        : NativeProducts.of(own, false, solved);
                if (constraints.isEmpty()) {
                    CommonOps_DDRM.addEquals(seenAfter, -solution.get().ridge(), correction);
                }
                Sums after = Sums.of(solved, multiply(inputs, means), Sums.products(solved, seenAfter));
                describing.forEach(vertex -> changed.add(Sums.expecting(network, vertex, before, after)));
            }
            return changed.stream().allMatch(Layer::holdsFinite)
                    ? changed
                    : leftOut("the solution is beyond what its parameters can hold");
        }

        private Map<String, Constraint> constraints(Vertex reduced, Optional<String> bias) {
            Map<String, Constraint> constraints = new LinkedHashMap<>();
            Stream.concat(moments.keys().stream(), bias.stream())
                    .forEach(key -> reduced.operation()
                            .constraint(key)
                            .ifPresent(constraint -> constraints.put(key, constraint)));
            return constraints;
        }

        /** Tells by feature, and for the bias behind them, whether weights may not be negative. */
        private boolean[] nonNegative(Vertex reduced, Optional<String> bias, Map<String, Constraint> constraints) {
            Map<String, Parameter> marks = new LinkedHashMap<>(reduced.parameters());
            marks.replaceAll((key, parameter) -> {
                double[] mark = new double[parameter.value().length()];
                Constraint constraint = constraints.get(key);
                Arrays.fill(mark, constraint != null && constraint.nonNegative() ? 1 : 0);
                return Parameter.of(parameter.value().like(parameter.value().shape(), mark));
            });
            DMatrixRMaj arranged = features(reduced.withParameters(marks), bias);
            boolean[] result = new boolean[arranged.numRows];
            IntStream.range(0, result.length).forEach(row -> result[row] = arranged.get(row, 0) > 0);
            return result;
        }

        /** Applies constraints as training does; gives nothing if it is not known how. */
        private static Optional<Map<String, Parameter>> obedient(
                Map<String, Parameter> parameters, Map<String, Constraint> constraints) {
            Map<String, Parameter> result = new LinkedHashMap<>(parameters);
            for (Map.Entry<String, Constraint> entry : constraints.entrySet()) {
                Parameter old = parameters.get(entry.getKey());
                Optional<Tensor> value = entry.getValue().apply(old.value());
                if (value.isEmpty()) {
                    return Optional.empty();
                }
                result.put(entry.getKey(), new Parameter(value.get(), old.state()));
            }
            return Optional.of(result);
        }

        private List<Vertex> leftOut(String reason) {
            LOG.warn(
                    "The weights of '{}' are not refitted, because {}; they stay as the projection left them.",
                    name,
                    reason);
            return List.of();
        }

        /** Chooses λ after a first solution with hardly any. */
        private Optional<Ridge.Solution> solve(Ridge problem, DMatrixRMaj target, double error) {
            return problem.solve(0).flatMap(first -> {
                // ‖X' D − Y‖² = ‖Y‖² − 2 ⟨D, T⟩ + ⟨D, A D⟩ and A D = T − λ D.
                double squares = product(first.weights(), first.weights());
                double residual = error - product(first.weights(), target) - first.ridge() * squares;
                return problem.solve(ridge(first.weights().numRows, squares, Math.max(0, residual)));
            });
        }

        /** Gives G times a matrix; what a selection kept is zero there, and takes no part. */
        private DMatrixRMaj seen(DMatrixRMaj factor) {
            int rows = factor.numRows;
            int columns = factor.numCols;
            int[] used = IntStream.range(0, rows)
                    .filter(row -> IntStream.range(row * columns, (row + 1) * columns)
                            .anyMatch(position -> factor.data[position] != 0))
                    .toArray();
            // G is symmetric, so that its rows stand for its columns.
            DMatrixRMaj gram = new DMatrixRMaj(used.length, rows);
            DMatrixRMaj some = new DMatrixRMaj(used.length, columns);
            for (int i = 0; i < used.length; i++) {
                System.arraycopy(moments.matrix(), used[i] * (moments.features() + 1), gram.data, i * rows, rows);
                System.arraycopy(factor.data, used[i] * columns, some.data, i * columns, columns);
            }
            return NativeProducts.of(gram, true, some);
        }

        /** Gives P G Pᵀ. */
        private DMatrixRMaj own(SparseMatrix inputs) {
            return DMatrixRMaj.wrap(
                    inputs.rows(), inputs.rows(), inputs.congruent(moments.matrix(), moments.features() + 1));
        }

        private static boolean finite(double[] values) {
            return Arrays.stream(values).allMatch(Double::isFinite);
        }

        private static boolean holdsFinite(Vertex vertex) {
            return vertex.parameters().values().stream()
                    .allMatch(parameter -> finite(parameter.value().toDoubles()));
        }

        /** Finds what describes the layer's sums. No other vertices: those that are refitted themselves must not be changed here. */
        private List<Vertex> describing(NetworkGraph network) {
            return !moments.linear()
                    ? List.of()
                    : network.vertices().stream()
                            .filter(vertex -> vertex.inputs().equals(List.of(name))
                                    && !vertex.operation().isFrozen())
                            .filter(vertex -> network.axes(vertex.name()).values().stream()
                                    .anyMatch(Sums::areDescribed))
                            .toList();
        }

        /**
         * Chooses λ by the formula of Hoerl, Kennard and Baldwin (1975): the number of features times the variance of the residuals,
         * divided by the sum of squares of the unregularised solution, for sums over rows; here for means.
         */
        private double ridge(int features, double squares, double residual) {
            if (squares == 0) {
                return 0;
            }
            double rows = moments.rows();
            // With hardly more rows than features, residuals are small by chance.
            double variance = residual * rows / Math.max(0.1 * rows, rows - features);
            return features * variance / (rows * squares);
        }

        private static double product(DMatrixRMaj a, DMatrixRMaj b) {
            double sum = 0;
            for (int i = 0; i < a.data.length; i++) {
                sum += a.data[i] * b.data[i];
            }
            return sum;
        }

        private @Nullable SparseMatrix matrix(UnitSpace space, boolean followers) {
            UnitMap map = maps.get(space.name());
            return map == null ? null : followers ? map.follower() : map.producer();
        }

        /** Arranges weights as {@code [features (+ 1), outputs]}, the bias in the last row. */
        private DMatrixRMaj features(Vertex vertex, Optional<String> bias) {
            List<double[]> rows = new ArrayList<>();
            for (String key : moments.keys()) {
                Tensor weight = vertex.parameters().get(key).value();
                int outputs = Math.toIntExact(weight.size(axis(key, Role.PRODUCES)));
                double[][] own = new double[weight.length() / outputs][outputs];
                visit(key, weight, (feature, output, position) -> own[feature][output] = weight.get(position));
                rows.addAll(List.of(own));
            }
            bias.ifPresent(key -> rows.add(vertex.parameters().get(key).value().toDoubles()));
            return new DMatrixRMaj(rows.toArray(double[][]::new));
        }

        private interface Visitor {
            void visit(int feature, int output, int position);
        }

        /** Visits weights with their feature, which is the consuming index and then the free ones, and their output. */
        private void visit(String key, Tensor weight, Visitor visitor) {
            int consumed = axis(key, Role.CONSUMES);
            int produced = axis(key, Role.PRODUCES);
            int free = weight.length() / Math.toIntExact(weight.size(consumed) * weight.size(produced));
            int[] index = new int[weight.rank()];
            for (int position = 0; position < weight.length(); position++) {
                int rest = 0;
                for (int i = 0; i < index.length; i++) {
                    if (i != consumed && i != produced) {
                        rest = rest * (int) weight.size(i) + index[i];
                    }
                }
                visitor.visit(index[consumed] * free + rest, index[produced], position);
                for (int i = index.length - 1; i >= 0 && ++index[i] == weight.size(i); i--) {
                    index[i] = 0;
                }
            }
        }

        /** Means of the features: their products with the constant, which is a feature itself if there is a bias. */
        private DMatrixRMaj means(boolean constant) {
            int size = moments.features() + 1;
            double[] means = new double[constant ? size : size - 1];
            Arrays.setAll(means, i -> moments.matrix()[i * size + size - 1]);
            return new DMatrixRMaj(means);
        }

        private static DMatrixRMaj transposed(DMatrixRMaj matrix) {
            return CommonOps_DDRM.transpose(matrix, null);
        }

        private static DMatrixRMaj multiply(SparseMatrix left, DMatrixRMaj right) {
            int columns = right.numCols;
            double[] from = right.data;
            double[] to = new double[left.rows() * columns];
            for (int i = 0; i < left.rows(); i++) {
                int target = i * columns;
                left.forEach(i, (j, value) -> {
                    for (int k = 0; k < columns; k++) {
                        to[target + k] += value * from[j * columns + k];
                    }
                });
            }
            return DMatrixRMaj.wrap(left.rows(), columns, to);
        }

        private Map<String, Parameter> write(Vertex reduced, DMatrixRMaj solved, Optional<String> bias) {
            Map<String, Parameter> parameters = new LinkedHashMap<>(reduced.parameters());
            int offset = 0;
            for (String key : moments.keys()) {
                Parameter weight = parameters.get(key);
                Tensor old = weight.value();
                double[] values = new double[old.length()];
                int first = offset;
                visit(key, old, (feature, output, position) -> values[position] = solved.get(first + feature, output));
                parameters.put(key, new Parameter(old.like(old.shape(), values), weight.state()));
                offset += old.length() / solved.numCols;
            }
            bias.ifPresent(key -> {
                Parameter old = parameters.get(key);
                double[] row = Arrays.copyOfRange(solved.data, solved.data.length - solved.numCols, solved.data.length);
                parameters.put(key, new Parameter(old.value().like(old.value().shape(), row), old.state()));
            });
            return parameters;
        }
    }
}
