package org.growingnn.dl4j.training;

import java.util.List;
import org.growingnn.dl4j.data.Examples;
import org.growingnn.dl4j.data.TrainingData;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * The examples of a search's short trainings. Every candidate of a run sees the same ones.
 *
 * @param training batches to train candidates on, at least one
 * @param grading batches to grade them on, at least one
 * @param unseen whether none of the graded examples is among those that candidates are trained on
 */
public record SimulationSet(List<MultiDataSet> training, List<MultiDataSet> grading, boolean unseen) {

    /**
     * Copies the lists.
     *
     * @param training batches to train on
     * @param grading batches to grade on
     * @param unseen whether they have nothing in common
     */
    public SimulationSet {
        training = List.copyOf(training);
        grading = List.copyOf(grading);
    }

    /**
     * Draws both parts from training data.
     *
     * @param data training data
     * @param settings size of the set and share of the grading part
     * @param seed decides which examples are drawn
     * @return the set
     * @throws IllegalArgumentException if the data leaves nothing to train on or nothing to grade on
     */
    public static SimulationSet draw(TrainingData data, SimulationSettings settings, long seed) {
        List<MultiDataSet> drawn = Examples.sample(data, settings.samples(), settings.batchSize(), seed);
        if (settings.gradingShare() == 0) {
            return required(new SimulationSet(drawn, drawn, false), settings);
        }
        Examples.Split split = Examples.split(TrainingData.of(drawn), settings.gradingShare(), seed);
        return required(
                new SimulationSet(
                        Examples.batches(split.kept(), settings.batchSize()),
                        Examples.batches(split.heldOut(), settings.batchSize()),
                        true),
                settings);
    }

    /**
     * Draws the training part from training data and the grading part from examples that the base model was never trained on.
     *
     * @param data training data
     * @param heldOut examples to grade on
     * @param settings size of the set and share of the grading part
     * @param seed decides which examples are drawn
     * @return the set
     * @throws IllegalArgumentException if the data leaves nothing to train on or nothing to grade on
     */
    public static SimulationSet draw(TrainingData data, TrainingData heldOut, SimulationSettings settings, long seed) {
        int graded = settings.epochs() == 0
                ? settings.samples()
                : Math.max(1, (int) Math.round(settings.samples() * settings.gradingShare()));
        int trained = Math.max(1, settings.samples() - graded);
        return required(
                new SimulationSet(
                        Examples.sample(data, trained, settings.batchSize(), seed),
                        Examples.sample(heldOut, graded, settings.batchSize(), seed),
                        true),
                settings);
    }

    private static SimulationSet required(SimulationSet set, SimulationSettings settings) {
        if (set.training.isEmpty() || set.grading.isEmpty()) {
            throw new IllegalArgumentException("The simulation (" + settings
                    + ") leaves nothing to train on or nothing to grade on: the training data is too small for it.\n"
                    + "Maybe use more samples, or a gradingShare of 0?");
        }
        return set;
    }
}
