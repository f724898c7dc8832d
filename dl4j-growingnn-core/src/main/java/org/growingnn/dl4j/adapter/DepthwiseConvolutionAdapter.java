package org.growingnn.dl4j.adapter;

import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.params.DepthwiseConvolutionParamInitializer;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/**
 * Convolution of each channel on its own: {@code W [kH, kW, nIn, m]}, optional bias {@code b [nIn · m]}. Output channel {@code
 * i · m + k} is the k-th one of input channel i, so that an arriving unit leaves as m consecutive positions.
 */
final class DepthwiseConvolutionAdapter implements ConfigurationAdapter<DepthwiseConvolution2D> {

    private static final String WEIGHT = DepthwiseConvolutionParamInitializer.WEIGHT_KEY;
    private static final String BIAS = DepthwiseConvolutionParamInitializer.BIAS_KEY;

    @Override
    public Class<DepthwiseConvolution2D> type() {
        return DepthwiseConvolution2D.class;
    }

    @Override
    public Signal propagate(DepthwiseConvolution2D layer, Propagation p) {
        long[] shape = p.shape(WEIGHT);
        Signal in = Signals.convolutional(p.input());
        Layout out = in.units().times(shape[3]);
        p.axes(WEIGHT, Axis.free(), Axis.free(), Axis.follows(in.units()), Axis.free());
        if (p.has(BIAS)) {
            p.axes(BIAS, Axis.follows(out));
        }
        Signals.activation(layer.getActivationFn(), out, p);
        Signal signal = in.withUnits(out).withExtents(InputTypes.outputExtents(layer, in));
        p.macs(Signals.product(Signals.product(shape), signal.positions()));
        return signal;
    }

    @Override
    public DepthwiseConvolution2D withWidths(DepthwiseConvolution2D layer, Widths widths) {
        layer.setNIn(widths.size(WEIGHT, 2));
        layer.setNOut(widths.size(WEIGHT, 2) * widths.size(WEIGHT, 3));
        return layer;
    }

    @Override
    public Optional<InputHint> expectedInput(DepthwiseConvolution2D layer, Optional<InputHint> behind) {
        return Optional.of(ConvolutionAdapter.maps(layer)).filter(hint -> hint.size() > 0);
    }

    @Override
    public Set<Trait> traits(DepthwiseConvolution2D layer) {
        return Activations.traits(layer.getActivationFn());
    }
}
