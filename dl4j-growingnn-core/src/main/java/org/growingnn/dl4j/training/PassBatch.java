package org.growingnn.dl4j.training;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Optional;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Signal;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Makes batches on which the time of a pass is measured. */
public final class PassBatch {

    private PassBatch() {}

    /**
     * Takes the first examples of data, or zeros where there is no data, as the network's inputs want them.
     *
     * @param network the network
     * @param data its data, if there is some
     * @param examples number of examples, ≥ 1
     * @return a batch without labels
     * @throws IllegalArgumentException if the first batch is smaller, or, without data, if the size of an input is unknown
     */
    public static MultiDataSet of(NetworkGraph network, Optional<TrainingData> data, int examples) {
        Optional<Iterator<org.nd4j.linalg.dataset.api.MultiDataSet>> batches = data.map(TrainingData::iterator);
        if (batches.isPresent() && batches.get().hasNext()) {
            return first(batches.get().next(), examples);
        }
        INDArray[] zeros = network.inputs().stream()
                .map(input -> Nd4j.zeros(shape(input, examples)))
                .toArray(INDArray[]::new);
        return new MultiDataSet(zeros, null, null, null);
    }

    /**
     * Takes the first examples of data.
     *
     * @param data the data
     * @param examples number of examples, ≥ 1
     * @return a batch without labels; empty if the first batch is smaller, or if there is none
     */
    public static Optional<org.nd4j.linalg.dataset.api.MultiDataSet> first(TrainingData data, int examples) {
        Iterator<org.nd4j.linalg.dataset.api.MultiDataSet> batches = data.iterator();
        return batches.hasNext()
                ? Optional.of(batches.next())
                        .filter(batch -> batch.getFeatures(0).size(0) >= examples)
                        .map(batch -> some(batch, examples))
                : Optional.empty();
    }

    private static MultiDataSet first(org.nd4j.linalg.dataset.api.MultiDataSet batch, int examples) {
        if (batch.getFeatures(0).size(0) < examples) {
            throw new IllegalArgumentException("The first batch has "
                    + batch.getFeatures(0).size(0) + " examples, too few to measure a pass with " + examples
                    + ".\nMaybe use larger batches, or a table of latencies for fewer examples?");
        }
        return some(batch, examples);
    }

    private static MultiDataSet some(org.nd4j.linalg.dataset.api.MultiDataSet batch, int examples) {
        return new MultiDataSet(
                CalibrationData.some(batch.getFeatures(), 0, examples),
                null,
                CalibrationData.some(batch.getFeaturesMaskArrays(), 0, examples),
                null);
    }

    private static long[] shape(NetworkInput input, int examples) {
        long[] extents = input.extents();
        if (input.size() == Layout.UNKNOWN || Arrays.stream(extents).anyMatch(extent -> extent < 0)) {
            throw new IllegalArgumentException("The latency cannot be measured, because the size of the input '"
                    + input.name() + "' is unknown.\n"
                    + "Maybe give the InputType of every network input, or calibration data?");
        }
        long[] shape = new long[2 + extents.length];
        boolean last = input.format() == Signal.Format.CHANNELS_LAST;
        shape[0] = examples;
        shape[last ? shape.length - 1 : 1] = input.size();
        System.arraycopy(extents, 0, shape, last ? 1 : 2, extents.length);
        return shape;
    }
}
