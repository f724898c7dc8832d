package org.growingnn.dl4j.metric;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Adds up what a metric tells of one output. */
interface OutputMeter {

    /** Takes the labels and predictions of a batch, in the shapes that the model has. */
    void add(INDArray labels, INDArray outputs, @Nullable INDArray mask);

    Reading reading();
}
