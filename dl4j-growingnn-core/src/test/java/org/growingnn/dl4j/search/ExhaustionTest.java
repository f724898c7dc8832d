package org.growingnn.dl4j.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.RemoveNeurons;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.ContentHash;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.Chains;
import org.growingnn.dl4j.testing.SearchStrategyContract;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** A tree search ends when its budget is spent or its tree has nothing new, and wastes no place of a batch on what is known. */
@Timeout(120)
class ExhaustionTest {

    private final NetworkGraph root = Chains.dense(6, 20, 20, 3);
    private final Batches executor = new Batches(new ThreadExecutor(2));

    @AfterEach
    void stop() {
        executor.close();
    }

    /** Remembers how many candidates are evaluated at a time. */
    private record Batches(CandidateExecutor threads, List<Integer> sizes) implements CandidateExecutor {
        private Batches(CandidateExecutor threads) {
            this(threads, new ArrayList<>());
        }

        @Override
        public void evaluate(
                Evaluator evaluator,
                List<Candidate> candidates,
                long seed,
                Cancellation cancellation,
                Consumer<Evaluated> receiver) {
            sizes.add(candidates.size());
            threads.evaluate(evaluator, candidates, seed, cancellation, receiver);
        }

        @Override
        public void preview(
                Evaluator evaluator,
                List<Candidate> candidates,
                Cancellation cancellation,
                Consumer<Previewed> receiver) {
            threads.preview(evaluator, candidates, cancellation, receiver);
        }

        @Override
        public void close() {
            threads.close();
        }
    }

    /** Makes the first layer as wide as told. */
    private record Width(int units) implements StructuralAction {
        @Override
        public NetworkGraph apply(NetworkGraph graph, Projection projection) {
            return graph.with(Chains.dense(6, units, 20, 3).vertices());
        }

        @Override
        public boolean preservesFunction(NetworkGraph graph, Projection projection) {
            return false;
        }
    }

    /** A tree without end in which no network turns up twice. */
    private static ActionGenerator doubling() {
        return graph -> IntStream.range(0, 2)
                .mapToObj(i -> new Width(2 * (int) graph.space("d1").size() + i));
    }

    private SearchTask task(ActionGenerator generator, Evaluator evaluator, Cancellation cancellation) {
        executor.sizes.clear();
        return new SearchTask(
                root,
                generator,
                Projections.paper(),
                evaluator,
                Set.of(),
                7,
                executor,
                cancellation,
                SearchObserver.none());
    }

    private SearchTask task(ActionGenerator generator) {
        Evaluator conservative = (candidate, seed, cancellation) -> new Grade(value(candidate), candidate);
        return task(generator, conservative, Cancellation.never());
    }

    /** Doing nothing is by far the best: where nothing is explored, it is chosen again and again. */
    private double value(NetworkGraph candidate) {
        return candidate.structureHash().equals(root.structureHash()) ? 0.9 : 0.2;
    }

    private static List<MonteCarloTreeSearch.Builder> unexploring() {
        List<MonteCarloTreeSearch.Builder> builders = new ArrayList<>();
        for (int batch : new int[] {1, 4, 8}) {
            for (double constant : new double[] {0, 1e-9}) {
                for (int depth : new int[] {0, 2}) {
                    builders.add(MonteCarloTreeSearch.builder()
                            .batchSize(batch)
                            .explorationConstant(constant)
                            .rolloutDepth(depth));
                    builders.add(MonteCarloTreeSearch.paper()
                            .batchSize(batch)
                            .explorationConstant(constant)
                            .rolloutDepth(depth)
                            .puct(0.1));
                }
            }
        }
        return builders;
    }

    @Test
    void the_whole_budget_is_used_while_there_are_networks_that_were_not_evaluated() {
        for (MonteCarloTreeSearch.Builder builder : unexploring()) {
            MonteCarloTreeSearch search = builder.maxEvaluations(30).build();
            SearchResult result = search.search(task(doubling()));
            assertThat(result.evaluations()).as("%s", search).isEqualTo(30);
            assertThat(result.action()).as("%s", search).isEqualTo(new NoOp());
        }
    }

    @Test
    void no_place_of_a_batch_is_spent_on_what_is_known() {
        SearchResult result = MonteCarloTreeSearch.builder()
                .explorationConstant(0)
                .rolloutDepth(0)
                .batchSize(4)
                .maxEvaluations(3 + 5 * 4)
                .build()
                .search(task(doubling()));
        assertThat(executor.sizes).containsExactly(3, 4, 4, 4, 4, 4);
        assertThat(result.action()).isEqualTo(new NoOp());
    }

    @Test
    void while_the_better_action_is_under_way_no_visits_go_to_what_is_known_instead() {
        // A path of networks each of which is better than the one before.
        ActionGenerator shrinking =
                graph -> Stream.of(new Width((int) graph.space("d1").size() - 1));
        Evaluator small = (candidate, seed, token) ->
                new Grade(1.0 / candidate.space("d1").size(), candidate);
        for (int batch : new int[] {1, 4, 8}) {
            for (int limit = 3; limit < 12; limit++) {
                SearchResult result = MonteCarloTreeSearch.builder()
                        .explorationConstant(0.3)
                        .rolloutDepth(0)
                        .batchSize(batch)
                        .tieMargin(0)
                        .maxEvaluations(limit)
                        .build()
                        .search(task(shrinking, small, Cancellation.never()));
                assertThat(result.evaluations()).isEqualTo(limit);
                assertThat(result.action())
                        .as("%d evaluations in batches of %d", limit, batch)
                        .isEqualTo(new Width(19));
            }
        }
    }

