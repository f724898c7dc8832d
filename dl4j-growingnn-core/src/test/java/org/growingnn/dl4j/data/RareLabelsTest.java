package org.growingnn.dl4j.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.ToIntFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Whatever form labels have, samples and held-out parts keep some of what is rare. */
class RareLabelsTest {

    private static final int EXAMPLES = 1000;
    private static final int BATCH = 100;
    /** 6 of 1000 examples. */
    private static final int EVERY = 180;

    /** Labels of a batch whose first example has a number. */
    interface Labels {
        INDArray of(int first);
    }

    /**
     * Labels with something rare in them.
     *
     * @param name for people
     * @param labels one array per output
     * @param rare counts the examples of a batch that have it
     */
    record Form(String name, List<Labels> labels, ToIntFunction<MultiDataSet> rare) {

        TrainingData data() {
            List<org.nd4j.linalg.dataset.api.MultiDataSet> batches = new ArrayList<>();
            for (int first = 0; first < EXAMPLES; first += BATCH) {
                int start = first;
                batches.add(new MultiDataSet(
                        new INDArray[] {Nd4j.rand(BATCH, 2)},
                        labels.stream().map(some -> some.of(start)).toArray(INDArray[]::new)));
            }
            return TrainingData.of(batches);
        }

        int rare(Iterable<org.nd4j.linalg.dataset.api.MultiDataSet> batches) {
            int sum = 0;
            for (org.nd4j.linalg.dataset.api.MultiDataSet batch : batches) {
                sum += rare.applyAsInt((MultiDataSet) batch);
            }
            return sum;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static boolean rare(int number) {
        return number % EVERY == 50;
    }

    private static INDArray array(long... shape) {
        return Nd4j.zeros(
                LongStream.concat(LongStream.of(BATCH), LongStream.of(shape)).toArray());
    }

    /** Each of three questions is answered with yes by half of the examples, the fourth one by few. */
    private static INDArray questions(int first, double no) {
        Random random = new Random(first);
        INDArray labels = array(4);
        for (int i = 0; i < BATCH; i++) {
            for (int k = 0; k < 4; k++) {
                labels.putScalar(i, k, (k < 3 ? random.nextBoolean() : rare(first + i)) ? 1 : no);
            }
        }
        return labels;
    }

    /** Class 2 is in few series of 5 steps, and there only once. */
    private static INDArray steps(int first, boolean unitsLast) {
        Random random = new Random(first);
        INDArray labels = unitsLast ? array(5, 3) : array(3, 5);
        for (int i = 0; i < BATCH; i++) {
            for (int t = 0; t < 5; t++) {
                int label = t == 3 && rare(first + i) ? 2 : random.nextInt(2);
                labels.putScalar(unitsLast ? new int[] {i, t, label} : new int[] {i, label, t}, 1);
            }
        }
        return labels;
    }

    /** Few maps of 4 × 4 have any position with yes. */
    private static INDArray map(int first) {
        INDArray labels = array(1, 4, 4);
        for (int i = 0; i < BATCH; i++) {
            labels.putScalar(new int[] {i, 0, 1, 2}, rare(first + i) ? 1 : 0);
        }
        return labels;
    }

    private static INDArray column(int first, double yes, double no) {
        INDArray labels = array(1);
        for (int i = 0; i < BATCH; i++) {
            labels.putScalar(i, 0, rare(first + i) ? yes : no);
        }
        return labels;
    }

    private static int positive(INDArray values) {
        return values.gt(0).castTo(DataType.INT).sumNumber().intValue();
    }

    private static Stream<Form> forms() {
        return Stream.of(
                new Form("a question", List.of(first -> column(first, 1, 0)), batch -> positive(batch.getLabels(0))),
                new Form("a margin", List.of(first -> column(first, 1, -1)), batch -> positive(batch.getLabels(0))),
                new Form(
                        "questions",
                        List.of(first -> questions(first, 0)),
                        batch -> positive(batch.getLabels(0).getColumn(3))),
                new Form(
                        "margins",
                        List.of(first -> questions(first, -1)),
                        batch -> positive(batch.getLabels(0).getColumn(3))),
                new Form(
                        "series",
                        List.of(first -> steps(first, false)),
                        batch -> positive(batch.getLabels(0).slice(2, 1))),
                new Form(
                        "series, units last",
                        List.of(first -> steps(first, true)),
                        batch -> positive(batch.getLabels(0).slice(2, 2))),
                new Form("maps", List.of(RareLabelsTest::map), batch -> positive(batch.getLabels(0))),
                new Form(
                        "a number and a question",
                        List.of(first -> Nd4j.rand(BATCH, 1), first -> column(first, 1, 0)),
                        batch -> positive(batch.getLabels(1))),
                new Form(
                        "classes and a question",
                        List.of(first -> Nd4j.eye(2).repeat(0, BATCH / 2), first -> column(first, 1, 0)),
                        batch -> positive(batch.getLabels(1))));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void a_sample_has_all_of_what_is_rare(Form form) {
        int all = form.rare(form.data());
        assertThat(all).isEqualTo(6);
        for (long seed = 0; seed < 5; seed++) {
            // By chance, it would be 1.2 on average.
            assertThat(form.rare(Examples.sample(form.data(), 200, 25, seed))).isGreaterThanOrEqualTo(all - 1);
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void both_sides_of_a_split_have_some_of_what_is_rare(Form form) {
        for (long seed = 0; seed < 20; seed++) {
            Examples.Split split = Examples.split(form.data(), 0.1, seed);
            assertThat(form.rare(split.heldOut())).isBetween(1, 2);
            assertThat(form.rare(split.kept())).isBetween(4, 5);
        }
    }

    @Test
    void numbers_at_each_step_are_no_classes() {
        Form form = new Form("a series of numbers", List.of(first -> Nd4j.rand(BATCH, 1, 5)), batch -> 0);
        Examples.Split split = Examples.split(form.data(), 0.2, 3);
        assertThat(split.heldOut().stream()
                        .mapToLong(batch -> batch.getLabels(0).size(0))
                        .sum())
                .isEqualTo(200);
        assertThat(split.notHeldOut()).isEmpty();
    }
}
