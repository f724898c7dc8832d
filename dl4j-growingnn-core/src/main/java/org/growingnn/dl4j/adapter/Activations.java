package org.growingnn.dl4j.adapter;

import java.util.EnumSet;
import java.util.Set;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;

/** What activation functions say about the layers that apply them. */
final class Activations {

    private Activations() {}

    static boolean isIdentity(IActivation activation) {
        return activation instanceof ActivationIdentity;
    }

    private static boolean isNonNegative(IActivation activation) {
        return activation instanceof ActivationReLU
                || activation instanceof ActivationReLU6
                || activation instanceof ActivationSigmoid
                || activation instanceof ActivationSoftmax;
    }

    /** Gives the traits of a layer that is linear but for its activation function. */
    static Set<Trait> traits(IActivation activation) {
        Set<Trait> traits = EnumSet.noneOf(Trait.class);
        if (isIdentity(activation)) {
            traits.add(Trait.AFFINE);
        }
        if (isNonNegative(activation)) {
            traits.add(Trait.NON_NEGATIVE);
        }
        return traits;
    }
}
