package org.growingnn.dl4j.projection;

import java.util.Objects;
import java.util.Optional;
import org.growingnn.dl4j.graph.CandidateUnits;
import org.growingnn.dl4j.graph.SparseMatrix;

/**
 * How {@code n} old units become {@code n'} new ones. With DL4J's dense {@code W[nIn, nOut]}: the columns of the producing
 * layer become {@code W'[.., i] = Σ_j producer[i, j] · W[.., j]}, the rows of a consuming layer {@code W'[i, ..] = Σ_j
 * consumer[i, j] · W[j, ..]}, and per-unit values such as batch-norm statistics {@code v'[i] = Σ_j follower[i, j] · v[j]}.
 *
 * @param producer {@code n' × n}, applied to axes with the role PRODUCES
 * @param consumer {@code n' × n}, applied to axes with the role CONSUMES
 * @param follower {@code n' × n} with rows that sum to one, applied to axes with the role FOLLOWS
 * @param splitJitter 0 ≤ jitter &lt; 1: where several new units copy the same old unit, every outgoing weight is split
 *     among the copies at random around the shares of {@code consumer}, keeping the sum. Without it the copies would receive
 *     equal gradients for ever: optimisers such as Adam undo a common factor.
 * @param added weights of units that stem from no old one, the first of which become the last new units, see {@link #adding}
 */
public record UnitMap(
        SparseMatrix producer,
        SparseMatrix consumer,
        SparseMatrix follower,
        double splitJitter,
        Optional<CandidateUnits> added) {

    /**
     * Checks that the matrices agree.
     *
     * @param producer {@code n' × n}
     * @param consumer {@code n' × n}
     * @param follower {@code n' × n}
     * @param splitJitter 0 ≤ jitter &lt; 1
     * @param added weights of units that stem from no old one
     */
    public UnitMap {
        Objects.requireNonNull(added, "added");
        for (SparseMatrix matrix : new SparseMatrix[] {consumer, follower}) {
            if (matrix.rows() != producer.rows() || matrix.columns() != producer.columns()) {
                throw new IllegalArgumentException("The producer (" + producer + "), the consumer (" + consumer
                        + ") and the follower (" + follower + ") must have the same shape.");
            }
        }
        if (!(splitJitter >= 0 && splitJitter < 1)) {
            throw new IllegalArgumentException("The splitJitter (" + splitJitter + ") must be in [0, 1).");
        }
    }

    /**
     * Makes a map whose units all stem from old ones.
     *
     * @param producer {@code n' × n}
     * @param consumer {@code n' × n}
     * @param follower {@code n' × n}
     * @param splitJitter 0 ≤ jitter &lt; 1
     */
    public UnitMap(SparseMatrix producer, SparseMatrix consumer, SparseMatrix follower, double splitJitter) {
        this(producer, consumer, follower, splitJitter, Optional.empty());
    }

    /**
     * Makes a map without jitter.
     *
     * @param producer {@code n' × n}
     * @param consumer {@code n' × n}
     * @param follower {@code n' × n}
     */
    public UnitMap(SparseMatrix producer, SparseMatrix consumer, SparseMatrix follower) {
        this(producer, consumer, follower, 0);
    }

    /**
     * Makes a map that keeps some units as they are.
     *
     * @param size number of old units
     * @param kept old indices of the units to keep, in their new order
     * @return the map
     */
    public static UnitMap selection(int size, int... kept) {
        SparseMatrix.Builder builder = SparseMatrix.builder(size);
        for (int unit : kept) {
            builder.entry(unit, 1).endRow();
        }
        SparseMatrix selection = builder.build();
        return new UnitMap(selection, selection, selection);
    }

    /**
     * Makes a map that keeps all units as they are and adds some of others behind them. Nothing consumes these yet: their outgoing weights
     * are 0. Values per unit, such as statistics of a batch norm, are copied from the old units.
     *
     * @param size number of old units
     * @param newSize number of units afterwards, greater by {@code units.count()} at most
     * @param units the first of these are added
     * @return the map
     */
    public static UnitMap adding(int size, int newSize, CandidateUnits units) {
        if (newSize <= size || newSize - size > units.count()) {
            throw new IllegalArgumentException("From " + size + " units to " + newSize
                    + ", at least one and at most the " + units.count() + " candidates can be added.");
        }
        SparseMatrix.Builder old = SparseMatrix.builder(size);
        SparseMatrix.Builder copies = SparseMatrix.builder(size);
        for (int i = 0; i < newSize; i++) {
            copies.entry(i % size, 1).endRow();
            if (i < size) {
                old.entry(i, 1);
            }
            old.endRow();
        }
        SparseMatrix kept = old.build();
        return new UnitMap(kept, kept, copies.build(), 0, Optional.of(units));
    }

    /** Counts the units that stem from no old one. */
    int addedCount() {
        return added.isEmpty() ? 0 : producer.rows() - producer.columns();
    }

    /**
     * Tells which units the map keeps, if all that it does is to leave out the others.
     *
     * @return old indices in ascending order; empty if the map scales, merges, replicates or reorders units
     */
    public Optional<int[]> selected() {
        int[] kept = new int[producer.rows()];
        int[] entries = new int[kept.length];
        boolean[] ones = new boolean[kept.length];
        for (int i = 0; i < kept.length; i++) {
            int row = i;
            producer.forEach(i, (j, value) -> {
                entries[row]++;
                kept[row] = j;
                ones[row] = value == 1;
            });
            if (entries[i] != 1 || !ones[i] || i > 0 && kept[i] <= kept[i - 1]) {
                return Optional.empty();
            }
        }
        return producer.equals(consumer) && producer.equals(follower) ? Optional.of(kept) : Optional.empty();
    }
}
