package org.growingnn.dl4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Signal;
import org.nd4j.linalg.dataset.api.preprocessor.Normalizer;

/**
 * A model as its file has it.
 *
 * @param path the file, which nobody writes to
 * @param kind what wrote the file
 * @param model a {@link ComputationGraph} or a {@link MultiLayerNetwork}
 * @param network the same as a graph of unit spaces
 * @param normalizer what the file says that is to be done to features
 * @param extras what else a zip holds, the normaliser included, by the names of its entries
 * @param bytes size of the file
 */
record LoadedModel(
        Path path,
        Kind kind,
        Model model,
        NetworkGraph network,
        Optional<Normalizer<?>> normalizer,
        Map<String, byte[]> extras,
        long bytes) {

    /** What wrote the file. */
    enum Kind {
        DEEPLEARNING4J("zip of Deeplearning4j"),
        KERAS("HDF5 file of Keras");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    /** Names the class of the model. */
    String type() {
        return isChain() ? "MultiLayerNetwork" : "ComputationGraph";
    }

    boolean isChain() {
        return model instanceof MultiLayerNetwork;
    }

    /** Tells whether the file has the optimiser's state. */
    boolean hasUpdater() {
        Object state = model instanceof MultiLayerNetwork chain
                ? chain.getUpdater(false)
                : ((ComputationGraph) model).getUpdater(false);
        return state != null;
    }

    /** Tells whether an output can be trained and judged. */
    boolean hasLoss(int output) {
        Layer layer = model instanceof MultiLayerNetwork chain
                ? chain.getOutputLayer()
                : ((ComputationGraph) model).getOutputLayer(output);
        return layer instanceof IOutputLayer;
    }

    /**
     * States the extents of inputs, which models do not store.
     *
     * @param extents height and width, or length, or depth, height and width, as many as an input has that lacks them
     * @return the model, whose multiply-accumulates can be counted then
     * @throws InputException if no input lacks as many
     */
    LoadedModel withInputSize(List<Integer> extents) {
        List<InputType> types = new ArrayList<>();
        int stated = 0;
        for (NetworkInput input : network.inputs()) {
            long[] own = input.extents();
            boolean lacking = own.length == extents.size()
                    && IntStream.range(0, own.length)
                            .anyMatch(i -> own[i] == Layout.UNKNOWN || own[i] != extents.get(i));
            stated += lacking ? 1 : 0;
            Optional<InputType> type = type(
                    input,
                    lacking ? extents.stream().mapToLong(Integer::longValue).toArray() : own);
            if (type.isEmpty()) {
                throw new InputException("The input '" + input.name() + "' of " + path
                        + " is of a kind that no size can be given for: its first layers do not tell what they take.");
            }
            types.add(type.get());
        }
        boolean fits = network.inputs().stream().anyMatch(input -> input.extents().length == extents.size());
        if (stated == 0 && !fits) {
            throw new InputException("--input-size " + extents + " fits none of the inputs of " + path + ", which are "
                    + network.inputs().stream()
                            .map(input -> "'" + input.name() + "' (" + network.signal(input.name()) + ")")
                            .toList()
                    + ".\nMaybe HEIGHTxWIDTH without the channels, or nothing for vectors?");
        }
        return with(Dl4jGraphs.withInputTypes(network, types.toArray(InputType[]::new)));
    }

    /** Gives the extents of the only input that has some; none if they are unknown, or if there are several. */
    List<Integer> inputSize() {
        List<List<Integer>> sizes = network.inputs().stream()
                .map(NetworkInput::extents)
                .filter(extents -> extents.length > 0 && Arrays.stream(extents).allMatch(extent -> extent > 0))
                .map(extents -> Arrays.stream(extents)
                        .mapToInt(Math::toIntExact)
                        .boxed()
                        .toList())
                .toList();
        return sizes.size() == 1 ? sizes.get(0) : List.of();
    }

    /** Gives the network types of inputs that data told; none leave it as it is. */
    LoadedModel withInputTypes(List<InputType> types) {
        return types.isEmpty() ? this : with(Dl4jGraphs.withInputTypes(network, types.toArray(InputType[]::new)));
    }

    /** Gives the types of all inputs; none unless all are known. */
    InputType[] inputTypes() {
        List<InputType> types = network.inputs().stream()
                .filter(input -> Arrays.stream(input.extents()).allMatch(extent -> extent > 0))
                .flatMap(input -> type(input, input.extents()).stream())
                .toList();
        return types.size() == network.inputs().size() ? types.toArray(InputType[]::new) : new InputType[0];
    }

    private LoadedModel with(NetworkGraph typed) {
        return new LoadedModel(path, kind, model, typed, normalizer, extras, bytes);
    }

    private static Optional<InputType> type(NetworkInput input, long[] extents) {
        boolean first = input.format() == Signal.Format.CHANNELS_FIRST;
        long size = input.size();
        return switch (input.kind()) {
            case FEED_FORWARD -> Optional.of(InputType.feedForward(size));
            case RECURRENT -> Optional.of(InputType.recurrent(size, extents[0], first ? RNNFormat.NCW : RNNFormat.NWC));
            case CONVOLUTIONAL ->
                Optional.of(InputType.convolutional(
                        extents[0], extents[1], size, first ? CNN2DFormat.NCHW : CNN2DFormat.NHWC));
            case CONVOLUTIONAL_3D ->
                Optional.of(InputType.convolutional3D(
                        first ? Convolution3D.DataFormat.NCDHW : Convolution3D.DataFormat.NDHWC,
                        extents[0],
                        extents[1],
                        extents[2],
                        size));
            case UNKNOWN -> Optional.empty();
        };
    }
}
