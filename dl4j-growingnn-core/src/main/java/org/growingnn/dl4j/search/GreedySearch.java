package org.growingnn.dl4j.search;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Evaluates every root action once and takes the best; of actions whose grades lie within the grading error of the best one's, the
 * one that leaves the smallest network. With a time limit the actions are tried in the order of what they may be worth: the share of
 * parameters and multiply-accumulates that they save, less the share of units, by their ratings, that they lose. That takes one look at each
 * action and no pass through a network.
 *
 * @param budget limits; actions that are not reached cannot be chosen
 * @param tieMargin how far below the best an action may be graded to count as just as good, in standard errors, ≥ 0
 */
public record GreedySearch(Budget budget, double tieMargin) implements SearchStrategy {

    /**
     * Checks the settings.
     *
     * @param budget limits
     * @param tieMargin how far below the best an action may be graded to count as just as good
     */
    public GreedySearch {
        Objects.requireNonNull(budget, "budget");
        Ties.requireMargin(tieMargin);
    }

    /**
     * Makes a greedy search that evaluates all actions.
     *
     * @return the strategy
     */
    public static GreedySearch create() {
        return new GreedySearch(Budget.unlimited(), Ties.DEFAULT_MARGIN);
    }

    /**
     * Limits the wall time; actions that are not reached in time cannot be chosen. The most promising are tried first.
     *
     * @param limit at least a millisecond
     * @return the limited strategy
     */
    public GreedySearch timeLimit(Duration limit) {
        return new GreedySearch(budget.withTimeLimit(limit), tieMargin);
    }

    /**
     * Limits the number of evaluations; later actions cannot be chosen.
     *
     * @param count ≥ 1
     * @return the limited strategy
     */
    public GreedySearch maxEvaluations(int count) {
        return new GreedySearch(budget.withMaxEvaluations(count), tieMargin);
    }

    /**
     * Chooses how far below the best an action may be graded to count as just as good.
     *
     * @param standardErrors ≥ 0, in standard errors of the best action's grade; 1 by default, 0 always takes the best
     * @return the strategy with that margin
     */
    public GreedySearch tieMargin(double standardErrors) {
        return new GreedySearch(budget, standardErrors);
    }

    @Override
    public boolean isDeterministic() {
        return budget.timeLimit().isEmpty();
    }

    @Override
    public SearchResult search(SearchTask task) {
        return new Run(task).search();
    }

    @Override
    public String toString() {
        return "greedy(" + budget + ", tieMargin=" + tieMargin + ")";
    }

    private final class Run {
        private final SearchTask task;
        private final Ledger ledger;
        private final RootActions actions;
        private final List<ActionStatistics> statistics = new ArrayList<>();
        private final List<Ties.Contender> graded = new ArrayList<>();
        private Ties.Contender best;
        private double error;

        private Run(SearchTask task) {
            this.task = task;
            this.ledger = new Ledger(task, budget);
            RootActions all = ledger.rootActions();
            this.actions = budget.timeLimit().isPresent() ? all.promisingFirst(task, ledger.cancellation()) : all;
            this.best = new Ties.Contender(actions.candidates().get(0), Double.NaN);
        }

        private SearchResult search() {
            List<Candidate> candidates = actions.candidates();
            ledger.plan(candidates.size());
            task.executor()
                    .evaluate(
                            task.evaluator().gradesOnly(),
                            candidates,
                            task.evaluationSeed(),
                            ledger.cancellation(),
                            this::enter);
            while (statistics.size() < candidates.size()) {
                untried();
            }
            boolean complete = ledger.evaluations() == candidates.size() && !actions.more();
            Ties.Contender chosen = Ties.smallest(best, task.margin(tieMargin) * error, graded);
            return ledger.result(chosen.candidate(), chosen.score(), statistics, complete, SearchTree.flat(statistics));
        }

        private void enter(Evaluated evaluated) {
            ledger.enter(evaluated);
            ledger.forecast(evaluated);
            Candidate candidate = evaluated.candidate();
            while (next() != candidate) {
                untried();
            }
            if (evaluated.evaluation() instanceof Grade grade) {
                statistics.add(new ActionStatistics(candidate.action(), 1, grade.score()));
                graded.add(new Ties.Contender(candidate, grade.score()));
                if (graded.size() == 1 || grade.score() > best.score()) {
                    best = graded.get(graded.size() - 1);
                    error = grade.standardError();
                }
            } else {
                statistics.add(new ActionStatistics(candidate.action(), 0, Double.NaN));
            }
            ledger.tell(evaluated, best.candidate().action(), best.score());
            candidate.forget();
        }

        private Candidate next() {
            return actions.candidates().get(statistics.size());
        }

        /** Those that were cancelled are not handed over. */
        private void untried() {
            statistics.add(new ActionStatistics(next().action(), 0, Double.NaN));
        }
    }
}
