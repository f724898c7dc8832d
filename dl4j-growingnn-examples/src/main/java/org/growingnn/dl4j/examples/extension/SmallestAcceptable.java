package org.growingnn.dl4j.examples.extension;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.growingnn.dl4j.search.ActionStatistics;
import org.growingnn.dl4j.search.Candidate;
import org.growingnn.dl4j.search.Evaluated;
import org.growingnn.dl4j.search.FailedCandidate;
import org.growingnn.dl4j.search.Failure;
import org.growingnn.dl4j.search.Grade;
import org.growingnn.dl4j.search.RootActions;
import org.growingnn.dl4j.search.SearchProgress;
import org.growingnn.dl4j.search.SearchResult;
import org.growingnn.dl4j.search.SearchStrategy;
import org.growingnn.dl4j.search.SearchTask;
import org.growingnn.dl4j.search.SearchTree;

/**
 * A search strategy that the library does not have: evaluates every action once and takes the one that leaves the smallest network, if
 * its score is hardly below that of doing nothing.
 *
 * @param tolerance how much score may be lost, ≥ 0
 * @param maxEvaluations how many candidates are evaluated at most, ≥ 1
 */
public record SmallestAcceptable(double tolerance, int maxEvaluations) implements SearchStrategy {

    @Override
    public boolean isDeterministic() {
        return true;
    }

    @Override
    public SearchResult search(SearchTask task) {
        return new Run(task).search();
    }

    private final class Run {
        private final SearchTask task;
        private final long started = System.nanoTime();
        private final RootActions actions;
        private final Map<Candidate, Double> scores = new LinkedHashMap<>();
        private final List<FailedCandidate> failures = new ArrayList<>();

        private Run(SearchTask task) {
            this.task = task;
            this.actions = task.rootActions(maxEvaluations);
        }

        private SearchResult search() {
            // The seed is the same for all candidates, so that they see the same batches.
            task.executor()
                    .evaluate(
                            task.evaluator(),
                            actions.candidates(),
                            task.seed(),
                            task.cancellation().withInterrupt(),
                            this::enter);
            List<ActionStatistics> statistics = actions.candidates().stream()
                    .map(candidate -> new ActionStatistics(
                            candidate.action(), scores.containsKey(candidate) ? 1 : 0, score(candidate)))
                    .toList();
            Candidate chosen = chosen();
            return new SearchResult(
                    chosen,
                    score(chosen),
                    statistics,
                    failures,
                    evaluations(),
                    elapsed(),
                    evaluations() == actions.candidates().size() && !actions.more(),
                    SearchTree.flat(statistics));
        }

        /** Called in the order of the candidates, on the searching thread. */
        private void enter(Evaluated evaluated) {
            Candidate candidate = evaluated.candidate();
            if (evaluated.evaluation() instanceof Grade grade) {
                scores.put(candidate, grade.score());
            } else if (evaluated.evaluation() instanceof Failure failure) {
                failures.add(new FailedCandidate(candidate.path(), failure.reason()));
            }
            Candidate leader = chosen();
            task.observer()
                    .evaluated(
                            evaluated,
                            new SearchProgress(
                                    evaluations(), elapsed(), Optional.empty(), leader.action(), score(leader)));
        }

        /** No-op, the first candidate, as long as nothing has a score; if it failed itself, the best takes its place. */
        private Candidate chosen() {
            Candidate noOp = actions.candidates().get(0);
            if (scores.isEmpty()) {
                return noOp;
            }
            double least = scores.getOrDefault(noOp, Collections.max(scores.values())) - tolerance;
            return scores.keySet().stream()
                    .filter(candidate -> score(candidate) >= least)
                    .min(Comparator.comparingLong(Candidate::parameters))
                    .orElseThrow();
        }

        private double score(Candidate candidate) {
            return scores.getOrDefault(candidate, Double.NaN);
        }

        private int evaluations() {
            return scores.size() + failures.size();
        }

        private Duration elapsed() {
            return Duration.ofNanos(System.nanoTime() - started);
        }
    }
}
