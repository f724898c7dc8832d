package org.growingnn.dl4j.training;

import org.growingnn.dl4j.metric.Reading;

/**
 * What passing over data told about a model.
 *
 * @param metric what the metric told; {@link Reading#NONE} if there was no data or a prediction was no number
 * @param loss mean loss per prediction, without penalties on weights: per example of a vector, per step of a series, per position of
 *     a map; NaN if not asked for
 * @param lossError standard error of that mean over the examples; 0 if not asked for, or if an output layer does not tell the losses of
 *     single examples
 * @param examples number of examples
 * @param finite false if a prediction was NaN or infinite; nothing else is measured then
 */
public record Quality(Reading metric, double loss, double lossError, long examples, boolean finite) {}
