package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.run.Generation;
import org.growingnn.dl4j.run.RunEvent;
import org.growingnn.dl4j.search.SearchTask;
import org.junit.jupiter.api.Test;

/** What a run learns from generations that are taken back. */
class RejectionTest {

    private final MultiLayerNetwork model = TestData.trainedChain();
    private final NetworkGraph network = Dl4jGraphs.read(model);

    private StructuralAction remove(String layer, double ratio) {
        return Actions.removeNeurons(network.space(layer), ratio);
    }

    private static StructureOptimizer.Builder optimizer(ScriptedSearch script) {
        return StructureOptimizer.builder()
                .train(TestData.clouds(600, 60, 1))
                .validation(TestData.clouds(300, 100, 2))
                .epochsPerGeneration(1)
                .recoveryEpochs(0)
                .search(script)
                .seed(5);
    }

    @Test
    void a_learning_rate_that_does_harm_without_any_change_is_lowered_until_changes_are_kept() {
        StructuralAction small = remove("layer0", 0.1);
        ScriptedSearch script = new ScriptedSearch(small, small, small, small, small, small);
        OptimizationResult result = optimizer(script)
                .generations(6)
                .learningRate(3)
                .maxDrop(0.005)
                .build()
                .optimize(model);
        List<Generation> generations = result.history().subList(1, 7);
        int kept = generations.indexOf(
                generations.stream().filter(Generation::accepted).findFirst().orElseThrow());
        assertThat(kept).isPositive();
        assertThat(generations.subList(0, kept))
                .allSatisfy(taken -> assertThat(taken.rejection())
                        .hasValueSatisfying(reason ->
                                assertThat(reason).contains("training alone", "learning rate is lowered from")));
        assertThat(generations.get(0).rejection().orElseThrow()).contains("from 3.0 to 0.95");
        assertThat(generations.get(0).epochs()).as("with those of the control").isEqualTo(2);
        assertThat(script.tasks().get(kept).rejected())
                .as("no action is to blame")
                .isEmpty();
    }

    @Test
    void a_rate_that_was_harmless_before_is_lowered_when_training_alone_fails() {
        double[] factor = {1};
        OptimizationResult result = optimizer(new ScriptedSearch())
                .generations(2)
                .learningRate(1e-3)
                .learningRateSchedule(progress -> factor[0])
                .listener(event -> {
                    if (event instanceof RunEvent.GenerationEnded) {
                        factor[0] *= 70;
                    }
                })
                .build()
                .optimize(model);
        assertThat(result.history().get(1).accepted()).isTrue();
        assertThat(result.history().get(2).rejection())
                .hasValueSatisfying(reason -> assertThat(reason).contains("training alone", "is lowered"));
    }

    @Test
    void the_action_is_to_blame_where_training_alone_does_no_harm() {
        StructuralAction harmful = remove("layer0", 0.975);
        ScriptedSearch script = new ScriptedSearch(harmful);
        OptimizationResult result =
                optimizer(script).generations(2).learningRate(1e-4).build().optimize(model);
        assertThat(result.history().get(1).rejection())
                .hasValueSatisfying(reason ->
                        assertThat(reason).contains("worse than the initial").doesNotContain("training alone"));
        assertThat(script.tasks().get(1).rejected()).containsExactly(harmful);
    }

    @Test
    void a_width_that_was_too_small_stays_rejected_from_whatever_width_the_layer_has_then() {
        StructuralAction harmful = remove("layer0", 0.975);
        ScriptedSearch script = new ScriptedSearch(harmful, remove("layer1", 0.1), remove("layer0", 0.1));
        OptimizationResult result = optimizer(script)
                .generations(4)
                .maxDrop(0.1)
                .learningRate(1e-4)
                .build()
                .optimize(model);
        assertThat(result.history()).extracting(Generation::accepted).containsExactly(true, false, true, true, true);
        assertThat(script.tasks().get(2).rejected())
                .as("another layer is smaller")
                .containsExactly(harmful);

        SearchTask last = script.tasks().get(3);
        assertThat(width(last.root())).isEqualTo(36);
        assertThat(last.rejected())
                .singleElement()
                .satisfies(carried -> assertThat(width(carried.apply(last.root(), Projections.replication())))
                        .as("its own layer is smaller")
                        .isEqualTo(width(harmful.apply(network, Projections.replication()))));
        assertThat(last.allows(remove("layer0", 0.98))).as("to 1 again").isFalse();
        assertThat(last.allows(remove("layer0", 0.965))).as("to 1 by rounding").isFalse();
        assertThat(last.allows(remove("layer0", 0.95))).as("to 2").isTrue();
    }

    private static long width(NetworkGraph network) {
        return network.space("layer0").size();
    }
}
