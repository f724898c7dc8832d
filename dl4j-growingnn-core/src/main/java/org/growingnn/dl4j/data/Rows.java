package org.growingnn.dl4j.data;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Takes examples out of batches and puts them together. */
final class Rows {

    private Rows() {}

    static int count(MultiDataSet batch) {
        return Math.toIntExact(batch.getFeatures(0).size(0));
    }

    /** Copies some examples of a batch. */
    static MultiDataSet copy(MultiDataSet batch, int... rows) {
        return new org.nd4j.linalg.dataset.MultiDataSet(
                copy(batch.getFeatures(), rows),
                copy(batch.getLabels(), rows),
                copy(batch.getFeaturesMaskArrays(), rows),
                copy(batch.getLabelsMaskArrays(), rows));
    }

    private static INDArray[] copy(INDArray[] arrays, int... rows) {
        if (arrays == null) {
            return null;
        }
        INDArray[] result = new INDArray[arrays.length];
        for (int i = 0; i < arrays.length; i++) {
            if (arrays[i] != null && rows.length == 1) {
                // A view would be copied as a whole for the sake of one row.
                result[i] = arrays[i]
                        .get(NDArrayIndex.interval(rows[0], rows[0] + 1))
                        .dup('c');
                Reference.reachabilityFence(arrays[i]);
            } else if (arrays[i] != null) {
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

    /** Puts together what can be: examples of equal shapes, and series whose lengths differ, which are padded and masked. */
    static List<List<MultiDataSet>> alike(Collection<MultiDataSet> batches) {
        Map<String, List<MultiDataSet>> groups = new LinkedHashMap<>();
        batches.forEach(batch -> groups.computeIfAbsent(likeness(batch), key -> new ArrayList<>())
                .add(batch));
        return List.copyOf(groups.values());
    }

    private static String likeness(MultiDataSet batch) {
        return likeness(batch.getFeatures(), batch.getFeaturesMaskArrays())
                + likeness(batch.getLabels(), batch.getLabelsMaskArrays());
    }

    private static String likeness(INDArray[] arrays, INDArray[] masks) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < arrays.length; i++) {
            INDArray mask = masks == null ? null : masks[i];
            if (arrays[i].rank() == 3) {
                // Deeplearning4j pads the last axis, and gives a mask to those without.
                text.append(arrays[i].size(1)).append("xT");
                text.append(mask == null || mask.rank() == 2 ? "" : Arrays.toString(tail(mask)));
            } else {
                text.append(Arrays.toString(tail(arrays[i])));
                text.append(mask == null ? "-" : Arrays.toString(tail(mask)));
            }
            text.append(arrays[i].dataType());
        }
        return text.append(';').toString();
    }

    private static long[] tail(INDArray array) {
        return Arrays.copyOfRange(array.shape(), 1, array.rank());
    }

    /** Merges batches that are alike. */
    static MultiDataSet merge(List<MultiDataSet> alike) {
        if (alike.size() == 1) {
            return alike.get(0);
        }
        if (alike.stream().map(batch -> shapes(batch)).distinct().count() > 1) {
            return org.nd4j.linalg.dataset.MultiDataSet.merge(alike);
        }
        // Deeplearning4j merges arrays of two to four dimensions only.
        return new org.nd4j.linalg.dataset.MultiDataSet(
                concat(alike.stream().map(batch -> batch.getFeatures()).toList()),
                concat(alike.stream().map(batch -> batch.getLabels()).toList()),
                concat(alike.stream()
                        .map(batch -> batch.getFeaturesMaskArrays())
                        .toList()),
                concat(alike.stream().map(batch -> batch.getLabelsMaskArrays()).toList()));
    }

    /** Describes the shapes of all arrays but for the number of examples. */
    static String shapes(MultiDataSet batch) {
        StringBuilder text = new StringBuilder();
        for (INDArray[] arrays : Arrays.asList(
                batch.getFeatures(), batch.getLabels(), batch.getFeaturesMaskArrays(), batch.getLabelsMaskArrays())) {
            for (INDArray array : arrays == null ? new INDArray[0] : arrays) {
                text.append(array == null ? "-" : Arrays.toString(tail(array)));
            }
            text.append(';');
        }
        return text.toString();
    }

    private static INDArray[] concat(List<INDArray[]> parts) {
        INDArray[] first = parts.get(0);
        // Some iterators give an array of missing masks where others give none.
        if (first == null || Arrays.stream(first).allMatch(Objects::isNull)) {
            return null;
        }
        INDArray[] result = new INDArray[first.length];
        for (int i = 0; i < result.length; i++) {
            int index = i;
            if (first[i] != null) {
                result[i] =
                        Nd4j.concat(0, parts.stream().map(part -> part[index]).toArray(INDArray[]::new));
            }
        }
        return result;
    }

    /**
     * Cuts a number of examples into batches. No batch of one is left over at the end, which layers that normalise by batch cannot be
     * trained with: it joins the one before.
     *
     * @return where each batch ends
     */
    static int[] ends(int examples, int batchSize) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("The batch size (" + batchSize + ") must be at least 1.");
        }
        List<Integer> ends = new ArrayList<>();
        for (int end = batchSize; end < examples; end += batchSize) {
            ends.add(end);
        }
        if (batchSize > 1 && examples % batchSize == 1 && !ends.isEmpty()) {
            ends.remove(ends.size() - 1);
        }
        if (examples > 0) {
            ends.add(examples);
        }
        return ends.stream().mapToInt(Integer::intValue).toArray();
    }
}
