package org.growingnn.dl4j.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.metric.Reading;
import org.growingnn.dl4j.value.Ranges;

/**
 * The models of a run that no other one beats: none is at least as good with at most as many parameters and
 * multiply-accumulates, and better in one of them. Immutable.
 *
 * <p>Latency is measured and reported, but does not decide: it differs from one measurement to the next, and with it the archive of
 * two runs with the same seed would.
 *
 * <p>The archive holds whole networks with their optimisers' states, so their number is limited. When there are too many, the one goes
 * whose neighbours in size are closest to each other; the smallest and the best stay. What has gone still counted when it
 * was compared, so an entry of a full archive may be beaten by a model that had to leave, but never by one that is there.
 */
public final class ParetoArchive {

    /** Number of networks that a run keeps unless told otherwise. */
    public static final int DEFAULT_CAPACITY = 10;

    /**
     * A network and what was measured of it.
     *
     * @param network the network, with the optimiser's state
     * @param metric what the metric told on validation data
     * @param goodness its place on [0, 1], higher is better
     * @param parameters number of parameters
     * @param macs multiply-accumulates per example; empty when unknown, which counts as most
     * @param latency median time of a forward pass with the first batch of the validation data
     * @param generation number of the generation that made it
     */
    public record Entry(
            NetworkGraph network,
            Reading metric,
            double goodness,
            long parameters,
            OptionalLong macs,
            Duration latency,
            int generation) {

        /**
         * Checks that nothing is missing.
         *
         * @param network the network
         * @param metric on validation data
         * @param goodness its place on [0, 1]
         * @param parameters number of parameters
         * @param macs multiply-accumulates per example
         * @param latency median time of a forward pass
         * @param generation number of the generation
         */
        public Entry {
            Objects.requireNonNull(network, "network");
            Objects.requireNonNull(macs, "macs");
            Objects.requireNonNull(latency, "latency");
            Objects.requireNonNull(metric, "metric");
            Ranges.requireShare("goodness", goodness);
        }

        /**
         * Builds the model.
         *
         * @return a new plain Deeplearning4j model
         */
        public ComputationGraph graph() {
            return ModelWriter.toComputationGraph(network);
        }

        /**
         * Tells whether this model makes another one superfluous; latency does not count.
         *
         * @param other the other model
         * @return true if this one is as good in every respect and better in one
         */
        public boolean dominates(Entry other) {
            return covers(other) && !other.covers(this);
        }

        private boolean covers(Entry other) {
            return goodness >= other.goodness
                    && parameters <= other.parameters
                    && macs.orElse(Long.MAX_VALUE) <= other.macs.orElse(Long.MAX_VALUE);
        }
    }

    private static final Comparator<Entry> BY_SIZE = Comparator.comparingLong(Entry::parameters)
            .thenComparingLong(entry -> entry.macs().orElse(Long.MAX_VALUE))
            .thenComparingDouble(Entry::goodness);

    private final int capacity;
    private final List<Entry> entries;

    /**
     * Makes an empty archive.
     *
     * @param capacity number of entries at most, ≥ 2
     */
    public ParetoArchive(int capacity) {
        this(capacity, List.of());
    }

    private ParetoArchive(int capacity, List<Entry> entries) {
        if (capacity < 2) {
            throw new IllegalArgumentException(
                    "The capacity (" + capacity + ") must be at least 2: the smallest and the best.");
        }
        this.capacity = capacity;
        this.entries = List.copyOf(entries);
    }

    /**
     * Adds a model unless one that is there is as good in every respect, and drops those that it beats.
     *
     * @param entry the model
     * @return the archive with it; the same if it has no place there
     */
    public ParetoArchive with(Entry entry) {
        if (entries.stream().anyMatch(old -> old.covers(entry))) {
            return this;
        }
        List<Entry> others = new ArrayList<>(entries);
        others.removeIf(entry::covers);
        others.add(entry);
        others.sort(BY_SIZE);
        if (others.size() > capacity) {
            others.remove(mostCrowded(others));
        }
        return new ParetoArchive(capacity, others);
    }

    private static int mostCrowded(List<Entry> entries) {
        int best = 0;
        for (int i = 1; i < entries.size(); i++) {
            if (entries.get(i).goodness() > entries.get(best).goodness()) {
                best = i;
            }
        }
        int crowded = -1;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 1; i < entries.size(); i++) {
            long next = i + 1 < entries.size() ? entries.get(i + 1).parameters() : Long.MAX_VALUE;
            double room = (double) next / Math.max(1, entries.get(i - 1).parameters());
            if (i != best && room < least) {
                least = room;
                crowded = i;
            }
        }
        return crowded;
    }

    /**
     * Tells how many models it may hold.
     *
     * @return ≥ 2
     */
    public int capacity() {
        return capacity;
    }

    /**
     * Lists the models.
     *
     * @return the smallest first
     */
    public List<Entry> entries() {
        return entries;
    }
}
