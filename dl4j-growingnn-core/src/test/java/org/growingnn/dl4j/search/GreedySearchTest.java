package org.growingnn.dl4j.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.projection.Projections;
import org.junit.jupiter.api.Test;

class GreedySearchTest extends SearchStrategyContract {

    @Override
    SearchStrategy strategy() {
        return GreedySearch.create();
    }

    @Override
    SearchStrategy limited(int evaluations) {
        return GreedySearch.create().maxEvaluations(evaluations);
    }

    @Test
    void takes_the_best_of_all_actions_after_one_evaluation_each() {
        SearchResult result = strategy().search(task(small(), 2, Set.of()));
        StructuralAction best = actions.generate(root)
                .min(Comparator.comparing(
                        action -> action.apply(root, Projections.paper()).parameterCount()))
                .orElseThrow();
        assertThat(result.action()).isEqualTo(best);
        assertThat(result.evaluations()).isEqualTo(11).isEqualTo(evaluations.get());
        assertThat(result.complete()).isTrue();
    }

    @Test
    void a_budget_that_is_too_small_is_reported() {
        SearchResult result = GreedySearch.create().maxEvaluations(3).search(task(small(), 2, Set.of()));
        assertThat(result.evaluations()).isEqualTo(3);
        assertThat(result.complete()).isFalse();
        assertThat(GreedySearch.create().timeLimit(Duration.ofSeconds(1)).isDeterministic())
                .isFalse();
    }

    /** Works until it is asked to end. */
    private static Grade endless(Cancellation cancellation) {
        while (true) {
            cancellation.check();
            Thread.onSpinWait();
        }
    }

    @Test
    void a_time_limit_below_what_one_evaluation_takes_ends_it_and_is_reported() {
        for (SearchStrategy search : List.of(
                GreedySearch.create().timeLimit(Duration.ofMillis(20)),
                SuccessiveHalving.create().timeLimit(Duration.ofMillis(20)),
                MonteCarloTreeSearch.builder().timeLimit(Duration.ofMillis(20)).build())) {
            SearchResult result =
                    search.search(task((candidate, seed, cancellation) -> endless(cancellation), 2, Set.of()));
            assertThat(result.action()).as("%s", search).isEqualTo(new NoOp());
            assertThat(result.score()).isNaN();
            assertThat(result.complete()).isFalse();
            assertThat(result.evaluations()).isZero();
        }
    }

    @Test
    void a_time_limit_keeps_what_was_graded_before_it() {
        Evaluator some = (candidate, seed, cancellation) ->
                evaluations.incrementAndGet() <= 3 ? new Grade(0.5, candidate) : endless(cancellation);
        SearchResult result =
                GreedySearch.create().timeLimit(Duration.ofMillis(200)).search(task(some, 1, Set.of()));
        assertThat(result.evaluations()).isEqualTo(3);
        assertThat(result.statistics())
                .extracting(ActionStatistics::visits)
                .containsExactly(1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    @Test
    void actions_without_end_need_a_limit_of_evaluations() {
        SearchTask task = task(endless(), small(), 1, Set.of(), 7, Cancellation.never());
        for (SearchStrategy search : List.of(
                GreedySearch.create(),
                SuccessiveHalving.create(),
                new RandomSearch(),
                MonteCarloTreeSearch.builder().timeLimit(Duration.ofHours(1)).build())) {
            assertThatThrownBy(() -> search.search(task))
                    .as("%s", search)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("100,000")
                    .hasMessageContaining("maxEvaluations");
        }
        assertThat(evaluations).hasValue(0);
    }
}
