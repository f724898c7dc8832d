package org.growingnn.dl4j.cli;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** Examples of one features array and at most one array of labels, which are read by their numbers. */
interface Examples {

    /** Decides about the order of training examples, which must be the same in every process. */
    long SEED = 42;

    int size();

    boolean labelled();

    INDArray features(int[] numbers);

    /** Makes labels; only asked for if there are some. */
    INDArray labels(int[] numbers);

    /**
     * Deals them into batches, of which the last may be smaller.
     *
     * @param batch number of examples of each
     * @param shuffled whether in random order, which is always the same one, or in their own
     * @return the batches
     */
    default Batches batches(int batch, boolean shuffled) {
        int[] order = IntStream.range(0, size()).toArray();
        if (shuffled) {
            SplittableRandom random = new SplittableRandom(SEED);
            for (int i = order.length - 1; i > 0; i--) {
                int other = random.nextInt(i + 1);
                int swapped = order[i];
                order[i] = order[other];
                order[other] = swapped;
            }
        }
        return new Batches() {

            @Override
            public int count() {
                return (order.length + batch - 1) / batch;
            }

            @Override
            public long examples() {
                return order.length;
            }

            @Override
            public boolean labelled() {
                return Examples.this.labelled();
            }

            @Override
            public MultiDataSet get(int number) {
                int[] numbers = Arrays.copyOfRange(order, number * batch, Math.min(order.length, (number + 1) * batch));
                return new org.nd4j.linalg.dataset.MultiDataSet(
                        new INDArray[] {features(numbers)}, labelled() ? new INDArray[] {labels(numbers)} : null);
            }
        };
    }
}
