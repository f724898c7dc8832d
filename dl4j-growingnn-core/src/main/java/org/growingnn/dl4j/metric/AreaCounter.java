package org.growingnn.dl4j.metric;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The area under the exact ROC curve of one question, answered by one unit or by the second of two: the share of pairs of a yes and a no
 * that the answers put in the right order, equal answers counting half (Mann and Whitney 1947). DL4J's ROC takes equal answers one after
 * the other, in the order of the data.
 */
final class AreaCounter implements Counter {

    private final double threshold;
    private final List<double[]> answers = new ArrayList<>();

    AreaCounter(double threshold) {
        this.threshold = threshold;
    }

    @Override
    public void add(PredictionRows rows, int row) {
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
        List<double[]> ordered = new ArrayList<>(answers);
        ordered.sort(Comparator.comparingDouble(answer -> answer[1]));
        double inOrder = 0;
        double noBefore = 0;
        for (int from = 0, to = 0; from < ordered.size(); from = to) {
            double yesHere = 0;
            for (; to < ordered.size() && ordered.get(to)[1] == ordered.get(from)[1]; to++) {
                yesHere += ordered.get(to)[0];
            }
            double noHere = to - from - yesHere;
            inOrder += yesHere * (noBefore + noHere / 2);
            noBefore += noHere;
        }
        return inOrder / (yes * noBefore);
    }
}
