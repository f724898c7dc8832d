package org.growingnn.dl4j.cli;

import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.MultiDataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/** Batches that are made when they are asked for, so that data need not fit into memory as arrays. */
interface Batches {

    /** Counts the batches. */
    int count();

    /** Counts the examples. */
    long examples();

    /** Tells whether there are labels. */
    boolean labelled();

    /** Makes a batch, whose arrays are the caller's own. */
    MultiDataSet get(int number);

    /** Iterates over them, in the same order in every pass. */
    default MultiDataSetIterator iterator() {
        return new MultiDataSetIterator() {

            private static final long serialVersionUID = 1L;

            private int next;
            private transient @Nullable MultiDataSetPreProcessor preProcessor;

            @Override
            public boolean hasNext() {
                return next < count();
            }

            @Override
            public MultiDataSet next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("There are " + count() + " batches.");
                }
                MultiDataSet batch = get(next++);
                if (preProcessor != null) {
                    preProcessor.preProcess(batch);
                }
                return batch;
            }

            @Override
            public MultiDataSet next(int examples) {
                throw new UnsupportedOperationException("The size of batches was chosen when the data was opened.");
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
            public void setPreProcessor(MultiDataSetPreProcessor chosen) {
                preProcessor = chosen;
            }

            @Override
            public @Nullable MultiDataSetPreProcessor getPreProcessor() {
                return preProcessor;
            }
        };
    }
}
