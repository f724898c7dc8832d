package org.growingnn.dl4j.adapter;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.growingnn.dl4j.adapter.Weighing.Patches;
import org.growingnn.dl4j.adapter.Weighing.Term;
import org.growingnn.dl4j.adapter.Weighing.Window;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/**
 * 1-D convolution. The weight array declares {@code [nOut, nIn, k, 1]}, but the layer reinterprets its memory as {@code [k,
 * nIn, nOut]} in row-major order, so that is the shape whose axes are units.
 */
final class Convolution1DAdapter<L extends Convolution1DLayer> implements ConfigurationAdapter<L> {

    private static final String WEIGHT = ConvolutionParamInitializer.WEIGHT_KEY;
    private static final String BIAS = ConvolutionParamInitializer.BIAS_KEY;

    private final Class<L> type;

    Convolution1DAdapter(Class<L> type) {
        this.type = type;
    }

    @Override
    public Class<L> type() {
        return type;
    }

    @Override
    public List<ParameterPart> parts(L layer, String key, long[] declared) {
        return List.of(
                key.equals(WEIGHT)
                        ? ParameterPart.whole(key, declared[2], declared[1], declared[0])
                        : ParameterPart.whole(key, declared));
    }

    @Override
    public Signal propagate(L layer, Propagation p) {
        long[] shape = p.shape(WEIGHT);
        Signal in = Signals.recurrent(p.input());
        Layout out = p.produce(shape[2]);
        p.axes(WEIGHT, Axis.free(), Axis.consumes(in.units()), Axis.produces(out));
        if (p.has(BIAS)) {
            p.axes(BIAS, Axis.produces(out));
        }
        Signals.activation(layer.getActivationFn(), out, p);
        Signal signal = in.withUnits(out).withExtents(InputTypes.outputExtents(layer, in));
        p.macs(Signals.product(shape[0], shape[1], shape[2], signal.positions()));
        return signal;
    }

    @Override
    public L withWidths(L layer, Widths widths) {
        layer.setNIn(widths.size(WEIGHT, 1));
        layer.setNOut(widths.size(WEIGHT, 2));
        return layer;
    }

    @Override
    public Optional<InputHint> expectedInput(L layer, Optional<InputHint> behind) {
        return layer.getNIn() > 0
                ? Optional.of(InputHint.series(layer.getNIn(), InputTypes.format(layer.getRnnDataFormat())))
                : Optional.empty();
    }

    @Override
    public Optional<Weighing> weighing(L layer) {
        // Of strides and the like, the second entries mean nothing.
        Patches patches = new Patches(
                InputTypes.format(layer.getRnnDataFormat()),
                ConvolutionAdapter.window(layer, 0),
                Window.SINGLE,
                layer.getConvolutionMode());
        return Optional.of(
                new Weighing(List.of(new Term(WEIGHT, patches)), Activations.isIdentity(layer.getActivationFn())));
    }

    @Override
    public Set<Trait> traits(L layer) {
        return Activations.traits(layer.getActivationFn());
    }
}
