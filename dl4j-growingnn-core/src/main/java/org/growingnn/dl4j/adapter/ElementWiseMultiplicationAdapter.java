package org.growingnn.dl4j.adapter;

import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.params.ElementWiseParamInitializer;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/**
 * One factor and one bias {@code b [n]} per arriving unit. The factors {@code W} are declared as {@code [1, n]} by a model that
 * initialises itself and as {@code [n]} by one that is restored, and are seen as {@code [n]}.
 */
final class ElementWiseMultiplicationAdapter implements ConfigurationAdapter<ElementWiseMultiplicationLayer> {

    private static final String WEIGHT = ElementWiseParamInitializer.WEIGHT_KEY;
    private static final String BIAS = ElementWiseParamInitializer.BIAS_KEY;

    @Override
    public Class<ElementWiseMultiplicationLayer> type() {
        return ElementWiseMultiplicationLayer.class;
    }

    @Override
    public List<ParameterPart> parts(ElementWiseMultiplicationLayer layer, String key, long[] declared) {
        return List.of(ParameterPart.whole(key, declared[declared.length - 1]));
    }

    @Override
    public Signal propagate(ElementWiseMultiplicationLayer layer, Propagation p) {
        p.axes(WEIGHT, Axis.follows(p.input().units()));
        p.axes(BIAS, Axis.follows(p.input().units()));
        Signals.activation(layer.getActivationFn(), p.input().units(), p);
        return p.input();
    }

    @Override
    public ElementWiseMultiplicationLayer withWidths(ElementWiseMultiplicationLayer layer, Widths widths) {
        layer.setNIn(widths.size(WEIGHT, 0));
        layer.setNOut(widths.size(WEIGHT, 0));
        return layer;
    }

    @Override
    public Optional<InputHint> expectedInput(ElementWiseMultiplicationLayer layer, Optional<InputHint> behind) {
        return layer.getNIn() > 0 ? Optional.of(InputHint.vectors(layer.getNIn())) : Optional.empty();
    }
}
