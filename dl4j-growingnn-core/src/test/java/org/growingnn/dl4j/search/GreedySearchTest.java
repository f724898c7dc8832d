package org.growingnn.dl4j.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.RemoveNeurons;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.Chains;
import org.growingnn.dl4j.testing.SearchStrategyContract;
import org.junit.jupiter.api.Test;

class GreedySearchTest extends SearchStrategyContract {

    @Override
    protected SearchStrategy strategy() {
        return GreedySearch.create();
    }

    @Override
    protected SearchStrategy limited(int evaluations) {
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
    void asks_for_grades_only_since_it_never_goes_on_with_what_was_trained() {
        SearchTask task = task(small(), 2, Set.of());
        AtomicInteger asked = new AtomicInteger();
        Evaluator evaluator = new Evaluator() {
            @Override
            public Evaluation evaluate(NetworkGraph candidate, long seed, Cancellation cancellation) {
                throw new AssertionError("with trained networks");
            }

            @Override
            public Evaluator gradesOnly() {
                asked.incrementAndGet();
                return task.evaluator();
            }
        };
        strategy()
                .search(new SearchTask(
                        task.root(),
                        task.actions(),
                        task.projection(),
                        evaluator,
                        task.rejected(),
                        task.seed(),
                        task.executor(),
                        task.cancellation(),
                        task.observer()));
        assertThat(asked.get()).isEqualTo(1);
        assertThat(evaluations.get()).isEqualTo(11);
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

    private List<StructuralAction> triedFirst(NetworkGraph network, int count) {
        evaluations.set(0);
        Evaluator some = (candidate, seed, cancellation) ->
                evaluations.incrementAndGet() <= count ? new Grade(0.5, candidate) : endless(cancellation);
        List<StructuralAction> tried = new ArrayList<>();
        try (ThreadExecutor executor = new ThreadExecutor(1)) {
            GreedySearch.create()
                    .timeLimit(Duration.ofMillis(500))
                    .search(new SearchTask(
                            network,
                            Actions.neurons().remove(0.5).add(),
                            Projections.selection(Criteria.l2()),
                            some,
                            Set.of(),
                            7,
                            executor,
                            Cancellation.never(),
                            (evaluated, progress) ->
                                    tried.add(evaluated.candidate().action())));
        }
        return tried;
    }

    private static RemoveNeurons half(String space) {
        return new RemoveNeurons(space, 0.5, 1);
    }

    @Test
    void a_time_limit_is_spent_on_what_saves_most_for_what_it_loses() {
        NetworkGraph equal = Chains.dense(4, 2, 16, 16, 3);
        float[] halfDead = new float[2 * 16];
        Arrays.fill(halfDead, 0, 8, 0.5f);
        Arrays.fill(halfDead, 16, 24, 0.5f);
        float[] unheard = new float[16 * 16];
        Arrays.fill(unheard, 0, 8 * 16, 0.5f);
        NetworkGraph dead = equal.withParameters(Map.of(
                "d2", with(equal, "d2", Tensor.wrap(new long[] {2, 16}, halfDead)),
                "d3", with(equal, "d3", Tensor.wrap(new long[] {16, 16}, unheard))));

        // Halves of equal units lose as much everywhere: the third layer saves 160 of 381 parameters, the second 152,
        // the first 21.
        assertThat(triedFirst(equal, 4)).containsExactly(new NoOp(), half("d3"), half("d2"), half("d1"));
        // Half of the second layer neither hears nor is heard.
        assertThat(triedFirst(dead, 2)).containsExactly(new NoOp(), half("d2"));
    }

    private static Map<String, Parameter> with(NetworkGraph graph, String layer, Tensor weights) {
        Map<String, Parameter> parameters =
                new LinkedHashMap<>(graph.vertex(layer).parameters());
        parameters.put("W", Parameter.of(weights));
        return parameters;
    }

    @Test
    void what_does_not_apply_comes_last_and_fails_when_it_is_tried() {
        ExpectedWorth worth = new ExpectedWorth(root, Projections.paper());

        assertThat(worth.of(new Broken(1))).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(worth.of(new NoOp())).isZero();
        assertThat(worth.of(half("d2"))).isLessThan(1).isGreaterThan(-1);
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

    @Test
    void how_long_a_search_takes_follows_from_its_plan_its_workers_and_its_limits() {
        Duration second = Duration.ofSeconds(1);
        Budget none = Budget.unlimited();
        assertThat(Ledger.expected(second, OptionalInt.of(60), 2, none)).hasValue(Duration.ofSeconds(30));
        assertThat(Ledger.expected(second, OptionalInt.of(60), 2, none.withMaxEvaluations(10)))
                .hasValue(Duration.ofSeconds(5));
        assertThat(Ledger.expected(second, OptionalInt.empty(), 1, none.withMaxEvaluations(10)))
                .hasValue(Duration.ofSeconds(10));
        Budget timed = none.withTimeLimit(Duration.ofSeconds(20));
        assertThat(Ledger.expected(second, OptionalInt.of(60), 2, timed)).hasValue(Duration.ofSeconds(20));
        assertThat(Ledger.expected(second, OptionalInt.of(10), 2, timed)).hasValue(Duration.ofSeconds(5));
        assertThat(Ledger.expected(second, OptionalInt.empty(), 2, timed)).hasValue(Duration.ofSeconds(20));
        assertThat(Ledger.expected(second, OptionalInt.empty(), 2, none)).isEmpty();
    }
}
