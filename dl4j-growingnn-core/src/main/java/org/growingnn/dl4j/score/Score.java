package org.growingnn.dl4j.score;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * The weighted mean of score terms, {@code S = Σ w_i · S_i / Σ w_i}, after the GrowingNN paper. Immutable.
 *
 * <p>Which size term to pick: {@link #parameters(double)} is the paper's {@code 1 / (1 + β p)}. With β = 0.001 it is 0.0025 at
 * 400,000 parameters, so it only tells sizes apart up to some 10⁵ parameters; use it for small models and to reproduce the
 * paper. {@link #relativeParameters(double)} and {@link #macs(double)} compare with the model that the run started from and
 * keep their resolution at any size; {@link #compression(double)} does so by orders of magnitude, for networks that are to become
 * very small.
 */
public final class Score {

    /** The paper's β. */
    public static final double DEFAULT_BETA = 0.001;

    /** A network of a thousandth of the size has the best grade. */
    private static final double HALVINGS = 10;

    private final List<WeightedTerm> terms;

    private Score(List<WeightedTerm> terms) {
        this.terms = List.copyOf(terms);
    }

    /**
     * Starts with accuracy, {@code S = share of correct predictions}.
     *
     * @param weight ≥ 0
     * @return a score of one term
     */
    public static Score accuracy(double weight) {
        return of(term("accuracy", false, Measurement::accuracy), weight);
    }

    /**
     * Starts with any term.
     *
     * @param term the term
     * @param weight ≥ 0
     * @return a score of one term
     */
    public static Score of(ScoreTerm term, double weight) {
        return new Score(List.of()).and(term, weight);
    }

    /**
     * Adds any term.
     *
     * @param term the term
     * @param weight ≥ 0
     * @return the extended score
     */
    public Score and(ScoreTerm term, double weight) {
        if (!(weight >= 0) || Double.isInfinite(weight)) {
            throw new IllegalArgumentException(
                    "The weight (" + weight + ") of the score term '" + term.name() + "' must be finite and ≥ 0.");
        }
        List<WeightedTerm> extended = new ArrayList<>(terms);
        extended.add(new WeightedTerm(term, weight));
        return new Score(extended);
    }

    /**
     * Adds the loss, {@code S = min(1 / loss, 1)}.
     *
     * @param weight ≥ 0
     * @return the extended score
     */
    public Score loss(double weight) {
        return and(term("loss", true, m -> Double.isNaN(m.loss()) ? 0 : m.loss() <= 1 ? 1 : 1 / m.loss()), weight);
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
        return and(
                term("likelihood", true, m -> Double.isNaN(m.loss()) ? 0 : Math.min(1, Math.exp(-m.loss()))), weight);
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
        if (!(beta > 0)) {
            throw new IllegalArgumentException("The beta (" + beta + ") of the parameter term must be greater than 0.");
        }
        return and(term("parameters", false, m -> 1 / (1 + beta * m.parameters())), weight);
    }

    /**
     * Adds the share of parameters saved, {@code S = 1 − parameters / initial parameters}, clamped to 0 for larger models.
     *
     * @param weight ≥ 0
     * @return the extended score
     */
    public Score relativeParameters(double weight) {
        return and(term("relative parameters", false, m -> saving(m.parameters(), m.initialParameters())), weight);
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
        return and(term("compression", false, m -> compression(m.initialParameters(), m.parameters())), weight);
    }

    private static double compression(long initial, long now) {
        double halvings = Math.log((double) initial / now) / Math.log(2);
        return Math.max(0, Math.min(1, halvings / HALVINGS));
    }

    /**
     * Adds the share of multiply-accumulates saved, {@code S = 1 − MACs / initial MACs}, clamped to 0 for larger models.
     *
     * @param weight ≥ 0
     * @return the extended score
     */
    public Score macs(double weight) {
        return and(term("macs", false, m -> saving(required(m.macs()), required(m.initialMacs()))), weight);
    }

    private static long required(OptionalLong macs) {
        return macs.orElseThrow(() ->
                new IllegalStateException("The multiply-accumulates are unknown, because a layer's size or cost is.\n"
                        + "Maybe score parameters instead?"));
    }

    private static double saving(long now, long initial) {
        return Math.max(0, 1 - (double) now / initial);
    }

    /**
     * Grades a candidate.
     *
     * @param measurement what is known of it
     * @return the weighted mean, in [0, 1]
     */
    public double grade(Measurement measurement) {
        double sum = 0;
        double weights = 0;
        for (WeightedTerm weighted : terms) {
            double grade = weighted.term.grade(measurement);
            if (!(grade >= 0 && grade <= 1)) {
                throw new IllegalStateException("The score term '" + weighted.term.name() + "' gave " + grade + " for "
                        + measurement + ", but grades must be in [0, 1].");
            }
            sum += weighted.weight * grade;
            weights += weighted.weight;
        }
        if (weights == 0) {
            throw new IllegalStateException("All weights of the score are 0.\nMaybe give accuracy the weight 1?");
        }
        return sum / weights;
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

    private static ScoreTerm term(
            String name, boolean needsLoss, java.util.function.ToDoubleFunction<Measurement> grade) {
        return new ScoreTerm() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public double grade(Measurement measurement) {
                return grade.applyAsDouble(measurement);
            }

            @Override
            public boolean needsLoss() {
                return needsLoss;
            }
        };
    }

    private record WeightedTerm(ScoreTerm term, double weight) {}
}
