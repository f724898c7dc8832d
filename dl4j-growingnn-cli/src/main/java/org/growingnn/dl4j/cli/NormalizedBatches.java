package org.growingnn.dl4j.cli;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.dataset.api.preprocessor.MultiDataNormalization;
import org.nd4j.linalg.dataset.api.preprocessor.Normalizer;

/**
 * Batches that the model's own normaliser has changed.
 *
 * @param batches the batches
 * @param normalizer what the model's file says that is to be done to features, and maybe labels
 */
record NormalizedBatches(Batches batches, Normalizer<?> normalizer) implements Batches {

    @Override
    public int count() {
        return batches.count();
    }

    @Override
    public long examples() {
        return batches.examples();
    }

    @Override
    public boolean labelled() {
        return batches.labelled();
    }

    @Override
    public MultiDataSet get(int number) {
        MultiDataSet batch = batches.get(number);
        if (normalizer instanceof MultiDataNormalization several) {
            several.preProcess(batch);
        } else if (normalizer instanceof DataNormalization single) {
            for (int i = 0; i < batch.getFeatures().length; i++) {
                single.transform(batch.getFeatures(i), mask(batch.getFeaturesMaskArrays(), i));
            }
            if (single.isFitLabel() && batches.labelled()) {
                for (int i = 0; i < batch.getLabels().length; i++) {
                    single.transformLabel(batch.getLabels(i), mask(batch.getLabelsMaskArrays(), i));
                }
            }
        } else {
            throw new InputException(
                    "The model's normaliser (" + normalizer.getClass().getName()
                            + ") is of a kind that growingnn does not know.\nMaybe save normalised data, and use --no-normalize?");
        }
        return batch;
    }

    private static INDArray mask(INDArray[] masks, int index) {
        return masks == null ? null : masks[index];
    }
}
