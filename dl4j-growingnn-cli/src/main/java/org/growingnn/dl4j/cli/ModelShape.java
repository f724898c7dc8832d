package org.growingnn.dl4j.cli;

import java.util.Arrays;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Signal;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The one input of a model, and how images are brought into its shape.
 *
 * @param input the input
 * @param maps the maps that a vector is folded into, if the model does that
 */
record ModelShape(NetworkInput input, Optional<ModelShape.Maps> maps) {

    /**
     * Maps of one example.
     *
     * @param channels number of maps
     * @param height their height
     * @param width their width
     */
    record Maps(long channels, long height, long width) {

        @Override
        public String toString() {
            return channels + "x" + height + "x" + width;
        }
    }

    /**
     * Looks at a model.
     *
     * @param loaded the model
     * @param source the data that is for it, for messages
     * @throws InputException if it has several inputs or outputs
     */
    static ModelShape of(LoadedModel loaded, String source) {
        NetworkGraph network = loaded.network();
        if (network.inputs().size() != 1 || network.outputs().size() != 1) {
            throw new InputException(
                    "The model " + loaded.path() + " has " + network.inputs().size() + " inputs and "
                            + network.outputs().size() + " outputs, but " + source
                            + " has one array of features and labels.\nMaybe save the batches by MultiDataSet.save(…)?");
        }
        NetworkInput input = network.inputs().get(0);
        Optional<Maps> maps = Optional.empty();
        long[] extents = input.extents();
        if (input.kind() == Signal.Kind.CONVOLUTIONAL && extents[0] > 0 && extents[1] > 0) {
            maps = Optional.of(new Maps(input.size(), extents[0], extents[1]));
        } else if (input.kind() == Signal.Kind.FEED_FORWARD) {
            maps = folded(loaded.model(), input.name());
        }
        return new ModelShape(input, maps);
    }

    private static Optional<Maps> folded(Model model, String input) {
        if (model instanceof MultiLayerNetwork chain) {
            return maps(chain.getLayerWiseConfigurations().getInputPreProcess(0));
        }
        var configuration = ((ComputationGraph) model).getConfiguration();
        return configuration.getVertices().entrySet().stream()
                .filter(vertex ->
                        configuration.getVertexInputs().get(vertex.getKey()).contains(input))
                .flatMap(vertex -> maps(preProcessor(vertex.getValue())).stream())
                .findFirst();
    }

    private static InputPreProcessor preProcessor(GraphVertex vertex) {
        if (vertex instanceof LayerVertex layer) {
            return layer.getPreProcessor();
        }
        return vertex instanceof PreprocessorVertex some ? some.getPreProcessor() : null;
    }

    private static Optional<Maps> maps(InputPreProcessor preProcessor) {
        return preProcessor instanceof FeedForwardToCnnPreProcessor fold
                ? Optional.of(new Maps(fold.getNumChannels(), fold.getInputHeight(), fold.getInputWidth()))
                : Optional.empty();
    }

    /**
     * Brings images into the shape that the model takes.
     *
     * @param images [examples, channels, height, width]
     * @param source where they are from, for messages
     * @return vectors, maps with channels first or last, or series of the images' rows
     * @throws InputException if they do not fit
     */
    INDArray features(INDArray images, String source) {
        long count = images.size(0);
        long channels = images.size(1);
        long height = images.size(2);
        long width = images.size(3);
        boolean last = input.format() == Signal.Format.CHANNELS_LAST;
        return switch (input.kind()) {
            case FEED_FORWARD -> {
                require(input.size() == channels * height * width, images, source);
                yield images.reshape('c', count, input.size());
            }
            case CONVOLUTIONAL -> {
                require(input.size() == channels, images, source);
                yield last ? images.permute(0, 2, 3, 1).dup('c') : images;
            }
            case RECURRENT -> {
                require(channels == 1 && input.size() == width, images, source);
                INDArray rows = images.reshape('c', count, height, width);
                yield last ? rows : rows.permute(0, 2, 1).dup('c');
            }
            default -> {
                require(false, images, source);
                yield images;
            }
        };
    }

    private void require(boolean fits, INDArray images, String source) {
        if (!fits) {
            throw new InputException("The images of " + source + " have "
                    + Arrays.toString(Arrays.copyOfRange(images.shape(), 1, images.rank()))
                    + " channels, rows and columns, but the input '" + input.name() + "' of the model takes "
                    + describe() + ".\nMaybe the model was made for other images?");
        }
    }

    /** Says what the input takes. */
    String describe() {
        String size = input.size() < 0 ? "an unknown number of" : String.valueOf(input.size());
        return switch (input.kind()) {
            case FEED_FORWARD -> "vectors of " + size + " features";
            case RECURRENT -> "series of " + size + " features";
            case CONVOLUTIONAL -> "maps of " + size + " channels";
            case CONVOLUTIONAL_3D -> "volumes of " + size + " channels";
            case UNKNOWN -> "something that its first layers do not tell";
        };
    }
}
