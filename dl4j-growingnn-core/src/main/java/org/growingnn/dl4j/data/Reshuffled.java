package org.growingnn.dl4j.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Examples in memory that are dealt into batches anew in every pass.
 *
 * @param groups examples that can share a batch, merged
 * @param batchSize examples per batch
 * @param seed together with the number of the pass, decides the order
 */
record Reshuffled(List<MultiDataSet> groups, int batchSize, long seed) implements TrainingData {

    /** Which rows of which group a batch consists of. */
    private record Deal(MultiDataSet group, int... rows) {}

    @Override
    public Iterator<MultiDataSet> pass(long number, long from) {
        // Random itself makes similar orders of seeds that are close to each other.
        Random random = new Random(new SplittableRandom(new SplittableRandom(seed).nextLong() + number).nextLong());
        List<Deal> deals = new ArrayList<>();
        for (MultiDataSet group : groups) {
            List<Integer> order = new ArrayList<>(
                    IntStream.range(0, Rows.count(group)).boxed().toList());
            Collections.shuffle(order, random);
            int start = 0;
            for (int end : Rows.ends(order.size(), batchSize)) {
                deals.add(new Deal(
                        group,
                        order.subList(start, end).stream()
                                .mapToInt(Integer::intValue)
                                .toArray()));
                start = end;
            }
        }
        if (groups.size() > 1) {
            Collections.shuffle(deals, random);
        }
        return deals.stream()
                .skip(from)
                .map(deal -> Rows.copy(deal.group, deal.rows))
                .iterator();
    }
}
