package org.growingnn.dl4j.data;

import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.util.ComputationGraphUtil;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/**
 * Batches that can be passed over again and again, wherever they come from.
 *
 * <p>Every reader has a position of its own: any number of passes and streams may be read in turn, and none loses or repeats a batch
 * because of another. A program's iterator has one cursor, though. Whenever another reader has moved it, the one that goes on resets the
 * iterator and reads up to its position again, which costs that many batches. An iterator that shuffles whenever it is reset gives other
 * batches after that, but never the same few for ever. Nothing is kept in memory.
 *
 * <p>The data is for one thread at a time, and nobody else may move the iterator meanwhile; {@link #lease} sees to that.
 */
@FunctionalInterface
public interface TrainingData extends Iterable<MultiDataSet> {

    /**
     * Starts a pass, or goes on with one.
     *
     * @param number number of the pass, ≥ 0; where the order differs from pass to pass, it depends on this number alone
     * @param from number of batches to leave out, ≥ 0; without any effect on the others
     * @return a reader of the rest of the pass
     */
    Iterator<MultiDataSet> pass(long number, long from);

    /** Starts a reader of the first pass, independent of all others. */
    @Override
    default Iterator<MultiDataSet> iterator() {
        return pass(0, 0);
    }

    /**
     * Starts a reader that goes on with the next pass at the end of one.
     *
     * @param from where to start; {@link Position#START}, or where another stream over equal data stood
     * @return the reader
     */
    default BatchStream stream(Position from) {
        return new BatchStream(this, from);
    }

    /**
     * Names the data in messages.
     *
     * @return for example {@code training data}
     */
    default String name() {
        return "data";
    }

    /**
     * Names the data for messages.
     *
     * @param name for example {@code validation data}
     * @return the same data with that name
     */
    default TrainingData named(String name) {
        return new DerivedData(this, Objects.requireNonNull(name, "name"), UnaryOperator.identity());
    }

    /**
     * Changes every batch when it is read.
     *
     * @param change gives the batch to use instead; called for none that is left out
     * @return the changed data
     */
    default TrainingData map(UnaryOperator<MultiDataSet> change) {
        return new DerivedData(this, name(), Objects.requireNonNull(change, "change"));
    }

    /**
     * Lists what has a state that all readers share: the program's iterators.
     *
     * @return the objects themselves; none for data in memory
     */
    default List<Object> sources() {
        return List.of();
    }

    /**
     * Keeps others, who also ask for a lease, from reading the program's iterators at the same time. See {@link Lease#of} for several
     * data.
     *
     * @param user who reads the data, for messages to others
     * @return to be closed when the user is done
     * @throws IllegalStateException if somebody else reads them
     */
    default Lease lease(String user) {
        return Lease.of(user, List.of(this));
    }

    /**
     * Reads from an iterator.
     *
     * @param iterator must support resetting
     * @return the data
     */
    static TrainingData of(DataSetIterator iterator) {
        Objects.requireNonNull(iterator, "iterator");
        requireReset(iterator.resetSupported(), iterator);
        return new IteratorData(
                new IteratorData.Source() {
                    @Override
                    public void reset() {
                        iterator.reset();
                    }

                    @Override
                    public boolean hasNext() {
                        return iterator.hasNext();
                    }

                    @Override
                    public MultiDataSet next() {
                        DataSet batch = iterator.next();
                        return batch == null ? null : ComputationGraphUtil.toMultiDataSet(batch);
                    }

                    @Override
                    public Object iterator() {
                        return iterator;
                    }
                },
                "data");
    }

    /**
     * Reads from an iterator.
     *
     * @param iterator must support resetting
     * @return the data
     */
    static TrainingData of(MultiDataSetIterator iterator) {
        Objects.requireNonNull(iterator, "iterator");
        requireReset(iterator.resetSupported(), iterator);
        return new IteratorData(
                new IteratorData.Source() {
                    @Override
                    public void reset() {
                        iterator.reset();
                    }

                    @Override
                    public boolean hasNext() {
                        return iterator.hasNext();
                    }

                    @Override
                    public MultiDataSet next() {
                        return iterator.next();
                    }

                    @Override
                    public Object iterator() {
                        return iterator;
                    }
                },
                "data");
    }

    /**
     * Holds batches in memory.
     *
     * @param batches in order
     * @return the data
     */
    static TrainingData of(List<MultiDataSet> batches) {
        List<MultiDataSet> copy = List.copyOf(batches);
        return (number, from) -> copy.listIterator((int) Math.min(from, copy.size()));
    }

    /**
     * Passes over all batches and checks that a network can be trained with them.
     *
     * @param network the network that the data is for
     * @return what was counted on the way
     * @throws IllegalArgumentException if there is no batch, if features, labels or masks are missing, do not fit the network or one
     *     another, or contain values that are not numbers
     * @throws IllegalStateException if the iterator cannot be read
     */
    default DataSummary check(NetworkGraph network) {
        return DataCheck.require(this, network);
    }

    /**
     * Reads the input types, which models do not store, off the first batch. Where it does not fit the model's inputs, none
     * are told: whatever checks or uses the data says more of what is wrong.
     *
     * @param network the network that the data is for
     * @return one per input, or none
     */
    default List<InputType> inputTypes(NetworkGraph network) {
        Iterator<MultiDataSet> batches = iterator();
        MultiDataSet first = batches.hasNext() ? batches.next() : null;
        return first == null ? List.of() : InputShapes.types(first.getFeatures(), network);
    }

    private static void requireReset(boolean supported, Object iterator) {
        if (!supported) {
            throw new IllegalArgumentException(
                    "The iterator (" + iterator.getClass().getName()
                            + ") cannot be reset, but a run passes over the data many times.\n"
                            + "Maybe collect its batches and use an ExistingDataSetIterator or ListDataSetIterator?");
        }
    }
}
