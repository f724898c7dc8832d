package org.growingnn.dl4j.run;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.metric.Reading;

/**
 * What one generation did. Number 0 is the model that the first search starts from: the one that was given, after the initial epochs
 * if there are any.
 *
 * @param number 0 for the initial model
 * @param action the structural action that the search chose; empty if no search took place
 * @param rejection why the generation was taken back; empty if it was accepted
 * @param training what the metric told on training data; {@link Reading#NONE} if predictions were no numbers
 * @param validation what the metric told on validation data; {@link Reading#NONE} if predictions were no numbers
 * @param trainingGoodness place of the former on [0, 1], compared with the model as it was given; higher is better
 * @param goodness place of the latter on [0, 1]
 * @param loss mean training loss of the last epoch; of the initial model as it was given, that of the first batch; NaN if training
 *     diverged or there was none
 * @param parameters number of parameters
 * @param reduction share of the initial parameters that is gone; negative after growth
 * @param macs multiply-accumulates per example; empty when unknown
 * @param score grade of the model, its metric taken from validation data
 * @param epochs epochs trained in this generation
 * @param evaluations candidates graded in this generation
 * @param elapsed time that the run has been under way
 */
public record Generation(
        int number,
        Optional<StructuralAction> action,
        Optional<String> rejection,
        Reading training,
        Reading validation,
        double trainingGoodness,
        double goodness,
        double loss,
        long parameters,
        double reduction,
        OptionalLong macs,
        double score,
        int epochs,
        int evaluations,
        Duration elapsed) {

    /**
     * Tells whether the run went on from this generation.
     *
     * @return false if it was taken back
     */
    public boolean accepted() {
        return rejection.isEmpty();
    }

    /**
     * Tells the metric on training data.
     *
     * @return in the metric's natural unit: an accuracy, an R², a loss; NaN if predictions were no numbers
     */
    public double trainingMetric() {
        return training.value();
    }

    /**
     * Tells the metric on validation data.
     *
     * @return in the metric's natural unit; NaN if predictions were no numbers
     */
    public double validationMetric() {
        return validation.value();
    }

    /** The same generation, taken back. */
    Generation rejected(String reason) {
        return new Generation(
                number,
                action,
                Optional.of(reason),
                training,
                validation,
                trainingGoodness,
                goodness,
                loss,
                parameters,
                reduction,
                macs,
                score,
                epochs,
                evaluations,
                elapsed);
    }
}
