package org.growingnn.dl4j.metric;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** Adds up what a metric tells, batch by batch. */
public interface Meter {

    /**
     * Takes a batch.
     *
     * @param batch labelled examples
     * @param outputs what the model answers to them, one array per output; finite
     */
    void add(MultiDataSet batch, INDArray[] outputs);

    /**
     * Ends the pass.
     *
     * @param loss mean loss per prediction, without penalties; NaN unless the metric needs it
     * @param lossError standard error of that mean; 0 if unknown
     * @return what the metric tells
     */
    Reading reading(double loss, double lossError);
}
