package org.growingnn.dl4j.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntUnaryOperator;
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
    void sample_takes_what_there_is_of_a_rare_class_and_more_of_the_others() {
        assertThat(classCounts(Examples.sample(numbered(), 150, 50, 5), new HashSet<>()))
                .isEqualTo(Map.of(0, 30, 1, 60, 2, 60));
        assertThat(classCounts(Examples.sample(numbered(), 1000, 50, 5), new HashSet<>()))
                .isEqualTo(Map.of(0, 30, 1, 120, 2, 150));
    }

    /** Labels of a width, of which class {@code k} is set where the function gives {@code k}. */
    private static TrainingData oneHot(int examples, int width, IntUnaryOperator label) {
        List<MultiDataSet> batches = new ArrayList<>();
        for (int start = 0; start < examples; start += 100) {
            int size = Math.min(100, examples - start);
            INDArray features = Nd4j.create(size, 1);
            INDArray labels = Nd4j.create(size, width);
            for (int i = 0; i < size; i++) {
                features.putScalar(i, 0, start + i);
                labels.putScalar(i, label.applyAsInt(start + i), 1);
            }
            batches.add(new org.nd4j.linalg.dataset.MultiDataSet(features, labels));
        }
        return TrainingData.of(batches);
    }

    private static TrainingData single(int examples, IntToDoubleFunction label) {
        List<MultiDataSet> batches = new ArrayList<>();
        for (int start = 0; start < examples; start += 100) {
            INDArray features = Nd4j.create(100, 1);
            INDArray labels = Nd4j.create(100, 1);
            for (int i = 0; i < 100; i++) {
                features.putScalar(i, 0, start + i);
                labels.putScalar(i, 0, label.applyAsDouble(start + i));
            }
            batches.add(new org.nd4j.linalg.dataset.MultiDataSet(features, labels));
        }
        return TrainingData.of(batches);
    }

    /** Number of examples by class or, without classes, in all; each example only once. */
    private static Map<Integer, Integer> counts(Iterable<MultiDataSet> batches) {
        Map<Integer, Integer> counts = new TreeMap<>();
        Set<Integer> numbers = new HashSet<>();
        for (MultiDataSet batch : batches) {
            int[] classes = Classes.of(batch.getLabels(0));
            for (int i = 0; i < classes.length; i++) {
                assertThat(numbers.add(batch.getFeatures(0).getInt(i, 0))).isTrue();
                counts.merge(classes[i], 1, Integer::sum);
            }
        }
        return counts;
    }

    @Test
    void sample_is_shared_by_the_classes_that_occur_however_many_outputs_there_are() {
        assertThat(counts(Examples.sample(oneHot(2000, 100, i -> i % 2), 400, 25, 1)))
                .isEqualTo(Map.of(0, 200, 1, 200));
        assertThat(counts(Examples.sample(oneHot(2000, 1000, i -> i % 2), 400, 25, 1)))
                .isEqualTo(Map.of(0, 200, 1, 200));
        assertThat(counts(Examples.sample(oneHot(2000, 1000, i -> i % 10 * 7), 400, 25, 1))
                        .values())
                .hasSize(10)
                .containsOnly(40);
    }

    @Test
    void sample_of_sorted_data_has_all_classes() {
        assertThat(counts(Examples.sample(oneHot(2000, 10, i -> i / 200), 100, 25, 1))
                        .values())
                .hasSize(10)
                .containsOnly(10);
        // Two of the last class only.
        assertThat(counts(Examples.sample(oneHot(2000, 10, i -> i < 1998 ? i / 250 : 9), 90, 25, 1)))
                .hasSize(9)
                .containsEntry(9, 2);
    }

    @Test
    void sample_of_more_classes_than_examples_takes_one_of_a_random_choice_of_them() {
        Map<Integer, Integer> counts = counts(Examples.sample(oneHot(2000, 500, i -> i / 4), 50, 25, 1));
        assertThat(counts.values()).hasSize(50).containsOnly(1);
        assertThat(counts.keySet()).anyMatch(label -> label < 125).anyMatch(label -> label >= 375);
    }

    @Test
    void sample_of_a_regression_is_drawn_from_everything() {
        // One of the outputs is always the largest.
        List<MultiDataSet> batches = new ArrayList<>();
        for (int start = 0; start < 1000; start += 100) {
            INDArray features = Nd4j.create(100, 1);
            for (int i = 0; i < 100; i++) {
                features.putScalar(i, 0, start + i);
            }
            INDArray labels = Nd4j.rand(100, 50);
            labels.getColumn(3).addi(2);
            batches.add(new org.nd4j.linalg.dataset.MultiDataSet(features, labels));
        }
        assertThat(counts(Examples.sample(TrainingData.of(batches), 400, 25, 1)))
                .isEqualTo(Map.of(Classes.NONE, 400));
        // 34 % of a standard normal distribution lies in [0, 1]; no class is made of it, nor of the few whole numbers.
        Random random = new Random(4);
        double[] targets = random.doubles(2000).map(x -> random.nextGaussian()).toArray();
        Map<Integer, Integer> counts =
                counts(Examples.sample(single(2000, i -> i % 50 == 0 ? i % 4 : targets[i]), 400, 25, 1));
        assertThat(counts.get(Classes.NONE)).isBetween(370, 400);
    }

    @Test
    void class_numbers_are_classes() {
        assertThat(counts(Examples.sample(single(1000, i -> i % 50 == 0 ? 7 : i % 2), 90, 25, 1)))
                .isEqualTo(Map.of(0, 35, 1, 35, 7, 20));
    }

    @Test
    void a_sample_of_whole_numbers_of_which_few_are_equal_is_drawn_from_everything() {
        // Half of the examples are 0, the others differ: balanced by number, hardly any 0 would be drawn.
        Map<Integer, Integer> counts = counts(Examples.sample(single(1000, i -> i % 20 < 9 ? 0 : i), 200, 25, 1));
        assertThat(counts.get(0)).isBetween(70, 110);
        assertThat(counts.values().stream().mapToInt(i -> i).sum()).isEqualTo(200);
    }

    @Test
    void two_quantities_are_enough_to_hold_one_out() {
        for (long seed = 0; seed < 10; seed++) {
            TrainingData two = TrainingData.of(List.of(new org.nd4j.linalg.dataset.MultiDataSet(
                    Nd4j.ones(2, 1), Nd4j.create(new float[] {3, 8}, new long[] {2, 1}))));
            Examples.Split split = Examples.split(two, 0.2, seed);
            assertThat(sizes(split.kept())).containsExactly(1);
            assertThat(sizes(split.heldOut())).containsExactly(1);
        }
    }

    @Test
    void a_split_of_numbers_to_predict_does_not_miss_the_whole_ones_among_them() {
        Examples.Split split = Examples.split(single(200, i -> i % 10 == 0 ? i : i + 0.5), 0.2, 1);
        assertThat(split.notHeldOut()).isEmpty();
        assertThat(sizes(split.heldOut()).stream().mapToInt(i -> i).sum()).isBetween(39, 41);
    }

    @Test
    void series_are_one_class() {
        List<MultiDataSet> batches = List.of(new org.nd4j.linalg.dataset.MultiDataSet(
                Nd4j.linspace(0, 29, 30).reshape(30, 1).castTo(Nd4j.dataType()), Nd4j.ones(30, 2, 5)));
        assertThat(counts(Examples.sample(TrainingData.of(batches), 10, 4, 1))).isEqualTo(Map.of(Classes.NONE, 10));
    }

    @Test
    void split_leaves_some_of_each_class_of_two_on_both_sides() {
        for (long seed = 0; seed < 10; seed++) {
            // Class 0 has one example, classes 1 to 40 have two, the last has the rest.
            Examples.Split split = Examples.split(oneHot(200, 50, i -> i > 80 ? 45 : (i + 1) / 2), 0.2, seed);
            Map<Integer, Integer> kept = counts(split.kept());
            Map<Integer, Integer> heldOut = counts(split.heldOut());
            assertThat(kept).hasSize(42).containsEntry(0, 1);
            assertThat(heldOut).hasSize(41).doesNotContainKey(0);
            assertThat(kept.values().stream().mapToInt(i -> i).sum()
                            + heldOut.values().stream().mapToInt(i -> i).sum())
                    .isEqualTo(200);
            assertThat(split.notHeldOut()).containsExactly(0);
        }
        assertThat(counts(Examples.split(oneHot(4, 2, i -> i / 2), 0.9, 3).kept()))
                .hasSize(2);
    }

    private static List<Integer> sizes(Iterable<MultiDataSet> batches) {
        List<Integer> sizes = new ArrayList<>();
        batches.forEach(batch -> sizes.add(Rows.count(batch)));
        return sizes;
    }

    @Test
    void no_batch_of_one_is_left_over() {
        List<MultiDataSet> examples = new ArrayList<>();
        oneHot(41, 2, i -> i % 2).forEach(examples::add);
        assertThat(sizes(Examples.batches(examples, 10))).containsExactly(10, 10, 10, 11);
        assertThat(sizes(Examples.batches(examples, 2))).endsWith(2, 3).hasSize(20);
        assertThat(sizes(Examples.batches(examples, 40))).containsExactly(41);
        assertThat(sizes(Examples.batches(examples, 50))).containsExactly(41);
        assertThat(sizes(Examples.batches(examples, 1))).hasSize(41).containsOnly(1);
        List<MultiDataSet> ten = Examples.batches(examples, 10);
        assertThat(sizes(Examples.reshuffled(List.of(ten.get(0), ten.get(1), Rows.copy(ten.get(2), 0)), 10, 1)))
                .containsExactly(10, 11);
        assertThat(sizes(Examples.sample(oneHot(100, 2, i -> i % 2), 21, 10, 1)))
                .containsExactly(10, 11);
        assertThat(Examples.batches(List.of(), 10)).isEmpty();
    }

    /** Images of two sizes, in batches of one. */
    private static TrainingData images() {
        List<MultiDataSet> batches = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            batches.add(new org.nd4j.linalg.dataset.MultiDataSet(
                    Nd4j.valueArrayOf(new long[] {1, 1, 4 + i % 3 / 2 * 2, 4}, (double) i),
                    Nd4j.eye(2).getRow(i % 2, true).dup()));
        }
        return TrainingData.of(batches);
    }

    @Test
    void images_of_different_sizes_are_dealt_into_batches_of_one_size_each() {
        List<MultiDataSet> sample = Examples.sample(images(), 30, 5, 1);
        assertThat(sizes(sample).stream().mapToInt(i -> i).sum()).isEqualTo(30);
        Examples.Split split = Examples.split(images(), 0.25, 1);
        assertThat(sizes(split.kept()).size() + sizes(split.heldOut()).size()).isEqualTo(40);
        List<MultiDataSet> batches = Examples.batches(split.kept(), 6);
        assertThat(sizes(batches)).hasSizeBetween(5, 7).allMatch(size -> size > 1);
        TrainingData training = Examples.reshuffled(batches, 6, 1);
        Set<Float> seen = new HashSet<>();
        for (MultiDataSet batch : training) {
            for (int i = 0; i < Rows.count(batch); i++) {
                assertThat(seen.add(batch.getFeatures(0).getFloat(i, 0, 0, 0))).isTrue();
            }
        }
        assertThat(seen).hasSize(split.kept().size());
        assertThat(training.stream(new Position(3, 2)).next())
                .isEqualTo(training.stream(new Position(3, 2)).next());
    }

    @Test
    void volumes_are_dealt_too() {
        List<MultiDataSet> volumes = List.of(
                new org.nd4j.linalg.dataset.MultiDataSet(Nd4j.ones(3, 1, 2, 2, 2), Nd4j.eye(3)),
                new org.nd4j.linalg.dataset.MultiDataSet(Nd4j.zeros(2, 1, 2, 2, 2), Nd4j.ones(2, 3)));
        List<MultiDataSet> dealt = Examples.batches(volumes, 4);
        assertThat(sizes(dealt)).containsExactly(5);
        assertThat(dealt.get(0).getFeatures(0).sumNumber().doubleValue()).isEqualTo(24);
    }

    @Test
    void series_of_different_lengths_share_batches_with_masks() {
        List<MultiDataSet> series = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            series.add(new org.nd4j.linalg.dataset.MultiDataSet(Nd4j.ones(1, 2, 3 + i), Nd4j.ones(1, 4, 3 + i)));
        }
        List<MultiDataSet> dealt = Examples.batches(series, 3);
        assertThat(sizes(dealt)).containsExactly(3, 3);
        double steps = dealt.stream()
                .mapToDouble(batch -> batch.getLabelsMaskArray(0).sumNumber().doubleValue())
                .sum();
        assertThat(steps).isEqualTo(3 + 4 + 5 + 6 + 7 + 8);
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
