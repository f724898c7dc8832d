package org.growingnn.dl4j.data;

import java.util.Iterator;
import java.util.Objects;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Reads data pass by pass without end. It has a position of its own: what others read of the same data does not move it.
 *
 * <p>For one thread.
 */
public final class BatchStream implements Iterator<MultiDataSet> {

    private final TrainingData data;
    private Iterator<MultiDataSet> reader;
    private long pass;
    private long batch;

    BatchStream(TrainingData data, Position from) {
        this.data = data;
        this.pass = Objects.requireNonNull(from, "from").pass();
        this.batch = from.batch();
    }

    /**
     * Tells where the next batch is read.
     *
     * @return what {@link TrainingData#stream} takes to go on from here
     */
    public Position position() {
        return new Position(pass, batch);
    }

    /** Always true: a pass is followed by the next one. */
    @Override
    public boolean hasNext() {
        return true;
    }

    /**
     * Reads the next batch, that of a new pass at the end of one.
     *
     * @return the batch
     * @throws IllegalArgumentException if the data is empty
     */
    @Override
    public MultiDataSet next() {
        if (reader == null) {
            // Opened here, so that a stream that nobody reads costs nothing.
            reader = data.pass(pass, batch);
        }
        if (!reader.hasNext()) {
            reader = data.pass(pass + 1, 0);
            if (!reader.hasNext()) {
                throw DataCheck.empty(data.name());
            }
            pass++;
            batch = 0;
        }
        MultiDataSet next = reader.next();
        batch++;
        return next;
    }
}
