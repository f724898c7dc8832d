package org.growingnn.dl4j.metric;

import java.io.Serializable;

/**
 * What "good" means for a task. {@link Metrics} has those of the library and makes metrics of any DL4J evaluation.
 *
 * <p>A metric that speaks of one output is taken of each output of a network that has several; the worst of them then decides whether a
 * model is good enough.
 *
 * <p>A metric that holds what cannot be serialised, such as a lambda, cannot be used in other processes.
 */
public interface Metric extends Serializable {

    /**
     * Names the metric for people.
     *
     * @return a short name, such as {@code accuracy}
     */
    String name();

    /**
     * Starts measuring a model.
     *
     * @param pass the model and the data that it will be measured on
     * @return what to hand every batch to
     */
    Meter meter(Pass pass);

    /**
     * Tells whether the metric reads the loss, which costs another pass over the data.
     *
     * @return false unless overridden
     */
    default boolean needsLoss() {
        return false;
    }
}
