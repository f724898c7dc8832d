package org.growingnn.dl4j.data;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.nd4j.shade.guava.collect.MapMaker;

/**
 * The right of one user, such as a run, to read a program's iterators until it is closed. An iterator has one cursor, so that two users
 * at once would move it under each other; the second one is refused instead.
 *
 * <p>What counts is the iterator object, whatever {@link TrainingData} reads it. Data in memory can be shared by any number of users.
 */
public final class Lease implements AutoCloseable {

    /** By identity. Leases that are never closed end when nobody holds the iterator any more. */
    private static final Map<Object, String> USERS = new MapMaker().weakKeys().makeMap();

    private final List<Object> sources;
    private boolean closed;

    private Lease(List<Object> sources) {
        this.sources = sources;
    }

    /**
     * Takes all iterators that some data is read from, or none.
     *
     * @param user who reads it, for messages to others
     * @param data what is read; two that share an iterator are no conflict
     * @return to be closed when the user is done
     * @throws IllegalStateException if somebody else has one of the iterators
     */
    public static Lease of(String user, Collection<? extends TrainingData> data) {
        Objects.requireNonNull(user, "user");
        // What may throw comes before anything is taken.
        data.forEach(each -> each.sources().forEach(Objects::requireNonNull));
        List<Object> taken = new ArrayList<>();
        synchronized (USERS) {
            for (TrainingData each : data) {
                for (Object source : each.sources()) {
                    String other = USERS.get(source);
                    if (other != null && taken.stream().noneMatch(own -> own == source)) {
                        taken.forEach(USERS::remove);
                        throw new IllegalStateException("The iterator of the " + each.name() + " ("
                                + source.getClass().getName() + ") cannot be read by " + user
                                + " while it is in use by " + other
                                + ": it has one cursor, and each would skip what the other reads.\n"
                                + "Maybe give each run an iterator of its own, or start one run after the other?");
                    }
                    if (other == null) {
                        USERS.put(source, user);
                        taken.add(source);
                    }
                }
            }
        }
        return new Lease(List.copyOf(taken));
    }

    /** Lets others read. Closing again has no effect. */
    @Override
    public void close() {
        synchronized (USERS) {
            if (!closed) {
                closed = true;
                sources.forEach(USERS::remove);
            }
        }
    }
}
