package org.growingnn.dl4j.metric;

import java.util.OptionalDouble;

/** Right and wrong answers by class. A single unit answers a question: its classes are 0 for no and 1 for yes. */
final class ClassCounter implements Counter {

    /** What to make of the counts. */
    enum Kind {
        ACCURACY,
        MACRO_F1,
        F1
    }

    private final Kind kind;
    private final double threshold;
    private final int positive;
    private final AnswerCounts counts = new AnswerCounts();

    ClassCounter(Kind kind, double threshold, int positive) {
        this.kind = kind;
        this.threshold = threshold;
        this.positive = positive;
    }

    @Override
    public void add(PredictionRows rows, int row) {
        boolean question = rows.columns() == 1;
        int truth = question ? answer(rows.label(row, 0)) : rows.actual(row);
        if (truth < 0) {
            return;
        }
        int answer = question ? answer(rows.output(row, 0)) : rows.predicted(row);
        counts.grow(question ? 2 : rows.columns());
        counts.add(truth, true, truth == answer);
        if (answer != truth) {
            counts.add(answer, false, true);
        }
    }

    private int answer(double value) {
        return value > threshold ? 1 : 0;
    }

    @Override
    public void add(Counter other) {
        counts.add(((ClassCounter) other).counts);
    }

    @Override
    public double value() {
        return switch (kind) {
            case ACCURACY -> counts.accuracy();
            case MACRO_F1 -> counts.meanF1();
            case F1 -> counts.f1(positive);
        };
    }

    /**
     * The binomial error of a share; answers within one example are not independent. Two more examples, one of them wrong, keep it from
     * being 0 when all are right.
     */
    @Override
    public OptionalDouble standardError(long examples) {
        if (kind != Kind.ACCURACY) {
            return OptionalDouble.empty();
        }
        double share = (value() * examples + 1) / (examples + 2);
        return OptionalDouble.of(Math.sqrt(share * (1 - share) / (examples + 2)));
    }
}
