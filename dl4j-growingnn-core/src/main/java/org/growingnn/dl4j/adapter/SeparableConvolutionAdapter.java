package org.growingnn.dl4j.adapter;

import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.params.SeparableConvolutionParamInitializer;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/**
 * Convolution of each channel on its own, {@code W [m, nIn, kH, kW]}, then across channels, {@code pW [nOut, nIn · m, 1, 1]},
 * where input channel i has the columns {@code i · m … i · m + m − 1}; optional bias {@code b [nOut]}.
 */
final class SeparableConvolutionAdapter implements ConfigurationAdapter<SeparableConvolution2D> {

    private static final String DEPTHWISE = SeparableConvolutionParamInitializer.DEPTH_WISE_WEIGHT_KEY;
    private static final String POINTWISE = SeparableConvolutionParamInitializer.POINT_WISE_WEIGHT_KEY;
    private static final String BIAS = SeparableConvolutionParamInitializer.BIAS_KEY;

    @Override
    public Class<SeparableConvolution2D> type() {
        return SeparableConvolution2D.class;
    }

    @Override
    public Signal propagate(SeparableConvolution2D layer, Propagation p) {
        long[] depthwise = p.shape(DEPTHWISE);
        long[] pointwise = p.shape(POINTWISE);
        Signal in = Signals.convolutional(p.input());
        Layout out = p.produce(pointwise[0]);
        p.axes(DEPTHWISE, Axis.free(), Axis.follows(in.units()), Axis.free(), Axis.free());
        p.axes(POINTWISE, Axis.produces(out), Axis.consumes(in.units().times(depthwise[0])), Axis.free(), Axis.free());
        if (p.has(BIAS)) {
            p.axes(BIAS, Axis.produces(out));
        }
        Signals.activation(layer.getActivationFn(), out, p);
        Signal signal = in.withUnits(out).withExtents(InputTypes.outputExtents(layer, in));
        p.macs(Signals.product(Signals.product(depthwise) + Signals.product(pointwise), signal.positions()));
        return signal;
    }

    @Override
    public SeparableConvolution2D withWidths(SeparableConvolution2D layer, Widths widths) {
        layer.setNIn(widths.size(DEPTHWISE, 1));
        layer.setNOut(widths.size(POINTWISE, 0));
        return layer;
    }

    @Override
    public Optional<InputHint> expectedInput(SeparableConvolution2D layer, Optional<InputHint> behind) {
        return Optional.of(ConvolutionAdapter.maps(layer)).filter(hint -> hint.size() > 0);
    }

    @Override
    public Set<Trait> traits(SeparableConvolution2D layer) {
        return Activations.traits(layer.getActivationFn());
    }
}
