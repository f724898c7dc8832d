package org.growingnn.dl4j.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.RemoveNeurons;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.Chains;
import org.growingnn.dl4j.testing.SearchStrategyContract;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Monte Carlo tree search with priors, and with progressive widening. */
class PriorsTest extends SearchStrategyContract {

    /** Where the one good action is among 200: far from the beginning. */
    private static final int PLANTED = 87;

    private final NetworkGraph wide = Chains.dense(6, 300, 3);

    @Override
    protected SearchStrategy strategy() {
        return MonteCarloTreeSearch.builder().puct(0.1).maxEvaluations(60).build();
    }

    @Override
    protected SearchStrategy limited(int evaluations) {
        return MonteCarloTreeSearch.builder()
                .puct(0.1)
                .maxEvaluations(evaluations)
                .build();
    }

    private record Graded(
            ToDoubleFunction<NetworkGraph> grade, ToDoubleFunction<NetworkGraph> hint, AtomicInteger asked)
            implements Evaluator {
        @Override
        public Evaluation evaluate(NetworkGraph candidate, long seed, Cancellation cancellation) {
            return new Grade(grade.applyAsDouble(candidate), candidate);
        }

        @Override
        public OptionalDouble preview(NetworkGraph candidate, Cancellation cancellation) {
            asked.incrementAndGet();
            double preview = hint.applyAsDouble(candidate);
            return Double.isNaN(preview) ? OptionalDouble.empty() : OptionalDouble.of(preview);
        }
    }

    private static Graded graded(ToDoubleFunction<NetworkGraph> grade, ToDoubleFunction<NetworkGraph> hint) {
        return new Graded(grade, hint, new AtomicInteger());
    }

    /** Removing i units for i = 1 … 200; only the planted one is good. */
    private SearchTask amongTwoHundred(Evaluator evaluator, int workers) {
        SearchTask task = task(evaluator, workers, Set.of());
        ActionGenerator generator = graph -> graph.space("d1").size() < 300
                ? java.util.stream.Stream.empty()
                : IntStream.rangeClosed(1, 200).mapToObj(i -> new RemoveNeurons("d1", i / 300.0, 1));
        return new SearchTask(
                wide,
                generator,
                Projections.paper(),
                evaluator,
                Set.of(),
                7,
                task.executor(),
                task.cancellation(),
                task.observer());
    }

    private static double planted(NetworkGraph candidate) {
        return candidate.space("d1").size() == 300 - PLANTED ? 0.9 : 0.5;
    }

    /** Right about the neighbourhood only: it rates ten others like the good one. */
    private static double vague(NetworkGraph candidate) {
        return Math.abs(candidate.space("d1").size() - (300 - PLANTED)) <= 5 ? 0.7 : 0.5;
    }

    private static final StructuralAction GOOD = new RemoveNeurons("d1", PLANTED / 300.0, 1);

    @Nested
    class Puct {

        @Test
        void finds_a_planted_action_among_200_with_fewer_evaluations_than_without_priors() {
            Graded evaluator = graded(PriorsTest::planted, PriorsTest::vague);
            SearchTask task = amongTwoHundred(evaluator, 2);
            SearchResult with = MonteCarloTreeSearch.builder()
                    .puct(0.1)
                    .maxEvaluations(30)
                    .build()
                    .search(task);
            assertThat(with.action()).isEqualTo(GOOD);
            assertThat(with.evaluations()).isLessThanOrEqualTo(30);
            assertThat(with.complete()).as("all actions were previewed").isTrue();

            SearchResult without = MonteCarloTreeSearch.builder()
                    .ucb1()
                    .maxEvaluations(80)
                    .build()
                    .search(task);
            assertThat(without.action()).as("80 evaluations do not get there").isNotEqualTo(GOOD);
            assertThat(without.complete()).isFalse();
        }

        @Test
        void grades_overrule_a_prior_that_is_wrong() {
            Graded misled = graded(
                    candidate -> candidate.space("d2").size() == 10 ? 0.9 : 0.3,
                    candidate -> candidate.space("d1").size() == 2 ? 0.7 : 0.5);
            SearchResult result = MonteCarloTreeSearch.builder()
                    .puct(0.1)
                    .rolloutDepth(0)
                    .maxEvaluations(100)
                    .build()
                    .search(task(misled, 2, Set.of()));
            assertThat(result.action()).isEqualTo(new RemoveNeurons("d2", 0.5, 1));
        }

