package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.run.Generation;
import org.growingnn.dl4j.run.RunEvent;
import org.growingnn.dl4j.run.Stopper;
import org.growingnn.dl4j.run.Stoppers;
import org.growingnn.dl4j.score.Score;
import org.junit.jupiter.api.Test;

/** What a run does with its result at the end. */
class FinalTrainingTest {

    /** A goal that is met before the first search. */
    private static final Stopper MET = Stoppers.metric(0.1);

    private final MultiLayerNetwork model = TestData.trainedChain();

    private StructureOptimizer.Builder optimizer(boolean changing) {
        StructuralAction smaller = Actions.removeNeurons(Dl4jGraphs.read(model).space("layer0"), 0.1);
        return StructureOptimizer.builder()
                .train(TestData.clouds(600, 60, 1))
                .validation(TestData.clouds(300, 100, 2))
                .generations(1)
                .maxDrop(1)
                .search(changing ? new ScriptedSearch(smaller) : new ScriptedSearch())
                .seed(5);
    }

    /** What training does not make worse. */
    private static MultiLayerNetwork untrained() {
        MultiLayerNetwork untrained = new MultiLayerNetwork(TestData.configuration(40, 30));
        untrained.init();
        return untrained;
    }

    private static Generation last(OptimizationResult result) {
        return result.history().get(result.history().size() - 1);
    }

    @Test
    void a_network_that_was_changed_is_trained_at_the_end_unless_it_was_said_how_long_to_train() {
        OptimizationResult result = optimizer(true).learningRate(1e-3).build().optimize(untrained());
        assertThat(result.history()).hasSize(3);
        assertThat(last(result).action()).isEmpty();
        assertThat(last(result).epochs()).isEqualTo(20);
        assertThat(last(result).accepted()).isTrue();
        assertThat(result.graph().evaluate(TestData.clouds(300, 100, 2)).accuracy())
                .isEqualTo(last(result).validationMetric());
        assertThat(result.outcome().state().best().generation()).isEqualTo(last(result));
        OptimizationResult told = optimizer(true).epochsPerGeneration(1).build().optimize(model);
        assertThat(told.history()).hasSize(2);
        OptimizationResult asked =
                optimizer(true).epochsPerGeneration(1).fineTuneEpochs(2).build().optimize(model);
        assertThat(last(asked).epochs()).isEqualTo(2);
    }

    @Test
    void a_model_that_a_run_left_as_it_was_is_not_trained_at_the_end_unless_asked_for() {
        OptimizationResult result = optimizer(false).stopWhen(MET).build().optimize(model);
        assertThat(result.history()).hasSize(1);
        assertThat(result.graph().params()).isEqualTo(model.params());
        OptimizationResult asked =
                optimizer(false).stopWhen(MET).fineTuneEpochs(2).build().optimize(model);
        assertThat(last(asked).epochs()).isEqualTo(2);
    }

    @Test
    void what_nobody_asked_for_is_not_done_when_the_time_is_over() {
        Stopper time = Stoppers.time(Duration.ofMillis(1));
        OptimizationResult result =
                optimizer(true).generations(1).stopWhen(afterOne(time)).build().optimize(model);
        assertThat(result.history()).hasSize(2);
        OptimizationResult asked = optimizer(true)
                .fineTuneEpochs(2)
                .stopWhen(afterOne(time))
                .build()
                .optimize(model);
        assertThat(asked.history()).hasSize(3);
        Stopper patience = Stoppers.noImprovement(1);
        assertThat(optimizer(true).stopWhen(patience).build().optimize(model).history())
                .hasSize(3);
    }

    /** Leaves the initial model alone, which would end the run before anything was changed. */
    private static Stopper afterOne(Stopper stopper) {
        return new Stopper() {
            @Override
            public Verdict judge(List<Generation> history) {
                return history.size() > 1 ? stopper.judge(history) : Verdict.CONTINUE;
            }

            @Override
            public boolean isDeterministic() {
                return stopper.isDeterministic();
            }
        };
    }

    /** Trains once at a harmless rate and then at one that does harm. */
    private OptimizationResult harmedAtTheEnd(UnaryOperator<StructureOptimizer.Builder> settings) {
        double[] factor = {1};
        return settings.apply(optimizer(true)
                        .epochsPerGeneration(1)
                        .fineTuneEpochs(1)
                        .learningRateSchedule(progress -> factor[0])
                        .listener(event -> {
                            if (event instanceof RunEvent.GenerationEnded ended
                                    && ended.generation().number() == 1) {
                                factor[0] = 300;
                            }
                        }))
                .build()
                .optimize(model);
    }

    private static void assertTakenBack(OptimizationResult result, String reason) {
        List<Generation> history = result.history();
        assertThat(history).extracting(Generation::accepted).containsExactly(true, true, false);
        assertThat(last(result).rejection())
                .hasValueSatisfying(told -> assertThat(told).contains(reason));
        assertThat(result.graph().evaluate(TestData.clouds(300, 100, 2)).accuracy())
                .isEqualTo(history.get(1).validationMetric());
    }

    @Test
    void training_that_makes_the_result_worse_is_not_kept() {
        assertTakenBack(harmedAtTheEnd(run -> run), "lowered the score from");
        assertTakenBack(
                harmedAtTheEnd(run -> run.score(Score.metric(0).relativeParameters(1))),
                "made the metric on validation data worse: ");
        assertTakenBack(
                harmedAtTheEnd(run -> run.score(Score.metric(0).likelihood(1).relativeParameters(1))),
                "lowered the score from");
        assertTakenBack(harmedAtTheEnd(run -> run.maxDrop(0.001)), "worse than the initial");
    }

    @Test
    void training_that_misses_the_goal_that_was_reached_is_not_kept() {
        Stopper once = history -> history.size() == 2 ? Stopper.Verdict.GOAL_REACHED : Stopper.Verdict.CONTINUE;
        OptimizationResult result = optimizer(true)
                .learningRate(1e-3)
                .stopWhen(once)
                .generations(5)
                .build()
                .optimize(untrained());
        assertThat(result.history()).extracting(Generation::accepted).containsExactly(true, true, false);
        assertThat(last(result).rejection().orElseThrow()).contains("the goal that had been reached is missed");
    }
}
