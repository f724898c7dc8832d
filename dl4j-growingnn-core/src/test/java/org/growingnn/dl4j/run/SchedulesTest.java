package org.growingnn.dl4j.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.growingnn.dl4j.training.LearningRateSchedule;
import org.junit.jupiter.api.Test;

class SchedulesTest {

    private static List<Generation> accuracies(double... values) {
        List<Generation> history = new ArrayList<>();
        for (double value : values) {
            history.add(StoppersTest.generation(history.size(), value, 0, 0, true));
        }
        return history;
    }

    @Test
    void progressive_rate_rises_from_zero_to_the_peak_and_falls_to_zero() {
        for (LearningRateSchedule schedule :
                List.of(LearningRateSchedule.progressive(0.25), LearningRateSchedule.progressiveParabolic(0.25))) {
            assertThat(schedule.factor(0)).isCloseTo(0, within(1e-12));
            assertThat(schedule.factor(0.25)).isCloseTo(1, within(1e-12));
            assertThat(schedule.factor(1)).isCloseTo(0, within(1e-12));
            assertThat(schedule.factor(0.1)).isLessThan(schedule.factor(0.2));
            assertThat(schedule.factor(0.4)).isGreaterThan(schedule.factor(0.8));
        }
        assertThat(LearningRateSchedule.progressive(0.25).factor(0.125)).isCloseTo(0.5, within(1e-12));
        assertThat(LearningRateSchedule.progressive(0.25).factor(0.625)).isCloseTo(0.5, within(1e-12));
        assertThat(LearningRateSchedule.progressiveParabolic(0.25).factor(0.125))
                .isCloseTo(0.75, within(1e-12));
        assertThat(LearningRateSchedule.constant().factor(0.7)).isEqualTo(1);
        assertThatThrownBy(() -> LearningRateSchedule.progressive(1)).hasMessageContaining("(1.0)");
        assertThatThrownBy(() -> LearningRateSchedule.progressiveParabolic(0)).hasMessageContaining("(0.0)");
    }

    @Test
    void progress_check_searches_only_when_training_stalls() {
        SimulationScheduler scheduler = SimulationScheduler.progressCheck(0.01);
        assertThat(scheduler.simulate(accuracies(0.5))).isTrue();
        assertThat(scheduler.simulate(accuracies(0.5, 0.6))).isFalse();
        assertThat(scheduler.simulate(accuracies(0.5, 0.6, 0.605))).isTrue();
        assertThat(SimulationScheduler.always().simulate(accuracies(0.1, 0.9))).isTrue();
    }

    @Test
    void overfit_check_searches_only_without_an_upward_trend() {
        SimulationScheduler scheduler = SimulationScheduler.overfitCheck(3);
        assertThat(scheduler.simulate(accuracies(0.9, 0.5, 0.55, 0.6))).isFalse();
        assertThat(scheduler.simulate(accuracies(0.1, 0.7, 0.6, 0.65))).isTrue();
        assertThat(scheduler.simulate(accuracies(0.1, 0.6, 0.6, 0.6))).isTrue();
        assertThatThrownBy(() -> SimulationScheduler.overfitCheck(1)).hasMessageContaining("(1)");
    }
}
