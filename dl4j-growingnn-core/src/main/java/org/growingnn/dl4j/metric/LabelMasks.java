package org.growingnn.dl4j.metric;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** Tells which labels count. */
public final class LabelMasks {

    private LabelMasks() {}

    /**
     * Gives the mask of an output's labels. Series whose labels have none count the steps that any of the series among the features has:
     * labels of other steps only fill up the array.
     *
     * @param batch labelled examples
     * @param output the output's number
     * @return the mask; null if everything counts
     */
    public static @Nullable INDArray of(MultiDataSet batch, int output) {
        INDArray[] own = batch.getLabelsMaskArrays();
        if (own != null && own[output] != null) {
            return own[output];
        }
        INDArray labels = batch.getLabels(output);
        INDArray[] masks = batch.getFeaturesMaskArrays();
        if (labels.rank() != 3 || masks == null) {
            return null;
        }
        INDArray any = null;
        for (int i = 0; i < masks.length; i++) {
            if (batch.getFeatures(i).rank() != 3) {
                continue;
            }
            INDArray mask = masks[i];
            boolean fits = mask != null
                    && mask.rank() == 2
                    && (mask.size(1) == labels.size(1) || mask.size(1) == labels.size(2))
                    && (any == null || any.size(1) == mask.size(1));
            if (!fits) {
                return null;
            }
            INDArray present = mask.neq(0);
            any = any == null
                    ? present
                    : any.castTo(present.dataType()).add(present).gt(0);
        }
        return any == null ? null : any.castTo(labels.dataType());
    }
}
