package org.growingnn.dl4j.cli;

import org.growingnn.dl4j.data.DataSummary;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.metric.Metric;
import org.growingnn.dl4j.metric.MetricChoice;
import org.growingnn.dl4j.metric.Reading;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.training.LiveModel;

/**
 * Measures how good models are.
 *
 * @param metric what is measured
 * @param reason why it is that
 * @param data what on
 * @param source the name of the data
 * @param examples number of examples
 */
record Grader(Metric metric, String reason, TrainingData data, String source, long examples) {

    /**
     * Looks at all of the data.
     *
     * @param loaded the model that it is for
     * @param data labelled data
     * @param wanted what to measure
     * @throws InputException if it has no labels, or there is no loss
     * @throws IllegalArgumentException if it does not fit the model
     */
    static Grader of(LoadedModel loaded, Data data, Metric wanted) {
        data.requireLabels("judge models");
        TrainingData trainingData = data.trainingData();
        DataSummary summary = trainingData.check(loaded.network());
        MetricChoice choice = MetricChoice.of(wanted, loaded.network(), summary.labels(), false);
        return new Grader(choice.metric(), choice.reason(), trainingData, data.source(), summary.examples());
    }

    /** Measures a network. */
    Reading measure(NetworkGraph network) {
        try (LiveModel live = LiveModel.of(network)) {
            Reading reading = live.measure(data, metric, false, false, Cancellation.never())
                    .metric();
            if (!reading.measured()) {
                throw new IllegalStateException("The metric " + metric.name() + " is undefined on " + source
                        + ".\nMaybe the model's outputs are no numbers, or all labels are equal?");
            }
            return reading;
        }
    }
}
