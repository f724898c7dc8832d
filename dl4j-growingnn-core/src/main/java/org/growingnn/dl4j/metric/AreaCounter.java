package org.growingnn.dl4j.metric;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.evaluation.classification.ROC;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The area under the exact ROC curve of one question, answered by one unit or by the second of two. */
final class AreaCounter implements Counter {

    private final double threshold;
    private final List<double[]> answers = new ArrayList<>();

    AreaCounter(double threshold) {
        this.threshold = threshold;
    }

    @Override
    public void add(Rows rows, int row) {
        if (rows.columns() > 2) {
            throw new IllegalArgumentException(
                    "The area under the ROC curve is that of one question, but the output has " + rows.columns()
                            + " units.\nMaybe use Metrics.macroF1() for classes, Metrics.meanF1() for questions?");
        }
        boolean question = rows.columns() == 1;
        boolean truth = question ? rows.label(row, 0) > threshold : rows.actual(row) == 1;
        answers.add(new double[] {truth ? 1 : 0, rows.output(row, rows.columns() - 1)});
    }

    @Override
    public void add(Counter other) {
        answers.addAll(((AreaCounter) other).answers);
    }

    @Override
    public double value() {
        double yes = answers.stream().mapToDouble(answer -> answer[0]).sum();
        if (yes == 0 || yes == answers.size()) {
            return Double.NaN;
        }
        ROC roc = new ROC(0);
        roc.eval(column(0), column(1));
        return roc.calculateAUC();
    }

    private INDArray column(int index) {
        double[] values = answers.stream().mapToDouble(answer -> answer[index]).toArray();
        return Nd4j.createFromArray(values).castTo(DataType.DOUBLE).reshape(values.length, 1);
    }
}
