package org.growingnn.dl4j.run;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.growingnn.dl4j.action.StructuralAction;

/**
 * What one generation did. Number 0 is the model as it was given, measured before anything happened.
 *
 * @param number 0 for the initial model
 * @param action the structural action that the search chose; empty if no search took place
 * @param accepted false if the generation was taken back because the accuracy fell below a floor
 * @param trainAccuracy share of correct predictions on training data, 0 to 1
 * @param validationAccuracy share of correct predictions on validation data, 0 to 1
 * @param loss mean training loss of the last epoch
 * @param parameters number of parameters
 * @param reduction share of the initial parameters that is gone; negative after growth
 * @param macs multiply-accumulates per example; empty when unknown
 * @param score grade of the model, accuracy taken from validation data
 * @param epochs epochs trained in this generation
 * @param evaluations candidates graded in this generation
 * @param elapsed wall time since the run began
 */
public record Generation(
        int number,
        Optional<StructuralAction> action,
        boolean accepted,
        double trainAccuracy,
        double validationAccuracy,
        double loss,
        long parameters,
        double reduction,
        OptionalLong macs,
        double score,
        int epochs,
        int evaluations,
        Duration elapsed) {}
