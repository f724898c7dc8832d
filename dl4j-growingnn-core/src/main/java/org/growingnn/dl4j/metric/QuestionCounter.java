package org.growingnn.dl4j.metric;

/** F1 of several questions, each answered by a unit of its own: the mean over those to which any label says yes. */
final class QuestionCounter implements Counter {

    private final double threshold;
    private final AnswerCounts counts = new AnswerCounts();

    QuestionCounter(double threshold) {
        this.threshold = threshold;
    }

    @Override
    public void add(PredictionRows rows, int row) {
        counts.grow(rows.columns());
        for (int column = 0; column < rows.columns(); column++) {
            if (rows.counts(row, column)) {
                counts.add(column, rows.label(row, column) > threshold, rows.output(row, column) > threshold);
            }
        }
    }

    @Override
    public void add(Counter other) {
        counts.add(((QuestionCounter) other).counts);
    }

    @Override
    public double value() {
        return counts.meanF1();
    }
}
