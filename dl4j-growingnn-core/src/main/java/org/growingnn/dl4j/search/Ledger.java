package org.growingnn.dl4j.search;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.growingnn.dl4j.action.StructuralAction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a running search has spent and what failed; used by the searching thread. */
final class Ledger {

    private static final Logger log = LoggerFactory.getLogger(Ledger.class);

    private final SearchTask task;
    private final Budget budget;
    private final long started = System.nanoTime();
    private final Cancellation cancellation;
    private final Set<FailedCandidate> failures = new LinkedHashSet<>();
    private int evaluations;
    private Duration evaluating = Duration.ZERO;
    private OptionalInt planned = OptionalInt.empty();
    private boolean warned;
    private boolean forecast;
    private @Nullable Moves moves;

    /** Starts the clock. */
    Ledger(SearchTask task, Budget budget) {
        this.task = task;
        this.budget = budget;
        Cancellation interruptible = task.cancellation().withInterrupt();
        this.cancellation = budget.timeLimit().map(interruptible::withDeadline).orElse(interruptible);
    }

    /** Requested when the task's is, when time is up, and when the searching thread is interrupted. */
    Cancellation cancellation() {
        return cancellation;
    }

    /** How many further evaluations may be planned. */
    int evaluationsLeft() {
        return budget.maxEvaluations().isPresent()
                ? Math.max(0, budget.maxEvaluations().getAsInt() - evaluations)
                : Integer.MAX_VALUE;
    }

    boolean exhausted() {
        return cancellation.requested() || evaluationsLeft() == 0;
    }

    /** What may follow what. */
    Moves moves() {
        if (moves == null) {
            moves = task.target().isPresent()
                    ? new TargetMoves(task, task.target().get())
                    : new ActionMoves(task, this, false);
        }
        return moves;
    }

    /** The root's variants that the budget suffices for. */
    RootActions rootActions() {
        return budget.maxEvaluations().isPresent()
                ? RootActions.upTo(budget.maxEvaluations().getAsInt(), task, this)
                : RootActions.all(task, this);
    }

    /** Says how many evaluations the search wants to make, as far as the budget allows them. */
    void plan(int wanted) {
        planned = OptionalInt.of(wanted);
    }

    /** Counts an evaluation. */
    void enter(Evaluated evaluated) {
        evaluations++;
        evaluating = evaluating.plus(evaluated.time());
        if (evaluated.evaluation() instanceof Failure failure) {
            failed(evaluated.candidate(), failure);
        }
    }

    /**
     * Says once how far the time limit reaches, as soon as it is known how long a candidate takes.
     *
     * @param first an evaluated candidate
     */
    void forecast(Evaluated first) {
        if (forecast || budget.timeLimit().isEmpty() || planned.isEmpty()) {
            return;
        }
        forecast = true;
        Duration limit = budget.timeLimit().get();
        Duration needed =
                needed(first.time(), planned.getAsInt(), task.executor().parallelism());
        if (needed.compareTo(limit) > 0) {
            log.warn(
                    "A candidate takes {}, so that all {} take about {}; the time limit of {} will end the search before. The most"
                            + " promising are tried first.\nMaybe prune with StructuralPruner before the search, grade on fewer samples"
                            + " (simulation), or offer fewer actions?",
                    first.time(),
                    planned.getAsInt(),
                    needed,
                    limit);
        }
    }

    private static Duration needed(Duration candidate, int candidates, int workers) {
        return candidate.multipliedBy(candidates).dividedBy(workers);
    }

    /**
     * Tells how long a search takes.
     *
     * @param candidate time of one evaluation
     * @param planned how many the search wants to make, if it knows
     * @param workers how many are made at once
     * @param budget limits them
     * @return empty if neither the search nor its budget says how many
     */
    static Optional<Duration> expected(Duration candidate, OptionalInt planned, int workers, Budget budget) {
        int most = Math.min(
                planned.orElse(Integer.MAX_VALUE), budget.maxEvaluations().orElse(Integer.MAX_VALUE));
        Optional<Duration> all =
                most == Integer.MAX_VALUE ? Optional.empty() : Optional.of(needed(candidate, most, workers));
        Optional<Duration> limit = budget.timeLimit();
        return all.filter(needed ->
                        limit.filter(time -> time.compareTo(needed) < 0).isEmpty())
                .or(() -> limit);
    }

    /** Remembers why a candidate cannot be used. */
    void failed(Candidate candidate, Failure failure) {
        if (failures.add(new FailedCandidate(candidate.path(), failure.reason()))) {
            log.warn("The candidate {} failed: {}", candidate, failure.reason());
        }
    }

    /** Warns once of a generator that is taken to have nothing but actions that cannot be used. */
    void unused(long actions, StructuralAction last) {
        if (!warned) {
            warned = true;
            log.warn(
                    "The action generator ({}) counts as exhausted: {} of its actions in a row do nothing or were rejected, the"
                            + " last one of them {}. Maybe it repeats itself?",
                    task.actions(),
                    String.format(Locale.ROOT, "%,d", actions),
                    last);
        }
    }

    /** Tells the observer. */
    void tell(Evaluated evaluated, StructuralAction leader, double leaderScore) {
        Optional<Duration> expected = expected(
                evaluating.dividedBy(Math.max(1, evaluations)),
                planned,
                task.executor().parallelism(),
                budget);
        task.observer().evaluated(evaluated, new SearchProgress(evaluations, elapsed(), expected, leader, leaderScore));
    }

    int evaluations() {
        return evaluations;
    }

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - started);
    }

    SearchResult result(
            Candidate chosen, double score, List<ActionStatistics> statistics, boolean complete, SearchTree tree) {
        return new SearchResult(
                chosen, score, statistics, List.copyOf(failures), evaluations, elapsed(), complete, tree);
    }
}
