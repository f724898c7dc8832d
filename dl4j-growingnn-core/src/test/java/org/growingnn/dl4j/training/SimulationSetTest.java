package org.growingnn.dl4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.growingnn.dl4j.data.TrainingData;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

class SimulationSetTest {

    /** Examples whose only feature is their number; classes in turn. */
    private static TrainingData numbered(int first, int count) {
        INDArray features = Nd4j.create(count, 1);
        INDArray labels = Nd4j.create(count, 2);
        for (int i = 0; i < count; i++) {
            features.putScalar(i, 0, first + i);
            labels.putScalar(i, i % 2, 1);
        }
        return TrainingData.of(List.of(new org.nd4j.linalg.dataset.MultiDataSet(features, labels)));
    }

    private static List<Integer> numbers(List<MultiDataSet> batches) {
        List<Integer> numbers = new ArrayList<>();
        for (MultiDataSet batch : batches) {
            for (double number : batch.getFeatures(0).toDoubleMatrix()[0].length == 1
                    ? batch.getFeatures(0).getColumn(0).toDoubleVector()
                    : new double[0]) {
                numbers.add((int) number);
            }
        }
        return numbers;
    }

    @Test
    void candidates_are_graded_on_held_out_examples_if_there_are_any() {
        SimulationSet set =
                SimulationSet.draw(numbered(0, 200), numbered(1000, 60), new SimulationSettings(80, 0.5, 2, 10), 3);
        assertThat(set.unseen()).isTrue();
        assertThat(numbers(set.training())).hasSize(40).allMatch(number -> number < 200);
        assertThat(numbers(set.grading())).hasSize(40).allMatch(number -> number >= 1000);
    }

    @Test
    void without_held_out_examples_both_parts_come_from_the_training_data_and_have_nothing_in_common() {
        SimulationSet set = SimulationSet.draw(numbered(0, 200), new SimulationSettings(80, 0.25, 2, 10), 3);
        Set<Integer> trained = new HashSet<>(numbers(set.training()));
        assertThat(trained).hasSize(60);
        assertThat(numbers(set.grading())).hasSize(20).noneMatch(trained::contains);
        assertThat(set.unseen()).isTrue();
    }

    @Test
    void both_parts_are_batches_of_the_size_that_was_asked_for() {
        SimulationSet set = SimulationSet.draw(numbered(0, 200), new SimulationSettings(80, 0.25, 2, 10), 3);
        for (List<MultiDataSet> part : List.of(set.training(), set.grading())) {
            assertThat(part).allMatch(batch -> batch.getFeatures(0).size(0) == 10);
        }
    }

    @Test
    void a_grading_share_of_0_grades_on_what_was_trained_on() {
        SimulationSet set = SimulationSet.draw(numbered(0, 200), new SimulationSettings(80, 0, 2, 10), 3);
        assertThat(numbers(set.grading())).isEqualTo(numbers(set.training()));
        assertThat(set.unseen()).isFalse();
    }

    @Test
    void untrained_candidates_are_graded_on_all_of_the_sample() {
        SimulationSet set =
                SimulationSet.draw(numbered(0, 200), numbered(1000, 100), SimulationSettings.untrained(60), 3);
        assertThat(numbers(set.grading())).hasSize(60).allMatch(number -> number >= 1000);
    }

    @Test
    void too_little_data_is_refused() {
        assertThatThrownBy(() -> SimulationSet.draw(numbered(0, 1), new SimulationSettings(10, 0.5, 1, 5), 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("too small");
    }
}
