package org.growingnn.dl4j.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.growingnn.dl4j.training.SimulationSet;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** What is foretold of a run's time, from times that are given. */
class ForecastTest {

    private static final TrainingSettings TRAINING = RunSettings.DEFAULT
            .with("training.epochsPerGeneration", OptionalInt.of(2))
            .with("training.fineTuneEpochs", OptionalInt.of(3))
            .training();

    @Test
    void a_run_takes_its_searches_and_all_steps_of_its_training() {
        Forecast forecast = Forecast.of(Duration.ofSeconds(60), Duration.ofMillis(10), 500, 4, TRAINING);
        assertThat(forecast.training()).isEqualTo(Duration.ofSeconds(10));
        assertThat(forecast.generation()).isEqualTo(Duration.ofSeconds(70));
        assertThat(forecast.run()).isEqualTo(Duration.ofSeconds(4 * 70 + 15));
        assertThat(forecast.describe())
                .contains("about 70.0 s (60.0 s to search, 10.0 s to train)", "about 5 min")
                .doesNotContain("\n");
    }

    @Test
    void training_at_the_end_that_nobody_asked_for_is_foretold_too() {
        Forecast forecast =
                Forecast.of(Duration.ofSeconds(60), Duration.ofMillis(10), 500, 4, TrainingSettings.DEFAULT);
        assertThat(forecast.training()).isEqualTo(Duration.ofSeconds(5));
        assertThat(forecast.last()).isEqualTo(Duration.ofSeconds(20));
        assertThat(forecast.run()).isEqualTo(Duration.ofSeconds(4 * 65 + 20));
        assertThat(forecast.describe()).contains("the training at the end takes 20.0 s");
    }

    @Test
    void what_takes_hours_is_told_with_what_to_choose_instead() {
        Forecast searching = Forecast.of(Duration.ofMinutes(50), Duration.ofMillis(10), 500, 10, TRAINING);
        assertThat(searching.describe())
                .contains("8.4 h", "\nMaybe", "StructuralPruner", "simulation", "fewer actions", "timeLimit");
        Forecast training = Forecast.of(Duration.ofMinutes(5), Duration.ofSeconds(10), 500, 10, TRAINING);
        assertThat(training.describe()).contains("\nMaybe", "StructuralPruner", "batchesPerEpoch", "fineTuneEpochs");
        assertThat(Forecast.of(Forecast.LONG.minusNanos(1), Duration.ZERO, 500, 1, TRAINING)
                        .describe())
                .doesNotContain("Maybe");
        assertThat(Forecast.of(Forecast.LONG, Duration.ZERO, 500, 1, TRAINING).describe())
                .contains("Maybe");
    }

    private static List<org.nd4j.linalg.dataset.api.MultiDataSet> batches(int... examples) {
        return java.util.Arrays.stream(examples)
                .mapToObj(count -> (org.nd4j.linalg.dataset.api.MultiDataSet)
                        new MultiDataSet(Nd4j.zeros(count, 2), Nd4j.zeros(count, 2)))
                .toList();
    }

    @Test
    void a_step_takes_three_passes_and_a_candidate_those_of_its_training_and_grading() {
        SimulationSet unseen = new SimulationSet(batches(20, 10), batches(30, 15), true);
        // 3 · 2 · 30 + 2 · 45 = 270 passes of an example in 27 s; a step of 50 examples takes 150.
        assertThat(Forecast.step(Duration.ofSeconds(27), unseen, 2, 50)).isEqualTo(Duration.ofSeconds(15));
        SimulationSet seen = new SimulationSet(batches(30), batches(30), false);
        assertThat(Forecast.step(Duration.ofSeconds(21), seen, 2, 10)).isEqualTo(Duration.ofSeconds(3));
        assertThat(Forecast.step(Duration.ofSeconds(3), seen, 0, 10)).isEqualTo(Duration.ofSeconds(3));
    }
}
