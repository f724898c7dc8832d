package org.growingnn.dl4j.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.RemoveNeurons;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.search.ActionStatistics;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.Candidate;
import org.growingnn.dl4j.search.Evaluated;
import org.growingnn.dl4j.search.Evaluator;
import org.growingnn.dl4j.search.FailedCandidate;
import org.growingnn.dl4j.search.Grade;
import org.growingnn.dl4j.search.SearchResult;
import org.growingnn.dl4j.search.SearchStrategy;
import org.growingnn.dl4j.search.SearchTask;
import org.growingnn.dl4j.search.ThreadExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every search strategy must keep; subclass it for one of your own. The result follows from the seed, not from the number of workers;
 * actions that were taken back, and those that go further, are not chosen; doing nothing takes part; a candidate that fails is listed with
 * its reason and never chosen; every evaluation is counted and told to the observer once; generators without end are asked for no more
 * than can be used; and a search that is asked to end awaits what is under way and returns what it has.
 *
 * <p>A strategy whose budget suffices is expected to grade each root action at least once, unless it grades nothing at all.
 */
@Timeout(120)
public abstract class SearchStrategyContract {

    /** The network to improve: layers d1 and d2 of 20 units each, and an output layer. */
    protected final NetworkGraph root = Chains.dense(6, 20, 20, 3);

    /** Ten actions on the root; with doing nothing, eleven candidates. */
    protected final ActionGenerator actions = Actions.neurons();

    /** Counts what {@link #small()} has graded. */
    protected final AtomicInteger evaluations = new AtomicInteger();

    /** What the observer of the last task was told. */
    protected final List<Evaluated> observed = new ArrayList<>();

    private final List<ThreadExecutor> executors = new ArrayList<>();

    /** For subclasses. */
    protected SearchStrategyContract() {}

    /**
     * Makes the strategy.
     *
     * @return one with a budget that suffices for the eleven candidates one action away from the root
     */
    protected abstract SearchStrategy strategy();

    /**
     * Makes the strategy with a limit of evaluations.
     *
     * @param evaluations the limit
     * @return the strategy
     */
    protected abstract SearchStrategy limited(int evaluations);

    /**
     * Tells whether the strategy grades candidates at all.
     *
     * @return true by default
     */
    protected boolean evaluates() {
        return true;
    }

    @AfterEach
    void stopWorkers() {
        executors.forEach(ThreadExecutor::close);
    }

    /**
     * An action that applies to nothing.
     *
     * @param number tells it from others
     */
    public record Broken(int number) implements StructuralAction {
        @Override
        public NetworkGraph apply(NetworkGraph graph, Projection projection) {
            throw new IllegalArgumentException("broken action " + number);
        }

        @Override
        public boolean preservesFunction(NetworkGraph graph, Projection projection) {
            return false;
        }
    }

    /**
     * Makes a search among {@link #actions}.
     *
     * @param evaluator grades candidates
     * @param workers number of threads
     * @param rejected actions that must not be chosen
     * @return the task; its threads end with the test
     */
    protected SearchTask task(Evaluator evaluator, int workers, Set<StructuralAction> rejected) {
        return task(actions, evaluator, workers, rejected, 7, Cancellation.never());
    }

    /**
     * Makes a search.
     *
     * @param generator lists actions
     * @param evaluator grades candidates
     * @param workers number of threads
     * @param rejected actions that must not be chosen
     * @param seed what all randomness derives from
     * @param cancellation asks it to end
     * @return the task; its threads end with the test
     */
    protected SearchTask task(
            ActionGenerator generator,
            Evaluator evaluator,
            int workers,
            Set<StructuralAction> rejected,
            long seed,
            Cancellation cancellation) {
        ThreadExecutor executor = new ThreadExecutor(workers);
        executors.add(executor);
        observed.clear();
        return new SearchTask(
                root,
                generator,
                Projections.paper(),
                evaluator,
                rejected,
                seed,
                executor,
                cancellation,
                (candidate, progress) -> observed.add(candidate));
    }

    /**
     * Prefers small networks, with a little noise that depends on the seed alone.
     *
     * @return the evaluator
     */
    protected Evaluator small() {
        return (candidate, seed, cancellation) -> {
            evaluations.incrementAndGet();
            double noise = (seed & 0xff) / 255.0 * 1e-3;
            return new Grade(1.0 / (1 + 0.01 * candidate.parameterCount()) * 0.99 + noise, candidate);
        };
    }

    /**
     * Grades what is as wide as the root highly, and everything else badly.
     *
     * @return the evaluator
     */
    protected Evaluator conservative() {
        return (candidate, seed, cancellation) ->
                new Grade(candidate.structureHash().equals(root.structureHash()) ? 0.9 : 0.2, candidate);
    }

