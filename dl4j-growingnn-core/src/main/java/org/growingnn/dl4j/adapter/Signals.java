package org.growingnn.dl4j.adapter;

import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Kind;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;

/** What several adapters do with signals. */
final class Signals {

    private Signals() {}

    /** Interprets a signal as a time series; without one behind it, the number of time steps is unknown. */
    static Signal recurrent(Signal signal) {
        return signal.kind() == Kind.RECURRENT
                ? signal
                : new Signal(Kind.RECURRENT, signal.units(), signal.format(), Layout.UNKNOWN);
    }

    /** Interprets a signal as maps; behind an unknown layer, height and width are unknown. */
    static Signal convolutional(Signal signal) {
        return signal.kind() == Kind.CONVOLUTIONAL
                ? signal
                : new Signal(Kind.CONVOLUTIONAL, signal.units(), signal.format(), Layout.UNKNOWN, Layout.UNKNOWN);
    }

    /** Notes that a softmax makes each unit depend on how many copies the others have. */
    static void activation(IActivation activation, Layout units, Propagation p) {
        if (activation instanceof ActivationSoftmax) {
            p.mixes(units, "softmax over the units in '" + p.vertex() + "'");
        }
    }

    static long product(long... factors) {
        long product = 1;
        for (long factor : factors) {
            if (factor < 0) {
                return Layout.UNKNOWN;
            }
            product *= factor;
        }
        return product;
    }
}
