package org.growingnn.dl4j.cli;

import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.metric.OutputTask;

/**
 * What an output would be judged by, as far as that is known without data.
 *
 * @param compares what its loss compares
 * @param name the metric; "none" if it cannot be judged
 * @param text the same with what else it may be, as in "is judged by …"
 */
record FittingMetric(String compares, String name, String text) {

    private static final int MANY_UNITS = 32;

    static FittingMetric of(LoadedModel loaded, int index) {
        NetworkGraph network = loaded.network();
        OutputTask task = OutputTask.of(network, network.outputs().get(index));
        if (!loaded.hasLoss(index)) {
            return new FittingMetric(
                    "nothing",
                    "none",
                    "nothing: it has no loss, so that the model can be neither trained nor measured");
        }
        long units = network.signal(task.output()).units().length();
        String compares = Names.hyphenated(task.loss());
        return switch (task.loss()) {
            case CLASSES ->
                units == 1 && !task.classNumbers()
                        ? loss(compares)
                        : new FittingMetric(compares, "accuracy", "accuracy, or by macro F1 where a class is rare");
            case YES_OR_NO ->
                units == 1
                        ? new FittingMetric(
                                compares,
                                "F1",
                                "F1 of the rarer answer, or by the area under the ROC curve where there are too few of it")
                        : new FittingMetric(
                                compares,
                                "mean F1",
                                "mean F1 of its questions, or by accuracy where labels are one-hot");
            case MARGINS ->
                new FittingMetric(
                        compares,
                        units == 1 ? "F1" : "mean F1",
                        units == 1
                                ? "F1 of the rarer answer"
                                : "mean F1, or by accuracy where classes exclude each other");
            case NUMBERS ->
                units > MANY_UNITS
                        ? new FittingMetric(compares, "pooled R²", "R² pooled over its units")
                        : new FittingMetric(compares, "R²", "R², or by accuracy where labels are one-hot");
            case OTHER -> loss(compares);
        };
    }

    private static FittingMetric loss(String compares) {
        return new FittingMetric(compares, "loss", "its loss, compared with that of the original");
    }
}
