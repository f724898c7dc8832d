package org.growingnn.dl4j.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

class ExamplesTest {

    /** 300 examples whose only feature is their number; class 0 is rare: 10 %, classes 1 and 2 share the rest. */
    private static TrainingData numbered() {
        List<MultiDataSet> batches = new ArrayList<>();
        for (int start = 0; start < 300; start += 50) {
            INDArray features = Nd4j.create(50, 1, 2, 2);
            INDArray labels = Nd4j.create(50, 3);
            for (int i = 0; i < 50; i++) {
                int number = start + i;
                for (int k = 0; k < 4; k++) {
                    features.putScalar(new int[] {i, 0, k / 2, k % 2}, number + k * 1000);
                }
                labels.putScalar(i, number % 10 == 0 ? 0 : 1 + number % 2, 1);
            }
            batches.add(new org.nd4j.linalg.dataset.MultiDataSet(features, labels));
        }
        return TrainingData.of(batches);
    }

    private static Map<Integer, Integer> classCounts(Iterable<MultiDataSet> batches, Set<Integer> numbers) {
        Map<Integer, Integer> counts = new TreeMap<>();
        for (MultiDataSet batch : batches) {
            for (int i = 0; i < batch.getFeatures(0).size(0); i++) {
                int number = batch.getFeatures(0).getInt(i, 0, 0, 0);
                assertThat(numbers.add(number))
                        .as("example %d only once", number)
                        .isTrue();
                for (int k = 0; k < 4; k++) {
                    assertThat(batch.getFeatures(0).getInt(i, 0, k / 2, k % 2)).isEqualTo(number + k * 1000);
                }
                int expected = number % 10 == 0 ? 0 : 1 + number % 2;
                assertThat(batch.getLabels(0).getInt(i, expected)).isEqualTo(1);
                counts.merge(expected, 1, Integer::sum);
            }
        }
        return counts;
    }

    @Test
    void sample_takes_the_same_number_of_each_class() {
        Set<Integer> numbers = new HashSet<>();
        List<MultiDataSet> sample = Examples.sample(numbered(), 60, 16, 5);
        assertThat(classCounts(sample, numbers)).isEqualTo(Map.of(0, 20, 1, 20, 2, 20));
        assertThat(sample).hasSize(4);
        assertThat(sample.get(3).getFeatures(0).size(0)).isEqualTo(12);
        assertThat(numbers).as("drawn from all batches").anyMatch(n -> n < 50).anyMatch(n -> n >= 250);
    }

    @Test
    void sample_takes_what_there_is_of_a_rare_class() {
        assertThat(classCounts(Examples.sample(numbered(), 150, 50, 5), new HashSet<>()))
                .isEqualTo(Map.of(0, 30, 1, 50, 2, 50));
    }

    @Test
    void sample_depends_on_the_seed_only() {
        Set<Integer> first = new HashSet<>();
        Set<Integer> again = new HashSet<>();
        Set<Integer> other = new HashSet<>();
        classCounts(Examples.sample(numbered(), 60, 16, 5), first);
        classCounts(Examples.sample(numbered(), 60, 30, 5), again);
        classCounts(Examples.sample(numbered(), 60, 16, 6), other);
        assertThat(again).isEqualTo(first);
        assertThat(other).isNotEqualTo(first);
    }

    @Test
    void split_is_disjoint_complete_and_stratified() {
        Examples.Split split = Examples.split(numbered(), 0.2, 9);
        Set<Integer> kept = new HashSet<>();
        Set<Integer> heldOut = new HashSet<>();
        classCounts(split.kept(), kept);
        Map<Integer, Integer> counts = classCounts(split.heldOut(), heldOut);
        assertThat(kept).doesNotContainAnyElementsOf(heldOut);
        assertThat(kept.size() + heldOut.size()).isEqualTo(300);
        assertThat(counts.get(0)).isBetween(5, 7);
        assertThat(counts.get(1)).isBetween(23, 28);
        assertThat(counts.get(2)).isBetween(26, 31);
    }
}
