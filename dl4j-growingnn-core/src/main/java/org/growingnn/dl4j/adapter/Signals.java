package org.growingnn.dl4j.adapter;

import java.util.Arrays;
import java.util.List;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Kind;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;

/** What several adapters do with signals. */
final class Signals {

    private Signals() {}

    /** Interprets a signal as a time series. */
    static Signal recurrent(Signal signal) {
        return as(Kind.RECURRENT, signal);
    }

    /** Interprets a signal as maps. */
    static Signal convolutional(Signal signal) {
        return as(Kind.CONVOLUTIONAL, signal);
    }

    /** Interprets a signal as of a kind; behind an unknown layer, the extents are unknown. */
    static Signal as(Kind kind, Signal signal) {
        if (signal.kind() == kind) {
            return signal;
        }
        long[] unknown = new long[kind.extents()];
        Arrays.fill(unknown, Layout.UNKNOWN);
        return new Signal(kind, signal.units(), signal.format(), unknown);
    }

    /** Notes that a softmax makes each unit depend on how many copies the others have. */
    static void activation(IActivation activation, Layout units, Propagation p) {
        if (activation instanceof ActivationSoftmax) {
            p.mixes(units, "softmax over the units in '" + p.vertex() + "'");
        }
    }

    /** Gives the extents of signals that are joined position by position: single positions are spread over the others. */
    static Signal spread(Signal joined, List<Signal> inputs) {
        long[] extents = joined.extents();
        for (Signal in : inputs) {
            for (int i = 0; i < extents.length && in.kind() == joined.kind(); i++) {
                extents[i] = spread(extents[i], in.extents()[i]);
            }
        }
        return joined.withExtents(extents);
    }

    private static long spread(long first, long second) {
        // Of an unknown and a larger extent, the unknown one is either the same or 1.
        return first > 1 || second == 1 ? first : second;
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
