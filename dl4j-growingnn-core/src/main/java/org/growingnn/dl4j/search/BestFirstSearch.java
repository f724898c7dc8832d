package org.growingnn.dl4j.search;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Best-first search for the best sequence of moves: grades all that is one move away from the best network whose surroundings are not known
 * yet, and so on until the budget is spent. It returns the best network that it saw, with all moves that led there.
 *
 * @param budget limits; 100 evaluations if it has none
 */
public record BestFirstSearch(Budget budget) implements BudgetedSearch<BestFirstSearch> {

    /**
     * Checks the settings.
     *
     * @param budget limits
     */
    public BestFirstSearch {
        budget = Objects.requireNonNull(budget, "budget").orDefault();
    }

    /**
     * Makes a search of 100 evaluations.
     *
     * @return the strategy
     */
    public static BestFirstSearch create() {
        return new BestFirstSearch(Budget.unlimited());
    }

    @Override
    public BestFirstSearch within(Budget budget) {
        return new BestFirstSearch(budget);
    }

    @Override
    public SearchResult search(SearchTask task) {
        Grading grading = new Grading(task, budget);
        if (!grading.begin()) {
            return grading.result();
        }
        Set<Object> expanded = new HashSet<>(Set.of(grading.key(grading.start())));
        List<Candidate> reached = new ArrayList<>(grading.first());
        while (!reached.isEmpty() && !grading.exhausted()) {
            // A budget that ends here should not favour what comes first.
            Collections.shuffle(reached, new Random(Seeds.derive(task.seed(), "best-first", expanded.size())));
            grading.grade(reached);
            reached = new ArrayList<>();
            Optional<Candidate> next = best(grading, expanded);
            while (next.isPresent() && reached.isEmpty() && !grading.exhausted()) {
                reached.addAll(grading.next(next.get()));
                next = reached.isEmpty() ? best(grading, expanded) : next;
            }
        }
        return grading.result();
    }

    private static Optional<Candidate> best(Grading grading, Set<Object> expanded) {
        Optional<Candidate> best = grading.all().stream()
                .filter(graded -> !graded.failed() && !expanded.contains(grading.key(graded.candidate())))
                .max(Comparator.comparingDouble(Grading.Graded::score))
                .map(Grading.Graded::candidate);
        best.ifPresent(candidate -> expanded.add(grading.key(candidate)));
        return best;
    }

    @Override
    public String toString() {
        return "bestFirst(" + budget + ")";
    }
}
