package org.growingnn.dl4j.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.graph.util.ComputationGraphUtil;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Signal;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/** Batches that can be passed over again and again, wherever they come from. Every iterator starts a new pass. */
@FunctionalInterface
public interface TrainingData extends Iterable<MultiDataSet> {

    /**
     * Reads from an iterator, which is reset before every pass.
     *
     * @param iterator must support resetting
     * @return the data
     */
    static TrainingData of(DataSetIterator iterator) {
        Objects.requireNonNull(iterator, "iterator");
        requireReset(iterator.resetSupported(), iterator);
        return () -> {
            iterator.reset();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return iterator.hasNext();
                }

                @Override
                public MultiDataSet next() {
                    return ComputationGraphUtil.toMultiDataSet(iterator.next());
                }
            };
        };
    }

    /**
     * Reads from an iterator, which is reset before every pass.
     *
     * @param iterator must support resetting
     * @return the data
     */
    static TrainingData of(MultiDataSetIterator iterator) {
        Objects.requireNonNull(iterator, "iterator");
        requireReset(iterator.resetSupported(), iterator);
        return () -> {
            iterator.reset();
            return iterator;
        };
    }

    /**
     * Holds batches in memory.
     *
     * @param batches in order
     * @return the data
     */
    static TrainingData of(List<MultiDataSet> batches) {
        List<MultiDataSet> copy = List.copyOf(batches);
        return copy::iterator;
    }

    /**
     * Passes over all batches and checks that a network can be trained with them.
     *
     * @param network the network that the data is for
     * @return the number of batches
     * @throws IllegalArgumentException if there is no batch, if features or labels are missing, do not fit the network, or
     *     contain values that are not numbers
     */
    default int check(NetworkGraph network) {
        return DataCheck.require(this, network);
    }

    /**
     * Reads the input types, which models do not store, off the first batch. Where it does not fit the model's inputs, none
     * are told; the run's own check of the data reports it.
     *
     * @param network the network that the data is for
     * @return one per input, or none
     */
    default List<InputType> inputTypes(NetworkGraph network) {
        List<InputType> types = new ArrayList<>();
        Iterator<MultiDataSet> batches = iterator();
        if (batches.hasNext()) {
            INDArray[] features = batches.next().getFeatures();
            if (features != null && features.length == network.inputs().size()) {
                for (int i = 0; i < features.length; i++) {
                    types.add(inputType(features[i].shape(), network.inputs().get(i)));
                }
            }
        }
        return types;
    }

    private static InputType inputType(long[] shape, NetworkInput input) {
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
            case 5 ->
                first
                        ? InputType.convolutional3D(
                                Convolution3D.DataFormat.NCDHW, shape[2], shape[3], shape[4], shape[1])
                        : InputType.convolutional3D(
                                Convolution3D.DataFormat.NDHWC, shape[1], shape[2], shape[3], shape[4]);
            default ->
                throw new IllegalArgumentException("The features of input '" + input.name() + "' have shape "
                        + Arrays.toString(shape) + ", but Deeplearning4j takes 2 to 5 dimensions.");
        };
    }

    private static void requireReset(boolean supported, Object iterator) {
        if (!supported) {
            throw new IllegalArgumentException(
                    "The iterator (" + iterator.getClass().getName()
                            + ") cannot be reset, but a run passes over the data many times.\n"
                            + "Maybe collect its batches and use an ExistingDataSetIterator or ListDataSetIterator?");
        }
    }
}
