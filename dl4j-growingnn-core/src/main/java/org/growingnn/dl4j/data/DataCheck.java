package org.growingnn.dl4j.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.FrozenLayerWithBackprop;
import org.growingnn.dl4j.adapter.DataShapes;
import org.growingnn.dl4j.adapter.DataShapes.Content;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.metric.LabelCount;
import org.growingnn.dl4j.metric.LabelMasks;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Finds out before a run, rather than in the middle of it, that data or model cannot be trained with. What is certain from the model's
 * configuration is checked for every batch; besides, the first batches of new shapes are passed through the model.
 */
public final class DataCheck {

    /** Series may have any number of lengths, but few shapes show whether the model takes them. */
    private static final int TRIALS = 8;

    private final NetworkGraph network;
    private final String data;
    private final Set<String> tried = new HashSet<>();
    private final List<Integer> ranks = new ArrayList<>();
    private final Classes classes = new Classes();
    private @Nullable ComputationGraph model;
    private final List<LabelCount> labels;
    private long examples;
    private int smallest = Integer.MAX_VALUE;
    private int largest;
    private int number;

    private DataCheck(NetworkGraph network, String data) {
        this.network = network;
        this.data = data;
        this.labels = network.outputs().stream()
                .map(output -> new LabelCount(network, output))
                .toList();
    }

    /** Passes over the data once. */
    static DataSummary require(TrainingData data, NetworkGraph network) {
        DataCheck check = new DataCheck(network, data.name());
        try {
            for (MultiDataSet batch : data) {
                check.require(batch);
                check.count(batch);
                check.tryOut(batch);
                check.number++;
            }
        } finally {
            if (check.model != null) {
                ModelWriter.release(check.model);
            }
        }
        if (check.number == 0) {
            throw empty(data.name());
        }
        return new DataSummary(
                check.number,
                check.examples,
                check.smallest,
                check.largest,
                check.classes.counts(),
                check.labels.stream().map(LabelCount::summary).toList());
    }

    static IllegalArgumentException empty(String data) {
        return new IllegalArgumentException(
                "The " + data + " is empty: its iterator gave no batch.\nMaybe the data directory is empty?");
    }

    private IllegalArgumentException refused(String text, String maybe) {
        return new IllegalArgumentException(
                "Batch " + number + " of the " + data + " cannot be trained with: " + text + "\nMaybe " + maybe);
    }

    private void require(MultiDataSet batch) {
        if (batch == null) {
            throw refused("it is null.", "the iterator gives more than it has?");
        }
        requireArrays(
                batch.getFeatures(),
                network.inputs().stream()
                        .map(input -> "features of input '" + input.name() + "'")
                        .toList(),
                "features",
                "inputs",
                "the iterator was made for another model?");
        requireArrays(
                batch.getLabels(),
                network.outputs().stream()
                        .map(output -> "labels of output '" + output + "'")
                        .toList(),
                "labels",
                "outputs to train",
                "the iterator was made without a label column?");
        long rows = batch.getFeatures(0).size(0);
        for (int i = 0; i < batch.getFeatures().length; i++) {
            NetworkInput input = network.inputs().get(i);
            String what = "features of input '" + input.name() + "'";
            requireRows(batch.getFeatures(i), what, rows);
            requireFeatures(batch.getFeatures(i), input, what, i);
            requireNumbers(batch.getFeatures(i), what);
            requireMask(
                    batch.getFeaturesMaskArrays(),
                    i,
                    batch.getFeatures(i),
                    input.kind() == Signal.Kind.RECURRENT,
                    input.format() == Signal.Format.CHANNELS_LAST,
                    what);
        }
        for (int i = 0; i < batch.getLabels().length; i++) {
            String output = network.outputs().get(i);
            String what = "labels of output '" + output + "'";
            Optional<DataShapes.Labels> shape = DataShapes.labels(network, output);
            requireRows(batch.getLabels(i), what, rows);
            requireNumbers(batch.getLabels(i), what);
            boolean masked = batch.getLabelsMaskArrays() != null
                    && batch.getLabelsMaskArrays().length > i
                    && batch.getLabelsMaskArray(i) != null;
            if (shape.isPresent()) {
                requireLabels(batch.getLabels(i), output, shape.get(), what, masked);
            }
            requireMask(
                    batch.getLabelsMaskArrays(),
                    i,
                    batch.getLabels(i),
                    shape.map(s -> s.rank() == 3).orElse(false),
                    shape.map(DataShapes.Labels::unitsLast).orElse(false),
                    what);
        }
    }

