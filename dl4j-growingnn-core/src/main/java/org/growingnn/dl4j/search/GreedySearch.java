package org.growingnn.dl4j.search;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.growingnn.dl4j.action.StructuralAction;

/**
 * Evaluates every root action once and takes the best; of actions whose grades lie within the grading error of the best one's, the
 * one that leaves the smallest network.
 *
 * @param timeLimit wall time, if limited
 * @param maxEvaluations candidates, if limited; ≥ 1
 * @param tieMargin how far below the best an action may be graded to count as just as good, in standard errors; ≥ 0
 */
public record GreedySearch(Optional<Duration> timeLimit, OptionalInt maxEvaluations, double tieMargin)
        implements SearchStrategy {

    /**
     * Checks the ranges.
     *
     * @param timeLimit wall time, if limited
     * @param maxEvaluations candidates, if limited
     * @param tieMargin how far below the best still counts as just as good
     */
    public GreedySearch {
        new Budget(timeLimit, maxEvaluations);
        Ties.requireMargin(tieMargin);
    }

    private Budget budget() {
        return new Budget(timeLimit, maxEvaluations);
    }

    /**
     * Makes a greedy search that evaluates all actions.
     *
     * @return the strategy
     */
    public static GreedySearch create() {
        return new GreedySearch(Optional.empty(), OptionalInt.empty(), Ties.DEFAULT_MARGIN);
    }

    /**
     * Limits the wall time; actions that are not reached in time cannot be chosen.
     *
     * @param limit &gt; 0
     * @return the limited strategy
     */
    public GreedySearch timeLimit(Duration limit) {
        return new GreedySearch(Optional.of(limit), maxEvaluations, tieMargin);
    }

    /**
     * Limits the number of evaluations; later actions cannot be chosen.
     *
     * @param count ≥ 1
     * @return the limited strategy
     */
    public GreedySearch maxEvaluations(int count) {
        return new GreedySearch(timeLimit, OptionalInt.of(count), tieMargin);
    }

    /**
     * Chooses how far below the best an action may be graded to count as just as good.
     *
     * @param standardErrors ≥ 0, in standard errors of the best action's grade; 1 by default, 0 always takes the best
     * @return the strategy with that margin
     */
    public GreedySearch tieMargin(double standardErrors) {
        return new GreedySearch(timeLimit, maxEvaluations, standardErrors);
    }

    @Override
    public boolean isDeterministic() {
        return timeLimit.isEmpty();
    }

    @Override
    public SearchResult search(SearchTask task) {
        Budget.Meter meter = budget().start();
        List<StructuralAction> actions = task.rootActions();
        List<Callable<Optional<Evaluator.Evaluation>>> tasks = new ArrayList<>();
        for (StructuralAction action : actions.subList(0, Math.min(actions.size(), meter.evaluationsLeft()))) {
            tasks.add(() -> meter.timeLeft()
                    ? Optional.of(task.evaluator()
                            .evaluate(action.apply(task.root(), task.projection()), task.evaluationSeed()))
                    : Optional.empty());
        }
        List<ActionStatistics> statistics = new ArrayList<>();
        List<Ties.Contender> graded = new ArrayList<>();
        Ties.Contender[] best = new Ties.Contender[1];
        double[] error = new double[1];
        Parallel.forEach(task.workers(), tasks, evaluation -> {
            StructuralAction action = actions.get(statistics.size());
            double score = evaluation.map(Evaluator.Evaluation::score).orElse(Double.NaN);
            statistics.add(new ActionStatistics(action, evaluation.isPresent() ? 1 : 0, score));
            if (evaluation.isPresent()) {
                meter.spend(1);
                graded.add(new Ties.Contender(action, score));
                if (best[0] == null || score > best[0].score()) {
                    best[0] = graded.get(graded.size() - 1);
                    error[0] = evaluation.get().standardError();
                }
                task.progress()
                        .accept(new SearchProgress(
                                meter.evaluations(), meter.elapsed(), best[0].action(), best[0].score()));
            }
        });
        while (statistics.size() < actions.size()) {
            statistics.add(new ActionStatistics(actions.get(statistics.size()), 0, Double.NaN));
        }
        Ties.Contender chosen = best[0] == null
                ? new Ties.Contender(actions.get(0), Double.NaN)
                : Ties.smallest(task, best[0], tieMargin * error[0], graded);
        return new SearchResult(
                chosen.action(),
                chosen.score(),
                statistics,
                meter.evaluations(),
                meter.elapsed(),
                meter.evaluations() == actions.size());
    }
}
