package org.growingnn.dl4j.search;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.growingnn.dl4j.action.StructuralAction;

/** Evaluates every root action once and takes the best. */
public final class GreedySearch implements SearchStrategy {

    private final Budget budget;

    private GreedySearch(Budget budget) {
        this.budget = budget;
    }

    /**
     * Makes a greedy search that evaluates all actions.
     *
     * @return the strategy
     */
    public static GreedySearch create() {
        return new GreedySearch(Budget.unlimited());
    }

    /**
     * Limits the wall time; actions that are not reached in time cannot be chosen.
     *
     * @param limit &gt; 0
     * @return the limited strategy
     */
    public GreedySearch timeLimit(Duration limit) {
        return new GreedySearch(budget.withTimeLimit(limit));
    }

    /**
     * Limits the number of evaluations; later actions cannot be chosen.
     *
     * @param count ≥ 1
     * @return the limited strategy
     */
    public GreedySearch maxEvaluations(int count) {
        return new GreedySearch(budget.withMaxEvaluations(count));
    }

    @Override
    public boolean isDeterministic() {
        return budget.timeLimit().isEmpty();
    }

    @Override
    public SearchResult search(SearchTask task) {
        Budget.Meter meter = budget.start();
        List<StructuralAction> actions = task.rootActions();
        List<Callable<OptionalDouble>> tasks = new ArrayList<>();
        for (StructuralAction action : actions.subList(0, Math.min(actions.size(), meter.evaluationsLeft()))) {
            tasks.add(() -> meter.timeLeft()
                    ? OptionalDouble.of(task.evaluator()
                            .evaluate(action.apply(task.root(), task.projection()), Seeds.derive(task.seed(), action))
                            .score())
                    : OptionalDouble.empty());
        }
        List<ActionStatistics> statistics = new ArrayList<>();
        ActionStatistics[] best = new ActionStatistics[1];
        Parallel.forEach(task.workers(), tasks, score -> {
            StructuralAction action = actions.get(statistics.size());
            ActionStatistics statistic =
                    new ActionStatistics(action, score.isPresent() ? 1 : 0, score.orElse(Double.NaN));
            statistics.add(statistic);
            if (score.isPresent()) {
                meter.spend(1);
                if (best[0] == null || statistic.meanScore() > best[0].meanScore()) {
                    best[0] = statistic;
                }
                task.progress()
                        .accept(new SearchProgress(
                                meter.evaluations(), meter.elapsed(), best[0].action(), best[0].meanScore()));
            }
        });
        while (statistics.size() < actions.size()) {
            statistics.add(new ActionStatistics(actions.get(statistics.size()), 0, Double.NaN));
        }
        ActionStatistics chosen = best[0] == null ? statistics.get(0) : best[0];
        return new SearchResult(
                chosen.action(),
                chosen.meanScore(),
                statistics,
                meter.evaluations(),
                meter.elapsed(),
                meter.evaluations() == actions.size());
    }

    @Override
    public String toString() {
        return "greedy(" + budget + ")";
    }
}