    private void requireArrays(
            INDArray @Nullable [] arrays, List<String> names, String what, String ends, String maybe) {
        if (arrays == null || arrays.length == 0) {
            throw refused("it has no " + what + ", but the model has " + names.size() + " " + ends + ".", maybe);
        }
        if (arrays.length != names.size()) {
            throw refused(
                    "it has " + arrays.length + " arrays of " + what + ", but the model has " + names.size() + " "
                            + ends + ".",
                    maybe);
        }
        for (int i = 0; i < arrays.length; i++) {
            if (arrays[i] == null) {
                throw refused("it has no " + names.get(i) + ".", maybe);
            }
            if (arrays[i].isEmpty() || arrays[i].rank() == 0 || arrays[i].length() == 0) {
                throw refused(
                        "the " + names.get(i) + " have shape " + Arrays.toString(arrays[i].shape())
                                + ", which holds nothing.",
                        "the iterator ends with an empty batch, or was made without a label column?");
            }
        }
    }

    private void requireRows(INDArray array, String what, long rows) {
        if (array.size(0) != rows) {
            throw refused(
                    "the " + what + " have " + array.size(0) + " rows, but the first features have " + rows
                            + "; each example takes one row of every array.",
                    "the arrays were cut differently, or a series is labelled step by step, which takes an RnnOutputLayer?");
        }
    }

    private void requireFeatures(INDArray features, NetworkInput input, String what, int index) {
        Set<Integer> possible = DataShapes.featureRanks(network, input.name());
        String shape = Arrays.toString(features.shape());
        if (!possible.isEmpty() && !possible.contains(features.rank())) {
            throw refused(
                    "the " + what + " have shape " + shape + ", " + features.rank()
                            + " dimensions where the model takes "
                            + String.join(
                                    " or ",
                                    possible.stream()
                                            .sorted()
                                            .map(String::valueOf)
                                            .toList())
                            + ".",
                    "flatten or reshape them, for example with a preprocessor of the iterator?");
        }
        if (number == 0) {
            ranks.add(features.rank());
        } else if (possible.isEmpty() && features.rank() != ranks.get(index)) {
            throw refused(
                    "the " + what + " have shape " + shape + ", but had " + ranks.get(index)
                            + " dimensions in batch 0.",
                    "the iterator mixes two sources?");
        }
        OptionalLong units = InputShapes.units(features, input);
        if (units.isPresent() && units.getAsLong() != input.size()) {
            throw refused(
                    "the " + what + " have " + units.getAsLong()
                            + (features.rank() == 2 ? " columns" : " channels in shape " + shape)
                            + ", but the model takes " + input.size() + ".",
                    "a column is missing, the axes are in another order, or the model was made for other data?");
        }
    }

    private void requireLabels(
            INDArray labels, String output, DataShapes.Labels expected, String what, boolean masked) {
        long units = network.signal(output).units().length();
        String shape = Arrays.toString(labels.shape());
        boolean flat = expected.rank() == 2 && network.signal(output).kind() == Signal.Kind.FEED_FORWARD;
        // A series of a single step may be labelled as if it were none, and class numbers need no column.
        boolean fits = switch (expected.rank()) {
            case 2 -> labels.rank() == 2 || !flat || expected.content() != Content.VALUES && labels.rank() == 1;
            case 3 -> labels.rank() == 3 || labels.rank() == 2;
            default -> labels.rank() == expected.rank();
        };
        if (expected.content() == Content.UNKNOWN) {
            return;
        }
        if (!fits) {
            throw refused(
                    "the " + what + " have shape " + shape + ", but the output has " + expected.rank() + " dimensions.",
                    "the labels are of another kind than the output layer?");
        }
        if (labels.rank() != expected.rank() || labels.rank() == 2 && !flat) {
            return;
        }
        long columns = labels.size(expected.unitAxis());
        if (expected.content() == Content.VALUES && units != Layout.UNKNOWN && columns != units) {
            throw refused(
                    "the " + what + " have " + columns + " columns (shape " + shape + "), but the output has " + units
                            + " units.",
                    "the labels have another number of classes, are class numbers where one-hot rows are needed,"
                            + " or have their axes in another order?");
        }
        if (expected.content() == Content.CLASS_NUMBERS) {
            if (columns != 1) {
                throw refused(
                        "the " + what + " have shape " + shape + ", but the loss takes one class number per row.",
                        "use LossMCXENT with one-hot rows?");
            }
            double most = labels.maxNumber().doubleValue();
            if (flat && !masked && units != Layout.UNKNOWN && most >= units) {
                throw refused(
                        "the " + what + " contain the class number " + (long) most + ", but the output has " + units
                                + " units, numbered from 0.",
                        "the classes are numbered from 1, or the output is too small?");
            }
        }
    }