    /**
     * Gives the actions that led to candidates.
     *
     * @param evaluated candidates
     * @return a path for each
     */
    protected static List<List<StructuralAction>> paths(List<Evaluated> evaluated) {
        return evaluated.stream().map(some -> some.candidate().path()).toList();
    }

    @Test
    void chosen_action_can_be_applied_to_the_root() {
        SearchResult result = strategy().search(task(small(), 2, Set.of()));
        assertThat(result.action().apply(root, Projections.paper()).parameterCount())
                .isEqualTo(result.chosen().parameters());
        assertThat(Actions.sequence(result.chosen().path())).isEqualTo(result.action());
        assertThat(result.statistics())
                .extracting(ActionStatistics::action)
                .contains(result.chosen().path().get(0), new NoOp());
    }

    @Test
    void result_depends_on_the_seed_but_not_on_the_number_of_workers() {
        SearchResult one = strategy().search(task(small(), 1, Set.of()));
        List<List<StructuralAction>> order = paths(observed);
        for (int workers : new int[] {2, 4}) {
            SearchResult some = strategy().search(task(small(), workers, Set.of()));
            assertThat(some.action()).isEqualTo(one.action());
            assertThat(some.score()).isEqualTo(Double.valueOf(one.score()));
            assertThat(some.statistics()).isEqualTo(one.statistics());
            assertThat(some.evaluations()).isEqualTo(one.evaluations());
            assertThat(some.tree()).isEqualTo(one.tree());
            assertThat(paths(observed)).isEqualTo(order);
        }
    }

    @Test
    void rejected_actions_are_not_chosen() {
        Set<StructuralAction> rejected = new HashSet<>(actions.generate(root).toList());
        rejected.remove(new RemoveNeurons("d2", 0.1, 1));
        SearchResult result = strategy().search(task(small(), 2, rejected));
        assertThat(result.statistics())
                .extracting(ActionStatistics::action)
                .containsExactly(new NoOp(), new RemoveNeurons("d2", 0.1, 1));
    }

    @Test
    void actions_that_remove_more_than_a_rejected_one_are_not_chosen() {
        StructuralAction rejected = new RemoveNeurons("d1", 0.5, 1);
        SearchResult result = strategy().search(task(small(), 2, Set.of(rejected)));
        assertThat(result.statistics())
                .extracting(ActionStatistics::action)
                .hasSize(9)
                .contains(new NoOp(), new RemoveNeurons("d1", 0.1, 1), new RemoveNeurons("d2", 0.9, 1))
                .doesNotContain(rejected, new RemoveNeurons("d1", 0.9, 1));
    }

    @Test
    void with_nothing_to_do_the_answer_is_no_op() {
        Set<StructuralAction> all = Set.copyOf(actions.generate(root).toList());
        SearchResult result = strategy().search(task(small(), 1, all));
        assertThat(result.action()).isEqualTo(new NoOp());
        assertThat(result.complete()).isTrue();
    }

    @Test
    void doing_nothing_wins_when_every_change_hurts() {
        assumeTrue(evaluates());
        SearchResult result = strategy().search(task(conservative(), 2, Set.of()));
        assertThat(result.action()).isEqualTo(new NoOp());
        assertThat(result.score()).isCloseTo(0.9, within(1e-9));
    }

    @Test
    void every_evaluation_is_counted_and_observed_once() {
        SearchResult result = strategy().search(task(small(), 3, Set.of()));
        Set<Candidate> distinct = Collections.newSetFromMap(new IdentityHashMap<>());
        observed.forEach(evaluated -> distinct.add(evaluated.candidate()));
        assertThat(result.evaluations())
                .isEqualTo(evaluations.get())
                .isEqualTo(observed.size())
                .isEqualTo(distinct.size());
        assertThat(result.failures()).isEmpty();
        assertThat(result.evaluations() > 0).isEqualTo(evaluates());
    }

    @Test
    void a_candidate_that_fails_is_listed_with_its_reason_and_never_chosen() {
        // What fails would be the best: the smaller the better.
        Evaluator fragile = (candidate, seed, cancellation) -> {
            if (candidate.space("d1").size() == 2) {
                throw new IllegalStateException("one tenth of d1");
            }
            if (candidate.space("d2").size() == 2) {
                throw new OutOfMemoryError("native memory");
            }
            return small().evaluate(candidate, seed, cancellation);
        };
        ActionGenerator generator = graph ->
                Stream.concat(Stream.of(new Broken(1)), actions.generate(graph).limit(10));
        for (long seed = 0; seed < 10; seed++) {
            SearchResult result = strategy().search(task(generator, fragile, 2, Set.of(), seed, Cancellation.never()));
            assertThat(result.action()).isNotEqualTo(new Broken(1));
            assertThat(result.complete()).isTrue();
            assertThat(result.evaluations()).isEqualTo(observed.size());
            assertThat(result.failures()).doesNotHaveDuplicates();
            if (evaluates()) {
                assertThat(result.action()).isNotIn(new RemoveNeurons("d1", 0.9, 1), new RemoveNeurons("d2", 0.9, 1));
                assertThat(result.failures())
                        .contains(
                                new FailedCandidate(
                                        List.of(new Broken(1)), "IllegalArgumentException: broken action 1"),
                                new FailedCandidate(
                                        List.of(new RemoveNeurons("d1", 0.9, 1)),
                                        "IllegalStateException: one tenth of d1"),
                                new FailedCandidate(
                                        List.of(new RemoveNeurons("d2", 0.9, 1)), "OutOfMemoryError: native memory"));
            }
        }
    }

