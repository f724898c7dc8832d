package org.growingnn.dl4j.search;

import java.util.OptionalDouble;
import org.growingnn.dl4j.graph.NetworkGraph;

/**
 * Briefly trains and grades candidates: a pure function of candidate and seed, so that it does not matter where it is computed. Called
 * from several threads at once.
 */
@FunctionalInterface
public interface Evaluator {

    /**
     * Trains a candidate for a short while and grades it. An exception, or an exhausted memory, makes the candidate a {@link Failure}.
     *
     * @param candidate the network; not modified
     * @param seed what all randomness of this evaluation must derive from; candidates that are compared get the same one
     * @param cancellation to be checked between the steps of the work
     * @return its grade with the network after the short training, or why there is none
     * @throws CancelledException if asked to end
     */
    Evaluation evaluate(NetworkGraph candidate, long seed, Cancellation cancellation);

    /**
     * Grades a candidate as it is, without any training: much cheaper than an evaluation, and a hint at what an evaluation would
     * give. Depends on the candidate alone.
     *
     * @param candidate the network; not modified
     * @param cancellation to be checked between the steps of the work
     * @return a grade on the scale of {@link Grade#score()}; empty, unless overridden, if there is no cheap one
     * @throws CancelledException if asked to end
     */
    default OptionalDouble preview(NetworkGraph candidate, Cancellation cancellation) {
        return OptionalDouble.empty();
    }

    /**
     * Gives the same grades to a search that never goes on from where the training of a candidate ended. Trained networks then need not be
     * kept, nor be brought back from where candidates are evaluated.
     *
     * @return an evaluator whose grades are the same, and may have the candidate as it was in the place of {@link Grade#trained()}; this
     *     one unless overridden
     */
    default Evaluator gradesOnly() {
        return this;
    }
}
