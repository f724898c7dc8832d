package org.growingnn.dl4j.score;

import java.util.OptionalLong;

/**
 * What is known of a candidate when it is graded.
 *
 * @param goodness the metric's place on [0, 1], higher is better: accuracy, F1 and R² themselves, 0.5 for an error or a loss as large as
 *     that of the model that the run started from
 * @param loss mean loss per example, without penalties on weights; NaN when it was not computed or training diverged
 * @param parameters number of parameters
 * @param initialParameters number of parameters of the model that the run started from
 * @param macs multiply-accumulates per example; empty when the input size is unknown
 * @param initialMacs those of the model that the run started from
 */
public record Measurement(
        double goodness,
        double loss,
        long parameters,
        long initialParameters,
        OptionalLong macs,
        OptionalLong initialMacs) {}
