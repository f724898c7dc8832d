package org.growingnn.dl4j.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Selects examples from batches, balanced by class, and deals them into batches. Whatever is drawn depends on the data and the seed only.
 *
 * <p>Classes are told by the labels of the first output: the largest of the probabilities in a row, or an integer in a single column.
 * Labels that are neither, such as numbers to predict, series and maps, make one class; so do the whole numbers of a column if there are
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
     * @param notHeldOut classes that have no example in {@code heldOut}, because they have only one
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
     * Holds out the same share of every class; everything is kept in memory. A class of two or more examples has some on both sides,
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
        Classes seen = new Classes();
        Map<Integer, Integer> sizes = new LinkedHashMap<>();
        Sides sides = new Sides(true, heldOutShare, seed);
        for (MultiDataSet batch : data) {
            sizes.merge(Rows.count(batch), 1, Integer::sum);
            sides.divide(batch, seen.add(batch));
        }
        return (seen.told() ? sides : sides.withoutClasses(seed)).split(mode(sizes));
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

    /** Both sides of a split in the making. */
    private static final class Sides {

        private final boolean byClass;
        private final double heldOutShare;
        private final SplittableRandom random;
        private final Map<Integer, Double> owed = new HashMap<>();
        private final Map<Integer, int[]> counts = new TreeMap<>();
        private final List<MultiDataSet> kept = new ArrayList<>();
        private final List<MultiDataSet> heldOut = new ArrayList<>();

        Sides(boolean byClass, double heldOutShare, long seed) {
            this.byClass = byClass;
            this.heldOutShare = heldOutShare;
            this.random = new SplittableRandom(seed);
        }

        void divide(MultiDataSet batch, int... classes) {
            List<Integer> stay = new ArrayList<>();
            List<Integer> leave = new ArrayList<>();
            for (int row = 0; row < classes.length; row++) {
                // Each class is owed its share; the random start decides which of its examples pay.
                double debt = owed.computeIfAbsent(classes[row], key -> random.nextDouble()) + heldOutShare;
                owed.put(classes[row], debt >= 1 ? debt - 1 : debt);
                (debt >= 1 ? leave : stay).add(row);
                counts.computeIfAbsent(classes[row], key -> new int[2])[debt >= 1 ? 1 : 0]++;
            }
            if (!stay.isEmpty()) {
                kept.add(Rows.copy(batch, toArray(stay)));
            }
            if (!leave.isEmpty()) {
                heldOut.add(Rows.copy(batch, toArray(leave)));
            }
        }

        /** Divides the same examples anew: what looked like classes, batch by batch, was none. */
        Sides withoutClasses(long seed) {
            Sides anew = new Sides(false, heldOutShare, seed);
            for (List<MultiDataSet> side : List.of(kept, heldOut)) {
                side.forEach(batch -> anew.divide(batch, anew.classes(batch)));
            }
            return anew;
        }

        private int[] classes(MultiDataSet batch) {
            if (byClass) {
                return Classes.of(batch.getLabels(0));
            }
            int[] none = new int[Rows.count(batch)];
            Arrays.fill(none, Classes.NONE);
            return none;
        }

        Split split(int batchSize) {
            Set<Integer> notHeldOut = new HashSet<>();
            counts.forEach((label, count) -> {
                if (count[0] == 0) {
                    move(label, heldOut, kept);
                    count[1]--;
                } else if (count[1] == 0 && count[0] > 1) {
                    move(label, kept, heldOut);
                    count[1]++;
                }
                if (count[1] == 0 && label != Classes.NONE) {
                    notHeldOut.add(label);
                }
            });
            return new Split(kept, heldOut, notHeldOut, batchSize);
        }

        /** Moves the first example of a class to the other side. */
        private void move(int label, List<MultiDataSet> from, List<MultiDataSet> to) {
            for (int i = 0; i < from.size(); i++) {
                MultiDataSet batch = from.get(i);
                int[] classes = classes(batch);
                int row = IntStream.range(0, classes.length)
                        .filter(candidate -> classes[candidate] == label)
                        .findFirst()
                        .orElse(-1);
                if (row < 0) {
                    continue;
                }
                to.add(Rows.copy(batch, row));
                int[] others = IntStream.range(0, classes.length)
                        .filter(other -> other != row)
                        .toArray();
                if (others.length == 0) {
                    from.remove(i);
                } else {
                    from.set(i, Rows.copy(batch, others));
                }
                return;
            }
        }
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

    private static int[] toArray(List<Integer> rows) {
        return rows.stream().mapToInt(Integer::intValue).toArray();
    }
}
