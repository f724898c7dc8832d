package org.growingnn.dl4j.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingSettingsTest {

    @ParameterizedTest
    @CsvSource({"1, 5", "59, 5", "75, 4", "94, 4", "150, 2", "299, 2", "300, 1", "1875, 1", "3000000000, 1"})
    void small_data_is_repeated_until_there_were_enough_steps(long batches, int epochs) {
        assertThat(TrainingSettings.DEFAULT.epochsPerGeneration(batches)).isEqualTo(epochs);
    }

    @Test
    void epochs_that_were_asked_for_are_taken_as_they_are() {
        assertThat(settings(OptionalInt.of(0), OptionalInt.empty()).epochsPerGeneration(10))
                .isZero();
        assertThat(settings(OptionalInt.of(2), OptionalInt.of(3)).epochsPerGeneration(10))
                .isEqualTo(2);
    }

    @Test
    void an_epoch_whose_batches_were_counted_by_the_user_is_not_repeated() {
        assertThat(settings(OptionalInt.empty(), OptionalInt.of(3)).epochsPerGeneration(10))
                .isEqualTo(1);
    }

    @Test
    void the_result_is_trained_for_enough_steps_unless_it_was_said_how_long_to_train() {
        assertThat(TrainingSettings.DEFAULT.fineTuneEpochs(10))
                .as("not by heart")
                .isEqualTo(20);
        assertThat(TrainingSettings.DEFAULT.fineTuneEpochs(200)).isEqualTo(10);
        assertThat(TrainingSettings.DEFAULT.fineTuneEpochs(938)).isEqualTo(3);
        assertThat(TrainingSettings.DEFAULT.fineTuneEpochs(1_000_000)).isEqualTo(1);
        assertThat(settings(OptionalInt.of(2), OptionalInt.empty()).fineTuneEpochs(938))
                .isZero();
        assertThat(settings(OptionalInt.empty(), OptionalInt.of(3)).fineTuneEpochs(938))
                .isZero();
    }

    private static TrainingSettings settings(OptionalInt epochsPerGeneration, OptionalInt batchesPerEpoch) {
        TrainingSettings other = TrainingSettings.DEFAULT;
        return new TrainingSettings(
                other.initialEpochs(),
                epochsPerGeneration,
                batchesPerEpoch,
                other.recoveryEpochs(),
                other.fineTuneEpochs(),
                other.schedule(),
                other.learningRate(),
                other.distillation());
    }
}
