package org.growingnn.dl4j.adapter;

import java.util.EnumSet;
import java.util.Set;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;

/** What activation functions say about the layers that apply them. */
final class Activations {

    private Activations() {}

    static boolean isIdentity(IActivation activation) {
        return activation instanceof ActivationIdentity;
    }

    /** Gives the traits of a layer that is linear but for its activation function. */
    static Set<Trait> traits(IActivation activation) {
        Set<Trait> traits = EnumSet.noneOf(Trait.class);
        if (isIdentity(activation)) {
            traits.add(Trait.AFFINE);
        }
        if (Rectifiers.isNonNegative(activation)) {
            traits.add(Trait.NON_NEGATIVE);
        }
        return traits;
    }
}
