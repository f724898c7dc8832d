package org.growingnn.dl4j.adapter;

import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.params.CenterLossParamInitializer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.params.PretrainParamInitializer;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Kind;

/**
 * Fully connected layers: {@code W [nIn, nOut]}, optional bias {@code b [nOut]} and layer-norm gain {@code g [nOut]}. Some have
 * values per arriving unit besides: the visible bias {@code vb [nIn]} of an auto-encoder, the class centres {@code cL [nOut,
 * nIn]} of the centre loss.
 */
final class DenseAdapter<L extends FeedForwardLayer> implements ConfigurationAdapter<L> {

    private static final String WEIGHT = DefaultParamInitializer.WEIGHT_KEY;
    private static final String BIAS = DefaultParamInitializer.BIAS_KEY;
    private static final String GAIN = DefaultParamInitializer.GAIN_KEY;
    private static final String VISIBLE_BIAS = PretrainParamInitializer.VISIBLE_BIAS_KEY;
    private static final String CENTRES = CenterLossParamInitializer.CENTER_KEY;

    private final Class<L> type;

    DenseAdapter(Class<L> type) {
        this.type = type;
    }

    @Override
    public Class<L> type() {
        return type;
    }

    @Override
    public Signal propagate(L layer, Propagation p) {
        long[] shape = p.shape(WEIGHT);
        Layout in = p.input().units();
        Layout out = p.produce(shape[1]);
        p.axes(WEIGHT, Axis.consumes(in), Axis.produces(out));
        if (p.has(BIAS)) {
            p.axes(BIAS, Axis.produces(out));
        }
        if (p.has(GAIN)) {
            p.axes(GAIN, Axis.produces(out));
            p.mixes(out, "layer normalisation in '" + p.vertex() + "'");
            // A single unit has no spread to divide by.
            p.atLeast(out, 2);
        }
        if (p.has(VISIBLE_BIAS)) {
            p.axes(VISIBLE_BIAS, Axis.follows(in));
        }
        if (p.has(CENTRES)) {
            p.axes(CENTRES, Axis.produces(out), Axis.follows(in));
        }
        Signals.activation(layer.getActivationFn(), out, p);
        boolean series = p.input().kind() == Kind.RECURRENT;
        p.macs(Signals.product(shape[0], shape[1], series ? p.input().positions() : 1));
        return series ? p.input().withUnits(out) : Signal.feedForward(out);
    }

    @Override
    public L withWidths(L layer, Widths widths) {
        layer.setNIn(widths.size(WEIGHT, 0));
        layer.setNOut(widths.size(WEIGHT, 1));
        return layer;
    }
}
