package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.LayerActions.Kind;
import org.growingnn.dl4j.folder.RunFolder;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.run.Generation;
import org.growingnn.dl4j.run.Outcome;
import org.growingnn.dl4j.run.Recipe;
import org.growingnn.dl4j.run.RunSettings;
import org.growingnn.dl4j.run.Stoppers;
import org.growingnn.dl4j.search.BeamSearch;
import org.growingnn.dl4j.search.GreedySearch;
import org.growingnn.dl4j.search.GumbelTreeSearch;
import org.growingnn.dl4j.search.MonteCarloTreeSearch;
import org.growingnn.dl4j.search.SearchStrategy;
import org.growingnn.dl4j.search.SuccessiveHalving;
import org.growingnn.dl4j.search.WithoutSearch;
import org.growingnn.dl4j.training.SimulationSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that meet the costs of their stopper exactly. */
class GoalRunTest {

    private static final double PARAMETERS = 0.3;
    private static final double MACS = 0.28;

    @TempDir
    private Path directory;

    private final ComputationGraph model = RunDeterminismTest.dropoutNetwork();

    private static StructureOptimizer.Builder optimizer(int changes) {
        return StructureOptimizer.builder()
                .train(TestData.clouds(300, 30, 1))
                .epochsPerGeneration(1)
                .fineTuneEpochs(1)
                .generations(4)
                .maxDrop(0.5)
                .actions(Actions.swaps())
                .simulation(new SimulationSettings(60, 0.5, 1, 15))
                .stopWhen(Stoppers.left(Cost.PARAMETERS, PARAMETERS).and(Stoppers.left(Cost.MACS, MACS)))
                .meetGoalIn(changes)
                .search(GumbelTreeSearch.create().maxEvaluations(16))
                .seed(5);
    }

    private static void assertMeetsGoal(OptimizationResult result) {
        Generation before = result.history().get(0);
        Generation last = result.history().get(result.history().size() - 1);
        assertThat(last.parameters()).isLessThanOrEqualTo((long) (PARAMETERS * before.parameters()));
        assertThat(result.graph().numParams()).isEqualTo(last.parameters());
        // No cost is far below what is allowed: the next unit would not fit.
        assertThat(last.costs().of(Cost.MACS).orElseThrow())
                .isBetween((long) (0.7 * MACS * before.costs().of(Cost.MACS).orElseThrow()), (long)
                        (MACS * before.costs().of(Cost.MACS).orElseThrow()));
    }

    @Test
    void every_strategy_ends_at_the_goal_after_one_change() {
        for (SearchStrategy strategy : List.of(
                GumbelTreeSearch.create().maxEvaluations(16),
                BeamSearch.ofWidth(2).maxEvaluations(16),
                GreedySearch.create().maxEvaluations(16),
                SuccessiveHalving.create().maxEvaluations(24),
                MonteCarloTreeSearch.paper().maxEvaluations(16).build(),
                new WithoutSearch(WithoutSearch.Allocation.UNIFORM))) {
            OptimizationResult result = optimizer(1).search(strategy).build().optimize(model);
            assertThat(result.status()).as("%s", strategy).isEqualTo(Outcome.Status.STOPPED);
            assertThat(result.journal()).hasSize(1);
            assertMeetsGoal(result);
        }
    }

    @Test
    void in_several_changes_costs_fall_by_the_same_factor_each_time() {
        OptimizationResult result = optimizer(2).build().optimize(model);
        assertMeetsGoal(result);
        assertThat(result.journal()).hasSize(2);
        long first = result.history().get(1).parameters();
        double share = (double) first / result.initialParameters();
        assertThat(share).isBetween(0.8 * Math.sqrt(MACS), Math.sqrt(PARAMETERS));
    }

    @Test
    void layers_may_go_on_the_way() {
        OptimizationResult result = optimizer(1)
                .actions(Actions.layers().only(Kind.REMOVE_LAYER))
                .build()
                .optimize(model);
        assertThat(result.status()).isEqualTo(Outcome.Status.STOPPED);
        assertThat(result.graph().numParams()).isLessThanOrEqualTo((long) (PARAMETERS * result.initialParameters()));
    }

    @Test
    void any_number_of_workers_gives_the_same_bits() {
        List<String> results = new ArrayList<>();
        for (int workers = 1; workers <= 2; workers++) {
            results.add(optimizer(2)
                    .workers(workers)
                    .build()
                    .optimize(model)
                    .graph()
                    .params()
                    .toStringFull());
        }
        assertThat(results.get(1)).isEqualTo(results.get(0));
    }

    @Test
    void the_folder_keeps_settings_and_a_recipe_that_leads_to_the_same_structure() throws IOException {
        RunFolder folder = RunFolder.create(directory.resolve("run"));
        OptimizationResult result = optimizer(1).folder(folder).build().optimize(model);
        Recipe recipe = Recipe.fromJson(Files.readString(folder.path().resolve(RunFolder.RECIPE)));
        assertThat(recipe).isEqualTo(Recipe.of(result.journal()));
        assertThat(result.journal().get(0).action().toString()).contains("resize-spaces");
        RunSettings settings = optimizer(1).settings();
        assertThat(RunSettings.fromJson(settings.toJson())).isEqualTo(settings);
    }

    @Test
    void without_costs_there_is_no_goal_to_meet() {
        assertThatThrownBy(() -> optimizer(1).stopWhen(Stoppers.never()).build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("meetGoalIn (1)")
                .hasMessageContaining("names none");
    }
}
