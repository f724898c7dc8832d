package org.growingnn.dl4j.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.growingnn.dl4j.projection.Projections;
import org.junit.jupiter.api.Test;

class RandomSearchTest extends SearchStrategyContract {

    @Override
    SearchStrategy strategy() {
        return new RandomSearch();
    }

    @Test
    void every_action_turns_up_and_nothing_is_evaluated() {
        var pool = Executors.newSingleThreadExecutor();
        long distinct = IntStream.range(0, 300)
                .mapToObj(seed -> strategy()
                        .search(new SearchTask(
                                root, actions, Projections.paper(), small(), Set.of(), seed, pool, p -> {}))
                        .action())
                .distinct()
                .count();
        pool.shutdownNow();
        assertThat(distinct).isEqualTo(actions.generate(root).count());
        assertThat(evaluations).hasValue(0);
    }
}
