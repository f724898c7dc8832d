package org.growingnn.dl4j.search;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Monte Carlo tree search. The tree's root is the network itself, every other node one action away from its parent.
 *
 * <ul>
 *   <li>Selection descends to the child with the largest {@code v + c · √(ln N / n)} (UCB1; v mean value, n own visits, N the
 *       parent's visits, c the exploration constant), unvisited children first. With priors ({@link Builder#puct}) it is the child
 *       with the largest {@code v + c · P · √N / (1 + n)}, in which P is the action's prior and v the parent's mean for unvisited
 *       children, so that actions that do not look promising need not be tried at all. Values are spread over [0, 1] by the range that
 *       the search has seen: beside grades that differ by hundredths, a constant of √2 would make the choice a matter of chance.
 *   <li>Expansion gives a visited node one child per applicable action.
 *   <li>A rollout applies the child's action and then up to {@code rolloutDepth} random applicable actions. Every
 *       intermediate network is briefly trained and graded, and training goes on from there. The {@link BackupRule} combines the
 *       grades to the value that is backed up. First visits of the root's actions are all equally deep.
 *   <li>The answer is the root action with the most visits; the best mean decides ties. If others that were visited at least half
 *       as often have means within the grading error of its own, the one of them that leaves the smallest network is taken.
 * </ul>
 *
 * <p>Doing nothing is always among the root's actions, and nothing follows it. Networks of equal content are evaluated once. Rollouts run
 * in batches of a fixed size, and every random stream derives from the seed and the path in the tree, so the result does not depend on
 * the number of workers. All candidates of a search are trained with the same seed. Visits to networks that are known cost nothing and
 * take no place of a batch. A search ends when its budget is spent, or when every network in reach is known.
 *
 * @param budget limits; 100 evaluations if it has none
 * @param rolloutDepth how many random actions follow the chosen one in a rollout, ≥ 0
 * @param explorationConstant how much the search prefers rarely tried actions over good ones, finite and ≥ 0
 * @param scaledValues whether values are spread over [0, 1] before they are compared with the exploration term
 * @param backup which of a rollout's grades is backed up
 * @param batchSize rollouts that are selected before their results are used, ≥ 1
 * @param tieMargin how far below the most visited action another's mean may be to count as just as good, in standard errors, ≥ 0
 * @param priorTemperature of the softmax that makes previews priors, finite and &gt; 0; UCB1 without priors if empty
 * @param widening how many children a node offers; all if empty
 */
public record MonteCarloTreeSearch(
        Budget budget,
        int rolloutDepth,
        double explorationConstant,
        boolean scaledValues,
        BackupRule backup,
        int batchSize,
        double tieMargin,
        OptionalDouble priorTemperature,
        Optional<Widening> widening)
        implements SearchStrategy {

    /**
     * Checks the settings.
     *
     * @param budget limits
     * @param rolloutDepth how many random actions follow the chosen one in a rollout
     * @param explorationConstant how much the search prefers rarely tried actions over good ones
     * @param scaledValues whether values are spread over [0, 1]
     * @param backup which of a rollout's grades is backed up
     * @param batchSize rollouts that are selected before their results are used
     * @param tieMargin how far below the most visited action another's mean may be
     * @param priorTemperature of the softmax that makes previews priors
     * @param widening how many children a node offers
     */
    public MonteCarloTreeSearch {
        budget = Objects.requireNonNull(budget, "budget").orDefault();
        requireDepth(rolloutDepth);
        requireConstant(explorationConstant);
        Objects.requireNonNull(backup, "backup");
        requireBatch(batchSize);
        Ties.requireMargin(tieMargin);
        Objects.requireNonNull(priorTemperature, "priorTemperature")
                .ifPresent(MonteCarloTreeSearch::requireTemperature);
        Objects.requireNonNull(widening, "widening");
    }

    private static int requireDepth(int depth) {
        if (depth < 0) {
            throw new IllegalArgumentException("The rolloutDepth (" + depth + ") must not be negative.");
        }
        return depth;
    }

    private static double requireConstant(double constant) {
        if (!(constant >= 0) || Double.isInfinite(constant)) {
            throw new IllegalArgumentException("The explorationConstant (" + constant
                    + ") must be finite and not negative.\nMaybe the square root of 2?");
        }
        return constant;
    }

    private static int requireBatch(int rollouts) {
        if (rollouts < 1) {
            throw new IllegalArgumentException("The batchSize (" + rollouts + ") must be at least 1.");
        }
        return rollouts;
    }

    private static double requireTemperature(double temperature) {
        if (!(temperature > 0) || Double.isInfinite(temperature)) {
            throw new IllegalArgumentException(
                    "The temperature (" + temperature + ") of priors must be finite and positive.\nMaybe 0.1?");
        }
        return temperature;
    }

    /**
     * Starts with the defaults: 100 evaluations, rollouts of depth 2, exploration constant √2, scaled values.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts with the GrowingNN paper's rule: 100 evaluations, rollouts of depth 2 whose last grade is backed up, UCB1 with exploration
     * constant √2 on values as they are, and the most visited action whatever its size.
     *
     * @return a builder
     */
    public static Builder paper() {
        return new Builder().ucb1().scaledValues(false).backup(BackupRule.LAST).tieMargin(0);
    }

    @Override
    public boolean isDeterministic() {
        return budget.timeLimit().isEmpty();
    }

    @Override
    public SearchResult search(SearchTask task) {
        return new TreeSearch(this, task).search();
    }

    @Override
    public String toString() {
        return "mcts(" + budget + ", rolloutDepth=" + rolloutDepth + ", explorationConstant=" + explorationConstant
                + (scaledValues ? ", scaledValues" : "") + ", backup=" + backup + ", batchSize=" + batchSize
                + ", tieMargin=" + tieMargin
                + (priorTemperature.isPresent() ? ", puct(" + priorTemperature.getAsDouble() + ")" : ", ucb1")
                + widening.map(some -> ", " + some).orElse("") + ")";
    }

    /** Collects the settings. */
    public static final class Builder {

        private Budget budget = Budget.unlimited();
        private int rolloutDepth = 2;
        private double explorationConstant = Math.sqrt(2);
        private int batchSize = 4;
        private double tieMargin = Ties.DEFAULT_MARGIN;
        private OptionalDouble temperature = OptionalDouble.empty();
        private Optional<Widening> widening = Optional.empty();
        private boolean scaledValues = true;
        private BackupRule backup = BackupRule.BEST;

        private Builder() {}

        /**
         * Limits the wall time of one search. Results then depend on the machine's speed.
         *
         * @param limit at least a millisecond
         * @return this builder
         */
        public Builder timeLimit(Duration limit) {
            budget = budget.withTimeLimit(limit);
            return this;
        }

        /**
         * Limits the number of candidates that one search trains and grades; 100 when neither limit is set.
         *
         * @param count ≥ 1
         * @return this builder
         */
        public Builder maxEvaluations(int count) {
            budget = budget.withMaxEvaluations(count);
            return this;
        }

        /**
         * Chooses how many random actions follow the chosen one in a rollout.
         *
         * @param depth ≥ 0
         * @return this builder
         */
        public Builder rolloutDepth(int depth) {
            rolloutDepth = requireDepth(depth);
            return this;
        }

        /**
         * Chooses how much the search prefers rarely tried actions over good ones.
         *
         * @param constant finite and ≥ 0; √2 is UCB1's own for values spread over [0, 1]
         * @return this builder
         */
        public Builder explorationConstant(double constant) {
            explorationConstant = requireConstant(constant);
            return this;
        }

        /**
         * Chooses whether values are spread over [0, 1], by the range that the search has seen, before they are compared with the
         * exploration term.
         *
         * @param scaled true by default; the paper takes values as they are
         * @return this builder
         */
        public Builder scaledValues(boolean scaled) {
            scaledValues = scaled;
            return this;
        }

        /**
         * Chooses which of a rollout's grades is backed up.
         *
         * @param rule the best one by default; {@link BackupRule#LAST} is the paper's
         * @return this builder
         */
        public Builder backup(BackupRule rule) {
            backup = Objects.requireNonNull(rule, "backup");
            return this;
        }

        /**
         * Chooses how many rollouts are selected before their results are used. It is part of the search's definition, not
         * of the machine's: any number of workers gives the same result.
         *
         * @param rollouts ≥ 1; at least the number of workers keeps them all busy
         * @return this builder
         */
        public Builder batchSize(int rollouts) {
            batchSize = requireBatch(rollouts);
            return this;
        }

        /**
         * Selects by UCB1, without priors, after trying every root action once, as the paper does: the default.
         *
         * @return this builder
         */
        public Builder ucb1() {
            temperature = OptionalDouble.empty();
            return this;
        }

        /**
         * Selects by PUCT, with priors: the softmax of {@link Evaluator#preview previews}, {@code P ∝ exp(preview / temperature)}.
         * Doing nothing is tried first; other actions only if their prior or what was found makes them worth it. Previews do not
         * count as evaluations, but take time. Worthwhile where there are more actions than evaluations.
         *
         * @param temperature &gt; 0; a difference between two previews of this size makes one action e times as likely as the
         *     other. 0.1 suits scores that spread over some tenths; large values make all actions equal
         * @return this builder
         */
        public Builder puct(double temperature) {
            this.temperature = OptionalDouble.of(requireTemperature(temperature));
            return this;
        }

        /**
         * Lets a node with n visits offer only its {@code ⌈factor · n^exponent⌉} best children: by prior with {@link #puct}, else in
         * the generator's order. At the root, doing nothing is offered beside them. Off by default: for action sets that are large
         * beside the budget. A search is then complete when what was offered at the root has been tried.
         *
         * @param factor &gt; 0
         * @param exponent in [0, 1]
         * @return this builder
         */
        public Builder progressiveWidening(double factor, double exponent) {
            widening = Optional.of(new Widening(factor, exponent));
            return this;
        }

        /**
         * Chooses how far below the most visited action another's mean may be to count as just as good; the smallest network of them
         * is taken.
         *
         * @param standardErrors ≥ 0, in standard errors of a grade; 1 by default, 0 always takes the most visited one, as the paper
         *     does
         * @return this builder
         */
        public Builder tieMargin(double standardErrors) {
            tieMargin = Ties.requireMargin(standardErrors);
            return this;
        }

        /**
         * Finishes.
         *
         * @return the strategy
         */
        public MonteCarloTreeSearch build() {
            return new MonteCarloTreeSearch(
                    budget,
                    rolloutDepth,
                    explorationConstant,
                    scaledValues,
                    backup,
                    batchSize,
                    tieMargin,
                    temperature,
                    widening);
        }
    }
}
