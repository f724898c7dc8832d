package org.growingnn.dl4j.adapter;

import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;

/** Tells behind which functions of Deeplearning4j no value is negative, so that a rectifier changes none. */
final class Rectifiers {

    private Rectifiers() {}

    /** Tells whether an activation function never gives negative values. Of subclasses, nothing is known. */
    static boolean isNonNegative(IActivation activation) {
        Class<?> type = activation.getClass();
        if (type == ActivationReLU.class) {
            ActivationReLU relu = (ActivationReLU) activation;
            // Below the threshold, values are multiplied by the slope; above it, negative ones stay if it is negative.
            return or0(relu.getNegativeSlope()) == 0 && or0(relu.getThreshold()) >= 0 && or0(relu.getMax()) >= 0;
        }
        return type == ActivationReLU6.class || type == ActivationSigmoid.class || type == ActivationSoftmax.class;
    }

    private static double or0(@Nullable Double value) {
        return value == null ? 0 : value;
    }

    /** Tells whether dropout multiplies by 0 or something positive, and adds nothing. */
    static boolean scales(@Nullable IDropout dropout) {
        return dropout == null || dropout instanceof Dropout || dropout instanceof SpatialDropout;
    }
}
