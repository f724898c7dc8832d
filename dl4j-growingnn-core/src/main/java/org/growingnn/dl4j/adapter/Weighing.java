package org.growingnn.dl4j.adapter;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.growingnn.dl4j.graph.Signal.Format;
import org.growingnn.dl4j.graph.Vertex;

/**
 * How a layer weighs what it takes: each of its units is a sum of features times weights, plus a bias, of which calibration
 * collects the second moments of the features, and refit solves for the weights anew.
 *
 * @param terms what is summed; the features of the first come first
 * @param linear whether the sums leave the layer as they are, without an activation function
 */
public record Weighing(List<Term> terms, boolean linear) {

    /**
     * Checks that there is something to sum.
     *
     * @param terms what is summed
     * @param linear whether the sums leave the layer as they are
     */
    public Weighing {
        terms = List.copyOf(terms);
        if (terms.isEmpty()) {
            throw new IllegalArgumentException("A layer that weighs needs at least one array of weights.");
        }
    }

    /**
     * One array of weights and what it is multiplied with. The features are the positions of its consuming axis together with
     * those of its free axes, in this order.
     *
     * @param key the parameter's key, as {@link ConfigurationAdapter#propagate} names it
     * @param features what the weights are multiplied with
     */
    public record Term(String key, Features features) {

        /**
         * Checks that nothing is missing.
         *
         * @param key the parameter's key
         * @param features what the weights are multiplied with
         */
        public Term {
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(features, "features");
        }
    }

    /** What weights are multiplied with. */
    public sealed interface Features permits Rows, OwnOutput, Patches {}

    /**
     * The units that arrive, at every position by themselves.
     *
     * @param format the memory format of what arrives
     */
    public record Rows(Format format) implements Features {}

    /**
     * The units that the layer itself gave one step before, and zeros at the first step.
     *
     * @param format the memory format of the layer's series
     */
    public record OwnOutput(Format format) implements Features {}

    /**
     * What the kernels of a convolution see: for each arriving unit, the positions of the kernel. A series is an image of width 1.
     *
     * @param format the memory format of what arrives
     * @param vertical how kernels lie along the height, or along the steps of a series
     * @param horizontal how kernels lie along the width
     * @param mode what happens at the border
     */
    public record Patches(Format format, Window vertical, Window horizontal, ConvolutionMode mode) implements Features {

        /**
         * Tells whether a kernel sees just the units at its own position, and there is one at each position.
         *
         * @return true for kernels of one position
         */
        public boolean isUnitwise() {
            return vertical.equals(Window.SINGLE) && horizontal.equals(Window.SINGLE);
        }
    }

    /**
     * How kernels lie along one axis.
     *
     * @param kernel positions that a kernel sees
     * @param stride distance of kernels
     * @param padding positions added on either side
     * @param dilation distance of the positions that a kernel sees
     */
    public record Window(int kernel, int stride, int padding, int dilation) {

        /** Along an axis that is not there. */
        public static final Window SINGLE = new Window(1, 1, 0, 1);
    }

    /**
     * Describes a layer with one matrix of weights that is applied at every position.
     *
     * @param key the parameter's key
     * @param format the memory format of what arrives
     * @param linear whether the sums leave the layer as they are
     * @return the description
     */
    public static Weighing rows(String key, Format format, boolean linear) {
        return new Weighing(List.of(new Term(key, new Rows(format))), linear);
    }

    /**
     * Asks the adapter of a vertex's layer.
     *
     * @param vertex a vertex of a network that was read from a Deeplearning4j model
     * @return empty if the adapter does not say how the layer weighs
     */
    public static Optional<Weighing> of(Vertex vertex) {
        return vertex.operation() instanceof VertexOperation operation ? operation.weighing() : Optional.empty();
    }
}
