package org.growingnn.dl4j.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Draws a sample that is balanced by class, in one pass, without knowing beforehand which classes there are. Each class has a reservoir,
 * which shrinks when another class appears; one more reservoir over everything fills up what rare classes leave free. So no more than
 * about twice the sample is ever held.
 */
final class Sampler {

    private final int wanted;
    private final long seed;
    private final Map<Stratum, Reservoir> classes = new TreeMap<>();
    private final Reservoir all;
    private long limit = Long.MAX_VALUE;

    /** An example and its number in the pass. */
    private record Drawn(long number, Stratum label, MultiDataSet example) {}

    /** A row of a batch, which is copied when the first reservoir takes it. */
    private static final class Offer {
        private final long number;
        private final Stratum label;
        private final MultiDataSet batch;
        private final int row;
        private @Nullable Drawn drawn;

        Offer(long number, Stratum label, MultiDataSet batch, int row) {
            this.number = number;
            this.label = label;
            this.batch = batch;
            this.row = row;
        }

        Drawn drawn() {
            if (drawn == null) {
                drawn = new Drawn(number, label, Rows.copy(batch, row));
            }
            return drawn;
        }
    }

    /** A uniform sample of what was offered, however often the capacity shrinks meanwhile. */
    private static final class Reservoir {
        private final List<Drawn> kept = new ArrayList<>();
        private final SplittableRandom random;
        private long offered;

        Reservoir(long seed) {
            this.random = new SplittableRandom(seed);
        }

        void take(Offer offer, int capacity) {
            offered++;
            if (kept.size() < capacity) {
                kept.add(offer.drawn());
                return;
            }
            long replaced = random.nextLong(offered);
            if (replaced < capacity) {
                kept.set((int) replaced, offer.drawn());
            }
        }

        void shrink(int capacity) {
            while (kept.size() > capacity) {
                int leaves = random.nextInt(kept.size());
                kept.set(leaves, kept.get(kept.size() - 1));
                kept.remove(kept.size() - 1);
            }
        }
    }

    Sampler(int wanted, long seed) {
        if (wanted < 1) {
            throw new IllegalArgumentException("The number of examples to draw (" + wanted + ") must be at least 1.");
        }
        this.wanted = wanted;
        this.seed = seed;
        this.all = new Reservoir(seed);
    }

    /** Draws from a whole pass; in the order of classes, one of each in turn, so that a cut or a batch stays balanced. */
    List<MultiDataSet> draw(TrainingData data) {
        long number = 0;
        Strata seen = new Strata();
        for (MultiDataSet batch : data) {
            Stratum[] labels = seen.add(batch);
            for (int row = 0; row < labels.length; row++) {
                take(new Offer(number++, labels[row], batch, row));
            }
        }
        List<Drawn> drawn = seen.told() ? balanced() : shuffled();
        return drawn.stream().map(Drawn::example).toList();
    }

    private List<Drawn> shuffled() {
        List<Drawn> order = new ArrayList<>(all.kept);
        Collections.shuffle(order, new Random(seed));
        return order;
    }

    private void take(Offer offer) {
        all.take(offer, wanted);
        Reservoir own = classes.get(offer.label);
        if (own == null) {
            own = admit(offer.label);
        }
        if (own != null) {
            own.take(offer, share());
        }
    }

    private int share() {
        return (wanted + classes.size() - 1) / classes.size();
    }

    /** Makes room for another class. Of more classes than examples are wanted, a random choice stays, whatever their order. */
    private @Nullable Reservoir admit(Stratum label) {
        if (seedOf(label) >= limit) {
            return null;
        }
        Reservoir added = new Reservoir(seedOf(label));
        classes.put(label, added);
        if (classes.size() > wanted) {
            Stratum last = classes.keySet().stream()
                    .max((a, b) -> Long.compare(seedOf(a), seedOf(b)))
                    .orElseThrow();
            classes.remove(last);
            limit = seedOf(last);
            return last.equals(label) ? null : added;
        }
        int share = share();
        classes.values().forEach(reservoir -> reservoir.shrink(share));
        return added;
    }

    private long seedOf(Stratum label) {
        return new SplittableRandom(
                        seed ^ (0x9E3779B97F4A7C15L * (label.label() + 1L)) ^ (0xD1B54A32D192ED03L * label.output()))
                .nextLong();
    }

    private List<Drawn> balanced() {
        Map<Stratum, List<Drawn>> byClass = new TreeMap<>();
        Set<Long> numbers = new HashSet<>();
        classes.forEach((label, reservoir) -> {
            byClass.put(label, new ArrayList<>(reservoir.kept));
            reservoir.kept.forEach(drawn -> numbers.add(drawn.number));
        });
        Map<Stratum, List<Drawn>> spare = new TreeMap<>();
        for (Drawn drawn : all.kept) {
            if (!numbers.contains(drawn.number)) {
                spare.computeIfAbsent(drawn.label, key -> new ArrayList<>()).add(drawn);
            }
        }
        fill(byClass, spare, wanted - numbers.size());
        List<Drawn> order = new ArrayList<>();
        for (int round = 0; order.size() < wanted; round++) {
            int before = order.size();
            for (List<Drawn> drawn : byClass.values()) {
                if (round < drawn.size() && order.size() < wanted) {
                    order.add(drawn.get(round));
                }
            }
            if (order.size() == before) {
                break;
            }
        }
        return order;
    }

    /** Adds one example at a time to the smallest class that has some to spare. */
    private static void fill(Map<Stratum, List<Drawn>> byClass, Map<Stratum, List<Drawn>> spare, int missing) {
        for (int i = 0; i < missing && !spare.isEmpty(); i++) {
            Stratum smallest = spare.keySet().stream()
                    .min((a, b) -> Integer.compare(size(byClass, a), size(byClass, b)))
                    .orElseThrow();
            List<Drawn> from = spare.get(smallest);
            byClass.computeIfAbsent(smallest, key -> new ArrayList<>()).add(from.remove(from.size() - 1));
            if (from.isEmpty()) {
                spare.remove(smallest);
            }
        }
    }

    private static int size(Map<Stratum, List<Drawn>> byClass, Stratum label) {
        return byClass.getOrDefault(label, List.of()).size();
    }
}
