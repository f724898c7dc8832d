package org.growingnn.dl4j.search;

import java.util.List;

/**
 * The one-standard-error rule of Breiman et al. (1984): among actions whose scores cannot be told apart from the best one's, the
 * one that leaves the smallest network is taken.
 *
 * <p>What makes scores uncertain is the finite grading set. It is the same for all candidates, so trying an action again does not
 * make it any more certain, and the error is not divided by the number of visits. Errors of candidates that are graded on the same
 * examples are alike, so their difference is known better than one error says; the rule is on the safe side of calling things
 * different.
 */
final class Ties {

    static final double DEFAULT_MARGIN = 1;

    private Ties() {}

    /** A variant that may be chosen. */
    record Contender(Candidate candidate, double score) {}

    /**
     * Finds the smallest network within a margin.
     *
     * @param best the variant with the best score
     * @param margin how far below it scores are still as good
     * @param contenders all variants that may be chosen, the best included, in order of preference among equally small ones
     */
    static Contender smallest(Contender best, double margin, List<Contender> contenders) {
        // Without a margin nothing is a tie, not even equal scores: strategies have rules of their own for those.
        if (!(margin > 0)) {
            return best;
        }
        Contender smallest = best;
        long least = best.candidate.parameters();
        for (Contender contender : contenders) {
            if (contender.score >= best.score - margin) {
                long parameters = contender.candidate.parameters();
                if (parameters < least || (parameters == least && contender.score > smallest.score)) {
                    smallest = contender;
                    least = parameters;
                }
            }
        }
        return smallest;
    }

    static double requireMargin(double standardErrors) {
        if (!(standardErrors >= 0) || Double.isInfinite(standardErrors)) {
            throw new IllegalArgumentException(
                    "The tieMargin (" + standardErrors + ") must be finite and not negative.\nMaybe 1, or 0 for none?");
        }
        return standardErrors;
    }
}
