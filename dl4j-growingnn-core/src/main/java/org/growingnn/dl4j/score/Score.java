package org.growingnn.dl4j.score;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.value.Ranges;

/**
 * The weighted mean of score terms, {@code S = Σ w_i · S_i / Σ w_i}, after the GrowingNN paper. Immutable.
 *
 * <p>Which size term to pick: {@link #parameters(double)} is the paper's {@code 1 / (1 + β p)}. With β = 0.001 it is 0.0025 at
 * 400,000 parameters, so it only tells sizes apart up to some 10⁵ parameters; use it for small models and to reproduce the
 * paper. {@link #relativeParameters(double)} and {@link #macs(double)} compare with the model that the run started from and
 * keep their resolution at any size; {@link #compression(double)} does so by orders of magnitude, for networks that are to become
 * very small.
 *
 * @param terms the terms with their weights; at least one
 */
public record Score(List<Weighted> terms) {

    /** The paper's β. */
    public static final double DEFAULT_BETA = 0.001;

    /**
     * A term and how much it counts.
     *
     * @param term the term
     * @param weight finite and ≥ 0
     */
    public record Weighted(ScoreTerm term, double weight) {

        /**
         * Checks the range.
         *
         * @param term the term
         * @param weight finite and ≥ 0
         */
        public Weighted {
            Objects.requireNonNull(term, "term");
            Ranges.requireFinite("weight of the score term '" + term.name() + "'", weight);
        }
    }

    /**
     * Checks that there are terms and that their weights can be added up.
     *
     * @param terms the terms with their weights
     */
    public Score {
        Ranges.requireItems("terms", terms);
        terms = List.copyOf(terms);
        Ranges.require(!terms.isEmpty(), "terms of the score", terms, "at least one", "metric with the weight 1");
        double sum = sum(terms);
        Ranges.require(sum < Double.POSITIVE_INFINITY, "sum of the score's weights", sum, "finite");
    }

    private static double sum(List<Weighted> terms) {
        return terms.stream().mapToDouble(Weighted::weight).sum();
    }

    /**
     * Insists that some term counts.
     *
     * @return this score
     * @throws IllegalArgumentException if all weights are 0
     */
    public Score requireWeight() {
        Ranges.require(
                sum(terms) > 0, "sum of the score's weights", sum(terms), "greater than 0", "metric with the weight 1");
        return this;
    }

    /**
     * Starts with the metric that the network is judged by, brought to [0, 1]: {@code S = accuracy}, F1, R², or {@code 1 / (1 + exp(d))}
     * for a loss or an error that is a share d larger than that of the model that the run started from.
     *
     * @param weight ≥ 0
     * @return a score of one term
     */
    public static Score metric(double weight) {
        return of(new ScoreTerms.Metric(), weight);
    }

    /**
     * Starts with accuracy, {@code S = share of correct predictions}: for networks that are to be judged by it, as the GrowingNN paper
     * does. A run of any other task refuses it.
     *
     * @param weight ≥ 0
     * @return a score of one term
     */
    public static Score accuracy(double weight) {
        return of(new ScoreTerms.Accuracy(), weight);
    }

    /**
     * Starts with any term.
     *
     * @param term the term
     * @param weight ≥ 0
     * @return a score of one term
     */
    public static Score of(ScoreTerm term, double weight) {
        return new Score(List.of(new Weighted(term, weight)));
    }

    /**
     * Adds any term.
     *
     * @param term the term
     * @param weight ≥ 0
     * @return the extended score
     */
    public Score and(ScoreTerm term, double weight) {
        List<Weighted> extended = new ArrayList<>(terms);
        extended.add(new Weighted(term, weight));
        return new Score(extended);
    }

    /**
     * Adds the loss, {@code S = min(1 / loss, 1)}.
     *
     * @param weight ≥ 0
     * @return the extended score
     */
    public Score loss(double weight) {
        return and(new ScoreTerms.Loss(), weight);
    }

    /**
     * Adds the likelihood of the labels, {@code S = exp(−loss)}, at most 1. For cross-entropies that is the geometric mean of the
     * probabilities that the network gives to the right classes: on accuracy's scale, but it tells networks apart that are right
     * on the same examples.
     *
     * @param weight ≥ 0
     * @return the extended score
     */
    public Score likelihood(double weight) {
        return and(new ScoreTerms.Likelihood(), weight);
    }

