package org.growingnn.dl4j.training;

import java.util.SplittableRandom;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.growingnn.dl4j.graph.Signal.Format;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Draws targets from the distribution that a network's outputs describe. */
final class SampledLabels {

    private SampledLabels() {}

    /**
     * Draws targets of one output.
     *
     * @param name the output's name, for the message
     * @param layer the output layer
     * @param outputs what it gives for some examples
     * @param format where the units are
     * @param seed of the random numbers
     * @param firstExample number of the first of these examples, so that random numbers belong to examples
     * @return targets in the shape of the outputs
     * @throws IllegalArgumentException if outputs of such a layer describe no distribution
     */
    static INDArray of(String name, Layer layer, INDArray outputs, Format format, long seed, long firstExample) {
        Layer inner = FeatureRows.unwrapped(layer);
        if (!(inner instanceof IOutputLayer) || !(inner.conf().getLayer() instanceof BaseLayer configuration)) {
            throw new IllegalArgumentException("The calibration data has no labels, and none can be drawn from what '"
                    + name + "' (" + inner.conf().getLayer().getClass().getSimpleName()
                    + ") gives.\nMaybe give labels, or collect moments only?");
        }
        boolean unitsLast = format == Format.CHANNELS_LAST || outputs.rank() == 2;
        INDArray arranged = unitsLast
                ? outputs.dup('c')
                : outputs.permute(order(outputs.rank())).dup('c');
        double[] values = arranged.data().asDouble();
        int units = Math.toIntExact(arranged.size(arranged.rank() - 1));
        int perExample = values.length / Math.toIntExact(arranged.size(0));
        for (int from = 0; from < values.length; from += units) {
            int example = from / perExample;
            SplittableRandom random = new SplittableRandom(
                    new SplittableRandom(seed + firstExample + example).nextLong() + from % perExample);
            draw(configuration.getActivationFn(), values, from, units, random);
        }
        INDArray drawn = Nd4j.createFromArray(values).reshape('c', arranged.shape());
        return (unitsLast ? drawn : drawn.permute(inverse(outputs.rank())))
                .dup('c')
                .castTo(outputs.dataType());
    }

    private static void draw(IActivation activation, double[] values, int from, int units, SplittableRandom random) {
        if (activation instanceof ActivationSoftmax) {
            double left = random.nextDouble();
            int chosen = from;
            while (chosen < from + units - 1 && left >= values[chosen]) {
                left -= values[chosen++];
            }
            for (int i = from; i < from + units; i++) {
                values[i] = i == chosen ? 1 : 0;
            }
            return;
        }
        for (int i = from; i < from + units; i++) {
            values[i] = activation instanceof ActivationSigmoid
                    ? (random.nextDouble() < values[i] ? 1 : 0)
                    : values[i] + random.nextGaussian();
        }
    }

    /** Moves the axis of the units behind the others. */
    private static int[] order(int rank) {
        int[] order = new int[rank];
        for (int i = 1; i < rank - 1; i++) {
            order[i] = i + 1;
        }
        order[rank - 1] = 1;
        return order;
    }

    private static int[] inverse(int rank) {
        int[] inverse = new int[rank];
        inverse[1] = rank - 1;
        for (int i = 2; i < rank; i++) {
            inverse[i] = i - 1;
        }
        return inverse;
    }
}
