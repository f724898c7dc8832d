package org.growingnn.dl4j.search;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.jspecify.annotations.Nullable;

/**
 * Gives every root action one short training, doing nothing included, then goes on training the better half from where it was, and
 * so on until one is left or the budget ends: n actions take about 2 n evaluations. Candidates that lose are dropped after little
 * training; those that are close are told apart after more.
 *
 * <p>A budget that does not suffice for a whole round is spent on the best of it. The statistics hold the number of short trainings of
 * each action and the grade after the last one. Of the actions of the last round whose grades lie within the grading error of the
 * best one's, the one that leaves the smallest network is taken. A round that is cut short does not decide, unless it is the first,
 * because its grades come from more training than the others' do. Trained networks are kept in memory for the better half of a round.
 *
 * @param budget limits; each round of an action is one evaluation
 * @param tieMargin how far below the best an action may be graded to count as just as good, in standard errors, ≥ 0
 */
public record SuccessiveHalving(Budget budget, double tieMargin) implements SearchStrategy {

    /**
     * Checks the settings.
     *
     * @param budget limits
     * @param tieMargin how far below the best an action may be graded to count as just as good
     */
    public SuccessiveHalving {
        Objects.requireNonNull(budget, "budget");
        Ties.requireMargin(tieMargin);
    }

    /**
     * Makes a search that goes on until one action is left.
     *
     * @return the strategy
     */
    public static SuccessiveHalving create() {
        return new SuccessiveHalving(Budget.unlimited(), Ties.DEFAULT_MARGIN);
    }

    /**
     * Limits the wall time; a round that does not end in time does not decide, unless it is the first.
     *
     * @param limit at least a millisecond
     * @return the limited strategy
     */
    public SuccessiveHalving timeLimit(Duration limit) {
        return new SuccessiveHalving(budget.withTimeLimit(limit), tieMargin);
    }

    /**
     * Limits the number of evaluations, of which each round of an action is one.
     *
     * @param count ≥ 1
     * @return the limited strategy
     */
    public SuccessiveHalving maxEvaluations(int count) {
        return new SuccessiveHalving(budget.withMaxEvaluations(count), tieMargin);
    }

    /**
     * Chooses how far below the best an action may be graded to count as just as good.
     *
     * @param standardErrors ≥ 0, in standard errors of the best action's grade; 1 by default, 0 always takes the best
     * @return the strategy with that margin
     */
    public SuccessiveHalving tieMargin(double standardErrors) {
        return new SuccessiveHalving(budget, standardErrors);
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
        return "successiveHalving(" + budget + ", tieMargin=" + tieMargin + ")";
    }

    /** An action in the race. */
    private static final class Runner {
        private final Candidate candidate;
        private int rounds;
        private double score = Double.NaN;
        private double error;
        private boolean failed;
        private @Nullable NetworkGraph trained;

        private Runner(Candidate candidate) {
            this.candidate = candidate;
        }

        private Candidate next() {
            return trained == null ? candidate : candidate.trained(trained);
        }

        private ActionStatistics statistics() {
            return new ActionStatistics(candidate.action(), rounds, score);
        }
    }

    /** A runner with its grade after a round, which the next rounds do not change. */
    private record Standing(Runner runner, double score, double error) {
        private static List<Standing> of(List<Runner> ranking) {
            return ranking.stream()
                    .map(runner -> new Standing(runner, runner.score, runner.error))
                    .toList();
        }
    }

    private final class Run {
        private final SearchTask task;
        private final Ledger ledger;
        private final RootActions actions;
        private final List<Runner> all;

        private Run(SearchTask task) {
            this.task = task;
            this.ledger = new Ledger(task, budget);
            this.actions = ledger.rootActions();
            this.all = actions.candidates().stream().map(Runner::new).toList();
        }

        private SearchResult search() {
            // A single runner has nobody to be compared with.
            boolean alone = all.size() == 1 && !actions.more();
            // Half of them, a quarter and so on are trained on.
            ledger.plan(2 * all.size() - 1);
            List<Runner> ranking = alone ? List.of() : race(all, 0);
            boolean complete = alone || (ledger.evaluations() == all.size() && !actions.more());
            List<Standing> decisive = Standing.of(ranking);
            int survivors = survivors(ranking);
            for (int round = 1; survivors > 1 && !ledger.cancellation().requested(); round++) {
                int before = ledger.evaluations();
                ranking = race(ranking.subList(0, survivors), round);
                if (ledger.evaluations() - before < survivors) {
                    break;
                }
                if (!ranking.isEmpty()) {
                    decisive = Standing.of(ranking);
                }
                survivors = survivors(ranking);
            }
            Ties.Contender chosen = chosen(decisive);
            List<ActionStatistics> statistics =
                    all.stream().map(Runner::statistics).toList();
            return ledger.result(chosen.candidate(), chosen.score(), statistics, complete, SearchTree.flat(statistics));
        }

        private Ties.Contender chosen(List<Standing> ranking) {
            List<Standing> able =
                    ranking.stream().filter(standing -> !standing.runner.failed).toList();
            if (able.isEmpty()) {
                return new Ties.Contender(all.get(0).candidate, Double.NaN);
            }
            List<Ties.Contender> contenders = able.stream()
                    .map(standing -> new Ties.Contender(standing.runner.candidate, standing.score))
                    .toList();
            return Ties.smallest(contenders.get(0), task.margin(tieMargin) * able.get(0).error, contenders);
        }

        private int survivors(List<Runner> ranking) {
            return Math.min(ranking.size() / 2, ledger.evaluationsLeft());
        }

        /**
         * Trains and grades runners side by side.
         *
         * @return those that were graded, the best first
         */
        private List<Runner> race(List<Runner> runners, int round) {
            Map<Candidate, Runner> starting = new IdentityHashMap<>();
            List<Candidate> candidates = new ArrayList<>();
            for (Runner runner : runners) {
                Candidate candidate = runner.next();
                candidates.add(candidate);
                starting.put(candidate, runner);
                runner.trained = null;
            }
            List<Runner> ranking = new ArrayList<>();
            // Each round drops other units than the one before; within a round all runners have the same luck.
            long seed = Seeds.derive(task.evaluationSeed(), round);
            task.executor().evaluate(task.evaluator(), candidates, seed, ledger.cancellation(), evaluated -> {
                ledger.enter(evaluated);
                Runner runner = starting.get(evaluated.candidate());
                if (evaluated.evaluation() instanceof Grade grade) {
                    enter(ranking, runner, grade);
                    ranking.subList(Math.min(ranking.size(), candidates.size() / 2), ranking.size())
                            .forEach(behind -> behind.trained = null);
                } else {
                    runner.failed = true;
                }
                Runner leader = ranking.isEmpty() ? all.get(0) : ranking.get(0);
                ledger.tell(evaluated, leader.candidate.action(), leader.score);
                evaluated.candidate().forget();
            });
            return ranking;
        }

        private void enter(List<Runner> ranking, Runner runner, Grade grade) {
            runner.rounds++;
            runner.score = grade.score();
            runner.error = grade.standardError();
            runner.trained = grade.trained();
            ranking.add(runner);
            ranking.sort(Comparator.comparingDouble((Runner some) -> some.score).reversed());
        }
    }
}
