package org.growingnn.dl4j.training;

import java.util.List;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.longer.MatchCondition;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.conditions.Conditions;

/** Checks that batches can be calibrated with. */
final class CalibrationData {

    private CalibrationData() {}

    /** Requires as many arrays as the network has inputs and outputs, without NaN and infinity. */
    static void require(MultiDataSet batch, int number, NetworkGraph network) {
        requireArrays(
                batch.getFeatures(),
                "features",
                network.inputs().stream()
                        .map(NetworkInput::name)
                        .map(name -> "input '" + name + "'")
                        .toList(),
                number);
        requireArrays(
                batch.getLabels(),
                "labels",
                network.outputs().stream().map(name -> "output '" + name + "'").toList(),
                number);
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
