package org.growingnn.dl4j.projection;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Role;
import org.growingnn.dl4j.graph.SparseMatrix;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;
import org.jspecify.annotations.Nullable;

/**
 * Solves the weights that consume reduced units anew, so that their layers' pre-activations on calibration data are what they
 * were: {@code min ‖X' W' − X W‖² + λ ‖W' − W₀‖²}, where X' are the reduced features, W₀ the weights that the projection left,
 * and biases are fitted along. Only second moments of X are needed: with {@code X' = X Pᵀ}, the solution is {@code W' = W₀ + (P G
 * Pᵀ + λ I)⁻¹ P G (W − Pᵀ W₀)}. λ is chosen from the data.
 *
 * <p>What a solution cannot explain is missing from the variance of its sums. Batch normalisation right behind a layer gets the means
 * and variances that the new sums have, relative to those of the old ones.
 */
public final class Refit {

    /** λ relative to the mean square of a feature: large enough for features that never occur, too small to bias others. */
    private static final double LEAST_RIDGE = 1e-5;

    /** A batch norm never expects less than this share of the variance, or else it would blow up the little that is left. */
    private static final double LEAST_VARIANCE = 0.01;

    private Refit() {}

    /**
     * Refits all consumers of reduced units that have moments.
     *
     * @param original the network that was calibrated; without calibration nothing is refitted
     * @param reduced the same network with some of its spaces reduced; not modified
     * @param maps how each reduced space was, by its name
     * @return the network with other weights and biases, and other statistics in the batch norms behind them
     */
    public static NetworkGraph consumers(NetworkGraph original, NetworkGraph reduced, Map<String, UnitMap> maps) {
        List<Vertex> changed = new ArrayList<>();
        original.calibration().map(Calibration::moments).orElse(Map.of()).forEach((name, moments) -> {
            Layer layer = new Layer(original, name, moments, maps);
            if (layer.consumesReduced()) {
                changed.addAll(layer.refit(reduced));
            }
        });
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
            Vertex reduced = network.vertex(name);
            Optional<String> bias = bias();
            RealMatrix full = features(original.vertex(name), bias);
            RealMatrix left = features(reduced, bias);
            SparseMatrix outputs = Positions.of(original, produced(), space -> matrix(space, false));
            SparseMatrix inputs = Positions.ofFeatures(
                    original, name, moments.keys(), bias.isPresent(), space -> matrix(space, true));
            RealMatrix gram = gram(bias.isPresent());
            RealMatrix wanted = multiply(outputs, full.transpose()).transpose();
            // How far the reduced weights are from the old ones, as seen by the old features.
            RealMatrix missing = wanted.subtract(multiply(inputs.transpose(), left));
            RealMatrix seen = gram.multiply(missing);
            RealMatrix target = multiply(inputs, seen);
            RealMatrix own = multiply(inputs, multiply(inputs, gram).transpose());
            double error = product(missing, seen);
            RealMatrix first = solve(own, target, 0);
            double residual = error - 2 * product(first, target) + product(first, own.multiply(first));
            RealMatrix solution = left.add(solve(own, target, ridge(first, Math.max(0, residual))));
            List<Vertex> changed = new ArrayList<>();
            changed.add(reduced.withParameters(write(reduced, solution, bias)));
            if (moments.linear()) {
                RealMatrix means = means(bias.isPresent());
                Sums before = Sums.of(wanted, gram, means);
                Sums after = Sums.of(solution, own, multiply(inputs, means));
                // No other vertices: those that are refitted themselves must not be changed here.
                network.vertices().stream()
                        .filter(vertex -> vertex.inputs().equals(List.of(name)))
                        .filter(vertex ->
                                network.axes(vertex.name()).values().stream().anyMatch(Layer::describesSums))
                        .forEach(vertex -> changed.add(expecting(network, vertex, before, after)));
            }
            return changed;
        }

        /** Means and variances of a layer's weighted sums. */
        private record Sums(double[] means, double[] variances) {

            static Sums of(RealMatrix weights, RealMatrix gram, RealMatrix featureMeans) {
                RealMatrix seen = gram.multiply(weights);
                double[] means = weights.transpose().multiply(featureMeans).getColumn(0);
                double[] variances = new double[means.length];
                for (int output = 0; output < variances.length; output++) {
                    double square = 0;
                    for (int feature = 0; feature < weights.getRowDimension(); feature++) {
                        square += weights.getEntry(feature, output) * seen.getEntry(feature, output);
                    }
                    variances[output] = Math.max(0, square - means[output] * means[output]);
                }
                return new Sums(means, variances);
            }

            double ratio(int output, Sums before) {
                return before.variances[output] < Float.MIN_NORMAL
                        ? 1
                        : Math.max(LEAST_VARIANCE, variances[output] / before.variances[output]);
            }
        }

        private static boolean describesSums(List<Axis> axes) {
            return axes.size() == 1 && axes.get(0).statistic().estimatesInput();
        }