    private void requireMask(
            INDArray @Nullable [] masks, int index, INDArray array, boolean series, boolean unitsLast, String what) {
        if (masks == null) {
            return;
        }
        if (masks.length <= index) {
            throw refused(
                    "it has " + masks.length + " masks, none for the " + what + ".",
                    "give one mask, which may be null, per array?");
        }
        INDArray mask = masks[index];
        if (mask == null) {
            return;
        }
        boolean fits = mask.rank() > 0 && mask.size(0) == array.size(0);
        if (fits && series && array.rank() == 3) {
            fits = mask.rank() == 2 && mask.size(1) == array.size(unitsLast ? 1 : 2)
                    || Arrays.equals(mask.shape(), array.shape());
        }
        if (!fits) {
            throw refused(
                    "the mask of the " + what + " has shape " + Arrays.toString(mask.shape()) + ", which does not fit "
                            + Arrays.toString(array.shape()) + ".",
                    "the mask takes one row per example and, for series, one column per step?");
        }
        requireNumbers(mask, "mask of the " + what);
    }

    private void requireNumbers(INDArray array, String what) {
        // A sum is NaN or infinite as soon as one value is, but may also overflow the array's own type.
        if (!Double.isFinite(array.sumNumber().doubleValue())
                && !Double.isFinite(array.castTo(DataType.DOUBLE).sumNumber().doubleValue())) {
            throw new IllegalArgumentException("The " + what + " in batch " + number + " of the " + data
                    + " contain NaN or infinite values.\n"
                    + "Maybe a normaliser divides by a zero range, or a field is missing?");
        }
    }

    private void count(MultiDataSet batch) {
        int rows = Rows.count(batch);
        examples += rows;
        smallest = Math.min(smallest, rows);
        largest = Math.max(largest, rows);
        for (int i = 0; i < labels.size(); i++) {
            labels.get(i).add(batch.getLabels(i), LabelMasks.of(batch, i));
        }
        classes.add(batch.getLabels(0));
    }

    /** Lets Deeplearning4j say what cannot be told from the configuration. */
    private void tryOut(MultiDataSet batch) {
        if (tried.size() == TRIALS || !tried.add(Rows.shapes(batch))) {
            return;
        }
        if (model == null) {
            model = ModelWriter.toComputationGraph(network);
            requireOutputLayers(model);
        }
        try {
            model.score(batch, false);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "Batch " + number + " of the " + data
                            + " cannot be passed through the model. Its features have shapes "
                            + shapes(batch.getFeatures()) + ", its labels " + shapes(batch.getLabels())
                            + ". Deeplearning4j says: " + e.getMessage()
                            + "\nMaybe the data was prepared for another model?",
                    e);
        }
    }

    private void requireOutputLayers(ComputationGraph graph) {
        for (String output : network.outputs()) {
            Layer layer = graph.getVertex(output).getLayer();
            Layer inner = layer instanceof FrozenLayerWithBackprop frozen ? frozen.getInsideLayer() : layer;
            if (!(inner instanceof IOutputLayer)) {
                throw new IllegalArgumentException("The output '" + output
                        + "' of the model is no output layer: it has no loss, so that the model can be neither trained nor judged.\n"
                        + "Maybe end it with an OutputLayer or a LossLayer, for example by TransferLearning?");
            }
        }
    }

    private static String shapes(INDArray[] arrays) {
        return String.join(
                ", ",
                Arrays.stream(arrays)
                        .map(array -> Arrays.toString(array.shape()))
                        .toList());
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