    @Test
    void if_all_candidates_fail_nothing_is_done_and_every_reason_is_known() {
        assumeTrue(evaluates());
        Evaluator broken = (candidate, seed, cancellation) -> {
            throw new IllegalStateException("broken data");
        };
        SearchResult result = strategy().search(task(broken, 2, Set.of()));
        assertThat(result.action()).isEqualTo(new NoOp());
        assertThat(result.score()).isNaN();
        assertThat(result.evaluations()).isEqualTo(11).isEqualTo(observed.size());
        assertThat(result.failures()).hasSize(11);
        assertThat(result.failures().get(0))
                .isEqualTo(new FailedCandidate(List.of(new NoOp()), "IllegalStateException: broken data"));
        assertThat(result.statistics()).allSatisfy(statistic -> {
            assertThat(statistic.visits()).isZero();
            assertThat(statistic.meanScore()).isNaN();
        });
    }

    @Test
    void if_doing_nothing_fails_something_else_is_chosen() {
        assumeTrue(evaluates());
        Evaluator broken = (candidate, seed, cancellation) -> {
            if (candidate.structureHash().equals(root.structureHash())) {
                throw new IllegalStateException("broken root");
            }
            return small().evaluate(candidate, seed, cancellation);
        };
        SearchResult result = strategy().search(task(broken, 2, Set.of()));
        assertThat(result.action()).isNotEqualTo(new NoOp());
        assertThat(result.failures())
                .contains(new FailedCandidate(List.of(new NoOp()), "IllegalStateException: broken root"));
    }

    /**
     * Lists ever finer removals from the root, and nothing else.
     *
     * @return a generator without end
     */
    protected static ActionGenerator endless() {
        return graph -> graph.space("d1").size() < 20
                ? Stream.empty()
                : IntStream.iterate(1, i -> i + 1).mapToObj(i -> new RemoveNeurons("d1", 0.1 + 0.8 / i, 1));
    }

    @Test
    void a_generator_without_end_is_asked_for_no_more_than_the_budget_can_use() {
        assumeTrue(evaluates());
        SearchResult result = limited(20).search(task(endless(), small(), 2, Set.of(), 7, Cancellation.never()));
        assertThat(result.evaluations()).isPositive().isLessThanOrEqualTo(20).isEqualTo(evaluations.get());
        assertThat(result.complete()).isFalse();
    }

    /**
     * Goes on for ever.
     *
     * @param numbered gives the actions, numbered from 1
     * @param patience whoever takes more actions than these does not look for an end
     */
    public record Endless(IntFunction<StructuralAction> numbered, int patience) implements ActionGenerator {
        @Override
        public Stream<StructuralAction> generate(NetworkGraph graph) {
            return IntStream.iterate(1, i -> i + 1).mapToObj(i -> {
                if (i > patience) {
                    throw new AssertionError("Nobody looks for an end of the actions.");
                }
                return numbered.apply(i);
            });
        }

        @Override
        public String toString() {
            return "endless";
        }
    }

    @Test
    void a_generator_that_goes_on_for_ever_with_rejected_actions_counts_as_exhausted() {
        StructuralAction rejected = new RemoveNeurons("d1", 0.9, 1);
        ActionGenerator spinning = new Endless(i -> i % 2 == 0 ? rejected : new NoOp(), 1_000_000);
        for (SearchStrategy search : List.of(strategy(), limited(20))) {
            for (ActionGenerator generator : List.of(spinning, actions.and(spinning))) {
                SearchResult result =
                        search.search(task(generator, small(), 2, Set.of(rejected), 7, Cancellation.never()));
                assertThat(result.statistics()).as("%s, %s", search, generator).hasSize(generator == spinning ? 1 : 10);
                // Priors may leave actions untried, but none is missing behind the last one.
                boolean untried = evaluates()
                        && generator != spinning
                        && result.statistics().stream().anyMatch(some -> some.visits() == 0);
                assertThat(result.complete()).isEqualTo(!untried);
            }
        }
    }