        /** Moves the statistics of a vertex by as much as the sums that arrive there have changed. */
        private static Vertex expecting(NetworkGraph network, Vertex vertex, Sums before, Sums after) {
            Map<String, Parameter> parameters = new LinkedHashMap<>(vertex.parameters());
            network.axes(vertex.name()).forEach((key, axes) -> {
                Parameter old = parameters.get(key);
                // A preprocessor in between may have made maps of units, or units of maps.
                if (!describesSums(axes) || old.value().length() != after.means.length) {
                    return;
                }
                double[] values = old.value().toDoubles();
                for (int unit = 0; unit < values.length; unit++) {
                    switch (axes.get(0).statistic()) {
                        case MEAN -> values[unit] += after.means[unit] - before.means[unit];
                        case VARIANCE -> values[unit] *= after.ratio(unit, before);
                        default -> values[unit] += 0.5 * Math.log10(after.ratio(unit, before));
                    }
                }
                parameters.put(key, new Parameter(old.value().like(old.value().shape(), values), old.state()));
            });
            return vertex.withParameters(parameters);
        }

        /** Solves {@code (own + λ I) x = target}. */
        private static RealMatrix solve(RealMatrix own, RealMatrix target, double ridge) {
            int size = own.getRowDimension();
            // Rounding leaves the product not quite symmetric, which the decomposition does not take.
            RealMatrix regular = own.add(own.transpose()).scalarMultiply(0.5);
            double least = LEAST_RIDGE * own.getTrace() / size + Double.MIN_NORMAL;
            for (int i = 0; i < size; i++) {
                regular.addToEntry(i, i, Math.max(least, ridge));
            }
            return new CholeskyDecomposition(regular).getSolver().solve(target);
        }

        /**
         * Chooses λ by the formula of Hoerl, Kennard and Baldwin (1975): the number of features times the variance of the residuals,
         * divided by the sum of squares of the unregularised solution, for sums over rows; here for means.
         */
        private double ridge(RealMatrix solution, double residual) {
            double squares = product(solution, solution);
            if (squares == 0) {
                return 0;
            }
            double features = solution.getRowDimension();
            double rows = moments.rows();
            // With hardly more rows than features, residuals are small by chance.
            double variance = residual * rows / Math.max(0.1 * rows, rows - features);
            return features * variance / (rows * squares);
        }

        private static double product(RealMatrix a, RealMatrix b) {
            double sum = 0;
            for (int i = 0; i < a.getRowDimension(); i++) {
                for (int j = 0; j < a.getColumnDimension(); j++) {
                    sum += a.getEntry(i, j) * b.getEntry(i, j);
                }
            }
            return sum;
        }

        private @Nullable SparseMatrix matrix(UnitSpace space, boolean followers) {
            UnitMap map = maps.get(space.name());
            return map == null ? null : followers ? map.follower() : map.producer();
        }

        /** Arranges weights as {@code [features (+ 1), outputs]}, the bias in the last row. */
        private RealMatrix features(Vertex vertex, Optional<String> bias) {
            List<double[]> rows = new ArrayList<>();
            for (String key : moments.keys()) {
                Tensor weight = vertex.parameters().get(key).value();
                int outputs = Math.toIntExact(weight.size(axis(key, Role.PRODUCES)));
                double[][] own = new double[weight.length() / outputs][outputs];
                visit(key, weight, (feature, output, position) -> own[feature][output] = weight.get(position));
                rows.addAll(List.of(own));
            }
            bias.ifPresent(key -> rows.add(vertex.parameters().get(key).value().toDoubles()));
            return new Array2DRowRealMatrix(rows.toArray(double[][]::new), false);
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
        private RealMatrix means(boolean constant) {
            int size = moments.features() + 1;
            double[] means = new double[constant ? size : size - 1];
            Arrays.setAll(means, i -> moments.matrix()[i * size + size - 1]);
            return MatrixUtils.createColumnRealMatrix(means);
        }

        private RealMatrix gram(boolean constant) {
            int size = moments.features() + 1;
            int used = constant ? size : size - 1;
            double[][] rows = new double[used][used];
            for (int i = 0; i < used; i++) {
                System.arraycopy(moments.matrix(), i * size, rows[i], 0, used);
            }
            return MatrixUtils.createRealMatrix(rows);
        }

        private static RealMatrix multiply(SparseMatrix left, RealMatrix right) {
            double[][] rows = new double[left.rows()][right.getColumnDimension()];
            for (int i = 0; i < rows.length; i++) {
                double[] row = rows[i];
                left.forEach(i, (j, value) -> {
                    double[] other = right.getRow(j);
                    for (int k = 0; k < row.length; k++) {
                        row[k] += value * other[k];
                    }
                });
            }
            return new Array2DRowRealMatrix(rows, false);
        }

        private Map<String, Parameter> write(Vertex reduced, RealMatrix solved, Optional<String> bias) {
            Map<String, Parameter> parameters = new LinkedHashMap<>(reduced.parameters());
            int offset = 0;
            for (String key : moments.keys()) {
                Parameter weight = parameters.get(key);
                Tensor old = weight.value();
                double[] values = new double[old.length()];
                int first = offset;
                visit(
                        key,
                        old,
                        (feature, output, position) -> values[position] = solved.getEntry(first + feature, output));
                parameters.put(key, new Parameter(old.like(old.shape(), values), weight.state()));
                offset += old.length() / solved.getColumnDimension();
            }
            bias.ifPresent(key -> {
                Parameter old = parameters.get(key);
                double[] row = solved.getRow(solved.getRowDimension() - 1);
                parameters.put(key, new Parameter(old.value().like(old.value().shape(), row), old.state()));
            });
            return parameters;
        }
    }
}
