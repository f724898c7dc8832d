package org.growingnn.dl4j.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.growingnn.dl4j.value.Ranges;

/**
 * Grades what random sequences of moves lead to, and takes the best: what a search that chooses its moves has to beat with as many
 * evaluations.
 *
 * @param budget limits; 100 evaluations if it has none
 * @param depth how many moves a sequence has at most, ≥ 1
 */
public record RandomSequences(Budget budget, int depth) implements BudgetedSearch<RandomSequences> {

    /** Sequences that are drawn before their grades are used. */
    private static final int BATCH = 16;

    /** How many batches in a row may hold nothing new before the search counts as complete. */
    private static final int PATIENCE = 20;

    /**
     * Checks the settings.
     *
     * @param budget limits
     * @param depth how many moves a sequence has at most
     */
    public RandomSequences {
        budget = Objects.requireNonNull(budget, "budget").orDefault();
        Ranges.requireAtLeast("depth", depth, 1);
    }

    /**
     * Makes a search of 100 evaluations.
     *
     * @param depth how many moves a sequence has at most, ≥ 1
     * @return the strategy
     */
    public static RandomSequences ofDepth(int depth) {
        return new RandomSequences(Budget.unlimited(), depth);
    }

    @Override
    public RandomSequences within(Budget budget) {
        return new RandomSequences(budget, depth);
    }

    @Override
    public SearchResult search(SearchTask task) {
        Grading grading = new Grading(task, budget);
        if (!grading.begin()) {
            return grading.result();
        }
        SplittableRandom random = new SplittableRandom(Seeds.derive(task.seed(), "sequences"));
        int idle = 0;
        while (!grading.exhausted() && idle < PATIENCE) {
            List<Candidate> ends = new ArrayList<>();
            for (int i = 0; i < BATCH; i++) {
                ends.add(walk(grading, 1 + random.nextInt(depth), random));
            }
            int before = grading.ledger().evaluations();
            grading.grade(ends);
            idle = grading.ledger().evaluations() == before ? idle + 1 : 0;
        }
        return grading.result();
    }

    private static Candidate walk(Grading grading, int length, SplittableRandom random) {
        Candidate end = grading.start();
        for (int i = 0; i < length; i++) {
            List<Candidate> next = i == 0 ? grading.first() : grading.next(end);
            if (next.isEmpty()) {
                return end;
            }
            end = next.get(random.nextInt(next.size()));
        }
        return end;
    }

    @Override
    public String toString() {
        return "randomSequences(" + budget + ", depth=" + depth + ")";
    }
}
