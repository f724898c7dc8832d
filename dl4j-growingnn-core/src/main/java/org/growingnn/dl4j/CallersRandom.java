package org.growingnn.dl4j;

import java.util.SplittableRandom;
import org.nd4j.linalg.api.rng.Random;
import org.nd4j.linalg.factory.Nd4j;

/** Borrows ND4J's random generator of the calling thread and gives it back as it was. */
final class CallersRandom implements AutoCloseable {

    private final Random generator = Nd4j.getRandom();
    private final long seed = generator.getSeed();
    private final long root = generator.rootState();
    private final long node = generator.nodeState();

    /** Starts a stream that depends on nothing but a seed and what it is for. */
    void seed(long chosen, String purpose, int number) {
        long mixed = new SplittableRandom(chosen).nextLong() + 31L * purpose.hashCode() + number;
        long derived = new SplittableRandom(mixed).nextLong();
        // ND4J takes 0 for "any".
        generator.setSeed(derived == 0 ? 1 : derived);
    }

    @Override
    public void close() {
        generator.setSeed(seed);
        generator.setStates(root, node);
    }
}
