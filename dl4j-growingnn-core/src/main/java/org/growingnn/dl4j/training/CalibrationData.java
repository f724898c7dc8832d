package org.growingnn.dl4j.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Signal;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.longer.MatchCondition;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.indexing.conditions.Conditions;

/** Checks that batches can be calibrated with, and splits them. */
final class CalibrationData {

    private CalibrationData() {}

    /**
     * Requires as many arrays as the network has inputs and outputs, without NaN and infinity.
     *
     * @param labels whether labels are looked at, unless there are none
     */
    static void require(MultiDataSet batch, int number, NetworkGraph network, boolean labels) {
        requireArrays(
                batch.getFeatures(),
                "features",
                network.inputs().stream()
                        .map(NetworkInput::name)
                        .map(name -> "input '" + name + "'")
                        .toList(),
                number);
        if (labels && isLabelled(batch)) {
            requireArrays(
                    batch.getLabels(),
                    "labels",
                    network.outputs().stream()
                            .map(name -> "output '" + name + "'")
                            .toList(),
                    number);
        }
    }

    /** Tells whether there are labels of any output. */
    static boolean isLabelled(MultiDataSet batch) {
        return batch.getLabels() != null && Arrays.stream(batch.getLabels()).anyMatch(Objects::nonNull);
    }

    /**
     * Splits a batch, so that the parts' activations take no more than some memory.
     *
     * @return parts with arrays of their own, or the batch itself if it is small enough or its arrays do not belong to one example
     *     each along their first axis
     */
    static List<MultiDataSet> parts(MultiDataSet batch, NetworkGraph network, long memory) {
        INDArray[] features = batch.getFeatures();
        int examples = Math.toIntExact(features[0].size(0));
        int size = (int) Math.max(1, Math.min(examples, memory / Math.max(1, activations(network, features))));
        List<INDArray @Nullable []> all = new ArrayList<>();
        all.add(features);
        all.add(isLabelled(batch) ? batch.getLabels() : null);
        all.add(batch.getFeaturesMaskArrays());
        all.add(batch.getLabelsMaskArrays());
        if (size >= examples
                || all.stream()
                        .filter(Objects::nonNull)
                        .flatMap(Arrays::stream)
                        .anyMatch(array -> array != null && array.size(0) != examples)) {
            return List.of(batch);
        }
        List<MultiDataSet> parts = new ArrayList<>();
        for (int from = 0; from < examples; from += size) {
            int first = from;
            int last = Math.min(examples, from + size);
            List<INDArray @Nullable []> part =
                    all.stream().map(arrays -> some(arrays, first, last)).toList();
            parts.add(new org.nd4j.linalg.dataset.MultiDataSet(part.get(0), part.get(1), part.get(2), part.get(3)));
        }
        return parts;
    }

    /** Copies some examples, from the first to before the last, of whichever arrays there are. */
    static INDArray @Nullable [] some(INDArray @Nullable [] arrays, int from, int to) {
        return arrays == null
                ? null
                : Arrays.stream(arrays)
                        .map(array -> array == null
                                ? null
                                : array.get(NDArrayIndex.interval(from, to)).dup('c'))
                        .toArray(INDArray[]::new);
    }

    /** Estimates the bytes of one example's activations. */
    private static long activations(NetworkGraph network, INDArray[] features) {
        // Where extents are unknown, nothing has more positions than what the network is given, as a rule.
        long most = Arrays.stream(features)
                .mapToLong(array -> array.rank() < 3 ? 1 : array.length() / (array.size(0) * array.size(1)))
                .max()
                .orElse(1);
        long values = 0;
        for (String name : network.order()) {
            Signal signal = network.signal(name);
            long positions = signal.positions() == Layout.UNKNOWN ? most : signal.positions();
            values += Math.max(1, signal.units().length()) * positions;
        }
        return values * features[0].dataType().width();
    }

    private static void requireArrays(INDArray @Nullable [] arrays, String what, List<String> owners, int number) {
        int count = arrays == null ? 0 : arrays.length;
        if (arrays == null || count != owners.size()) {
            throw new IllegalArgumentException("Batch " + number + " of the calibration data has " + count
                    + " arrays of " + what + ", but the network has " + owners.size() + ": " + owners + ".");
        }
        for (int i = 0; i < count; i++) {
            if (arrays[i] == null) {
                throw new IllegalArgumentException("Batch " + number + " of the calibration data has no " + what
                        + " of " + owners.get(i) + ".\nMaybe the iterator was made without a label column?");
            }
            if (!isFinite(arrays[i])) {
                throw new IllegalArgumentException("The " + what + " of " + owners.get(i) + " in batch " + number
                        + " of the calibration data contain NaN or infinite values.\n"
                        + "Maybe a normaliser divides by a zero range, or a field is missing?");
            }
        }
    }

    private static boolean isFinite(INDArray array) {
        return !array.dataType().isFPType()
                || Nd4j.getExecutioner()
                                .exec(new MatchCondition(array, Conditions.notFinite()))
                                .getInt(0)
                        == 0;
    }
}
