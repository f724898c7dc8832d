package org.growingnn.dl4j.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.growingnn.dl4j.action.RemoveNeurons;
import org.growingnn.dl4j.testing.SearchStrategyContract;
import org.junit.jupiter.api.Test;

/** Keeps the contract of search strategies, and goes on from where longer training leads. */
class HalvingBeamSearchTest extends SearchStrategyContract {

    @Override
    protected SearchStrategy strategy() {
        return HalvingBeamSearch.ofWidth(2).maxEvaluations(200);
    }

    @Override
    protected SearchStrategy limited(int evaluations) {
        return HalvingBeamSearch.ofWidth(2).maxEvaluations(evaluations);
    }

    @Test
    void the_beam_is_what_further_training_favours() {
        // At first, narrow second layers look best; what is trained again has a wide one.
        long firstSeed = task(small(), 1, Set.of()).evaluationSeed();
        Evaluator late = (candidate, seed, cancellation) -> {
            boolean first = seed == firstSeed;
            double narrow = 1.0 / candidate.space("d2").size();
            double halved = candidate.space("d1").size() == 10 ? 0.5 : 0;
            return new Grade(first ? narrow + halved / 10 : halved, candidate);
        };
        HalvingBeamSearch.ofWidth(1).maxEvaluations(30).search(task(late, 1, Set.of()));
        // The second level begins behind 12 of the first and its rounds of 5, 2 and 1.
        assertThat(observed.subList(20, observed.size()))
                .isNotEmpty()
                .allSatisfy(evaluated ->
                        assertThat(evaluated.candidate().path().get(0)).isEqualTo(new RemoveNeurons("d1", 0.5, 1)));
    }
}
