package org.growingnn.dl4j.data;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Selects examples from batches, balanced by class. */
public final class Examples {

    private Examples() {}

    /** The batches that a split assigns to either side. */
    public record Split(List<MultiDataSet> kept, List<MultiDataSet> heldOut) {}

    /**
     * Draws examples in one pass, the same number from each class as far as there are enough. Memory is bounded by the size of
     * the sample, whatever the size of the data.
     *
     * @param count wanted number of examples
     * @return batches of at most the given size in random order
     */
    public static List<MultiDataSet> sample(TrainingData data, int count, int batchSize, long seed) {
        Map<Integer, List<MultiDataSet>> reservoirs = new TreeMap<>();
        Map<Integer, Integer> seen = new HashMap<>();
        SplittableRandom random = new SplittableRandom(seed);
        for (MultiDataSet batch : data) {
            int[] classes = classes(batch.getLabels(0));
            int classCount = classCount(batch.getLabels(0));
            int share = (count + classCount - 1) / classCount;
            for (int row = 0; row < classes.length; row++) {
                List<MultiDataSet> reservoir = reservoirs.computeIfAbsent(classes[row], key -> new ArrayList<>());
                int index = seen.merge(classes[row], 1, Integer::sum) - 1;
                if (index < share) {
                    reservoir.add(rows(batch, row));
                } else {
                    int replaced = random.nextInt(index + 1);
                    if (replaced < share) {
                        reservoir.set(replaced, rows(batch, row));
                    }
                }
            }
        }
        // One of each class in turn, so that a cut or a batch stays balanced.
        List<MultiDataSet> drawn = new ArrayList<>();
        for (int round = 0; drawn.size() < count; round++) {
            int before = drawn.size();
            for (List<MultiDataSet> reservoir : reservoirs.values()) {
                if (round < reservoir.size() && drawn.size() < count) {
                    drawn.add(reservoir.get(round));
                }
            }
            if (drawn.size() == before) {
                break;
            }
        }
        return batches(drawn, batchSize);
    }

    /** Merges examples, in their order, into batches of a size; the last may be smaller. */
    public static List<MultiDataSet> batches(List<MultiDataSet> examples, int batchSize) {
        if (examples.isEmpty()) {
            return List.of();
        }
        MultiDataSet all = org.nd4j.linalg.dataset.MultiDataSet.merge(examples);
        int count = (int) all.getFeatures(0).size(0);
        List<MultiDataSet> batches = new ArrayList<>();
        for (int start = 0; start < count; start += batchSize) {
            batches.add(rows(
                    all,
                    IntStream.range(start, Math.min(count, start + batchSize)).toArray()));
        }
        return batches;
    }

    /**
     * Holds out the same share of every class; everything is kept in memory.
     *
     * @param heldOutShare 0 &lt; share &lt; 1
     */
    public static Split split(TrainingData data, double heldOutShare, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<Integer, Double> owed = new HashMap<>();
        List<MultiDataSet> kept = new ArrayList<>();
        List<MultiDataSet> heldOut = new ArrayList<>();
        for (MultiDataSet batch : data) {
            List<Integer> stay = new ArrayList<>();
            List<Integer> leave = new ArrayList<>();
            int[] classes = classes(batch.getLabels(0));
            for (int row = 0; row < classes.length; row++) {
                // Each class is owed its share; the random start decides which of its examples pay.
                double debt = owed.computeIfAbsent(classes[row], key -> random.nextDouble()) + heldOutShare;
                owed.put(classes[row], debt >= 1 ? debt - 1 : debt);
                (debt >= 1 ? leave : stay).add(row);
            }
            if (!stay.isEmpty()) {
                kept.add(rows(batch, toArray(stay)));
            }
            if (!leave.isEmpty()) {
                heldOut.add(rows(batch, toArray(leave)));
            }
        }
        return new Split(kept, heldOut);
    }

    /**
     * Deals all examples into batches of equal size, in another random order in every pass.
     *
     * @param batches the examples; the first batch tells the size of the new ones
     */
    static TrainingData reshuffled(List<MultiDataSet> batches, long seed) {
        if (batches.isEmpty()) {
            return TrainingData.of(batches);
        }
        MultiDataSet all = org.nd4j.linalg.dataset.MultiDataSet.merge(batches);
        int examples = (int) all.getFeatures(0).size(0);
        int batchSize = batches.stream()
                .mapToInt(batch -> (int) batch.getFeatures(0).size(0))
                .max()
                .orElseThrow();
        AtomicInteger passes = new AtomicInteger();
        return () -> {
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < examples; i++) {
                order.add(i);
            }
            Collections.shuffle(order, new Random(seed + 31L * passes.getAndIncrement()));
            return new Iterator<>() {
                private int next;

                @Override
                public boolean hasNext() {
                    return next < examples;
                }

                @Override
                public MultiDataSet next() {
                    int end = Math.min(examples, next + batchSize);
                    MultiDataSet batch = rows(all, toArray(order.subList(next, end)));
                    next = end;
                    return batch;
                }
            };
        };
    }

    private static int[] toArray(List<Integer> rows) {
        return rows.stream().mapToInt(Integer::intValue).toArray();
    }

    private static int classCount(INDArray labels) {
        return labels.rank() != 2 ? 1 : (int) Math.max(2, labels.size(1));
    }

    /** Class by example; time series, images and the like count as one class. */
    private static int[] classes(INDArray labels) {
        int examples = (int) labels.size(0);
        if (labels.rank() != 2) {
            return new int[examples];
        }
        int[] classes = new int[examples];
        for (int row = 0; row < examples; row++) {
            if (labels.size(1) == 1) {
                classes[row] = labels.getDouble(row, 0) > 0.5 ? 1 : 0;
                continue;
            }
            for (int column = 1; column < labels.size(1); column++) {
                if (labels.getDouble(row, column) > labels.getDouble(row, classes[row])) {
                    classes[row] = column;
                }
            }
        }
        return classes;
    }

    /** Copies some examples of a batch. */
    static MultiDataSet rows(MultiDataSet batch, int... rows) {
        return new org.nd4j.linalg.dataset.MultiDataSet(
                rows(batch.getFeatures(), rows),
                rows(batch.getLabels(), rows),
                rows(batch.getFeaturesMaskArrays(), rows),
                rows(batch.getLabelsMaskArrays(), rows));
    }

    private static INDArray[] rows(INDArray[] arrays, int... rows) {
        if (arrays == null) {
            return null;
        }
        INDArray[] result = new INDArray[arrays.length];
        for (int i = 0; i < arrays.length; i++) {
            if (arrays[i] != null) {
                // INDArray.shape() is the array's own: writing to it would corrupt native memory.
                long[] shape = arrays[i].shape().clone();
                INDArray flat = arrays[i].ordering() == 'c' && !arrays[i].isView() ? arrays[i] : arrays[i].dup('c');
                INDArray matrix = flat.reshape('c', shape[0], flat.length() / shape[0]);
                shape[0] = rows.length;
                result[i] = Nd4j.pullRows(matrix, 1, rows, 'c').reshape('c', shape);
                // Nobody else may hold the rows; ND4J does not keep their memory while native code copies from it.
                Reference.reachabilityFence(matrix);
            }
        }
        return result;
    }
}
