package org.growingnn.dl4j.training;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * Steers the learning rates of a model that is thrown away afterwards.
 *
 * <p>DL4J's own {@code setLearningRate} rebuilds the optimiser's state with every call. Scaling all updaters by one factor
 * keeps their grouping into blocks valid, so the rates can be written where the updaters read them.
 */
public final class LearningRates {

    private final Map<IUpdater, Double> base = new IdentityHashMap<>();

    /**
     * @param own overrides the model's learning rates, if present; layers with different rates keep their proportions
     */
    public LearningRates(ComputationGraph model, OptionalDouble own) {
        int iteration = model.getConfiguration().getIterationCount();
        int epoch = model.getConfiguration().getEpochCount();
        for (GraphVertex vertex : model.getVertices()) {
            Map<String, ?> parameters = vertex.paramTable(false);
            TrainingConfig configuration = vertex.getConfig();
            if (parameters == null || configuration == null) {
                continue;
            }
            for (String key : parameters.keySet()) {
                IUpdater updater = configuration.getUpdaterByParam(key);
                if (updater != null && updater.hasLearningRate()) {
                    double rate = updater.getLearningRate(iteration, epoch);
                    if (!Double.isNaN(rate)) {
                        base.put(updater, rate);
                    }
                }
            }
        }
        double largest = largest();
        if (own.isPresent() && largest > 0) {
            base.replaceAll((updater, rate) -> rate * own.getAsDouble() / largest);
        } else if (own.isPresent()) {
            base.replaceAll((updater, rate) -> own.getAsDouble());
        }
    }

    public double largest() {
        return base.isEmpty() ? 0 : Collections.max(base.values());
    }

    public void scale(double factor) {
        base.forEach((updater, rate) -> updater.setLrAndSchedule(rate * factor, null));
    }
}
