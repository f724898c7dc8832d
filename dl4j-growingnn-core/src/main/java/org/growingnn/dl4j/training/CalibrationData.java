package org.growingnn.dl4j.training;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.ToLongBiFunction;
import java.util.stream.Stream;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Signal;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
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
     * Tells how many examples of a batch may be passed at once, so that they take no more than some memory.
     *
     * @param bytes what an example takes
     * @param memory what all of them may take
     * @return at least 1
     */
    static int examplesAtOnce(MultiDataSet batch, long bytes, long memory) {
        return (int) Math.max(1, Math.min(batch.getFeatures(0).size(0), memory / Math.max(1, bytes)));
    }

    /** Tells whether a batch's arrays belong to one example each along their first axis, so that it can be passed in parts. */
    static boolean isDivisible(MultiDataSet batch) {
        long examples = batch.getFeatures(0).size(0);
        return Stream.of(
                        batch.getFeatures(),
                        isLabelled(batch) ? batch.getLabels() : null,
                        batch.getFeaturesMaskArrays(),
                        batch.getLabelsMaskArrays())
                .filter(Objects::nonNull)
                .flatMap(Arrays::stream)
                .allMatch(array -> array == null || array.size(0) == examples);
    }

    /**
     * Copies some examples of a batch.
     *
     * @param from the first one
     * @param to the last one + 1
     * @return a batch with arrays of its own
     */
    static MultiDataSet part(MultiDataSet batch, int from, int to) {
        return new org.nd4j.linalg.dataset.MultiDataSet(
                some(batch.getFeatures(), from, to),
                isLabelled(batch) ? some(batch.getLabels(), from, to) : null,
                some(batch.getFeaturesMaskArrays(), from, to),
                some(batch.getLabelsMaskArrays(), from, to));
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

    /**
     * Estimates the bytes of one example's activations.
     *
     * @param type the type of the network's values
     */
    static long activations(NetworkGraph network, INDArray[] features, DataType type) {
        return bytes(network, features, type, (name, activations) -> activations);
    }

    /**
     * Estimates the bytes that one example takes outside of the heap in a pass: a second array in the place of each activation, because
     * layers compute in several steps, and what convolutions unfold to multiply it with their weights.
     *
     * @param type the type of the network's values
     */
    static long pass(NetworkGraph network, INDArray[] features, DataType type) {
        return bytes(network, features, type, (name, activations) -> {
            long units = Math.max(1, network.signal(name).units().length());
            return 2 * activations + Math.max(0, network.macs(name)) / units;
        });
    }

    private static long bytes(
            NetworkGraph network, INDArray[] features, DataType type, ToLongBiFunction<String, Long> values) {
        // Where extents are unknown, nothing has more positions than what the network is given, as a rule.
        long most = Arrays.stream(features)
                .mapToLong(array -> array.rank() < 3 ? 1 : array.length() / (array.size(0) * array.size(1)))
                .max()
                .orElse(1);
        long sum = 0;
        for (String name : network.order()) {
            Signal signal = network.signal(name);
            long positions = signal.positions() == Layout.UNKNOWN ? most : signal.positions();
            sum += values.applyAsLong(name, Math.max(1, signal.units().length()) * positions);
        }
        // Features of a narrow type, as bytes of images, become values of the network's type, but wide ones stay for a
        // while.
        int width = Arrays.stream(features)
                .mapToInt(array -> array.dataType().width())
                .reduce(type.width(), Math::max);
        return sum * width;
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