        @Test
        void doing_nothing_is_tried_even_where_its_prior_is_nothing() {
            Graded evaluator = graded(
                    candidate -> candidate.structureHash().equals(root.structureHash()) ? 0.9 : 0.2,
                    candidate -> candidate.structureHash().equals(root.structureHash()) ? 0 : 0.9);
            SearchResult result = MonteCarloTreeSearch.builder()
                    .puct(0.01)
                    .maxEvaluations(40)
                    .rolloutDepth(0)
                    .explorationConstant(0.1)
                    .build()
                    .search(task(evaluator, 2, Set.of()));
            assertThat(result.action()).isEqualTo(new NoOp());
        }

        @Test
        void previews_do_not_count_as_evaluations_and_structures_are_previewed_once() {
            Graded evaluator = graded(PriorsTest::planted, PriorsTest::vague);
            SearchResult result = MonteCarloTreeSearch.builder()
                    .puct(0.1)
                    .maxEvaluations(5)
                    .rolloutDepth(0)
                    .build()
                    .search(amongTwoHundred(evaluator, 2));
            assertThat(result.evaluations()).isEqualTo(5);
            assertThat(evaluator.asked).hasValue(201);
        }

        @Test
        void without_previews_all_actions_are_alike_and_completeness_needs_a_visit_of_each() {
            Graded silent = graded(PriorsTest::planted, candidate -> Double.NaN);
            SearchResult result = MonteCarloTreeSearch.builder()
                    .puct(0.1)
                    .maxEvaluations(50)
                    .build()
                    .search(amongTwoHundred(silent, 2));
            assertThat(result.complete()).isFalse();
            assertThat(result.statistics())
                    .filteredOn(statistic -> statistic.visits() > 0)
                    .hasSizeGreaterThan(40);
        }

        @Test
        void the_default_asks_for_no_previews() {
            Graded evaluator = graded(candidate -> 0.5, candidate -> 0.5);
            MonteCarloTreeSearch.builder().maxEvaluations(40).build().search(task(evaluator, 2, Set.of()));
            assertThat(evaluator.asked).hasValue(0);
        }

        @Test
        void result_with_previews_does_not_depend_on_the_number_of_workers() {
            Graded evaluator = graded(
                    candidate -> 1.0 / (1 + Math.abs(candidate.parameterCount() - 300)),
                    candidate -> 1.0 / (1 + Math.abs(candidate.parameterCount() - 250)));
            SearchStrategy search = MonteCarloTreeSearch.builder()
                    .puct(0.1)
                    .progressiveWidening(2, 0.5)
                    .maxEvaluations(80)
                    .build();
            SearchResult one = search.search(task(evaluator, 1, Set.of()));
            SearchResult four = search.search(task(evaluator, 4, Set.of()));
            assertThat(four.action()).isEqualTo(one.action());
            assertThat(four.statistics()).isEqualTo(one.statistics());
        }

        @Test
        void nonsense_is_refused() {
            MonteCarloTreeSearch.Builder builder = MonteCarloTreeSearch.builder();
            assertThatThrownBy(() -> builder.puct(0)).hasMessageContaining("0.0");
            assertThatThrownBy(() -> builder.progressiveWidening(0, 0.5)).hasMessageContaining("0.0");
            assertThatThrownBy(() -> builder.progressiveWidening(2, 1.5)).hasMessageContaining("1.5");
            assertThatThrownBy(() -> builder.tieMargin(-1)).hasMessageContaining("-1");
        }
    }

    @Nested
    class Widening {

        private List<StructuralAction> tried(SearchResult result) {
            return result.statistics().stream()
                    .filter(statistic -> statistic.visits() > 0)
                    .map(ActionStatistics::action)
                    .toList();
        }

        @Test
        void bounds_the_number_of_children_that_are_tried() {
            Graded evaluator = graded(PriorsTest::planted, PriorsTest::vague);
            for (int limit : new int[] {9, 25, 64}) {
                SearchResult result = MonteCarloTreeSearch.builder()
                        .progressiveWidening(2, 0.5)
                        .maxEvaluations(limit)
                        .batchSize(1)
                        .rolloutDepth(0)
                        .explorationConstant(0.1)
                        .build()
                        .search(amongTwoHundred(evaluator, 1));
                int visits = result.statistics().stream()
                        .mapToInt(ActionStatistics::visits)
                        .sum();
                List<StructuralAction> tried = tried(result);
                assertThat(tried).hasSizeLessThanOrEqualTo(1 + (int) Math.ceil(2 * Math.sqrt(visits)));
                assertThat(tried).contains(new NoOp());
                assertThat(result.complete()).isTrue();
            }
        }

