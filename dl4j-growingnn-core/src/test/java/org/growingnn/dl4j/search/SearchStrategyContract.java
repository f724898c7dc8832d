package org.growingnn.dl4j.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.RemoveNeurons;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.Chains;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projections;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every search strategy must keep; subclass it for a strategy of your own. */
abstract class SearchStrategyContract {

    final NetworkGraph root = Chains.dense(6, 20, 20, 3);
    final ActionGenerator actions = Actions.neurons();
    final AtomicInteger evaluations = new AtomicInteger();
    private final Set<ExecutorService> pools = new HashSet<>();

    abstract SearchStrategy strategy();

    @AfterEach
    void stopWorkers() {
        pools.forEach(ExecutorService::shutdownNow);
    }

    SearchTask task(Evaluator evaluator, int workers, Set<StructuralAction> rejected) {
        ExecutorService pool = Executors.newFixedThreadPool(workers);
        pools.add(pool);
        return new SearchTask(root, actions, Projections.paper(), evaluator, rejected, 7, pool, progress -> {});
    }

    /** Prefers small networks; a little noise that depends on the seed alone. */
    Evaluator small() {
        return (candidate, seed) -> {
            evaluations.incrementAndGet();
            double noise = (seed & 0xff) / 255.0 * 1e-3;
            return new Evaluator.Evaluation(1.0 / (1 + 0.01 * candidate.parameterCount()) * 0.99 + noise, candidate);
        };
    }

    @Test
    void chosen_action_can_be_applied_to_the_root() {
        SearchResult result = strategy().search(task(small(), 2, Set.of()));
        assertThat(result.action().apply(root, Projections.paper()).parameterCount())
                .isPositive();
        assertThat(result.statistics()).extracting(ActionStatistics::action).contains(result.action(), new NoOp());
    }

    @Test
    void result_depends_on_the_seed_but_not_on_the_number_of_workers() {
        SearchResult one = strategy().search(task(small(), 1, Set.of()));
        SearchResult four = strategy().search(task(small(), 4, Set.of()));
        assertThat(four.action()).isEqualTo(one.action());
        assertThat(four.statistics()).isEqualTo(one.statistics());
        assertThat(four.evaluations()).isEqualTo(one.evaluations());
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
    void with_nothing_to_do_the_answer_is_no_op() {
        Set<StructuralAction> all = Set.copyOf(actions.generate(root).toList());
        assertThat(strategy().search(task(small(), 1, all)).action()).isEqualTo(new NoOp());
    }
}
