package org.growingnn.dl4j.search;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.growingnn.dl4j.action.NoOp;
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
    private final Moves moves;
    private final Budget budget;
    private final TranspositionTable table;
    /** Nothing goes on from where the training of a candidate ended. One for all, so that it is sent to other processes once. */
    private final Evaluator grades;

    private final Map<Object, Graded> known = new LinkedHashMap<>();
    private final Candidate start;
    /** What can be done first, listed before anything is graded. */
    private final List<Candidate> first;

    private @Nullable Graded best;

    Grading(SearchTask task, Budget budget) {
        this.task = task;
        this.budget = budget;
        this.ledger = new Ledger(task, budget);
        this.moves = task.target().isPresent() ? ledger.moves() : new ActionMoves(task, ledger, true);
        this.table = new TranspositionTable(task.evaluationSeed());
        this.grades = task.evaluator().gradesOnly();
        this.start = moves.start();
        // What goes wrong here is the caller's, not that of a candidate.
        this.first = list(start);
    }

    /** Where the search begins. It has no grade before {@link #begin}. */
    Candidate start() {
        return start;
    }

    /** What is one move away from the start. */
    List<Candidate> first() {
        return first;
    }

    /**
     * Grades the start.
     *
     * @return whether there is anything to choose from
     */
    boolean begin() {
        boolean choice = !first.isEmpty();
        if (choice) {
            grade(List.of(start));
        }
        return choice && !exhausted();
    }

    /** What is one move away: no more than there can be evaluations for; nothing where that cannot be told. */
    List<Candidate> next(Candidate candidate) {
        if (ledger.cancellation().requested()) {
            return List.of();
        }
        try {
            return list(candidate);
        } catch (IllegalStateException e) {
            throw e;
        } catch (RuntimeException | OutOfMemoryError e) {
            ledger.failed(
                    candidate,
                    new Failure("No moves can follow. " + Failure.of(e).reason()));
            return List.of();
        }
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

    private List<Candidate> list(Candidate candidate) {
        return budget.maxEvaluations().isPresent() ? moves.next(candidate, most()) : moves.next(candidate);
    }

    /** No more moves than these are looked at. */
    private int most() {
        return Math.min(Listing.MOST, budget.maxEvaluations().orElse(Listing.MOST));
    }

    /** The grade of a network, if it has one. */
    Optional<Graded> known(Candidate candidate) {
        return Optional.ofNullable(known.get(key(candidate)));
    }

    /** All that were graded, in the order of their evaluations. */
    List<Graded> all() {
        return List.copyOf(known.values());
    }

    /** Grades those that are not known, as far as the budget goes. */
    void grade(List<Candidate> candidates) {
        grade(grades, candidates, (candidate, grade) -> {});
    }

    /**
     * Grades those that are not known, as far as the budget goes.
     *
     * @param receiver gets the grades of those that could be graded, with trained networks
     */
    void grade(List<Candidate> candidates, BiConsumer<Candidate, Grade> receiver) {
        grade(task.evaluator(), candidates, receiver);
    }

    private void grade(Evaluator evaluator, List<Candidate> candidates, BiConsumer<Candidate, Grade> receiver) {
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
        evaluate(evaluator, List.copyOf(fresh.values()), task.evaluationSeed(), (candidate, evaluation) -> {
            Graded graded = evaluation instanceof Grade grade
                    ? new Graded(candidate, grade.score(), grade.standardError(), false)
                    : new Graded(candidate, Double.NaN, 0, true);
            known.put(keys.get(candidate), graded);
            if (!graded.failed() && (best == null || graded.score() > best.score())) {
                best = graded;
            }
            if (evaluation instanceof Grade grade) {
                receiver.accept(candidate, grade);
            }
        });
    }

    /**
     * Trains candidates on and grades them again, which changes nothing of what is known of them.
     *
     * @param trained candidates with the networks that their training has left
     * @param round number of the further training, ≥ 1: each has batches and dropped-out units of its own
     * @param receiver gets the grades of those that could be graded
     */
    void again(List<Candidate> trained, int round, BiConsumer<Candidate, Grade> receiver) {
        List<Candidate> affordable = trained.subList(0, Math.min(trained.size(), ledger.evaluationsLeft()));
        evaluate(task.evaluator(), affordable, Seeds.derive(task.evaluationSeed(), round), (candidate, evaluation) -> {
            if (evaluation instanceof Grade grade) {
                receiver.accept(candidate, grade);
            }
        });
    }

    private void evaluate(
            Evaluator evaluator, List<Candidate> candidates, long seed, BiConsumer<Candidate, Evaluation> receiver) {
        task.executor().evaluate(evaluator, candidates, seed, ledger.cancellation(), evaluated -> {
            ledger.enter(evaluated);
            receiver.accept(evaluated.candidate(), evaluated.evaluation());
            ledger.tell(
                    evaluated,
                    best == null ? new NoOp() : best.candidate().action(),
                    best == null ? Double.NaN : best.score());
            evaluated.candidate().forget();
        });
    }

    /** The best. A sequence may add and remove, so that of two that are about as good the smaller one is not the more cautious. */
    SearchResult result() {
        List<ActionStatistics> statistics = new ArrayList<>(List.of(statistics(start)));
        first.stream().map(this::statistics).forEach(statistics::add);
        SearchTree flat = SearchTree.flat(statistics);
        boolean complete = first.isEmpty()
                ? !ledger.cancellation().requested()
                : first.size() < most()
                        && first.stream().allMatch(candidate -> known(candidate).isPresent());
        if (best == null) {
            return ledger.result(start, Double.NaN, statistics, complete, flat);
        }
        return ledger.result(
                best.candidate(),
                best.score(),
                statistics,
                complete,
                new SearchTree(
                        flat.action(),
                        flat.visits(),
                        flat.mean(),
                        best.score(),
                        best.candidate().path(),
                        flat.children()));
    }

    private ActionStatistics statistics(Candidate candidate) {
        Optional<Graded> graded = known(candidate).filter(some -> !some.failed());
        return new ActionStatistics(
                candidate.action(),
                graded.isPresent() ? 1 : 0,
                graded.map(Graded::score).orElse(Double.NaN));
    }
}
