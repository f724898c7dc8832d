package org.growingnn.dl4j.training;

import org.nd4j.linalg.api.rng.Random;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Lends this thread's random generator of ND4J, which dropout and weight noise draw from, for work that must not depend on what was
 * drawn before, nor change what is drawn afterwards.
 *
 * <pre>{@code
 * try (RandomState kept = RandomState.keep(seed)) {
 *     model.fit(batch);
 * }
 * }</pre>
 *
 * <p>All of the generator's state is restored that its interface shows, which is all that arrays are filled from. Only {@link
 * Random#nextGaussian()} hides something: it makes numbers in pairs and keeps the second one for its next call. Work that calls
 * it, which Deeplearning4j's training does not, may find the caller's second number, or leave one.
 */
public final class RandomState implements AutoCloseable {

    /** ND4J takes 0 for "any". */
    private static final long INSTEAD_OF_ZERO = 0x9E3779B97F4A7C15L;

    private final Random generator;
    private final long seed;
    private final long root;
    private final long node;

    private RandomState(Random generator) {
        this.generator = generator;
        this.seed = generator.getSeed();
        this.root = generator.rootState();
        this.node = generator.nodeState();
    }

    /**
     * Seeds the generator of this thread until the result is closed.
     *
     * @param seed any number; the same one gives the same random numbers
     * @return what brings the state back that the generator has now
     */
    public static RandomState keep(long seed) {
        RandomState kept = new RandomState(Nd4j.getRandom());
        seed(seed);
        return kept;
    }

    /**
     * Seeds the generator of this thread. ND4J itself would take 0 for a seed of its own choice.
     *
     * @param seed any number; the same one gives the same random numbers
     */
    public static void seed(long seed) {
        Nd4j.getRandom().setSeed(seed == 0 ? INSTEAD_OF_ZERO : seed);
    }

    /** Restores the state. */
    @Override
    public void close() {
        generator.setSeed(seed);
        generator.setStates(root, node);
    }
}
