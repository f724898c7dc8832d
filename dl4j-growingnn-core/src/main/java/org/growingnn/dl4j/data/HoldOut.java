package org.growingnn.dl4j.data;

/**
 * Data to train on and data to judge by.
 *
 * @param training data to train on
 * @param validation data to judge by, with no example of the training data
 */
public record HoldOut(TrainingData training, TrainingData validation) {

    /**
     * Holds out the same share of every class. Both parts are kept in memory; the training part comes in another random order
     * in every pass.
     *
     * @param data all data
     * @param share 0 &lt; share ≤ 0.5
     * @param seed decides which examples are held out
     * @return the two parts
     */
    public static HoldOut of(TrainingData data, double share, long seed) {
        Examples.Split split = Examples.split(data, share, seed);
        return new HoldOut(Examples.reshuffled(split.kept(), seed), TrainingData.of(split.heldOut()));
    }
}
