package org.growingnn.dl4j.search;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.jspecify.annotations.Nullable;

/**
 * Gives every root action one short training, doing nothing included, then goes on training the better half from where it was, and
 * so on until one is left or the budget ends: n actions take about 2 n evaluations. Candidates that lose are dropped after little
 * training; those that are close are told apart after more.
 *
 * <p>A budget that does not suffice for a whole round is spent on the best of it. The statistics hold the number of short trainings of
 * each action and the grade after the last one. Of the actions of the last round whose grades lie within the grading error of the
 * best one's, the one that leaves the smallest network is taken. Trained networks are kept in memory for the better half of a
 * round.
 *
 * @param timeLimit wall time, if limited
 * @param maxEvaluations candidates, if limited; ≥ 1
 * @param tieMargin how far below the best an action may be graded to count as just as good, in standard errors; ≥ 0
 */
public record SuccessiveHalving(Optional<Duration> timeLimit, OptionalInt maxEvaluations, double tieMargin)
        implements SearchStrategy {

    /**
     * Checks the ranges.
     *
     * @param timeLimit wall time, if limited
     * @param maxEvaluations candidates, if limited
     * @param tieMargin how far below the best still counts as just as good
     */
    public SuccessiveHalving {
        new Budget(timeLimit, maxEvaluations);
        Ties.requireMargin(tieMargin);
    }

    private Budget budget() {
        return new Budget(timeLimit, maxEvaluations);
    }

    /**
     * Makes a search that goes on until one action is left.
     *
     * @return the strategy
     */
    public static SuccessiveHalving create() {
        return new SuccessiveHalving(Optional.empty(), OptionalInt.empty(), Ties.DEFAULT_MARGIN);
    }

    /**
     * Limits the wall time; a round that does not end in time is not used, unless it is the first.
     *
     * @param limit &gt; 0
     * @return the limited strategy
     */
    public SuccessiveHalving timeLimit(Duration limit) {
        return new SuccessiveHalving(Optional.of(limit), maxEvaluations, tieMargin);
    }

    /**
     * Limits the number of evaluations, of which each round of an action is one.
     *
     * @param count ≥ 1
     * @return the limited strategy
     */
    public SuccessiveHalving maxEvaluations(int count) {
        return new SuccessiveHalving(timeLimit, OptionalInt.of(count), tieMargin);
    }

    /**
     * Chooses how far below the best an action may be graded to count as just as good.
     *
     * @param standardErrors ≥ 0, in standard errors of the best action's grade; 1 by default, 0 always takes the best
     * @return the strategy with that margin
     */
    public SuccessiveHalving tieMargin(double standardErrors) {
        return new SuccessiveHalving(timeLimit, maxEvaluations, standardErrors);
    }

    @Override
    public boolean isDeterministic() {
        return timeLimit.isEmpty();
    }

    @Override
    public SearchResult search(SearchTask task) {
        return new Run(task).search();
    }

    /** An action in the race. */
    private static final class Runner {
        private final StructuralAction action;
        private int rounds;
        private double score = Double.NaN;
        private double error;
        private @Nullable NetworkGraph trained;

        private Runner(StructuralAction action) {
            this.action = action;
        }

        private Ties.Contender contender() {
            return new Ties.Contender(action, score);
        }
    }

    /** The ranking behind a round, which the next round's grades do not change. */
    private record Standing(List<Ties.Contender> contenders, double leaderError) {
        private Standing(List<Runner> ranking) {
            this(ranking.stream().map(Runner::contender).toList(), ranking.isEmpty() ? 0 : ranking.get(0).error);
        }
    }

    private final class Run {
        private final SearchTask task;
        private final Budget.Meter meter = budget().start();
        private final List<Runner> all;

        private Run(SearchTask task) {
            this.task = task;
            this.all = task.rootActions().stream().map(Runner::new).toList();
        }

        private SearchResult search() {
            List<Runner> ranking = all.size() == 1 ? all : race(all, 0);
            boolean complete = ranking.size() == all.size();
            Standing standing = new Standing(ranking);
            // A single runner has nobody to be compared with.
            int survivors = survivors(ranking);
            for (int round = 1; survivors > 1 && meter.timeLeft(); round++) {
                ranking = race(ranking.subList(0, survivors), round);
                if (ranking.size() < survivors) {
                    break;
                }
                standing = new Standing(ranking);
                survivors = survivors(ranking);
            }
            Ties.Contender chosen = standing.contenders.isEmpty()
                    ? all.get(0).contender()
                    : Ties.smallest(
                            task, standing.contenders.get(0), tieMargin * standing.leaderError, standing.contenders);
            return new SearchResult(
                    chosen.action(),
                    chosen.score(),
                    all.stream()
                            .map(runner -> new ActionStatistics(runner.action, runner.rounds, runner.score))
                            .toList(),
                    meter.evaluations(),
                    meter.elapsed(),
                    complete);
        }

        private int survivors(List<Runner> ranking) {
            return Math.min(ranking.size() / 2, meter.evaluationsLeft());
        }

        /**
         * Trains and grades runners side by side.
         *
         * @return those that were graded, the best first
         */
        private List<Runner> race(List<Runner> runners, int round) {
            List<Runner> starting = runners.subList(0, Math.min(runners.size(), meter.evaluationsLeft()));
            // Each round drops other units than the one before; within a round all runners have the same luck.
            long seed = Seeds.derive(task.evaluationSeed(), round);
            List<Callable<Optional<Evaluator.Evaluation>>> tasks = new ArrayList<>();
            starting.forEach(runner -> tasks.add(() -> meter.timeLeft()
                    ? Optional.of(task.evaluator().evaluate(network(runner), seed))
                    : Optional.empty()));
            List<Runner> ranking = new ArrayList<>();
            int[] next = new int[1];
            Parallel.forEach(task.workers(), tasks, result -> {
                Runner runner = starting.get(next[0]++);
                result.ifPresent(evaluation -> {
                    meter.spend(1);
                    runner.rounds++;
                    runner.score = evaluation.score();
                    runner.error = evaluation.standardError();
                    runner.trained = evaluation.trained();
                    ranking.add(runner);
                    ranking.sort(Comparator.comparingDouble((Runner some) -> some.score)
                            .reversed());
                    IntStream.range(starting.size() / 2, ranking.size()).forEach(i -> ranking.get(i).trained = null);
                    Runner leader = ranking.get(0);
                    task.progress()
                            .accept(new SearchProgress(
                                    meter.evaluations(), meter.elapsed(), leader.action, leader.score));
                });
            });
            return ranking;
        }

        private NetworkGraph network(Runner runner) {
            return runner.trained != null ? runner.trained : runner.action.apply(task.root(), task.projection());
        }
    }
}
