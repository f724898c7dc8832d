package org.growingnn.dl4j.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.RemoveNeurons;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.SearchStrategyContract;
import org.junit.jupiter.api.Test;

class SuccessiveHalvingTest extends SearchStrategyContract {

    @Override
    protected SearchStrategy strategy() {
        return SuccessiveHalving.create();
    }

    @Override
    protected SearchStrategy limited(int evaluations) {
        return SuccessiveHalving.create().maxEvaluations(evaluations);
    }

    /** Remembers how often a network has been trained, which only going on from where it was can raise. */
    private static class Training implements Evaluator {
        private final Map<NetworkGraph, Integer> rounds = Collections.synchronizedMap(new IdentityHashMap<>());
        private final Map<Integer, Set<Long>> seeds = Collections.synchronizedMap(new TreeMap<>());

        double grade(NetworkGraph candidate, int round) {
            return 1.0 / (1 + candidate.parameterCount());
        }

        @Override
        public Evaluation evaluate(NetworkGraph candidate, long seed, Cancellation cancellation) {
            int round = rounds.getOrDefault(candidate, 0) + 1;
            seeds.computeIfAbsent(round, key -> Collections.synchronizedSet(new java.util.HashSet<>()))
                    .add(seed);
            NetworkGraph trained = candidate.with(candidate.vertices());
            rounds.put(trained, round);
            return new Grade(grade(candidate, round), trained);
        }
    }

    @Test
    void the_better_half_goes_on_training_from_where_it_was() {
        Training training = new Training();
        SearchResult result = strategy().search(task(training, 2, Set.of()));
        // 11 actions, 5 of them twice, 2 of them three times.
        assertThat(result.evaluations()).isEqualTo(18);
        assertThat(training.rounds.values()).filteredOn(round -> round == 3).hasSize(2);
        Map<Integer, Integer> visits = new HashMap<>();
        result.statistics().forEach(statistic -> visits.merge(statistic.visits(), 1, Integer::sum));
        assertThat(visits).isEqualTo(Map.of(1, 6, 2, 3, 3, 2));
        assertThat(result.complete()).isTrue();
    }

    @Test
    void candidates_of_one_round_get_the_same_seed_and_another_one_in_the_next() {
        Training training = new Training();
        strategy().search(task(training, 2, Set.of()));
        assertThat(training.seeds).hasSize(3);
        assertThat(training.seeds.values())
                .allSatisfy(seeds -> assertThat(seeds).hasSize(1));
        assertThat(training.seeds.values().stream().flatMap(Set::stream)).doesNotHaveDuplicates();
    }

    @Test
    void a_candidate_that_recovers_with_training_wins() {
        Evaluator recovering = new Training() {
            @Override
            double grade(NetworkGraph candidate, int round) {
                // Half of d1 is second after one round and first after two.
                boolean late = candidate.space("d1").size() == 10;
                return late ? 0.4 + 0.1 * round : candidate.space("d2").size() == 10 ? 0.55 : 0.1;
            }
        };
        assertThat(strategy().search(task(recovering, 2, Set.of())).action())
                .isEqualTo(new RemoveNeurons("d1", 0.5, 1));
        assertThat(GreedySearch.create().search(task(recovering, 2, Set.of())).action())
                .isEqualTo(new RemoveNeurons("d2", 0.5, 1));
    }

    @Test
    void doing_nothing_takes_part_and_can_win() {
        Evaluator conservative = new Training() {
            @Override
            double grade(NetworkGraph candidate, int round) {
                return candidate.structureHash().equals(root.structureHash()) ? 0.9 : 0.2;
            }
        };
        assertThat(strategy().search(task(conservative, 2, Set.of())).action()).isEqualTo(new NoOp());
    }

    @Test
    void a_budget_is_spent_on_the_best_and_never_exceeded() {
        for (int limit : new int[] {1, 5, 11, 12, 13, 15, 16, 18, 100}) {
            evaluations.set(0);
            SearchResult result =
                    SuccessiveHalving.create().maxEvaluations(limit).search(task(small(), 3, Set.of()));
            assertThat(evaluations.get()).isLessThanOrEqualTo(limit).isEqualTo(result.evaluations());
            assertThat(result.complete()).as("limit %d", limit).isEqualTo(limit >= 11);
            List<StructuralAction> tried = result.statistics().stream()
                    .filter(statistic -> statistic.visits() > 0)
                    .map(ActionStatistics::action)
                    .toList();
            assertThat(tried).contains(result.action());
        }
    }

    @Test
    void of_equally_good_candidates_the_smallest_is_taken() {
        Evaluator noisy = (candidate, seed, cancellation) -> new Grade(
                candidate.space("d1").size() == 30 ? 0.9 : candidate.space("d1").size() == 2 ? 0.895 : 0.1,
                0.01,
                candidate);
        assertThat(strategy().search(task(noisy, 2, Set.of())).action()).isEqualTo(new RemoveNeurons("d1", 0.9, 1));
        assertThat(SuccessiveHalving.create()
                        .tieMargin(0)
                        .search(task(noisy, 2, Set.of()))
                        .action()
                        .apply(root, Projections.paper())
                        .space("d1")
                        .size())
                .isEqualTo(30);
    }

    @Test
    void only_a_time_limit_makes_it_depend_on_the_machine() {
        assertThat(SuccessiveHalving.create().maxEvaluations(9).isDeterministic())
                .isTrue();
        assertThat(SuccessiveHalving.create().timeLimit(Duration.ofSeconds(1)).isDeterministic())
                .isFalse();
    }
}
