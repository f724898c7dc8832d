package org.growingnn.dl4j.adapter;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.deeplearning4j.nn.conf.layers.LocallyConnected1D;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffLayer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Format;
import org.growingnn.dl4j.graph.Signal.Kind;
import org.nd4j.linalg.activations.Activation;

/**
 * Convolution with a kernel of its own at every position: {@code W [positions, nIn · k, nOut]}, where an arriving unit has the k
 * consecutive rows of its kernel window; optional bias {@code b [nOut]}.
 */
final class LocallyConnectedAdapter<L extends SameDiffLayer> implements ConfigurationAdapter<L> {

    private static final String WEIGHT = ConvolutionParamInitializer.WEIGHT_KEY;
    private static final String BIAS = ConvolutionParamInitializer.BIAS_KEY;

    /** Stores the widths; the two classes have no common interface for it. */
    private interface WidthSetter<L> {
        void set(L layer, long in, long out, int window);
    }

    private final Class<L> type;
    private final Kind kind;
    private final ToIntFunction<L> window;
    private final Function<L, int[]> outputSize;
    private final Function<L, Activation> activation;
    private final WidthSetter<L> setter;
    private final Function<L, InputHint> input;

    private LocallyConnectedAdapter(
            Class<L> type,
            Kind kind,
            ToIntFunction<L> window,
            Function<L, int[]> outputSize,
            Function<L, Activation> activation,
            WidthSetter<L> setter,
            Function<L, InputHint> input) {
        this.type = type;
        this.kind = kind;
        this.window = window;
        this.outputSize = outputSize;
        this.activation = activation;
        this.setter = setter;
        this.input = input;
    }

    static ConfigurationAdapter<?> series() {
        return new LocallyConnectedAdapter<>(
                LocallyConnected1D.class,
                Kind.RECURRENT,
                LocallyConnected1D::getKernel,
                layer -> new int[] {layer.getOutputSize()},
                LocallyConnected1D::getActivation,
                (layer, in, out, window) -> {
                    layer.setNIn(in);
                    layer.setNOut(out);
                    layer.setFeatureDim(Math.toIntExact(in * window));
                },
                layer -> InputHint.series(layer.getNIn(), Format.CHANNELS_FIRST));
    }

    static ConfigurationAdapter<?> maps() {
        return new LocallyConnectedAdapter<>(
                LocallyConnected2D.class,
                Kind.CONVOLUTIONAL,
                layer -> layer.getKernel()[0] * layer.getKernel()[1],
                LocallyConnected2D::getOutputSize,
                LocallyConnected2D::getActivation,
                (layer, in, out, window) -> {
                    layer.setNIn(in);
                    layer.setNOut(out);
                    layer.setFeatureDim(Math.toIntExact(in * window));
                },
                layer -> InputHint.maps(layer.getNIn(), InputTypes.format(layer.getFormat())));
    }

    @Override
    public Class<L> type() {
        return type;
    }

    @Override
    public Signal propagate(L layer, Propagation p) {
        long[] shape = p.shape(WEIGHT);
        Signal in = Signals.as(kind, p.input());
        Layout out = p.produce(shape[2]);
        p.axes(WEIGHT, Axis.free(), Axis.consumes(in.units().times(window.applyAsInt(layer))), Axis.produces(out));
        if (p.has(BIAS)) {
            p.axes(BIAS, Axis.produces(out));
        }
        Signals.activation(activation.apply(layer).getActivationFunction(), out, p);
        p.macs(Signals.product(shape));
        return in.withUnits(out)
                .withExtents(
                        Arrays.stream(outputSize.apply(layer)).asLongStream().toArray());
    }

    @Override
    public L withWidths(L layer, Widths widths) {
        int k = window.applyAsInt(layer);
        setter.set(layer, widths.size(WEIGHT, 1) / k, widths.size(WEIGHT, 2), k);
        layer.setLayerParams(null);
        return layer;
    }

    @Override
    public Optional<InputHint> expectedInput(L layer, Optional<InputHint> behind) {
        return Optional.of(input.apply(layer));
    }
}
