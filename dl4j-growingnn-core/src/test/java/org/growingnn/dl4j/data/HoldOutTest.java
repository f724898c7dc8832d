package org.growingnn.dl4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.LoggerFactory;

class HoldOutTest {

    /** Examples numbered from 0, of the given classes. */
    private static TrainingData data(int... classes) {
        INDArray features = Nd4j.create(classes.length, 1);
        INDArray labels = Nd4j.create(classes.length, 10);
        for (int i = 0; i < classes.length; i++) {
            features.putScalar(i, 0, i);
            labels.putScalar(i, classes[i], 1);
        }
        return TrainingData.of(List.of(new MultiDataSet(features, labels))).named("training data");
    }

    private static List<Integer> numbers(TrainingData data) {
        List<Integer> numbers = new ArrayList<>();
        data.forEach(batch -> {
            for (int i = 0; i < Rows.count(batch); i++) {
                numbers.add(batch.getFeatures(0).getInt(i, 0));
            }
        });
        return numbers;
    }

    @Test
    void three_parts_share_no_example() {
        int[] classes = new int[100];
        for (int i = 0; i < 100; i++) {
            classes[i] = i % 4;
        }
        HoldOut outer = HoldOut.of(data(classes), 0.2, 1);
        HoldOut inner = HoldOut.of(outer.training(), 0.25, 1);
        List<Integer> all = new ArrayList<>(numbers(inner.training()));
        all.addAll(numbers(inner.validation()));
        all.addAll(numbers(outer.validation()));
        assertThat(all).hasSize(100).doesNotHaveDuplicates();
        assertThat(numbers(outer.validation())).hasSizeBetween(16, 24);
        assertThat(inner.validation().name()).isEqualTo("validation data");
    }

    @Test
    void a_class_of_one_example_stays_in_training_and_is_named() {
        Logger logger = (Logger) LoggerFactory.getLogger(HoldOut.class);
        ListAppender<ILoggingEvent> said = new ListAppender<>();
        said.start();
        logger.addAppender(said);
        try {
            HoldOut parts = HoldOut.of(data(0, 0, 0, 0, 1, 1, 7), 0.5, 3);
            assertThat(numbers(parts.training())).contains(6);
            assertThat(new TreeSet<>(numbers(parts.validation())))
                    .doesNotContain(6)
                    .containsAnyOf(4, 5);
            assertThat(said.list)
                    .singleElement()
                    .satisfies(event -> assertThat(event.getFormattedMessage())
                            .contains("[7]", "training data", "missing from the validation data", "maybe"));
        } finally {
            logger.detachAppender(said);
        }
    }

    @Test
    void nothing_to_hold_out() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HoldOut.of(data(0, 1, 2), 0.5, 1))
                .withMessageContainingAll("training data", "3 in all", "Maybe");
        assertThatIllegalArgumentException().isThrownBy(() -> HoldOut.of(data(0, 0), 0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> HoldOut.of(data(0, 0), 0.6, 1));
    }

    private static List<Integer> sizes(TrainingData data) {
        List<Integer> sizes = new ArrayList<>();
        data.forEach(batch -> sizes.add(Rows.count(batch)));
        return sizes;
    }

    /** Examples numbered from 0 in batches of a size, of two classes in turn. */
    private static TrainingData batches(int examples, int size) {
        int[] classes = new int[examples];
        for (int i = 0; i < examples; i++) {
            classes[i] = i % 2;
        }
        List<org.nd4j.linalg.dataset.api.MultiDataSet> all = new ArrayList<>();
        data(classes).forEach(all::add);
        return TrainingData.of(Examples.batches(all, size));
    }

    @Test
    void both_parts_come_in_batches_as_large_as_those_of_the_data() {
        HoldOut parts = HoldOut.of(batches(300, 30), 0.2, 1);
        assertThat(sizes(parts.training())).containsExactly(30, 30, 30, 30, 30, 30, 30, 30);
        assertThat(sizes(parts.validation())).containsExactly(30, 30);
        HoldOut further = HoldOut.of(parts.training(), 0.2, 2);
        assertThat(sizes(further.training())).startsWith(30, 30, 30, 30, 30, 30).hasSize(7);
        assertThat(sizes(further.validation())).startsWith(30).hasSize(2);
    }

    @Test
    void a_last_batch_that_took_up_a_single_example_does_not_make_the_others_larger() {
        // The parts have one example more than whole batches.
        HoldOut parts = HoldOut.of(batches(91, 30), 0.1, 1);
        assertThat(sizes(batches(91, 30))).containsExactly(30, 30, 31);
        assertThat(sizes(parts.training()).subList(0, 2)).containsExactly(30, 30);
        HoldOut outer = HoldOut.of(batches(302, 30), 0.1, 3);
        assertThat(sizes(outer.training())).startsWith(30, 30);
        assertThat(sizes(HoldOut.of(outer.training(), 0.1, 3).training())).startsWith(30, 30);
    }

    /** Examples numbered from 0, labelled with quantities that are whole numbers. */
    private static TrainingData quantities(int examples, IntUnaryOperator quantity) {
        List<org.nd4j.linalg.dataset.api.MultiDataSet> batches = new ArrayList<>();
        for (int start = 0; start < examples; start += 20) {
            INDArray features = Nd4j.create(20, 1);
            INDArray labels = Nd4j.create(20, 1);
            for (int i = 0; i < 20; i++) {
                features.putScalar(i, 0, start + i);
                labels.putScalar(i, 0, quantity.applyAsInt(start + i));
            }
            batches.add(new MultiDataSet(features, labels));
        }
        return TrainingData.of(batches);
    }

    @Test
    void whole_numbers_of_which_few_are_equal_are_quantities_of_which_the_share_is_held_out() {
        for (IntUnaryOperator quantity : List.<IntUnaryOperator>of(i -> 7 * i, i -> i / 2 * 2 + i % 3 / 2)) {
            HoldOut parts = HoldOut.of(quantities(200, quantity), 0.2, 1);
            assertThat(numbers(parts.validation())).hasSizeBetween(39, 41);
            List<Integer> all = new ArrayList<>(numbers(parts.training()));
            all.addAll(numbers(parts.validation()));
            assertThat(all).hasSize(200).doesNotHaveDuplicates();
        }
        // Class numbers are held out class by class.
        HoldOut parts = HoldOut.of(quantities(200, i -> i < 6 ? 9 : i % 2), 0.1, 1);
        assertThat(numbers(parts.validation())).anyMatch(number -> number < 6);
    }
}
