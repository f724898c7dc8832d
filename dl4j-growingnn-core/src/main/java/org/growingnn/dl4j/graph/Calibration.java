package org.growingnn.dl4j.graph;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What passing calibration data through a network told about it. It is attached to the network, {@link
 * NetworkGraph#with(Optional)}, and follows its units through every resizing, so that one pass serves all candidates that
 * stem from the network. Training makes it stale, which criteria and projections tolerate: they need proportions.
 *
 * @param gradients the loss's gradient by vertex and parameter key, summed over the calibration batches, in the shapes of the
 *     parameters
 * @param squaredGradients the squares of each batch's gradient, added up over the batches and divided by the number of examples, in
 *     the shapes of the parameters; empty unless they were asked for. With batches of one example that is the mean square of the
 *     examples' gradients, with larger ones an estimate of it near a minimum of the loss, where gradients of examples cancel on average
 * @param moments second moments of what weights are applied to, by vertex; layers whose inputs are too wide have none
 * @param activations second moments of the units that leave a vertex or network input, by its name
 * @param candidates units that a space could gain, those that promise most first, by the space's name; empty unless they were asked for
 */
public record Calibration(
        Map<String, Map<String, Tensor>> gradients,
        Map<String, Map<String, Tensor>> squaredGradients,
        Map<String, Moments> moments,
        Map<String, Activations> activations,
        Map<String, CandidateUnits> candidates) {

    /**
     * Copies the maps, in their order.
     *
     * @param gradients by vertex and parameter key
     * @param squaredGradients by vertex and parameter key
     * @param moments by vertex
     * @param activations by vertex or network input
     * @param candidates by the name of a space
     */
    public Calibration {
        gradients = copyAll(gradients);
        squaredGradients = copyAll(squaredGradients);
        moments = copy(moments);
        activations = copy(activations);
        candidates = copy(candidates);
    }

    /**
     * Makes a calibration without candidate units.
     *
     * @param gradients by vertex and parameter key
     * @param squaredGradients by vertex and parameter key
     * @param moments by vertex
     * @param activations by vertex or network input
     */
    public Calibration(
            Map<String, Map<String, Tensor>> gradients,
            Map<String, Map<String, Tensor>> squaredGradients,
            Map<String, Moments> moments,
            Map<String, Activations> activations) {
        this(gradients, squaredGradients, moments, activations, Map.of());
    }

    /**
     * Makes a calibration without squared gradients and candidate units.
     *
     * @param gradients by vertex and parameter key
     * @param moments by vertex
     * @param activations by vertex or network input
     */
    public Calibration(
            Map<String, Map<String, Tensor>> gradients,
            Map<String, Moments> moments,
            Map<String, Activations> activations) {
        this(gradients, Map.of(), moments, activations);
    }

    private static Map<String, Map<String, Tensor>> copyAll(Map<String, Map<String, Tensor>> map) {
        Map<String, Map<String, Tensor>> copies = new LinkedHashMap<>();
        map.forEach((vertex, byKey) -> copies.put(vertex, copy(byKey)));
        return copy(copies);
    }

    /** Keeps the order, on which sums and the order of refits depend; that of {@link Map#copyOf} differs from run to run. */
    private static <T> Map<String, T> copy(Map<String, T> map) {
        map.forEach((name, value) -> {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(value, name);
        });
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    /**
     * Second moments of the features that a layer's weights are applied to, and of a constant 1 behind them. A feature is a
     * position of the weights' consuming axis together with its position on the free axes, in row-major order. Where several
     * weights add to the same sums, as a recurrent layer's do, the features of the first come first.
     *
     * @param keys the keys of the weights
     * @param features number of features d, without the constant
     * @param rows over how many rows of features the means were taken
     * @param matrix {@code (d + 1) × (d + 1)} means of products, by rows; not to be changed, since layers that take the same values may
     *     share it
     * @param linear whether the weighted sums leave the layer as they are, without an activation function
     */
    public record Moments(List<String> keys, int features, long rows, double[] matrix, boolean linear) {

        /**
         * Checks the size.
         *
         * @param keys the keys of the weights
         * @param features number of features
         * @param rows number of rows
         * @param matrix means of products
         * @param linear whether there is no activation function
         */
        public Moments {
            keys = List.copyOf(keys);
            requireSquare(matrix, features + 1);
        }
    }

    /**
     * Moments of the values of units over examples and positions.
     *
     * @param mean mean of each of the n units
     * @param products {@code n × n} means of products of two units, by rows
     */
    public record Activations(double[] mean, double[] products) {

        /**
         * Checks the size.
         *
         * @param mean mean of each unit
         * @param products means of products
         */
        public Activations {
            requireSquare(products, mean.length);
        }

        /**
         * Counts the units.
         *
         * @return n
         */
        public int size() {
            return mean.length;
        }

        /**
         * Gives the mean product of two units.
         *
         * @param first a unit
         * @param second a unit, perhaps the same
         * @return E[aᵢ aⱼ]
         */
        public double product(int first, int second) {
            return products[first * mean.length + second];
        }

        /**
         * Gives the covariance of two units.
         *
         * @param first a unit
         * @param second a unit, perhaps the same
         * @return E[aᵢ aⱼ] − E[aᵢ] E[aⱼ]
         */
        public double covariance(int first, int second) {
            return product(first, second) - mean[first] * mean[second];
        }

        /**
         * Tells whether a unit takes the same value wherever it was seen, up to rounding: nothing can be said about its relation
         * to others.
         *
         * @param unit the unit
         * @return true if it does not vary
         */
        public boolean constant(int unit) {
            return !(covariance(unit, unit) > 1e-10 * Math.max(product(unit, unit), Double.MIN_NORMAL));
        }

        /**
         * Gives the correlation of two units.
         *
         * @param first a unit
         * @param second a unit, perhaps the same
         * @return in [−1, 1]; 0 if one of them is constant
         */
        public double correlation(int first, int second) {
            if (constant(first) || constant(second)) {
                return 0;
            }
            double correlation =
                    covariance(first, second) / Math.sqrt(covariance(first, first) * covariance(second, second));
            return Math.max(-1, Math.min(1, correlation));
        }

        /**
         * Follows the units.
         *
         * @param follower {@code n' × n}
         * @return the moments of the new units, if each is the linear combination of old ones
         */
        public Activations follow(SparseMatrix follower) {
            double[] newMean = new double[follower.rows()];
            for (int i = 0; i < newMean.length; i++) {
                int row = i;
                follower.forEach(i, (j, value) -> newMean[row] += value * mean[j]);
            }
            return new Activations(newMean, follower.congruent(products, mean.length));
        }
    }

    private static void requireSquare(double[] matrix, int size) {
        if (matrix.length != size * size) {
            throw new IllegalArgumentException("The moments of " + size + " values need " + (long) size * size
                    + " products, not " + matrix.length + ".");
        }
    }

    /**
     * Gives the gradient of a parameter.
     *
     * @param vertex the vertex
     * @param key the parameter's key
     * @param shape the parameter's shape
     * @return empty if none of this shape was collected
     */
    public Optional<Tensor> gradient(String vertex, String key, long[] shape) {
        return Optional.ofNullable(gradients.getOrDefault(vertex, Map.of()).get(key))
                .filter(gradient -> Arrays.equals(gradient.shape(), shape));
    }

    /**
     * Keeps what is known about some vertices, because others were replaced.
     *
     * @param vertices names of vertices and network inputs to keep
     * @return the rest
     */
    public Calibration only(Predicate<String> vertices) {
        return new Calibration(
                only(gradients, vertices),
                only(squaredGradients, vertices),
                only(moments, vertices),
                only(activations, vertices),
                computedBy(vertices));
    }

    /**
     * Replaces the units that spaces could gain.
     *
     * @param units those that promise most first, by the space's name
     * @return the calibration with these
     */
    public Calibration withCandidates(Map<String, CandidateUnits> units) {
        return new Calibration(gradients, squaredGradients, moments, activations, units);
    }

    private Map<String, CandidateUnits> computedBy(Predicate<String> vertices) {
        Map<String, CandidateUnits> kept = new LinkedHashMap<>(candidates);
        kept.values().removeIf(units -> !units.weights().keySet().stream().allMatch(vertices));
        return kept;
    }

    private static <T> Map<String, T> only(Map<String, T> map, Predicate<String> names) {
        Map<String, T> kept = new LinkedHashMap<>(map);
        kept.keySet().removeIf(names.negate());
        return kept;
    }

    /**
     * Adds what else is known.
     *
     * @param more what holds instead of what this one says about the same parameters, weights or units
     * @return both
     */
    public Calibration and(Calibration more) {
        Map<String, Moments> allMoments = new LinkedHashMap<>(moments);
        allMoments.putAll(more.moments);
        Map<String, Activations> allActivations = new LinkedHashMap<>(activations);
        allActivations.putAll(more.activations);
        Map<String, CandidateUnits> allCandidates = new LinkedHashMap<>(candidates);
        allCandidates.putAll(more.candidates);
        return new Calibration(
                both(gradients, more.gradients),
                both(squaredGradients, more.squaredGradients),
                allMoments,
                allActivations,
                allCandidates);
    }

    private static Map<String, Map<String, Tensor>> both(
            Map<String, Map<String, Tensor>> known, Map<String, Map<String, Tensor>> more) {
        Map<String, Map<String, Tensor>> result = new LinkedHashMap<>(known);
        more.forEach((vertex, byKey) -> {
            Map<String, Tensor> both = new LinkedHashMap<>(known.getOrDefault(vertex, Map.of()));
            both.putAll(byKey);
            result.put(vertex, both);
        });
        return result;
    }

    /**
     * Keeps what still holds after an edit. Vertices correspond by name; whether they are the same objects does not matter.
     *
     * <p>A layer that computes units from weights stands for what is in front of it: whatever has changed there, its weights were
     * made to fit, so that its own units count as unchanged, approximately, as they do after a resizing. Anything else, such as a
     * sum, a pooling or a batch norm, gives the same values if it does the same with the same values. Therefore
     *
     * <ul>
     *   <li>a <em>gradient</em> is kept if the same units index the parameter's axes, whatever their values: it is the product of
     *       what arrives and of the error behind it, and criteria need its proportions only. Where the weights for some units have
     *       become weights for others, theirs is forgotten, while that of the layer's bias is kept;
     *   <li><em>moments</em> are kept if the same values arrive, because solutions for weights are only as good as the moments;
     *   <li><em>activations</em> are kept if the same values leave;
     *   <li><em>candidate units</em> are kept if the same layers compute the space, from units that still stand where they stood.
     * </ul>
     *
     * @param before the network that this calibration belongs to
     * @param edited the edited network
     * @param copies names of vertices of the edited network that do nothing to the values they take, with the names of the vertices
     *     which give these; what takes a copy is given the same as before, and the activations of the copy are known
     * @return what is known about the edited network
     */
    public Calibration after(NetworkGraph before, NetworkGraph edited, Map<String, String> copies) {
        return new Carryover(before, edited, copies).of(this);
    }
}