    @Test
    void thousands_of_rejected_actions_do_not_hide_the_one_behind_them() {
        StructuralAction good = new RemoveNeurons("d2", 0.5, 1);
        Set<StructuralAction> rejected = IntStream.rangeClosed(1, 12_000)
                .mapToObj(i -> new RemoveNeurons("d1", i / 13_000.0, 1))
                .collect(Collectors.toSet());
        ActionGenerator generator = graph -> graph.space("d2").size() < 20
                ? Stream.empty()
                : Stream.concat(
                        IntStream.rangeClosed(1, 12_000).mapToObj(i -> new RemoveNeurons("d1", i / 13_000.0, 1)),
                        Stream.of(good));
        SearchResult result = strategy().search(task(generator, small(), 2, rejected, 7, Cancellation.never()));
        assertThat(result.statistics()).extracting(ActionStatistics::action).containsExactly(new NoOp(), good);
    }

    @Test
    void a_search_that_is_cancelled_while_it_lists_actions_takes_no_more_of_them() {
        StructuralAction rejected = new RemoveNeurons("d1", 0.9, 1);
        for (IntFunction<StructuralAction> given : List.<IntFunction<StructuralAction>>of(
                i -> rejected, i -> new RemoveNeurons("d1", 0.1 + 0.8 / (i + 1), 1))) {
            Cancellation cancellation = new Cancellation();
            ActionGenerator generator = new Endless(
                    i -> {
                        if (i == 100) {
                            cancellation.cancel("enough");
                        }
                        return given.apply(i);
                    },
                    100);
            SearchResult result = strategy().search(task(generator, small(), 2, Set.of(rejected), 7, cancellation));
            assertThat(result.action()).isEqualTo(new NoOp());
            assertThat(result.complete()).isFalse();
            assertThat(evaluations).hasValue(0);
        }
    }

    @Test
    void a_search_that_is_cancelled_returns_what_it_has_found() {
        assumeTrue(evaluates());
        for (int workers : new int[] {1, 3}) {
            evaluations.set(0);
            Cancellation cancellation = new Cancellation();
            AtomicInteger underWay = new AtomicInteger();
            Evaluator cancelling = (candidate, seed, token) -> {
                underWay.incrementAndGet();
                try {
                    if (evaluations.incrementAndGet() > 6) {
                        cancellation.cancel("enough");
                    }
                    token.check();
                    return new Grade(1.0 / candidate.parameterCount(), candidate);
                } finally {
                    underWay.decrementAndGet();
                }
            };
            SearchTask task = task(actions, cancelling, workers, Set.of(), 7, cancellation);
            SearchResult result = strategy().search(task);
            assertThat(underWay).hasValue(0);
            assertThat(result.complete()).isFalse();
            // What was graded by the time of the request is kept; what came after it is not.
            assertThat(result.evaluations()).isEqualTo(observed.size()).isBetween(7 - workers, 6);
            assertThat(observed).extracting(Evaluated::candidate).contains(result.chosen());
            assertThat(result.score()).isPositive();
            task.executor().close();
            assertThat(Thread.getAllStackTraces().keySet().stream()
                            .map(Thread::getName)
                            .filter(name -> name.startsWith("growingnn-worker-")))
                    .isEmpty();
            stopWorkers();
        }
    }

    @Test
    void an_interrupt_ends_the_search_with_what_it_has_found_and_is_left_to_be_seen() {
        assumeTrue(evaluates());
        Thread searching = Thread.currentThread();
        AtomicInteger underWay = new AtomicInteger();
        Evaluator waiting = (candidate, seed, token) -> {
            underWay.incrementAndGet();
            try {
                if (evaluations.incrementAndGet() > 4) {
                    searching.interrupt();
                    while (!token.requested()) {
                        Thread.onSpinWait();
                    }
                }
                token.check();
                return new Grade(1.0 / candidate.parameterCount(), candidate);
            } finally {
                underWay.decrementAndGet();
            }
        };
        SearchResult result = strategy().search(task(waiting, 2, Set.of()));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(underWay).hasValue(0);
        assertThat(result.complete()).isFalse();
        assertThat(result.evaluations()).isEqualTo(observed.size()).isBetween(3, 4);
        assertThat(result.score()).isPositive();
    }

    @Test
    void a_search_that_is_cancelled_beforehand_does_nothing() {
        assumeTrue(evaluates());
        Cancellation cancellation = new Cancellation();
        cancellation.cancel("not today");
        SearchResult result = strategy().search(task(actions, small(), 2, Set.of(), 7, cancellation));
        assertThat(result.action()).isEqualTo(new NoOp());
        assertThat(result.complete()).isFalse();
        assertThat(evaluations).hasValue(0);
    }
}
