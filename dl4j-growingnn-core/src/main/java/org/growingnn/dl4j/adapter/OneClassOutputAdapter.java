package org.growingnn.dl4j.adapter;

import java.util.Optional;
import org.deeplearning4j.nn.conf.ocnn.OCNNOutputLayer;
import org.deeplearning4j.nn.layers.ocnn.OCNNParamInitializer;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/** One-class network: hidden units {@code v [nIn, hidden]} of its own, read by {@code w [1, hidden]}; one output. */
final class OneClassOutputAdapter implements ConfigurationAdapter<OCNNOutputLayer> {

    private static final String HIDDEN = OCNNParamInitializer.V_KEY;
    private static final String OUTPUT = OCNNParamInitializer.W_KEY;

    @Override
    public Class<OCNNOutputLayer> type() {
        return OCNNOutputLayer.class;
    }

    @Override
    public Signal propagate(OCNNOutputLayer layer, Propagation p) {
        long[] shape = p.shape(HIDDEN);
        Layout hidden = p.produce("hidden", shape[1]);
        p.axes(HIDDEN, Axis.consumes(p.input().units()), Axis.produces(hidden));
        p.axes(OUTPUT, Axis.free(), Axis.consumes(hidden));
        p.macs(Signals.product(shape) + shape[1]);
        return Signal.feedForward(p.produceFrozen(1, "single output of '" + p.vertex() + "'"));
    }

    @Override
    public OCNNOutputLayer withWidths(OCNNOutputLayer layer, Widths widths) {
        layer.setNIn(widths.size(HIDDEN, 0));
        layer.setHiddenSize(Math.toIntExact(widths.size(HIDDEN, 1)));
        return layer;
    }

    @Override
    public Optional<InputHint> expectedInput(OCNNOutputLayer layer, Optional<InputHint> behind) {
        return layer.getNIn() > 0 ? Optional.of(InputHint.vectors(layer.getNIn())) : Optional.empty();
    }
}
