package org.growingnn.dl4j.adapter;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Format;
import org.growingnn.dl4j.graph.Signal.Kind;

/** Converts between Deeplearning4j's input types and memory formats and those of the library. */
final class InputTypes {

    private InputTypes() {}

    static NetworkInput toInput(String name, InputType type) {
        if (type instanceof InputType.InputTypeFeedForward t) {
            return InputHint.vectors(t.getSize()).toInput(name);
        }
        if (type instanceof InputType.InputTypeConvolutionalFlat t) {
            return InputHint.vectors(t.getFlattenedSize()).toInput(name);
        }
        if (type instanceof InputType.InputTypeConvolutional t) {
            return new NetworkInput(
                    name, Kind.CONVOLUTIONAL, format(t.getFormat()), t.getChannels(), t.getHeight(), t.getWidth());
        }
        if (type instanceof InputType.InputTypeRecurrent t) {
            long length = t.getTimeSeriesLength();
            return new NetworkInput(
                    name, Kind.RECURRENT, format(t.getFormat()), t.getSize(), length > 0 ? length : Layout.UNKNOWN);
        }
        if (type instanceof InputType.InputTypeConvolutional3D t) {
            return new NetworkInput(
                    name,
                    Kind.CONVOLUTIONAL_3D,
                    format(t.getDataFormat()),
                    t.getChannels(),
                    t.getDepth(),
                    t.getHeight(),
                    t.getWidth());
        }
        throw new IllegalArgumentException("The input type " + type + " of '" + name + "' is not known.");
    }

    static Format format(CNN2DFormat format) {
        return format == CNN2DFormat.NHWC ? Format.CHANNELS_LAST : Format.CHANNELS_FIRST;
    }

    static Format format(Convolution3D.DataFormat format) {
        return format == Convolution3D.DataFormat.NDHWC ? Format.CHANNELS_LAST : Format.CHANNELS_FIRST;
    }

    static Format format(RNNFormat format) {
        return format == RNNFormat.NWC ? Format.CHANNELS_LAST : Format.CHANNELS_FIRST;
    }

    /** Lets a layer of DL4J compute its output extents; widths do not matter for them. */
    static long[] outputExtents(Layer layer, Signal input) {
        if (input.positions() == Layout.UNKNOWN) {
            return unknown(input);
        }
        long[] extents = input.extents();
        boolean first = input.format() == Format.CHANNELS_FIRST;
        InputType type = switch (input.kind()) {
            case CONVOLUTIONAL ->
                InputType.convolutional(extents[0], extents[1], 1, first ? CNN2DFormat.NCHW : CNN2DFormat.NHWC);
            case RECURRENT -> InputType.recurrent(1, extents[0], first ? RNNFormat.NCW : RNNFormat.NWC);
            case CONVOLUTIONAL_3D ->
                InputType.convolutional3D(
                        first ? Convolution3D.DataFormat.NCDHW : Convolution3D.DataFormat.NDHWC,
                        extents[0],
                        extents[1],
                        extents[2],
                        1);
            default ->
                throw new IllegalStateException(
                        layer.getClass().getSimpleName() + " cannot follow a " + input.kind() + " signal.");
        };
        return toInput("", layer.getOutputType(0, type)).extents();
    }

    private static long[] unknown(Signal input) {
        long[] extents = input.extents();
        Arrays.fill(extents, Layout.UNKNOWN);
        return extents;
    }
}
