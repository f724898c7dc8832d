package org.growingnn.dl4j.metric;

import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * A pass over data on which a model is measured.
 *
 * @param network the model's structure
 * @param model the model
 * @param data the data, for metrics that must see it as a whole
 * @param errors whether standard errors are asked for, which may cost a little more
 */
public record Pass(NetworkGraph network, ComputationGraph model, Iterable<MultiDataSet> data, boolean errors) {

    /**
     * Checks that nothing is missing.
     *
     * @param network the model's structure
     * @param model the model
     * @param data the data
     * @param errors whether standard errors are asked for
     */
    public Pass {
        Objects.requireNonNull(network, "network");
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(data, "data");
    }
}
