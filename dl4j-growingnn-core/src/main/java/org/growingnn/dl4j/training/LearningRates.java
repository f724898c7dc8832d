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
     * Reads a model's learning rates at its current iteration.
     *
     * @param model the model
     * @param own overrides the model's learning rates, if present; layers with different rates keep their proportions
     * @throws IllegalArgumentException if there is a rate of one's own and no updater that has one
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
        if (own.isPresent() && base.isEmpty()) {
            throw new IllegalArgumentException("The learningRate (" + own.getAsDouble()
                    + ") has no effect: none of the model's updaters has a learning rate.\nMaybe leave it out?");
        }
        double largest = largest();
        if (own.isPresent() && largest > 0) {
            base.replaceAll((updater, rate) -> rate * own.getAsDouble() / largest);
        } else if (own.isPresent()) {
            base.replaceAll((updater, rate) -> own.getAsDouble());
        }
    }

    /**
     * Gives the largest learning rate of all layers.
     *
     * @return the rate; 0 if there is none
     */
    public double largest() {
        return base.isEmpty() ? 0 : Collections.max(base.values());
    }

    /**
     * Sets all learning rates for the next step.
     *
     * @param factor what to multiply the rates with that were read
     */
    public void scale(double factor) {
        base.forEach((updater, rate) -> updater.setLrAndSchedule(rate * factor, null));
    }
}