    /**
     * Adds the paper's parameter term with its β, {@code S = 1 / (1 + 0.001 · parameters)}.
     *
     * @param weight ≥ 0
     * @return the extended score
     */
    public Score parameters(double weight) {
        return parameters(weight, DEFAULT_BETA);
    }

    /**
     * Adds the paper's parameter term, {@code S = 1 / (1 + β · parameters)}.
     *
     * @param weight ≥ 0
     * @param beta &gt; 0
     * @return the extended score
     */
    public Score parameters(double weight, double beta) {
        return and(new ScoreTerms.Parameters(beta), weight);
    }

    /**
     * Adds the share of parameters saved, {@code S = 1 − parameters / initial parameters}, clamped to 0 for larger models.
     *
     * @param weight ≥ 0
     * @return the extended score
     */
    public Score relativeParameters(double weight) {
        return and(new ScoreTerms.RelativeParameters(), weight);
    }

    /**
     * Adds how often the number of parameters was halved, {@code S = log₂(initial parameters / parameters) / 10}, clamped to [0,
     * 1]. Beside accuracy's weight of 1, a weight of 0.2 gives a halving the worth of two points of accuracy, however small the
     * network already is; with {@link #relativeParameters(double)}, a halving is worth less each time.
     *
     * @param weight ≥ 0
     * @return the extended score
     */
    public Score compression(double weight) {
        return and(new ScoreTerms.Compression(), weight);
    }

    /**
     * Adds the share of multiply-accumulates saved, {@code S = 1 − MACs / initial MACs}, clamped to 0 for larger models.
     *
     * @param weight ≥ 0
     * @return the extended score
     */
    public Score macs(double weight) {
        return and(new ScoreTerms.Macs(), weight);
    }

    /**
     * Adds the share of latency saved, {@code S = 1 − latency / initial latency}, clamped to 0 for slower models. Latencies are those of
     * the table that the run was given, so that grades repeat.
     *
     * @param weight ≥ 0
     * @return the extended score
     */
    public Score latency(double weight) {
        return and(new ScoreTerms.Latency(), weight);
    }

    /**
     * Tells which costs the terms read.
     *
     * @return the costs; parameters need not be among them
     */
    public Set<Cost> costs() {
        Set<Cost> costs = EnumSet.noneOf(Cost.class);
        terms.forEach(weighted -> costs.addAll(weighted.term.costs()));
        return costs;
    }

    /**
     * Grades a candidate.
     *
     * @param measurement what is known of it
     * @return the weighted mean, in [0, 1]
     */
    public double grade(Measurement measurement) {
        requireWeight();
        double sum = 0;
        for (Weighted weighted : terms) {
            double grade = weighted.term.grade(measurement);
            if (!(grade >= 0 && grade <= 1)) {
                throw new IllegalStateException("The score term '" + weighted.term.name() + "' gave " + grade + " for "
                        + measurement + ", but grades must be in [0, 1].");
            }
            sum += weighted.weight * grade;
        }
        return sum / sum(terms);
    }

    /**
     * Leaves out what speaks of costs, for networks that cost the same.
     *
     * @return the other terms; this score if nothing else weighs anything
     */
    public Score withoutCosts() {
        List<Weighted> others =
                terms.stream().filter(weighted -> !weighted.term.isAboutCosts()).toList();
        return sum(others) > 0 ? new Score(others) : this;
    }

    /**
     * Tells whether a term with weight reads accuracy.
     *
     * @return true if the network must be judged by it
     */
    public boolean speaksOfAccuracy() {
        return terms.stream().anyMatch(weighted -> weighted.weight > 0 && weighted.term instanceof ScoreTerms.Accuracy);
    }

    /**
     * Tells whether a term with weight reads the loss.
     *
     * @return true if the loss must be measured
     */
    public boolean needsLoss() {
        return terms.stream().anyMatch(weighted -> weighted.weight > 0 && weighted.term.needsLoss());
    }

    @Override
    public String toString() {
        return terms.stream()
                .map(weighted -> weighted.weight + " · " + weighted.term.name())
                .collect(Collectors.joining(" + "));
    }
}
