package org.growingnn.dl4j.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Comparator;
import java.util.Set;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.projection.Projections;
import org.junit.jupiter.api.Test;

class GreedySearchTest extends SearchStrategyContract {

    @Override
    SearchStrategy strategy() {
        return GreedySearch.create();
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

    @Test
    void a_failing_evaluation_is_not_swallowed() {
        Evaluator failing = (candidate, seed) -> {
            throw new IllegalStateException("broken candidate");
        };
        assertThatThrownBy(() -> strategy().search(task(failing, 2, Set.of()))).hasMessage("broken candidate");
    }
}
