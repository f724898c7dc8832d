package org.growingnn.dl4j.search;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.growingnn.dl4j.value.Ranges;

/**
 * Beam search for the best sequence of moves: grades all that is one move away from the best networks, keeps as many of them as the
 * beam is wide, and goes on from there until the budget is spent or none is better. With a width of 1 it is steepest ascent. It returns
 * the best network that it saw, with all moves that led there.
 *
 * @param budget limits; 100 evaluations if it has none
 * @param width how many networks it goes on from, ≥ 1
 */
public record BeamSearch(Budget budget, int width) implements BudgetedSearch<BeamSearch> {

    /**
     * Checks the settings.
     *
     * @param budget limits
     * @param width how many networks it goes on from
     */
    public BeamSearch {
        budget = Objects.requireNonNull(budget, "budget").orDefault();
        Ranges.requireAtLeast("width of the beam", width, 1);
    }

    /**
     * Makes a search of 100 evaluations.
     *
     * @param width how many networks it goes on from, ≥ 1
     * @return the strategy
     */
    public static BeamSearch ofWidth(int width) {
        return new BeamSearch(Budget.unlimited(), width);
    }

    @Override
    public BeamSearch within(Budget budget) {
        return new BeamSearch(budget, width);
    }

    @Override
    public SearchResult search(SearchTask task) {
        Grading grading = new Grading(task, budget);
        if (!grading.begin()) {
            return grading.result();
        }
        List<Candidate> beam = List.of(grading.start());
        Set<Object> expanded = new HashSet<>();
        boolean more = true;
        while (more && !grading.exhausted()) {
            List<Candidate> reached = new ArrayList<>();
            for (Candidate candidate : beam) {
                if (expanded.add(grading.key(candidate)) && !grading.exhausted()) {
                    reached.addAll(candidate == grading.start() ? grading.first() : grading.next(candidate));
                }
            }
            // A budget that ends within a level should not favour what comes first.
            Collections.shuffle(reached, new Random(Seeds.derive(task.seed(), "beam", expanded.size())));
            grading.grade(reached);
            reached.addAll(beam);
            List<Candidate> best = best(grading, reached);
            more = !best.isEmpty() && !best.equals(beam);
            beam = best;
        }
        return grading.result();
    }

    private List<Candidate> best(Grading grading, List<Candidate> reached) {
        Set<Object> seen = new HashSet<>();
        return reached.stream()
                .filter(candidate -> seen.add(grading.key(candidate)))
                .flatMap(candidate -> grading.known(candidate).stream())
                .filter(graded -> !graded.failed())
                .sorted(Comparator.comparingDouble(Grading.Graded::score).reversed())
                .limit(width)
                .map(Grading.Graded::candidate)
                .toList();
    }

    @Override
    public String toString() {
        return "beam(" + budget + ", width=" + width + ")";
    }
}
