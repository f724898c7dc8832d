package org.growingnn.dl4j.adapter;

import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
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

    private ConvolutionAdapter(Class<L> type, Kind kind, int outputAxis, int inputAxis, boolean transposed) {
        this.type = type;
        this.kind = kind;
        this.outputAxis = outputAxis;
        this.inputAxis = inputAxis;
        this.transposed = transposed;
    }

    /** {@code W [nOut, nIn, kH, kW]}. */
    static <L extends ConvolutionLayer> ConvolutionAdapter<L> maps(Class<L> type) {
        return new ConvolutionAdapter<>(type, Kind.CONVOLUTIONAL, 0, 1, false);
    }

    /** {@code W [nIn, nOut, kH, kW]}. */
    static <L extends ConvolutionLayer> ConvolutionAdapter<L> transposedMaps(Class<L> type) {
        return new ConvolutionAdapter<>(type, Kind.CONVOLUTIONAL, 1, 0, true);
    }

    /** {@code W [nOut, nIn, kD, kH, kW]}. */
    static <L extends ConvolutionLayer> ConvolutionAdapter<L> volumes(Class<L> type) {
        return new ConvolutionAdapter<>(type, Kind.CONVOLUTIONAL_3D, 0, 1, false);
    }

    /** {@code W [kD, kH, kW, nOut, nIn]}. */
    static <L extends ConvolutionLayer> ConvolutionAdapter<L> transposedVolumes(Class<L> type) {
        return new ConvolutionAdapter<>(type, Kind.CONVOLUTIONAL_3D, 3, 4, true);
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
}
