package org.growingnn.dl4j.projection;

import java.util.Map;
import java.util.Optional;
import org.growingnn.dl4j.graph.Tensor;

/**
 * What passing calibration data through a network told about it. Collected once, it serves every reduction of that network.
 *
 * @param gradients the loss's gradient by vertex and parameter key, summed over the calibration batches, in the shapes of the
 *     parameters
 * @param moments second moments of what weights are applied to, by vertex; layers whose inputs are too wide have none
 */
public record Calibration(Map<String, Map<String, Tensor>> gradients, Map<String, Moments> moments) {

    /**
     * Copies the maps.
     *
     * @param gradients by vertex and parameter key
     * @param moments by vertex
     */
    public Calibration {
        gradients = Map.copyOf(gradients);
        moments = Map.copyOf(moments);
    }

    /**
     * Second moments of the features that a layer's weights are applied to, and of a constant 1 behind them. A feature is a
     * position of the weights' consuming axis together with its position on the free axes, in row-major order.
     *
     * @param key the key of the weights
     * @param features number of features d, without the constant
     * @param matrix {@code (d + 1) × (d + 1)} means of products, by rows
     */
    public record Moments(String key, int features, double[] matrix) {

        /**
         * Checks the size.
         *
         * @param key the key of the weights
         * @param features number of features
         * @param matrix means of products
         */
        public Moments {
            if (matrix.length != (features + 1) * (features + 1)) {
                throw new IllegalArgumentException("The moments of " + features + " features need "
                        + (features + 1) * (features + 1) + " values, not " + matrix.length + ".");
            }
        }
    }

    /**
     * Gives the gradient of a parameter.
     *
     * @param vertex the vertex
     * @param key the parameter's key
     * @return empty if none was collected
     */
    public Optional<Tensor> gradient(String vertex, String key) {
        return Optional.ofNullable(gradients.getOrDefault(vertex, Map.of()).get(key));
    }
}
