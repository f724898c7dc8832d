package org.growingnn.dl4j.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.RemoveNeurons;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.SearchStrategyContract;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class MonteCarloTreeSearchTest extends SearchStrategyContract {

    @Override
    protected SearchStrategy strategy() {
        return MonteCarloTreeSearch.builder().maxEvaluations(120).build();
    }

    @Override
    protected SearchStrategy limited(int evaluations) {
        return MonteCarloTreeSearch.builder().maxEvaluations(evaluations).build();
    }

    private static Evaluator graded(java.util.function.ToDoubleFunction<NetworkGraph> grade) {
        return (candidate, seed, cancellation) -> new Grade(grade.applyAsDouble(candidate), candidate);
    }

    @Nested
    class Choice {

        @Test
        void most_visited_action_is_returned_and_the_best_mean_decides_ties() {
            SearchResult result = strategy().search(task(small(), 2, Set.of()));
            int most = result.statistics().stream()
                    .mapToInt(ActionStatistics::visits)
                    .max()
                    .orElseThrow();
            ActionStatistics chosen = result.statistics().stream()
                    .filter(statistic -> statistic.action().equals(result.action()))
                    .findFirst()
                    .orElseThrow();
            assertThat(chosen.visits()).isEqualTo(most);
            assertThat(result.statistics())
                    .filteredOn(statistic -> statistic.visits() == most)
                    .allSatisfy(statistic -> assertThat(statistic.meanScore()).isLessThanOrEqualTo(chosen.meanScore()));
        }

        @Test
        void looks_beyond_a_first_step_that_seems_bad() {
            // Shrinking d1 to 2 pays off only once d2 is small as well; alone it is the worst of all steps.
            Evaluator delayed = graded(candidate -> {
                long d1 = candidate.space("d1").size();
                long d2 = candidate.space("d2").size();
                return d1 == 2 ? d2 <= 10 ? 1 : 0.1 : 0.3;
            });
            SearchResult result = MonteCarloTreeSearch.builder()
                    .maxEvaluations(2000)
                    .rolloutDepth(1)
                    .explorationConstant(0.5)
                    .build()
                    .search(task(delayed, 2, Set.of()));
            assertThat(result.action())
                    .isIn(
                            new RemoveNeurons("d1", 0.9, 1),
                            new RemoveNeurons("d2", 0.5, 1),
                            new RemoveNeurons("d2", 0.9, 1));
            assertThat(GreedySearch.create().search(task(delayed, 2, Set.of())).action())
                    .as("greedy cannot see it")
                    .isEqualTo(new NoOp());
        }

        @Test
        void ucb1_spends_visits_on_better_actions() {
            Evaluator favourite = graded(candidate -> candidate.space("d2").size() == 18 ? 1 : 0);
            SearchResult result = MonteCarloTreeSearch.builder()
                    .maxEvaluations(200)
                    .rolloutDepth(0)
                    .explorationConstant(0.3)
                    .batchSize(1)
                    .build()
                    .search(task(favourite, 1, Set.of()));
            assertThat(result.action()).isEqualTo(new RemoveNeurons("d2", 0.1, 1));
        }
    }

    @Nested
    class Budgets {

        @Test
        void evaluations_never_exceed_the_limit() {
            for (int limit : new int[] {1, 5, 11, 12, 30, 77}) {
                evaluations.set(0);
                SearchResult result = MonteCarloTreeSearch.builder()
                        .maxEvaluations(limit)
                        .build()
                        .search(task(small(), 3, Set.of()));
                assertThat(evaluations.get()).isLessThanOrEqualTo(limit).isEqualTo(result.evaluations());
                assertThat(result.complete()).as("limit %d", limit).isEqualTo(limit >= 11);
            }
        }

        @Test
        void every_root_action_is_tried_when_the_budget_allows_one_each() {
            SearchResult result = MonteCarloTreeSearch.builder()
                    .maxEvaluations(11)
                    .rolloutDepth(5)
                    .build()
                    .search(task(small(), 2, Set.of()));
            assertThat(result.statistics()).extracting(ActionStatistics::visits).containsOnly(1);
        }

        @Test
        void only_a_time_limit_makes_it_depend_on_the_machine() {
            assertThat(strategy().isDeterministic()).isTrue();
            assertThat(MonteCarloTreeSearch.builder()
                            .timeLimit(Duration.ofMillis(40))
                            .build()
                            .isDeterministic())
                    .isFalse();
        }

        @Test
        void search_ends_when_all_structures_in_reach_are_known() {
            ActionGenerator two = graph -> actions.generate(graph)
                    .filter(action -> graph.structureHash().equals(root.structureHash()))
                    .limit(2);
            SearchResult result = MonteCarloTreeSearch.builder()
                    .maxEvaluations(1_000_000)
                    .rolloutDepth(0)
                    .explorationConstant(0)
                    .build()
                    .search(task(two, graded(candidate -> 0.5), 1, Set.of(), 7, Cancellation.never()));
            assertThat(result.evaluations()).isEqualTo(3);
        }

        @Test
        void nonsense_is_refused() {
            MonteCarloTreeSearch.Builder builder = MonteCarloTreeSearch.builder();
            assertThatThrownBy(() -> builder.maxEvaluations(0).build()).hasMessageContaining("0");
            assertThatThrownBy(() -> builder.timeLimit(Duration.ZERO).build()).hasMessageContaining("timeLimit (PT0S)");
            assertThatThrownBy(() -> builder.rolloutDepth(-1)).hasMessageContaining("-1");
            assertThatThrownBy(() -> builder.explorationConstant(Double.NaN)).hasMessageContaining("NaN");
            assertThatThrownBy(() -> builder.batchSize(0)).hasMessageContaining("0");
        }
    }

    @Test
    void training_goes_on_along_a_rollout() {
        List<NetworkGraph> given = Collections.synchronizedList(new ArrayList<>());
        List<NetworkGraph> returned = Collections.synchronizedList(new ArrayList<>());
        Evaluator marking = (candidate, seed, cancellation) -> {
            given.add(candidate);
            NetworkGraph trained = candidate.with(candidate.vertices().stream()
                    .map(vertex -> vertex.withParameters(vertex.parameters()))
                    .toList());
            returned.add(trained);
            return new Grade(0.5, trained);
        };
        MonteCarloTreeSearch.builder()
                .maxEvaluations(3)
                .rolloutDepth(2)
                .build()
                .search(new SearchTask(
                        root,
                        graph -> graph == root || returned.stream().anyMatch(trained -> trained == graph)
                                ? actions.generate(graph).limit(1)
                                : java.util.stream.Stream.empty(),
                        Projections.paper(),
                        marking,
                        Set.of(),
                        7,
                        task(marking, 1, Set.of()).executor(),
                        Cancellation.never(),
                        SearchObserver.none()));
        assertThat(given).hasSize(3);
    }

    @Test
    void progress_reports_the_leader_after_every_rollout() {
        List<SearchProgress> progress = new ArrayList<>();
        SearchTask silent = task(small(), 2, Set.of());
        SearchResult result = strategy()
                .search(new SearchTask(
                        silent.root(),
                        silent.actions(),
                        silent.projection(),
                        silent.evaluator(),
                        Set.of(),
                        silent.seed(),
                        silent.executor(),
                        silent.cancellation(),
                        (candidate, state) -> progress.add(state)));
        assertThat(progress).hasSizeGreaterThan(10);
        SearchProgress last = progress.get(progress.size() - 1);
        assertThat(last.leader()).isEqualTo(result.action());
        assertThat(last.evaluations()).isEqualTo(result.evaluations());
    }
}
