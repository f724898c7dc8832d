package org.growingnn.dl4j.training;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Selects examples from batches, balanced by class. */
final class Examples {

    private Examples() {}

    /** The batches that a split assigns to either side. */
    record Split(List<MultiDataSet> kept, List<MultiDataSet> heldOut) {}

    /**
     * Draws examples in one pass, the same number from each class as far as there are enough. Memory is bounded by the size of
     * the sample, whatever the size of the data.
     *
     * @param count wanted number of examples
     * @return batches of at most the given size in random order
     */
    static List<MultiDataSet> sample(TrainingData data, int count, int batchSize, long seed) {
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
        List<MultiDataSet> batches = new ArrayList<>();
        for (int start = 0; start < drawn.size(); start += batchSize) {
            batches.add(org.nd4j.linalg.dataset.MultiDataSet.merge(
                    drawn.subList(start, Math.min(drawn.size(), start + batchSize))));
        }
        return batches;
    }

    /** Holds out the same share of every class; everything is kept in memory. */
    static Split split(TrainingData data, double heldOutShare, long seed) {
        int period = (int) Math.round(1 / heldOutShare);
        SplittableRandom random = new SplittableRandom(seed);
        Map<Integer, Integer> phases = new HashMap<>();
        List<MultiDataSet> kept = new ArrayList<>();
        List<MultiDataSet> heldOut = new ArrayList<>();
        for (MultiDataSet batch : data) {
            List<Integer> stay = new ArrayList<>();
            List<Integer> leave = new ArrayList<>();
            int[] classes = classes(batch.getLabels(0));
            for (int row = 0; row < classes.length; row++) {
                int phase = phases.merge(classes[row], 1, (old, one) -> old + one);
                if (phase == 1) {
                    phase += random.nextInt(period);
                    phases.put(classes[row], phase);
                }
                (phase % period == 0 ? leave : stay).add(row);
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
            }
        }
        return result;
    }
}
