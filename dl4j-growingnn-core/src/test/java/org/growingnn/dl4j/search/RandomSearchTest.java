package org.growingnn.dl4j.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.stream.IntStream;
import org.growingnn.dl4j.testing.SearchStrategyContract;
import org.junit.jupiter.api.Test;

class RandomSearchTest extends SearchStrategyContract {

    @Override
    protected SearchStrategy strategy() {
        return new RandomSearch();
    }

    @Override
    protected SearchStrategy limited(int evaluations) {
        return new RandomSearch();
    }

    @Override
    protected boolean evaluates() {
        return false;
    }

    @Test
    void every_action_turns_up_and_nothing_is_evaluated() {
        long distinct = IntStream.range(0, 300)
                .mapToObj(seed -> strategy()
                        .search(task(actions, small(), 1, Set.of(), seed, Cancellation.never()))
                        .action())
                .distinct()
                .count();
        assertThat(distinct).isEqualTo(actions.generate(root).count());
        assertThat(evaluations).hasValue(0);
    }
}
