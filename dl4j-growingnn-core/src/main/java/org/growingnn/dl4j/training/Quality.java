package org.growingnn.dl4j.training;

/**
 * What passing over data told about a model.
 *
 * @param accuracy share of correct predictions, the mean over several outputs; NaN if there was no data or a prediction was no number
 * @param loss mean loss per prediction, without penalties on weights: per example of a vector, per step of a series, per position of
 *     a map; NaN if not asked for
 * @param examples number of examples
 * @param finite false if a prediction was NaN or infinite; nothing else is measured then
 */
public record Quality(double accuracy, double loss, long examples, boolean finite) {}
