package org.growingnn.dl4j.data;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.growingnn.dl4j.adapter.DataShapes;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Signal;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What the shapes of features say about the inputs of a network that takes them. */
final class InputShapes {

    private InputShapes() {}

    /** Counts columns or channels, where the input says which axis they are on and how many there must be. */
    static OptionalLong units(INDArray features, NetworkInput input) {
        return input.kind() == Signal.Kind.UNKNOWN
                        || input.size() == Layout.UNKNOWN
                        || features.rank() != 2 + input.kind().extents()
                ? OptionalLong.empty()
                : OptionalLong.of(
                        features.size(input.format() == Signal.Format.CHANNELS_LAST ? features.rank() - 1 : 1));
    }

    /** Gives one type per input, or none if the features do not fit the inputs. */
    static List<InputType> types(INDArray @Nullable [] features, NetworkGraph network) {
        if (features == null || features.length != network.inputs().size()) {
            return List.of();
        }
        List<InputType> types = new ArrayList<>();
        for (int i = 0; i < features.length; i++) {
            NetworkInput input = network.inputs().get(i);
            if (features[i] == null || !fits(features[i], input, network)) {
                return List.of();
            }
            types.add(type(features[i].shape(), input));
        }
        return types;
    }

    private static boolean fits(INDArray features, NetworkInput input, NetworkGraph network) {
        Set<Integer> ranks = DataShapes.featureRanks(network, input.name());
        return features.rank() >= 2
                && features.rank() <= 5
                && (ranks.isEmpty() || ranks.contains(features.rank()))
                && units(features, input).orElse(input.size()) == input.size();
    }

    private static InputType type(long[] shape, NetworkInput input) {
        boolean first = input.format() == Signal.Format.CHANNELS_FIRST;
        return switch (shape.length) {
            case 2 -> InputType.feedForward(shape[1]);
            case 3 ->
                first
                        ? InputType.recurrent(shape[1], shape[2], RNNFormat.NCW)
                        : InputType.recurrent(shape[2], shape[1], RNNFormat.NWC);
            case 4 ->
                first
                        ? InputType.convolutional(shape[2], shape[3], shape[1], CNN2DFormat.NCHW)
                        : InputType.convolutional(shape[1], shape[2], shape[3], CNN2DFormat.NHWC);
            default ->
                first
                        ? InputType.convolutional3D(
                                Convolution3D.DataFormat.NCDHW, shape[2], shape[3], shape[4], shape[1])
                        : InputType.convolutional3D(
                                Convolution3D.DataFormat.NDHWC, shape[1], shape[2], shape[3], shape[4]);
        };
    }
}
