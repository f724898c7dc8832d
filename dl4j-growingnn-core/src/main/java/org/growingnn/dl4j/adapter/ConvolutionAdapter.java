package org.growingnn.dl4j.adapter;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.growingnn.dl4j.adapter.Weighing.Patches;
import org.growingnn.dl4j.adapter.Weighing.Term;
import org.growingnn.dl4j.adapter.Weighing.Window;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Kind;

/**
 * Convolution over maps or volumes, in all memory formats: a kernel array {@code W} one axis of which indexes output channels
 * and another one input channels, and an optional bias {@code b [nOut]}.
 */
final class ConvolutionAdapter<L extends ConvolutionLayer> implements ConfigurationAdapter<L> {

    private static final String WEIGHT = ConvolutionParamInitializer.WEIGHT_KEY;
    private static final String BIAS = ConvolutionParamInitializer.BIAS_KEY;

    private final Class<L> type;
    private final Kind kind;
    private final int outputAxis;
    private final int inputAxis;
    private final boolean transposed;
    private final Function<L, InputHint> input;

    private ConvolutionAdapter(
            Class<L> type, Kind kind, int outputAxis, int inputAxis, boolean transposed, Function<L, InputHint> input) {
        this.type = type;
        this.kind = kind;
        this.outputAxis = outputAxis;
        this.inputAxis = inputAxis;
        this.transposed = transposed;
        this.input = input;
    }

    /** {@code W [nOut, nIn, kH, kW]}. */
    static <L extends ConvolutionLayer> ConvolutionAdapter<L> maps(Class<L> type) {
        return new ConvolutionAdapter<>(type, Kind.CONVOLUTIONAL, 0, 1, false, ConvolutionAdapter::maps);
    }

    /** {@code W [nIn, nOut, kH, kW]}. */
    static <L extends ConvolutionLayer> ConvolutionAdapter<L> transposedMaps(Class<L> type) {
        return new ConvolutionAdapter<>(type, Kind.CONVOLUTIONAL, 1, 0, true, ConvolutionAdapter::maps);
    }

    /** {@code W [nOut, nIn, kD, kH, kW]}. */
    static ConfigurationAdapter<?> volumes() {
        return new ConvolutionAdapter<>(
                Convolution3D.class,
                Kind.CONVOLUTIONAL_3D,
                0,
                1,
                false,
                layer -> InputHint.volumes(layer.getNIn(), InputTypes.format(layer.getDataFormat())));
    }

    /** {@code W [kD, kH, kW, nOut, nIn]}. */
    static ConfigurationAdapter<?> transposedVolumes() {
        return new ConvolutionAdapter<>(
                Deconvolution3D.class,
                Kind.CONVOLUTIONAL_3D,
                3,
                4,
                true,
                layer -> InputHint.volumes(layer.getNIn(), InputTypes.format(layer.getDataFormat())));
    }

    /** Tells what every 2-D convolution takes. */
    static InputHint maps(ConvolutionLayer layer) {
        return InputHint.maps(layer.getNIn(), InputTypes.format(layer.getCnn2dDataFormat()));
    }

    @Override
    public Class<L> type() {
        return type;
    }

    @Override
    public Signal propagate(L layer, Propagation p) {
        long[] shape = p.shape(WEIGHT);
        Signal in = Signals.as(kind, p.input());
        Layout out = p.produce(shape[outputAxis]);
        Axis[] axes = new Axis[shape.length];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = i == outputAxis ? Axis.produces(out) : i == inputAxis ? Axis.consumes(in.units()) : Axis.free();
        }
        p.axes(WEIGHT, axes);
        if (p.has(BIAS)) {
            p.axes(BIAS, Axis.produces(out));
        }
        Signals.activation(layer.getActivationFn(), out, p);
        Signal signal = in.withUnits(out).withExtents(InputTypes.outputExtents(layer, in));
        // A transposed convolution applies its kernel once per input position.
        p.macs(Signals.product(Signals.product(shape), (transposed ? in : signal).positions()));
        return signal;
    }

    @Override
    public L withWidths(L layer, Widths widths) {
        layer.setNOut(widths.size(WEIGHT, outputAxis));
        layer.setNIn(widths.size(WEIGHT, inputAxis));
        return layer;
    }

    @Override
    public Optional<InputHint> expectedInput(L layer, Optional<InputHint> behind) {
        return Optional.of(input.apply(layer)).filter(hint -> hint.size() > 0);
    }

    @Override
    public Optional<Weighing> weighing(L layer) {
        if (transposed || kind != Kind.CONVOLUTIONAL) {
            return Optional.empty();
        }
        Patches patches = new Patches(
                input.apply(layer).format(), window(layer, 0), window(layer, 1), layer.getConvolutionMode());
        return Optional.of(
                new Weighing(List.of(new Term(WEIGHT, patches)), Activations.isIdentity(layer.getActivationFn())));
    }

    /** Tells how kernels lie along an axis of what a convolution takes. */
    static Window window(ConvolutionLayer layer, int axis) {
        return new Window(
                layer.getKernelSize()[axis],
                layer.getStride()[axis],
                layer.getPadding()[axis],
                layer.getDilation()[axis]);
    }

    @Override
    public Set<Trait> traits(L layer) {
        return Activations.traits(layer.getActivationFn());
    }
}
