package org.growingnn.dl4j.search;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.growingnn.dl4j.value.Ranges;

/**
 * Beam search in which successive halving chooses what to go on from: all that is one move away from the beam gets one short training,
 * the better half is trained on from where it was, and so on until as many are left as the beam is wide. It pays where short trainings tell
 * little and longer ones more. The best network of all is the one with the best grade after its first training, since only those compare.
 *
 * @param budget limits, of which each round of a network takes one evaluation; 100 evaluations if it has none
 * @param width how many networks it goes on from, ≥ 1
 */
public record HalvingBeamSearch(Budget budget, int width) implements BudgetedSearch<HalvingBeamSearch> {

    /**
     * Checks the settings.
     *
     * @param budget limits
     * @param width how many networks it goes on from
     */
    public HalvingBeamSearch {
        budget = Objects.requireNonNull(budget, "budget").orDefault();
        Ranges.requireAtLeast("width of the beam", width, 1);
    }

    /**
     * Makes a search of 100 evaluations.
     *
     * @param width how many networks it goes on from, ≥ 1
     * @return the strategy
     */
    public static HalvingBeamSearch ofWidth(int width) {
        return new HalvingBeamSearch(Budget.unlimited(), width);
    }

    @Override
    public HalvingBeamSearch within(Budget budget) {
        return new HalvingBeamSearch(budget, width);
    }

    @Override
    public SearchResult search(SearchTask task) {
        Grading grading = new Grading(task, budget);
        if (!grading.begin()) {
            return grading.result();
        }
        List<Candidate> reached = new ArrayList<>(grading.first());
        for (int level = 0; !reached.isEmpty() && !grading.exhausted(); level++) {
            // A budget that ends within a level should not favour what comes first.
            Collections.shuffle(reached, new Random(Seeds.derive(task.seed(), "halving-beam", level)));
            List<Candidate> beam = race(grading, reached);
            reached = new ArrayList<>();
            for (Candidate candidate : beam) {
                reached.addAll(grading.exhausted() ? List.of() : grading.next(candidate));
            }
        }
        return grading.result();
    }

    /** Gives those that are left, without what training has made of them: moves begin with untrained networks. */
    private List<Candidate> race(Grading grading, List<Candidate> reached) {
        Map<Candidate, Grade> grades = new LinkedHashMap<>();
        grading.grade(reached, grades::put);
        Map<Candidate, Candidate> runners = new LinkedHashMap<>();
        List<Candidate> ranking = ranking(grades);
        ranking.forEach(candidate -> runners.put(candidate, candidate));
        for (int round = 1; ranking.size() > width && !grading.exhausted(); round++) {
            List<Candidate> half = ranking.subList(0, Math.max(width, ranking.size() / 2));
            List<Candidate> trained = half.stream()
                    .map(candidate -> {
                        Candidate on = candidate.trained(grades.get(candidate).trained());
                        runners.put(on, runners.remove(candidate));
                        return on;
                    })
                    .toList();
            Map<Candidate, Grade> further = new LinkedHashMap<>();
            grading.again(trained, round, further::put);
            if (further.size() < half.size() && grading.exhausted()) {
                // A round that is cut short does not decide.
                return trained.stream().limit(width).map(runners::get).toList();
            }
            grades.clear();
            grades.putAll(further);
            ranking = ranking(grades);
        }
        return ranking.stream().limit(width).map(runners::get).toList();
    }

    private static List<Candidate> ranking(Map<Candidate, Grade> grades) {
        return grades.entrySet().stream()
                .sorted(Comparator.comparingDouble((Map.Entry<Candidate, Grade> entry) ->
                                entry.getValue().score())
                        .reversed())
                .map(Map.Entry::getKey)
                .toList();
    }

    @Override
    public String toString() {
        return "halvingBeam(" + budget + ", width=" + width + ")";
    }
}
