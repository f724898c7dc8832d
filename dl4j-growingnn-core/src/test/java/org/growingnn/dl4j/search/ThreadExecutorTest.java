package org.growingnn.dl4j.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.growingnn.dl4j.action.RemoveNeurons;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.Chains;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ThreadExecutorTest {

    private final NetworkGraph root = Chains.dense(6, 100, 3);
    private final List<Candidate> candidates = IntStream.rangeClosed(1, 50)
            .mapToObj(i -> Candidate.root(root).then(new RemoveNeurons("d1", i / 100.0, 1), Projections.paper()))
            .toList();
    private final ThreadExecutor executor = new ThreadExecutor(3);
    private final List<Evaluated> received = new ArrayList<>();

    @AfterEach
    void stop() {
        executor.close();
    }

    private void evaluate(Evaluator evaluator, Cancellation cancellation) {
        executor.evaluate(evaluator, candidates, 5, cancellation, received::add);
    }

    private static List<Thread> workers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("growingnn-worker-"))
                .toList();
    }

    @Test
    void results_come_in_the_order_of_the_candidates_on_the_calling_thread() {
        Thread calling = Thread.currentThread();
        executor.evaluate(
                (candidate, seed, cancellation) -> new Grade(seed, candidate),
                candidates,
                5,
                Cancellation.never(),
                evaluated -> {
                    assertThat(Thread.currentThread()).isSameAs(calling);
                    received.add(evaluated);
                });
        assertThat(received).extracting(Evaluated::candidate).containsExactlyElementsOf(candidates);
        assertThat(received).allSatisfy(evaluated -> {
            assertThat(((Grade) evaluated.evaluation()).score()).isEqualTo(5);
            assertThat(evaluated.time()).isPositive();
        });
    }

    @Test
    void work_is_done_by_named_daemon_threads_of_which_none_is_left_after_closing() throws InterruptedException {
        Set<String> names = Collections.synchronizedSet(new TreeSet<>());
        CountDownLatch all = new CountDownLatch(3);
        evaluate(
                (candidate, seed, cancellation) -> {
                    names.add(Thread.currentThread().getName());
                    assertThat(Thread.currentThread().isDaemon()).isTrue();
                    all.countDown();
                    while (all.getCount() > 0) {
                        Thread.onSpinWait();
                    }
                    return new Grade(1, candidate);
                },
                Cancellation.never());
        assertThat(names).containsExactly("growingnn-worker-1", "growingnn-worker-2", "growingnn-worker-3");
        executor.close();
        assertThat(workers()).isEmpty();
        assertThatThrownBy(() ->
                        evaluate((candidate, seed, cancellation) -> new Grade(1, candidate), Cancellation.never()))
                .hasMessageContaining("closed");
    }

    @Test
    void closing_ends_and_awaits_what_another_thread_has_evaluated() throws InterruptedException {
        CountDownLatch began = new CountDownLatch(1);
        AtomicInteger underWay = new AtomicInteger();
        Thread searching = new Thread(() -> evaluate(
                (candidate, seed, cancellation) -> {
                    underWay.incrementAndGet();
                    began.countDown();
                    try {
                        while (true) {
                            cancellation.check();
                        }
                    } finally {
                        underWay.decrementAndGet();
                    }
                },
                Cancellation.never()));
        searching.start();
        began.await();
        executor.close();
        assertThat(underWay).hasValue(0);
        assertThat(workers()).isEmpty();
        searching.join();
        assertThat(received).isEmpty();
    }

    @Test
    void what_is_thrown_or_missing_is_a_failure_but_errors_of_the_program_are_not() {
        evaluate(
                (candidate, seed, cancellation) -> switch ((int)
                                candidate.space("d1").size()
                        % 4) {
                    case 0 -> throw new IllegalStateException("bad");
                    case 1 -> throw new OutOfMemoryError();
                    case 2 -> null;
                    default -> throw new CancelledException("nobody asked");
                },
                Cancellation.never());
        assertThat(received)
                .extracting(Evaluated::evaluation)
                .contains(
                        new Failure("IllegalStateException: bad"),
                        new Failure("OutOfMemoryError"),
                        new Failure("NullPointerException: The evaluator returned null."),
                        new Failure("CancelledException: nobody asked"))
                .hasSize(50);
        assertThatThrownBy(() -> evaluate(
                        (candidate, seed, cancellation) -> {
                            throw new NoClassDefFoundError("missing");
                        },
                        Cancellation.never()))
                .isInstanceOf(NoClassDefFoundError.class);
    }

    @Test
    void a_receiver_that_throws_is_not_swallowed_and_nothing_goes_on_behind_it() {
        AtomicInteger underWay = new AtomicInteger();
        assertThatThrownBy(() -> executor.evaluate(
                        (candidate, seed, cancellation) -> {
                            underWay.incrementAndGet();
                            underWay.decrementAndGet();
                            return new Grade(1, candidate);
                        },
                        candidates,
                        5,
                        Cancellation.never(),
                        evaluated -> {
                            throw new IllegalStateException("observer");
                        }))
                .hasMessage("observer");
        assertThat(underWay).hasValue(0);
    }

    @Test
    void previews_come_in_order_and_with_reasons() {
        List<Previewed> previews = new ArrayList<>();
        Evaluator evaluator = new Evaluator() {
            @Override
            public Evaluation evaluate(NetworkGraph candidate, long seed, Cancellation cancellation) {
                throw new AssertionError("not asked for");
            }

            @Override
            public OptionalDouble preview(NetworkGraph candidate, Cancellation cancellation) {
                if (candidate.space("d1").size() == 99) {
                    throw new IllegalStateException("no preview");
                }
                return OptionalDouble.of(candidate.space("d1").size());
            }
        };
        executor.preview(evaluator, candidates, Cancellation.never(), previews::add);
        assertThat(previews).extracting(Previewed::candidate).containsExactlyElementsOf(candidates);
        assertThat(previews.get(0).score()).isEmpty();
        assertThat(previews.get(0).failure()).contains(new Failure("IllegalStateException: no preview"));
        assertThat(previews.get(1).score()).hasValue(98);
    }

    /** Previews by the number of units; the one of the candidate with so many is asked to end on the way. */
    private record Stopping(int units, Cancellation cancellation) implements Evaluator {
        @Override
        public Evaluation evaluate(NetworkGraph candidate, long seed, Cancellation token) {
            throw new AssertionError("not asked for");
        }

        @Override
        public OptionalDouble preview(NetworkGraph candidate, Cancellation token) {
            if (candidate.space("d1").size() == units) {
                cancellation.cancel("enough");
            }
            token.check();
            return OptionalDouble.of(candidate.space("d1").size());
        }
    }

    @Test
    void previews_that_are_cancelled_are_left_out_like_evaluations() {
        Cancellation cancellation = new Cancellation();
        List<Previewed> previews = new ArrayList<>();
        try (ThreadExecutor single = new ThreadExecutor(1)) {
            single.preview(new Stopping(90, cancellation), candidates, cancellation, previews::add);
        }
        assertThat(previews).extracting(Previewed::candidate).containsExactlyElementsOf(candidates.subList(0, 9));
        assertThat(previews).allSatisfy(preview -> assertThat(preview.failure()).isEmpty());
    }

    @Test
    void a_preview_that_ends_as_if_cancelled_though_nobody_asked_for_it_has_failed() {
        List<Previewed> previews = new ArrayList<>();
        Evaluator evaluator = new Evaluator() {
            @Override
            public Evaluation evaluate(NetworkGraph candidate, long seed, Cancellation cancellation) {
                throw new AssertionError("not asked for");
            }

            @Override
            public OptionalDouble preview(NetworkGraph candidate, Cancellation cancellation) {
                throw new CancelledException("of its own");
            }
        };
        executor.preview(evaluator, candidates, Cancellation.never(), previews::add);
        assertThat(previews)
                .hasSize(50)
                .allSatisfy(preview ->
                        assertThat(preview.failure()).contains(new Failure("CancelledException: of its own")));
    }

    @Test
    void nonsense_is_refused() {
        assertThatThrownBy(() -> new ThreadExecutor(0)).hasMessageContaining("(0)");
        assertThat(executor.parallelism()).isEqualTo(3);
    }
}
