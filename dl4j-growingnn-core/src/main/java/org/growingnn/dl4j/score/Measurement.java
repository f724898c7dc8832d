package org.growingnn.dl4j.score;

import java.util.OptionalLong;

/**
 * What is known of a candidate when it is graded.
 *
 * @param accuracy share of correct predictions, 0 to 1
 * @param loss mean loss per example, without penalties on weights; NaN when it was not computed or training diverged
 * @param parameters number of parameters
 * @param initialParameters number of parameters of the model that the run started from
 * @param macs multiply-accumulates per example; empty when the input size is unknown
 * @param initialMacs those of the model that the run started from
 */
public record Measurement(
        double accuracy,
        double loss,
        long parameters,
        long initialParameters,
        OptionalLong macs,
        OptionalLong initialMacs) {}