    @Test
    void a_generator_that_counts_as_exhausted_is_named_in_a_warning() {
        ActionGenerator spinning = new SearchStrategyContract.Endless(i -> new NoOp(), 1_000_000);
        for (SearchStrategy search : List.of(
                GreedySearch.create(),
                SuccessiveHalving.create(),
                new RandomSearch(),
                MonteCarloTreeSearch.paper().build(),
                MonteCarloTreeSearch.builder().puct(0.1).maxEvaluations(20).build())) {
            assertThat(warnings(() -> search.search(task(spinning))))
                    .as("%s", search)
                    .singleElement(STRING)
                    .contains("(endless)", "10,000");
        }
    }

    /** Gives what the package warned of. */
    static List<String> warnings(Runnable work) {
        Logger logger = (Logger) LoggerFactory.getLogger("org.growingnn.dl4j.search");
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.start();
        logger.addAppender(appender);
        try {
            work.run();
        } finally {
            logger.detachAppender(appender);
        }
        return appender.list.stream()
                .filter(event -> event.getLevel() == Level.WARN)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private static ActionGenerator halving() {
        return graph -> Stream.of("d1", "d2")
                .filter(layer -> graph.space(layer).size() > 12)
                .flatMap(layer -> Stream.of(new RemoveNeurons(layer, 0.5, 1), new RemoveNeurons(layer, 0.25, 1)));
    }

    private int networks(ActionGenerator generator) {
        Deque<NetworkGraph> open = new ArrayDeque<>(List.of(root));
        Set<ContentHash> seen = new HashSet<>(Set.of(ContentHash.of(root)));
        while (!open.isEmpty()) {
            NetworkGraph network = open.remove();
            generator.generate(network).forEach(action -> {
                NetworkGraph next = action.apply(network, Projections.paper());
                if (seen.add(ContentHash.of(next))) {
                    open.add(next);
                }
            });
        }
        return seen.size();
    }

    @Test
    void a_search_that_ends_early_has_evaluated_every_network_in_reach() {
        // Networks that several paths lead to; and a tree without end of four networks.
        ActionGenerator widths = graph -> Stream.of(new Width(5), new Width(10), new Width(15));
        assertThat(networks(halving())).isGreaterThan(20);
        assertThat(networks(widths)).isEqualTo(4);
        for (ActionGenerator generator : List.of(halving(), widths)) {
            for (MonteCarloTreeSearch.Builder builder : unexploring()) {
                MonteCarloTreeSearch search =
                        builder.maxEvaluations(100_000).rolloutDepth(0).build();
                SearchResult result = search.search(task(generator));
                assertThat(result.evaluations()).as("%s", search).isEqualTo(networks(generator));
                assertThat(result.action()).as("%s", search).isEqualTo(new NoOp());
            }
        }
    }

    @Test
    void actions_that_failed_take_no_places_from_those_that_widening_offers() {
        ActionGenerator generator = graph -> graph.space("d1").size() == 20
                ? Stream.of(
                        new SearchStrategyContract.Broken(1),
                        new SearchStrategyContract.Broken(2),
                        new Width(5),
                        new Width(6),
                        new Width(7))
                : Stream.empty();
        SearchResult result = MonteCarloTreeSearch.builder()
                .progressiveWidening(2, 0)
                .maxEvaluations(100)
                .build()
                .search(task(generator));
        assertThat(result.statistics())
                .filteredOn(statistic -> statistic.visits() > 0)
                .extracting(ActionStatistics::action)
                .containsExactly(new NoOp(), new Width(5), new Width(6));
        assertThat(result.failures()).hasSize(2);
        assertThat(result.complete()).isTrue();
    }

    @Test
    void a_search_that_is_cancelled_before_its_first_evaluation_is_not_complete_whatever_it_previewed() {
        Cancellation cancellation = new Cancellation();
        List<NetworkGraph> previewed = Collections.synchronizedList(new ArrayList<>());
        Evaluator cancelling = new Evaluator() {
            @Override
            public Evaluation evaluate(NetworkGraph candidate, long seed, Cancellation token) {
                return new Grade(0.5, candidate);
            }

            @Override
            public OptionalDouble preview(NetworkGraph candidate, Cancellation token) {
                previewed.add(candidate);
                if (previewed.size() == 3) {
                    cancellation.cancel("enough");
                }
                return OptionalDouble.of(0.5);
            }
        };
        SearchResult result =
                MonteCarloTreeSearch.builder().puct(0.1).build().search(task(doubling(), cancelling, cancellation));
        assertThat(previewed).hasSize(3);
        assertThat(result.evaluations()).isZero();
        assertThat(result.complete()).isFalse();
    }
}
