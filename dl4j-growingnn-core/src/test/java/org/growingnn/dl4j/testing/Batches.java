package org.growingnn.dl4j.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.dataset.api.MultiDataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Gives examples in batches, always in the same order; Deeplearning4j has no such iterator for several inputs or outputs. */
public final class Batches implements MultiDataSetIterator {

    private static final long serialVersionUID = 1L;

    private final transient List<MultiDataSet> batches = new ArrayList<>();
    /** Number of the batch that comes next. */
    private int next;

    /**
     * Cuts examples into batches.
     *
     * @param examples the examples
     * @param size number of examples per batch
     */
    public Batches(MultiDataSet examples, int size) {
        int all = (int) examples.getFeatures(0).size(0);
        for (int start = 0; start < all; start += size) {
            int from = start;
            int to = Math.min(all, start + size);
            batches.add(new MultiDataSet(
                    cut(examples.getFeatures(), from, to),
                    cut(examples.getLabels(), from, to),
                    cut(examples.getFeaturesMaskArrays(), from, to),
                    cut(examples.getLabelsMaskArrays(), from, to)));
        }
    }

    private static INDArray[] cut(INDArray[] arrays, int from, int to) {
        if (arrays == null) {
            return null;
        }
        INDArray[] parts = new INDArray[arrays.length];
        for (int i = 0; i < parts.length; i++) {
            INDArrayIndex[] indices = arrays[i] == null
                    ? new INDArrayIndex[0]
                    : IntStream.range(0, arrays[i].rank())
                            .mapToObj(axis -> axis == 0 ? NDArrayIndex.interval(from, to) : NDArrayIndex.all())
                            .toArray(INDArrayIndex[]::new);
            parts[i] = arrays[i] == null ? null : arrays[i].get(indices).dup();
        }
        return parts;
    }

    @Override
    public boolean hasNext() {
        return next < batches.size();
    }

    @Override
    public MultiDataSet next() {
        return batches.get(next++);
    }

    @Override
    public MultiDataSet next(int examples) {
        return next();
    }

    @Override
    public boolean resetSupported() {
        return true;
    }

    @Override
    public boolean asyncSupported() {
        return false;
    }

    @Override
    public void reset() {
        next = 0;
    }

    @Override
    public void setPreProcessor(MultiDataSetPreProcessor preProcessor) {
        throw new UnsupportedOperationException("The data of a test has been prepared already.");
    }

    @Override
    public MultiDataSetPreProcessor getPreProcessor() {
        return null;
    }
}