        @Test
        void offers_the_best_priors_first_and_without_priors_the_generators_order() {
            Graded evaluator = graded(
                    PriorsTest::planted,
                    candidate -> 0.5 - candidate.space("d1").size() * 1e-3);
            MonteCarloTreeSearch.Builder builder = MonteCarloTreeSearch.builder()
                    .progressiveWidening(3, 0)
                    .maxEvaluations(4)
                    .rolloutDepth(0);
            assertThat(tried(builder.build().search(amongTwoHundred(evaluator, 2))))
                    .containsExactly(
                            new NoOp(),
                            new RemoveNeurons("d1", 1 / 300.0, 1),
                            new RemoveNeurons("d1", 2 / 300.0, 1),
                            new RemoveNeurons("d1", 3 / 300.0, 1));
            assertThat(tried(builder.puct(10).build().search(amongTwoHundred(evaluator, 2))))
                    .containsExactly(
                            new NoOp(),
                            new RemoveNeurons("d1", 198 / 300.0, 1),
                            new RemoveNeurons("d1", 199 / 300.0, 1),
                            new RemoveNeurons("d1", 200 / 300.0, 1));
        }

        @Test
        void a_budget_below_what_is_offered_is_reported() {
            Graded evaluator = graded(PriorsTest::planted, PriorsTest::vague);
            SearchResult result = MonteCarloTreeSearch.builder()
                    .progressiveWidening(10, 0.5)
                    .maxEvaluations(6)
                    .build()
                    .search(amongTwoHundred(evaluator, 2));
            assertThat(result.complete()).isFalse();
        }
    }

    @Test
    void all_candidates_of_a_search_get_the_same_seed_and_those_of_another_seed_another() {
        Set<Long> seeds = Collections.synchronizedSet(new HashSet<>());
        Evaluator recording = (candidate, seed, cancellation) -> {
            seeds.add(seed);
            return new Grade(0.5, candidate);
        };
        SearchTask task = task(recording, 2, Set.of());
        for (SearchStrategy search : List.of(
                strategy(),
                GreedySearch.create(),
                MonteCarloTreeSearch.builder().build())) {
            search.search(task);
        }
        assertThat(seeds).hasSize(1);
        strategy()
                .search(new SearchTask(
                        root,
                        actions,
                        Projections.paper(),
                        recording,
                        Set.of(),
                        8,
                        task.executor(),
                        task.cancellation(),
                        task.observer()));
        assertThat(seeds).hasSize(2);
    }

    @Nested
    class TieRule {

        /** Growing d1 seems best; removing half of it is within one error, removing nine tenths is not. */
        private Evaluator uncertain(double error) {
            return (candidate, seed, cancellation) -> {
                long units = candidate.space("d1").size();
                boolean step = candidate.space("d2").size() == 20;
                double score = !step ? 0.3 : units == 30 ? 0.9 : units == 10 ? 0.893 : units == 2 ? 0.88 : 0.3;
                return new Grade(score, error, candidate);
            };
        }

        private List<SearchStrategy> strategies(double margin) {
            List<SearchStrategy> strategies = new ArrayList<>();
            strategies.add(GreedySearch.create().tieMargin(margin));
            strategies.add(MonteCarloTreeSearch.builder()
                    .maxEvaluations(11)
                    .rolloutDepth(0)
                    .tieMargin(margin)
                    .build());
            return strategies;
        }

        private long chosenUnits(SearchStrategy strategy, double error) {
            return strategy.search(task(uncertain(error), 2, Set.of()))
                    .action()
                    .apply(root, Projections.paper())
                    .space("d1")
                    .size();
        }

        @Test
        void of_actions_within_the_error_the_smallest_network_is_taken() {
            for (SearchStrategy strategy : strategies(1)) {
                assertThat(chosenUnits(strategy, 0.01)).as("%s", strategy).isEqualTo(10);
                assertThat(chosenUnits(strategy, 0.05)).as("%s", strategy).isEqualTo(2);
            }
        }

        @Test
        void without_error_or_margin_the_best_score_is_taken() {
            for (SearchStrategy strategy : strategies(1)) {
                assertThat(chosenUnits(strategy, 0)).as("%s", strategy).isEqualTo(30);
            }
            for (SearchStrategy strategy : strategies(0)) {
                assertThat(chosenUnits(strategy, 0.05)).as("%s", strategy).isEqualTo(30);
            }
        }
    }
}
