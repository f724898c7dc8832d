package org.growingnn.dl4j.training;

/**
 * What passing over data told about a model.
 *
 * @param accuracy share of correct predictions, the mean over several outputs; NaN if there was no data or a prediction was no number
 * @param loss mean loss per prediction, without penalties on weights: per example of a vector, per step of a series, per position of
 *     a map; NaN if not asked for
 * @param lossError standard error of that mean over the examples; 0 if not asked for, or if an output layer does not tell the losses of
 *     single examples
 * @param examples number of examples
 * @param finite false if a prediction was NaN or infinite; nothing else is measured then
 */
public record Quality(double accuracy, double loss, double lossError, long examples, boolean finite) {}
