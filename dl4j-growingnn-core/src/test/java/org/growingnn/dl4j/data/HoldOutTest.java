package org.growingnn.dl4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
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
}
