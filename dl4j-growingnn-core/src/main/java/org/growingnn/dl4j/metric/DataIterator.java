package org.growingnn.dl4j.metric;

import java.util.Iterator;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.MultiDataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/** Data in the form that DL4J's calculators take. */
final class DataIterator implements MultiDataSetIterator {

    private static final long serialVersionUID = 1L;

    private final transient Iterable<MultiDataSet> data;
    private transient Iterator<MultiDataSet> pass;

    DataIterator(Iterable<MultiDataSet> data) {
        this.data = data;
        this.pass = data.iterator();
    }

    @Override
    public boolean hasNext() {
        return pass.hasNext();
    }

    @Override
    public MultiDataSet next() {
        return pass.next();
    }

    /** Goes on: there is no telling how many examples a batch of the data has. */
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
        pass = data.iterator();
    }

    @Override
    public void setPreProcessor(MultiDataSetPreProcessor preProcessor) {
        throw new UnsupportedOperationException("The data has been prepared already.");
    }

    @Override
    public MultiDataSetPreProcessor getPreProcessor() {
        return null;
    }
}
