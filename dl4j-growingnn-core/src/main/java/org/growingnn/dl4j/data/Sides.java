package org.growingnn.dl4j.data;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** Both sides of a split in the making. */
final class Sides {

    private final double heldOutShare;
    private final SplittableRandom random;
    private final Map<Stratum, Double> owed = new HashMap<>();
    private final Map<Stratum, int[]> counts = new TreeMap<>();
    private final List<Part> kept = new ArrayList<>();
    private final List<Part> heldOut = new ArrayList<>();

    /** Some examples of a batch, and where each of them belongs. */
    private record Part(MultiDataSet batch, Stratum[] strata) {

        Part only(int... rows) {
            return new Part(
                    Rows.copy(batch, rows),
                    IntStream.of(rows).mapToObj(row -> strata[row]).toArray(Stratum[]::new));
        }
    }

    Sides(double heldOutShare, long seed) {
        this.heldOutShare = heldOutShare;
        this.random = new SplittableRandom(seed);
    }

    void divide(MultiDataSet batch, Stratum... strata) {
        List<Integer> stay = new ArrayList<>();
        List<Integer> leave = new ArrayList<>();
        for (int row = 0; row < strata.length; row++) {
            // Each stratum is owed its share; the random start decides which of its examples pay.
            double debt = owed.computeIfAbsent(strata[row], key -> random.nextDouble()) + heldOutShare;
            owed.put(strata[row], debt >= 1 ? debt - 1 : debt);
            (debt >= 1 ? leave : stay).add(row);
            counts.computeIfAbsent(strata[row], key -> new int[2])[debt >= 1 ? 1 : 0]++;
        }
        Part all = new Part(batch, strata);
        if (!stay.isEmpty()) {
            kept.add(all.only(toArray(stay)));
        }
        if (!leave.isEmpty()) {
            heldOut.add(all.only(toArray(leave)));
        }
    }

    Examples.Split split(int batchSize) {
        Set<Integer> notHeldOut = new HashSet<>();
        counts.forEach((stratum, count) -> {
            if (count[0] == 0) {
                move(stratum, heldOut, kept);
                count[1]--;
            } else if (count[1] == 0 && count[0] > 1) {
                move(stratum, kept, heldOut);
                count[1]++;
            }
            if (count[1] == 0 && !stratum.equals(Stratum.NONE)) {
                notHeldOut.add(stratum.label());
            }
        });
        return new Examples.Split(batches(kept), batches(heldOut), notHeldOut, batchSize);
    }

    private static List<MultiDataSet> batches(List<Part> parts) {
        return parts.stream().map(Part::batch).toList();
    }

    /** Moves the first example of a stratum to the other side. */
    private static void move(Stratum stratum, List<Part> from, List<Part> to) {
        for (int i = 0; i < from.size(); i++) {
            Part part = from.get(i);
            int row = List.of(part.strata).indexOf(stratum);
            if (row < 0) {
                continue;
            }
            to.add(part.only(row));
            int[] others = IntStream.range(0, part.strata.length)
                    .filter(other -> other != row)
                    .toArray();
            if (others.length == 0) {
                from.remove(i);
            } else {
                from.set(i, part.only(others));
            }
            return;
        }
    }

    private static int[] toArray(List<Integer> rows) {
        return rows.stream().mapToInt(Integer::intValue).toArray();
    }
}
