package org.growingnn.dl4j.data;

import java.util.Map;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Vertex;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** Finds out before a run, rather than in the middle of it, that data or model cannot be trained with. */
public final class DataCheck {

    private DataCheck() {}

    /**
     * Passes over the data once.
     *
     * @return the number of batches
     */
    static int require(TrainingData data, NetworkGraph network) {
        int batches = 0;
        for (MultiDataSet batch : data) {
            require(batch, batches++, network);
        }
        if (batches == 0) {
            throw new IllegalArgumentException(
                    "The training data is empty: its iterator gave no batch.\nMaybe the data directory is empty?");
        }
        return batches;
    }

    private static void require(MultiDataSet batch, int number, NetworkGraph network) {
        if (batch.getFeatures() == null
                || batch.getFeatures().length != network.inputs().size()) {
            throw new IllegalArgumentException("Batch " + number + " of the training data has "
                    + (batch.getFeatures() == null ? 0 : batch.getFeatures().length)
                    + " feature arrays, but the model has "
                    + network.inputs().size() + " inputs.");
        }
        if (batch.getLabels() == null
                || batch.getLabels().length != network.outputs().size()) {
            throw new IllegalArgumentException("Batch " + number + " of the training data has "
                    + (batch.getLabels() == null ? "no labels" : batch.getLabels().length + " label arrays")
                    + ", but the model has " + network.outputs().size()
                    + " outputs to train.\nMaybe the iterator was made without a label column?");
        }
        for (INDArray labels : batch.getLabels()) {
            if (labels == null || labels.isEmpty()) {
                throw new IllegalArgumentException("Batch " + number
                        + " of the training data has no labels.\nMaybe the iterator was made without a label column?");
            }
        }
        for (int i = 0; i < batch.getFeatures().length; i++) {
            requireWidth(batch.getFeatures(i), network.inputs().get(i), number);
            requireNumbers(
                    batch.getFeatures(i),
                    "features of input '" + network.inputs().get(i).name() + "'",
                    number);
        }
        for (int i = 0; i < batch.getLabels().length; i++) {
            requireNumbers(
                    batch.getLabels(i), "labels of output '" + network.outputs().get(i) + "'", number);
        }
    }

    private static void requireWidth(INDArray features, NetworkInput input, int batch) {
        boolean vectors = input.kind() == Signal.Kind.FEED_FORWARD && features.rank() == 2;
        if (vectors && input.size() != Layout.UNKNOWN && input.size() != features.size(1)) {
            throw new IllegalArgumentException("The features of input '" + input.name() + "' in batch " + batch
                    + " of the training data have " + features.size(1) + " columns, but the model takes " + input.size()
                    + ".");
        }
    }

    private static void requireNumbers(INDArray array, String what, int batch) {
        // A sum is NaN or infinite as soon as one value is.
        if (!Double.isFinite(array.sumNumber().doubleValue())) {
            throw new IllegalArgumentException("The " + what + " in batch " + batch
                    + " of the training data contain NaN or infinite values.\n"
                    + "Maybe a normaliser divides by a zero range, or a field is missing?");
        }
    }

    /**
     * Explains a loss that is not a number.
     *
     * @param loss the loss
     * @param network the network that has it
     * @throws IllegalArgumentException if the loss is not finite
     */
    public static void requireFinite(double loss, NetworkGraph network) {
        if (Double.isFinite(loss)) {
            return;
        }
        for (Vertex vertex : network.vertices()) {
            for (Map.Entry<String, Parameter> entry : vertex.parameters().entrySet()) {
                for (int i = 0; i < entry.getValue().value().length(); i++) {
                    if (!Double.isFinite(entry.getValue().value().get(i))) {
                        throw new IllegalArgumentException("The parameter '" + entry.getKey() + "' of the layer '"
                                + vertex.name() + "' contains "
                                + entry.getValue().value().get(i)
                                + ".\nMaybe the model diverged in training?");
                    }
                }
            }
        }
        throw new IllegalArgumentException("The model's loss on the training data is " + loss
                + ", although its parameters and the data are finite.\n"
                + "Maybe the loss function does not fit the labels or the output activation?");
    }
}
