package org.growingnn.dl4j.adapter;

import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/** 2-D convolution: {@code W [nOut, nIn, kH, kW]} in both memory formats, optional bias {@code b [nOut]}. */
final class ConvolutionAdapter<L extends ConvolutionLayer> implements ConfigurationAdapter<L> {

    private static final String WEIGHT = ConvolutionParamInitializer.WEIGHT_KEY;
    private static final String BIAS = ConvolutionParamInitializer.BIAS_KEY;

    private final Class<L> type;

    ConvolutionAdapter(Class<L> type) {
        this.type = type;
    }

    @Override
    public Class<L> type() {
        return type;
    }

    @Override
    public Signal propagate(L layer, Propagation p) {
        long[] shape = p.shape(WEIGHT);
        Signal in = Signals.convolutional(p.input());
        Layout out = p.produce(shape[0]);
        p.axes(WEIGHT, Axis.produces(out), Axis.consumes(in.units()), Axis.free(), Axis.free());
        if (p.has(BIAS)) {
            p.axes(BIAS, Axis.produces(out));
        }
        Signals.activation(layer.getActivationFn(), out, p);
        Signal signal = in.withUnits(out).withExtents(InputTypes.outputExtents(layer, in));
        p.macs(Signals.product(shape[0], shape[1], shape[2], shape[3], signal.positions()));
        return signal;
    }

    @Override
    public void writeWidths(L layer, Widths widths) {
        layer.setNOut(widths.size(WEIGHT, 0));
        layer.setNIn(widths.size(WEIGHT, 1));
    }
}
