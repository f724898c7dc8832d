package org.growingnn.dl4j.data;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Selects examples from batches, balanced by class, and deals them into batches. Whatever is drawn depends on the data and the seed only.
 *
 * <p>Classes are told by the labels of all outputs: the largest of the probabilities in a row, an integer in a single column, questions that
 * are answered with yes, and whatever of that the steps of a series or the positions of a map have. An example of several counts for the
 * rarest one. Labels that are nothing of the kind, such as numbers to predict, make one class; so do whole numbers if there are
 * more different ones than half of the examples, or more than 10,000. Examples of different shapes, such as images of
 * different sizes, never share a batch; series of different lengths do, as Deeplearning4j pads and masks them.
 */
public final class Examples {

    private Examples() {}

    /**
     * The batches that a split assigns to either side.
     *
     * @param kept batches of the larger side
     * @param heldOut batches of the other side
     * @param notHeldOut classes that have no example in {@code heldOut}, because they have only one; −1 for no to all questions
     * @param batchSize number of examples in most batches of the data; those of either side are what is left of them
     */
    public record Split(List<MultiDataSet> kept, List<MultiDataSet> heldOut, Set<Integer> notHeldOut, int batchSize) {

        /**
         * Copies the collections.
         *
         * @param kept batches of the larger side
         * @param heldOut batches of the other side
         * @param notHeldOut classes that have no example in {@code heldOut}
         * @param batchSize number of examples in most batches of the data
         */
        public Split {
            kept = List.copyOf(kept);
            heldOut = List.copyOf(heldOut);
            notHeldOut = Set.copyOf(notHeldOut);
        }
    }

    /**
     * Draws examples in one pass, the same number from each class that occurs as far as there are enough, and more of the others where
     * there are not. Memory is bounded by the size of the sample, whatever the size of the data.
     *
     * @param data labelled data
     * @param count wanted number of examples, ≥ 1; all, if there are fewer
     * @param batchSize number of examples per batch, ≥ 1
     * @param seed decides which examples are drawn
     * @return batches in random order
     */
    public static List<MultiDataSet> sample(TrainingData data, int count, int batchSize, long seed) {
        return batches(new Sampler(count, seed).draw(data), batchSize);
    }

    /**
     * Deals examples, in their order, into batches of a size. The last one may be smaller, but has more than one example if there are
     * more: a single one left over joins the batch before. Each group of examples of equal shapes is dealt on its own.
     *
     * @param examples batches of any size
     * @param batchSize number of examples per batch, ≥ 1
     * @return the same examples
     */
    public static List<MultiDataSet> batches(Collection<MultiDataSet> examples, int batchSize) {
        List<MultiDataSet> batches = new ArrayList<>();
        for (List<MultiDataSet> alike : Rows.alike(examples)) {
            MultiDataSet all = Rows.merge(alike);
            int start = 0;
            for (int end : Rows.ends(Rows.count(all), batchSize)) {
                batches.add(Rows.copy(all, IntStream.range(start, end).toArray()));
                start = end;
            }
        }
        return batches;
    }

    /**
     * Holds out the same share of every class, in two passes; everything is kept in memory. A class of two or more examples has some on both sides,
     * and one of a single example has it on the kept side.
     *
     * @param data labelled data
     * @param heldOutShare 0 &lt; share &lt; 1
     * @param seed decides which examples are held out
     * @return both sides
     */
    public static Split split(TrainingData data, double heldOutShare, long seed) {
        if (!(heldOutShare > 0 && heldOutShare < 1)) {
            throw new IllegalArgumentException(
                    "The share to hold out (" + heldOutShare + ") must be greater than 0 and less than 1.\nMaybe 0.2?");
        }
        Strata strata = new Strata();
        Map<Integer, Integer> sizes = new LinkedHashMap<>();
        for (MultiDataSet batch : data) {
            sizes.merge(Rows.count(batch), 1, Integer::sum);
            strata.add(batch);
        }
        Sides sides = new Sides(heldOutShare, seed);
        for (MultiDataSet batch : data) {
            sides.divide(batch, strata.of(batch));
        }
        return sides.split(mode(sizes));
    }

    /** Of sizes that are equally frequent, the first: at the end, there may be less or, rather than one alone, one more. */
    private static int mode(Map<Integer, Integer> sizes) {
        int mode = 1;
        int most = 0;
        for (Map.Entry<Integer, Integer> size : sizes.entrySet()) {
            if (size.getValue() > most) {
                mode = size.getKey();
                most = size.getValue();
            }
        }
        return mode;
    }

    /**
     * Deals all examples into batches of equal size, in another random order in every pass, which depends on the seed and the number of
     * the pass only.
     */
    static TrainingData reshuffled(List<MultiDataSet> batches, int batchSize, long seed) {
        List<MultiDataSet> groups =
                Rows.alike(batches).stream().map(Rows::merge).toList();
        return new Reshuffled(groups, batchSize, seed);
    }
}
