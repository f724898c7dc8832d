package org.growingnn.dl4j.metric;

import java.util.Map;
import java.util.TreeMap;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Adds up what the labels of one output are like. */
public final class LabelCount {

    private static final double ROUNDING = 1e-3;

    private final OutputTask task;
    private final Map<Integer, Long> classes = new TreeMap<>();
    private final Map<Integer, Long> answers = new TreeMap<>();
    private boolean probabilities = true;
    private boolean zeroOrOne = true;
    private boolean signs = true;
    private int columns;
    private long rows;

    /**
     * Starts.
     *
     * @param network the network that the labels are for
     * @param output the name of an output
     */
    public LabelCount(NetworkGraph network, String output) {
        this.task = OutputTask.of(network, output);
    }

    /**
     * Takes the labels of a batch. Those that only the loss itself knows are not looked at.
     *
     * @param labels in the shape that the output has
     * @param mask what of them counts; null for all
     */
    public void add(INDArray labels, @Nullable INDArray mask) {
        if (task.loss() == OutputTask.Loss.OTHER) {
            return;
        }
        PredictionRows batch = new PredictionRows(task, labels, null, mask);
        columns = Math.max(columns, batch.columns());
        for (int row = 0; row < batch.rows(); row++) {
            if (batch.counts(row)) {
                rows++;
                look(batch, row);
            }
        }
    }

    private void look(PredictionRows batch, int row) {
        double sum = 0;
        for (int column = 0; column < batch.columns(); column++) {
            double value = batch.label(row, column);
            sum += value;
            probabilities &= value >= 0;
            zeroOrOne &= value == 0 || value == 1;
            signs &= Math.abs(value) == 1;
            if (value > task.threshold()) {
                answers.merge(column, 1L, Long::sum);
            }
        }
        probabilities &= batch.columns() > 1 && Math.abs(sum - 1) <= ROUNDING;
        if (task.classNumbers() || probabilities) {
            int label = batch.actual(row);
            if (label >= 0) {
                classes.merge(label, 1L, Long::sum);
            }
        }
    }

    /**
     * Ends.
     *
     * @return what the labels have in common
     */
    public LabelSummary summary() {
        if (task.classNumbers()) {
            return summary(LabelSummary.Form.CLASS_NUMBERS, classes);
        } else if (probabilities) {
            return summary(LabelSummary.Form.PROBABILITIES, classes);
        } else if (zeroOrOne || signs) {
            return summary(LabelSummary.Form.ANSWERS, answers);
        }
        return summary(LabelSummary.Form.NUMBERS, Map.of());
    }

    private LabelSummary summary(LabelSummary.Form form, Map<Integer, Long> counts) {
        return new LabelSummary(task.output(), form, columns, rows, counts);
    }
}
