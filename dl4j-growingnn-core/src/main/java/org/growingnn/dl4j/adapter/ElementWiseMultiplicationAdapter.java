package org.growingnn.dl4j.adapter;

import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.params.ElementWiseParamInitializer;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/** One factor {@code W [1, n]} and one bias {@code b [n]} per arriving unit. */
final class ElementWiseMultiplicationAdapter implements ConfigurationAdapter<ElementWiseMultiplicationLayer> {

    private static final String WEIGHT = ElementWiseParamInitializer.WEIGHT_KEY;
    private static final String BIAS = ElementWiseParamInitializer.BIAS_KEY;

    @Override
    public Class<ElementWiseMultiplicationLayer> type() {
        return ElementWiseMultiplicationLayer.class;
    }

    @Override
    public Signal propagate(ElementWiseMultiplicationLayer layer, Propagation p) {
        p.axes(WEIGHT, Axis.free(), Axis.follows(p.input().units()));
        p.axes(BIAS, Axis.follows(p.input().units()));
        Signals.activation(layer.getActivationFn(), p.input().units(), p);
        return p.input();
    }

    @Override
    public ElementWiseMultiplicationLayer withWidths(ElementWiseMultiplicationLayer layer, Widths widths) {
        layer.setNIn(widths.size(WEIGHT, 1));
        layer.setNOut(widths.size(WEIGHT, 1));
        return layer;
    }
}
