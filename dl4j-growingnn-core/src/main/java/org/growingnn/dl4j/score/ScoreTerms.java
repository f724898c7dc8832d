package org.growingnn.dl4j.score;

import java.util.Set;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.Costs;
import org.growingnn.dl4j.value.Ranges;

/** The score terms of the library; {@link Score} has a method for each. */
public final class ScoreTerms {

    /** A network of a thousandth of the size has the best grade of {@link Compression}. */
    private static final double HALVINGS = 10;

    private ScoreTerms() {}

    /** The metric's place on [0, 1]. */
    public record Metric() implements ScoreTerm {

        @Override
        public String name() {
            return "metric";
        }

        @Override
        public double grade(Measurement measurement) {
            return measurement.goodness();
        }
    }

    /** The share of correct predictions, where that is what a network is judged by. */
    public record Accuracy() implements ScoreTerm {

        @Override
        public String name() {
            return "accuracy";
        }

        @Override
        public double grade(Measurement measurement) {
            return measurement.goodness();
        }
    }

    /** {@code min(1 / loss, 1)}. */
    public record Loss() implements ScoreTerm {

        @Override
        public String name() {
            return "loss";
        }

        @Override
        public double grade(Measurement m) {
            return Double.isNaN(m.loss()) ? 0 : m.loss() <= 1 ? 1 : 1 / m.loss();
        }

        @Override
        public boolean needsLoss() {
            return true;
        }
    }

    /** {@code exp(−loss)}, at most 1. */
    public record Likelihood() implements ScoreTerm {

        @Override
        public String name() {
            return "likelihood";
        }

        @Override
        public double grade(Measurement m) {
            return Double.isNaN(m.loss()) ? 0 : Math.min(1, Math.exp(-m.loss()));
        }

        @Override
        public boolean needsLoss() {
            return true;
        }
    }

    /**
     * {@code 1 / (1 + β · parameters)}.
     *
     * @param beta finite and greater than 0
     */
    public record Parameters(double beta) implements ScoreTerm {

        /**
         * Checks the range.
         *
         * @param beta finite and greater than 0
         */
        public Parameters {
            Ranges.require(
                    beta > 0 && beta < Double.POSITIVE_INFINITY,
                    "beta",
                    beta,
                    "finite and greater than 0",
                    String.valueOf(Score.DEFAULT_BETA));
        }

        @Override
        public boolean isAboutCosts() {
            return true;
        }

        @Override
        public String name() {
            return "parameters";
        }

        @Override
        public double grade(Measurement m) {
            return 1 / (1 + beta * m.parameters());
        }
    }

    /** The share of the initial parameters that is saved. */
    public record RelativeParameters() implements ScoreTerm {

        @Override
        public boolean isAboutCosts() {
            return true;
        }

        @Override
        public String name() {
            return "relative parameters";
        }

        @Override
        public double grade(Measurement m) {
            return saving(m.parameters(), m.initialParameters());
        }
    }

    /** {@code log₂(initial parameters / parameters) / 10}. */
    public record Compression() implements ScoreTerm {

        @Override
        public boolean isAboutCosts() {
            return true;
        }

        @Override
        public String name() {
            return "compression";
        }

        @Override
        public double grade(Measurement m) {
            double halvings = Math.log((double) m.initialParameters() / m.parameters()) / Math.log(2);
            return Math.max(0, Math.min(1, halvings / HALVINGS));
        }
    }

    /** The share of the initial multiply-accumulates that is saved. */
    public record Macs() implements ScoreTerm {

        @Override
        public String name() {
            return "macs";
        }

        @Override
        public double grade(Measurement m) {
            return saving(m, Cost.MACS);
        }

        @Override
        public Set<Cost> costs() {
            return Set.of(Cost.MACS);
        }
    }

    /** The share of the initial latency that is saved, by the run's table of latencies. */
    public record Latency() implements ScoreTerm {

        @Override
        public String name() {
            return "latency";
        }

        @Override
        public double grade(Measurement m) {
            return saving(m, Cost.LATENCY);
        }

        @Override
        public Set<Cost> costs() {
            return Set.of(Cost.LATENCY);
        }
    }

    private static double saving(Measurement m, Cost cost) {
        return saving(required(m.costs(), cost), required(m.initialCosts(), cost));
    }

    private static long required(Costs costs, Cost cost) {
        return costs.of(cost)
                .orElseThrow(() -> new IllegalStateException("The " + cost.unit() + " are unknown, because "
                        + (cost == Cost.LATENCY ? "nobody measured the layers" : "a layer's size or cost is")
                        + ".\nMaybe score parameters instead?"));
    }

    private static double saving(long now, long initial) {
        return Math.max(0, 1 - (double) now / initial);
    }
}
