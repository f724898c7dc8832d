package org.growingnn.dl4j.examples.extension;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.growingnn.dl4j.action.RemoveNeurons;
import org.growingnn.dl4j.search.Evaluator;
import org.growingnn.dl4j.search.Grade;
import org.growingnn.dl4j.search.SearchStrategy;
import org.growingnn.dl4j.testing.SearchStrategyContract;
import org.junit.jupiter.api.Test;

/** A search strategy of the user's own works like those of the library. */
class SmallestAcceptableTest extends SearchStrategyContract {

    @Override
    protected SearchStrategy strategy() {
        return limited(100);
    }

    @Override
    protected SearchStrategy limited(int evaluations) {
        return new SmallestAcceptable(0.02, evaluations);
    }

    @Test
    void the_smallest_is_taken_that_loses_no_more_than_the_tolerance() {
        // Each unit that is lost costs a thousandth; fewer of d1 save more than fewer of d2.
        Evaluator loses = (candidate, seed, cancellation) -> new Grade(
                0.5
                        + 0.001
                                * (candidate.space("d1").size()
                                        + candidate.space("d2").size()),
                candidate);

        assertThat(new SmallestAcceptable(0.012, 100)
                        .search(task(loses, 2, Set.of()))
                        .action())
                .isEqualTo(new RemoveNeurons("d1", 0.5, 1));
    }
}
