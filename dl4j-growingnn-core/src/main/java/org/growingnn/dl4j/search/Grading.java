package org.growingnn.dl4j.search;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.StructuralAction;
import org.jspecify.annotations.Nullable;

/**
 * Grades networks for searches that look for the best sequence of moves: each network once, whatever the moves that led to it, as long
 * as the budget lasts.
 */
final class Grading {

    /** A network that was graded, or could not be. */
    record Graded(Candidate candidate, double score, double error, boolean failed) {}

    private final SearchTask task;
    private final Ledger ledger;
    private final TranspositionTable table;
    private final Map<Object, Graded> known = new LinkedHashMap<>();
    private @Nullable Graded best;

    Grading(SearchTask task, Budget budget) {
        this.task = task;
        this.ledger = new Ledger(task, budget);
        this.table = new TranspositionTable(task.evaluationSeed());
    }

    Moves moves() {
        return ledger.moves();
    }

    Ledger ledger() {
        return ledger;
    }

    boolean exhausted() {
        return ledger.exhausted();
    }

    /** What is the same for equal networks. */
    Object key(Candidate candidate) {
        return candidate.draft().<Object>map(Draft::key).orElseGet(() -> table.key(candidate));
    }

    /** The grade of a network, if it has one. */
    Optional<Graded> known(Candidate candidate) {
        return Optional.ofNullable(known.get(key(candidate)));
    }

    /** The best so far. */
    Optional<Graded> best() {
        return Optional.ofNullable(best);
    }

    /** All that were graded, in the order of their evaluations. */
    List<Graded> all() {
        return List.copyOf(known.values());
    }

    /** Grades those that are not known, as far as the budget goes. */
    void grade(List<Candidate> candidates) {
        Map<Object, Candidate> fresh = new LinkedHashMap<>();
        Map<Candidate, Object> keys = new IdentityHashMap<>();
        for (Candidate candidate : candidates) {
            Object key = key(candidate);
            if (!known.containsKey(key)
                    && fresh.size() < ledger.evaluationsLeft()
                    && fresh.putIfAbsent(key, candidate) == null) {
                keys.put(candidate, key);
            }
        }
        List<Candidate> unknown = List.copyOf(fresh.values());
        task.executor().evaluate(task.evaluator(), unknown, task.evaluationSeed(), ledger.cancellation(), evaluated -> {
            ledger.enter(evaluated);
            Candidate candidate = evaluated.candidate();
            Graded graded = evaluated.evaluation() instanceof Grade grade
                    ? new Graded(candidate, grade.score(), grade.standardError(), false)
                    : new Graded(candidate, Double.NaN, 0, true);
            known.put(keys.get(candidate), graded);
            if (!graded.failed() && (best == null || graded.score() > best.score())) {
                best = graded;
            }
            ledger.tell(
                    evaluated,
                    best == null ? new NoOp() : best.candidate().action(),
                    best == null ? Double.NaN : best.score());
            candidate.forget();
        });
    }

    /** The best; without a target, of those within a standard error of it the smallest. */
    SearchResult result(boolean complete) {
        Candidate start = moves().start();
        List<ActionStatistics> statistics = new ArrayList<>();
        statistics.add(statistics(start));
        if (!ledger.cancellation().requested()) {
            firstMoves(start).forEach(first -> statistics.add(statistics(first)));
        }
        SearchTree flat = SearchTree.flat(statistics);
        if (best == null) {
            return ledger.result(start, Double.NaN, statistics, complete, flat);
        }
        Ties.Contender chosen = Ties.smallest(
                new Ties.Contender(best.candidate(), best.score()),
                task.margin(Ties.DEFAULT_MARGIN) * best.error(),
                known.values().stream()
                        .filter(graded -> !graded.failed())
                        .map(graded -> new Ties.Contender(graded.candidate(), graded.score()))
                        .toList());
        List<StructuralAction> path = best.candidate().path();
        return ledger.result(
                chosen.candidate(),
                chosen.score(),
                statistics,
                complete,
                new SearchTree(flat.action(), flat.visits(), flat.mean(), best.score(), path, flat.children()));
    }

    /** As many as could have been graded. */
    private List<Candidate> firstMoves(Candidate start) {
        return moves().next(
                        start, Math.max(1, Math.min(Listing.MOST, ledger.evaluations() + ledger.evaluationsLeft())));
    }

    private ActionStatistics statistics(Candidate candidate) {
        Optional<Graded> graded = known(candidate).filter(some -> !some.failed());
        return new ActionStatistics(
                candidate.action(),
                graded.isPresent() ? 1 : 0,
                graded.map(Graded::score).orElse(Double.NaN));
    }
}
