package org.growingnn.dl4j.search;

import org.growingnn.dl4j.graph.NetworkGraph;

/** Briefly trains and grades candidates. Called from several threads at once. */
@FunctionalInterface
public interface Evaluator {

    /**
     * Trains a candidate for a short while and grades it.
     *
     * @param candidate the network; not modified
     * @param seed what all randomness of this evaluation must derive from
     * @return its grade, and the network after the short training
     */
    Evaluation evaluate(NetworkGraph candidate, long seed);

    /**
     * A graded candidate.
     *
     * @param score in [0, 1]; larger is better
     * @param trained the candidate after its short training, from which further actions continue
     */
    record Evaluation(double score, NetworkGraph trained) {}
}
