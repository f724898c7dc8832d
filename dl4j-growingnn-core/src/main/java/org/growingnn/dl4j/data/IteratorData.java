package org.growingnn.dl4j.data;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Supplier;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.shade.guava.collect.MapMaker;

/**
 * Data behind a program's own iterator, which has one cursor for all. A reader that goes on after another one has moved the cursor resets
 * the iterator and skips to where it stood.
 */
final class IteratorData implements TrainingData {

    /** By identity, since one iterator may be behind several data. Holds no reference to the iterator, so that entries end with it. */
    private static final Map<Object, Cursor> CURSORS = new MapMaker().weakKeys().makeMap();

    private final Source source;
    private final String name;

    /** What the kinds of iterators have in common. */
    interface Source {

        void reset();

        boolean hasNext();

        MultiDataSet next();

        /** Gives the program's iterator itself. */
        Object iterator();
    }

    /** Who has moved an iterator last. */
    private static final class Cursor {
        private long readers;
        private long owner;
    }

    IteratorData(Source source, String name) {
        this.source = source;
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public TrainingData named(String newName) {
        return new IteratorData(source, newName);
    }

    @Override
    public List<Object> sources() {
        return List.of(source.iterator());
    }

    @Override
    public Iterator<MultiDataSet> pass(long number, long from) {
        return new Reader(CURSORS.computeIfAbsent(source.iterator(), key -> new Cursor()), from);
    }

    private final class Reader implements Iterator<MultiDataSet> {

        private final Cursor cursor;
        private final long id;
        private long position;

        Reader(Cursor cursor, long from) {
            this.cursor = cursor;
            this.position = from;
            synchronized (cursor) {
                id = ++cursor.readers;
            }
        }

        @Override
        public boolean hasNext() {
            synchronized (cursor) {
                return moveHere();
            }
        }

        @Override
        public MultiDataSet next() {
            synchronized (cursor) {
                // Asynchronous iterators fetch in hasNext() and give nothing without it.
                if (!moveHere()) {
                    throw new NoSuchElementException("The pass over the " + name + " ends at batch " + position + ".");
                }
                MultiDataSet batch = take(position);
                position++;
                return batch;
            }
        }

        /** Tells whether there is a batch at the position, to which it moves the cursor if somebody else has moved it. */
        private boolean moveHere() {
            if (cursor.owner != id) {
                // Nobody's until it is in place: whoever catches a failure and reads on starts over.
                cursor.owner = 0;
                read(0, "The iterator could not be reset.", () -> {
                    source.reset();
                    return true;
                });
                for (long skipped = 0; skipped < position; skipped++) {
                    if (!more(skipped)) {
                        cursor.owner = id;
                        return false;
                    }
                    take(skipped);
                }
                cursor.owner = id;
            }
            return more(position);
        }

        private boolean more(long number) {
            return read(number, "Its iterator failed.", source::hasNext);
        }

        private MultiDataSet take(long number) {
            MultiDataSet batch = read(number, "Its iterator failed.", source::next);
            if (batch == null) {
                throw new IllegalArgumentException(
                        "Batch " + number + " of the " + name + " is null: next() of "
                                + source.iterator().getClass().getName()
                                + " gave nothing although hasNext() was true.\nMaybe the iterator is used by somebody else, too?");
            }
            return batch;
        }

        private <T> T read(long number, String what, Supplier<T> reading) {
            try {
                return reading.get();
            } catch (RuntimeException e) {
                cursor.owner = 0;
                // Asynchronous iterators clear the interrupt that they met.
                for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                    if (cause instanceof InterruptedException) {
                        Thread.currentThread().interrupt();
                    }
                }
                throw new IllegalStateException(
                        "Batch " + number + " of the " + name + " could not be read from "
                                + source.iterator().getClass().getName() + ". " + what + " " + e.getMessage()
                                + "\nMaybe see the cause below?",
                        e);
            }
        }
    }
}
