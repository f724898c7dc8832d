package org.growingnn.dl4j.data;

import java.util.Iterator;
import java.util.List;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** Other data with a name of its own, each batch changed. */
record DerivedData(TrainingData data, String name, UnaryOperator<MultiDataSet> change) implements TrainingData {

    @Override
    public List<Object> sources() {
        return data.sources();
    }

    @Override
    public TrainingData named(String newName) {
        return new DerivedData(data.named(newName), newName, change);
    }

    @Override
    public Iterator<MultiDataSet> pass(long number, long from) {
        Iterator<MultiDataSet> batches = data.pass(number, from);
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return batches.hasNext();
            }

            @Override
            public MultiDataSet next() {
                return change.apply(batches.next());
            }
        };
    }
}
