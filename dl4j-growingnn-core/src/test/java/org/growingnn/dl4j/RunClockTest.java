package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.run.Forecast;
import org.growingnn.dl4j.run.Run;
import org.growingnn.dl4j.run.RunData;
import org.growingnn.dl4j.run.RunEvent;
import org.growingnn.dl4j.run.RunListener;
import org.growingnn.dl4j.run.RunSettings;
import org.growingnn.dl4j.run.RunState;
import org.growingnn.dl4j.run.Stopper;
import org.growingnn.dl4j.run.Stoppers;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.GreedySearch;
import org.growingnn.dl4j.training.SimulationSettings;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** The time that a run has been under way is part of its states. */
class RunClockTest {

    private static final Duration LIMIT = Duration.ofHours(1);

    private final NetworkGraph network = Dl4jGraphs.read(TestData.trainedGraph());

    private static TrainingData clouds(int examples, int batch, long seed) {
        List<MultiDataSet> batches = new ArrayList<>();
        TrainingData.of(TestData.clouds(examples, batch, seed)).forEach(batches::add);
        return TrainingData.of(batches);
    }

    private Run open() {
        return open(event -> {});
    }

    private Run open(RunListener listener) {
        RunSettings settings = StructureOptimizer.builder()
                .generations(5)
                .actions(Actions.neurons().remove(0.1).add())
                .search(GreedySearch.create().maxEvaluations(2))
                .simulation(new SimulationSettings(30, 0.5, 1, 15))
                .stopWhen(Stoppers.time(LIMIT))
                .workers(1)
                .settings();
        TrainingData training = clouds(120, 30, 1);
        RunData data = new RunData(training, training.check(network), clouds(60, 30, 2), Optional.empty());
        return Run.open(settings, data, network, List.of(listener), List.of(), Cancellation.never());
    }

    /** The same state, reached after some time. */
    private static RunState reached(RunState state, Duration elapsed) {
        return new RunState(
                state.phase(),
                state.initial(),
                state.current(),
                state.best(),
                state.history(),
                state.finalTrainings(),
                state.rejections(),
                state.archive(),
                state.position(),
                state.rate(),
                state.verdict(),
                elapsed);
    }

    @Test
    void a_step_from_a_saved_state_goes_on_with_the_time_that_is_left() {
        RunState start;
        try (Run run = open()) {
            start = run.start();
        }
        Duration nearly = LIMIT.minusMillis(1);
        try (Run run = open()) {
            RunState next = run.step(reached(start, nearly));
            assertThat(next.phase()).isEqualTo(RunState.Phase.GENERATIONS);
            // A generation takes more than a millisecond.
            assertThat(next.elapsed()).isGreaterThan(nearly);
            RunState over = run.step(next);
            assertThat(over.verdict()).isEqualTo(Stopper.Verdict.GIVE_UP);
            assertThat(over.phase()).isEqualTo(RunState.Phase.ENDED);
            // Another state has the time that it took itself.
            assertThat(run.step(start).elapsed()).isBetween(start.elapsed(), nearly);
        }
    }

    @Test
    void the_clock_goes_on_from_step_to_step() {
        try (Run run = open()) {
            RunState state = run.start();
            for (int generation = 0; generation < 2; generation++) {
                RunState next = run.step(state);
                assertThat(next.elapsed()).isGreaterThan(state.elapsed());
                state = next;
            }
        }
    }

    @Test
    void how_long_the_run_will_take_is_foretold_once_behind_its_first_candidate() {
        List<RunEvent> events = new ArrayList<>();
        try (Run run = open(events::add)) {
            run.step(run.step(run.start()));
        }
        List<RunEvent> told = events.stream()
                .filter(event -> event instanceof RunEvent.CandidateEvaluated || event instanceof RunEvent.RunForecast)
                .toList();
        assertThat(told).hasSize(2 * 2 + 1);
        assertThat(told.get(0)).isInstanceOf(RunEvent.CandidateEvaluated.class);
        assertThat(told.get(1)).isInstanceOf(RunEvent.RunForecast.class);
        RunEvent.RunForecast foretold = (RunEvent.RunForecast) told.get(1);
        Forecast forecast = foretold.forecast();
        assertThat(foretold.generation()).isEqualTo(1);
        assertThat(((RunEvent.CandidateEvaluated) told.get(0)).progress().expected())
                .hasValue(forecast.search());
        assertThat(forecast.training()).isPositive();
        assertThat(forecast.run())
                .isEqualTo(forecast.generation().multipliedBy(5).plus(forecast.last()));
    }
}
