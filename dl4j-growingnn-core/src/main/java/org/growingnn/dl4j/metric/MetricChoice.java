package org.growingnn.dl4j.metric;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.growingnn.dl4j.graph.NetworkGraph;

/**
 * The metric of a task and why it is that one. If the user says nothing, each output decides by its loss and its labels:
 *
 * <ul>
 *   <li>classes: accuracy; macro F1 if some class has less than a quarter of an equal share
 *   <li>a question, answered by one unit: F1 of the rarer answer; the area under the ROC curve if the data has too few of it
 *   <li>several questions: their mean F1
 *   <li>numbers: R², the mean over units; pooled where there are more than 32, as in images
 *   <li>anything else, such as detection and losses of the user's own: the loss, compared with that of the initial model; if one output
 *       has no better measure, the loss of the whole decides
 * </ul>
 *
 * @param metric measures a model
 * @param reason why it was chosen
 */
public record MetricChoice(Metric metric, String reason) {

    /** A class with less than this part of an equal share is rare. */
    private static final double RARE = 0.25;

    /** F1 of fewer examples than this, a tenth of which may be held out, is little more than chance. */
    private static final long FEW = 250;

    /** More units than this are rather a signal than answers of their own. */
    private static final int MANY_UNITS = 32;

    /**
     * Checks that nothing is missing.
     *
     * @param metric measures a model
     * @param reason why it was chosen
     */
    public MetricChoice {
        Objects.requireNonNull(metric, "metric");
        Objects.requireNonNull(reason, "reason");
    }

    /**
     * Chooses.
     *
     * @param wanted what the user said
     * @param network the network
     * @param labels what its labels are like, by output
     * @param accuracy whether the user's score or floors speak of accuracy, which is then chosen for classes however rare
     * @return the choice
     * @throws IllegalArgumentException if the metric names an output that the network does not have, or if accuracy is spoken of where it
     *     has no meaning, with what to use instead
     */
    public static MetricChoice of(Metric wanted, NetworkGraph network, List<LabelSummary> labels, boolean accuracy) {
        MetricChoice choice = wanted instanceof Metrics.Automatic
                ? automatic(network, labels, accuracy)
                : new MetricChoice(wanted, "it was asked for");
        if (choice.metric instanceof Metrics.ForOutputs several) {
            several.outputs().forEach(one -> {
                if (!network.outputs().contains(one.output())) {
                    throw new IllegalArgumentException("The metric is to speak of the output '" + one.output()
                            + "', but the network's outputs are " + network.outputs() + ".");
                }
            });
        }
        if (accuracy && !(choice.metric instanceof Metrics.Accuracy)) {
            throw new IllegalArgumentException("The settings speak of accuracy, but the network is judged by "
                    + choice.metric.name() + ": " + choice.reason + ".\n"
                    + "Maybe use Score.metric(...), floor(...), maxDrop(...) and Stoppers.metric(...),"
                    + " which take the metric as it is?");
        }
        return choice;
    }

    private static MetricChoice automatic(NetworkGraph network, List<LabelSummary> labels, boolean accuracy) {
        List<Metrics.ForOutput> outputs = new ArrayList<>();
        List<String> reasons = new ArrayList<>();
        for (LabelSummary summary : labels) {
            MetricChoice one = of(OutputTask.of(network, summary.output()), summary, accuracy);
            if (labels.size() == 1 || one.metric instanceof Metrics.Loss) {
                return one;
            }
            outputs.add(new Metrics.ForOutput(summary.output(), one.metric, 1));
            reasons.add("'" + summary.output() + "': " + one.reason);
        }
        String reason = String.join("; ", reasons);
        return outputs.stream().allMatch(output -> output.metric() instanceof Metrics.Accuracy)
                ? new MetricChoice(new Metrics.Accuracy(), reason)
                : new MetricChoice(new Metrics.ForOutputs(outputs), reason);
    }

    private static MetricChoice of(OutputTask task, LabelSummary labels, boolean accuracy) {
        if (task.loss() == OutputTask.Loss.OTHER) {
            return loss(task);
        }
        if (labels.rows() == 0) {
            throw new IllegalArgumentException("No label of the output '" + task.output()
                    + "' counts, because masks exclude all of them.\nMaybe the masks are inverted?");
        }
        boolean one = labels.columns() == 1;
        return switch (labels.form()) {
            case CLASS_NUMBERS, PROBABILITIES -> classes(labels, accuracy);
            case ANSWERS -> {
                if (one) {
                    yield task.loss() == OutputTask.Loss.CLASSES ? loss(task) : question(labels, accuracy);
                }
                yield exclusive(task, labels) ? classes(labels, accuracy) : questions(labels);
            }
            case NUMBERS ->
                switch (task.loss()) {
                    case YES_OR_NO, NUMBERS -> numbers(labels);
                    case CLASSES, MARGINS, OTHER -> loss(task);
                };
        };
    }

    /** Margins: if each row has one 1, classes exclude each other. */
    private static boolean exclusive(OutputTask task, LabelSummary labels) {
        return task.loss() == OutputTask.Loss.MARGINS
                && labels.counts().values().stream().mapToLong(Long::longValue).sum() == labels.rows();
    }

    private static MetricChoice classes(LabelSummary labels, boolean accuracy) {
        Map<Integer, Long> counts = labels.counts();
        Map.Entry<Integer, Long> rarest =
                counts.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow();
        double share = (double) rarest.getValue() / labels.rows();
        String text = "the labels name one of " + counts.size() + " classes";
        if (accuracy || share * counts.size() >= RARE) {
            return new MetricChoice(new Metrics.Accuracy(), text);
        }
        return new MetricChoice(
                new Metrics.MacroF1(),
                String.format(
                        Locale.ROOT, "%s, of which class %d has only %.2g %%", text, rarest.getKey(), 100 * share));
    }

    private static MetricChoice question(LabelSummary labels, boolean accuracy) {
        long yes = labels.counts().getOrDefault(0, 0L);
        long rarer = Math.min(yes, labels.rows() - yes);
        int positive = yes <= labels.rows() - yes ? 1 : 0;
        String text = String.format(
                Locale.ROOT,
                "one unit answers a question, %s in %.2g %%",
                positive == 1 ? "yes" : "no",
                100.0 * rarer / labels.rows());
        if (accuracy) {
            return new MetricChoice(new Metrics.Accuracy(), text);
        }
        return rarer < FEW && rarer < labels.rows() * RARE
                ? new MetricChoice(new Metrics.Auc(), text + ", only " + rarer + " times")
                : new MetricChoice(new Metrics.F1(positive), text);
    }

    private static MetricChoice questions(LabelSummary labels) {
        return new MetricChoice(new Metrics.MeanF1(), labels.columns() + " units answer a question each");
    }

    private static MetricChoice numbers(LabelSummary labels) {
        boolean signal = labels.columns() > MANY_UNITS;
        return new MetricChoice(
                new Metrics.R2(signal),
                "the labels are numbers" + (signal ? ", " + labels.columns() + " in each row" : ""));
    }

    private static MetricChoice loss(OutputTask task) {
        return new MetricChoice(
                new Metrics.Loss(), "what the output '" + task.output() + "' is trained for has no other measure");
    }
}
