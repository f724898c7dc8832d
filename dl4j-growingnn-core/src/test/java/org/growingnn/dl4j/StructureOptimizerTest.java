package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.LayerActions;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.RemoveLayer;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkMeasures;
import org.growingnn.dl4j.graph.UnitLineage;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.run.Generation;
import org.growingnn.dl4j.run.ParetoArchive;
import org.growingnn.dl4j.run.RunEvent;
import org.growingnn.dl4j.run.RunSettings;
import org.growingnn.dl4j.run.Stoppers;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.GreedySearch;
import org.growingnn.dl4j.search.MonteCarloTreeSearch;
import org.growingnn.dl4j.search.RandomSearch;
import org.growingnn.dl4j.search.SearchStrategy;
import org.growingnn.dl4j.search.SuccessiveHalving;
import org.growingnn.dl4j.training.SimulationSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;

class StructureOptimizerTest {

    private static StructureOptimizer.Builder optimizer() {
        return StructureOptimizer.builder()
                .epochsPerGeneration(1)
                .train(TestData.clouds(600, 60, 1))
                .validation(TestData.clouds(300, 100, 2))
                .generations(4)
                .score(Score.accuracy(1).relativeParameters(0.5))
                .search(MonteCarloTreeSearch.builder()
                        .maxEvaluations(12)
                        .rolloutDepth(1)
                        .build())
                .simulation(new SimulationSettings(90, 0.5, 2, 15))
                .seed(5);
    }

    @Test
    void shrinks_a_trained_network_while_its_accuracy_holds() {
        MultiLayerNetwork model = TestData.trainedChain();
        OptimizationResult result = optimizer()
                .stopWhen(Stoppers.accuracyAndReduction(0.9, 0.8))
                .build()
                .optimize(model);
        assertThat(result.reduction()).isGreaterThanOrEqualTo(0.8);
        assertThat(result.initialParameters()).isEqualTo(model.numParams());
        assertThat(result.parameters()).isEqualTo(result.graph().numParams());
        double before = model.evaluate(TestData.clouds(300, 100, 2)).accuracy();
        double after = result.graph().evaluate(TestData.clouds(300, 100, 2)).accuracy();
        assertThat(after).isGreaterThan(before - 0.03);
        Generation last = result.history().get(result.history().size() - 1);
        assertThat(last.accepted()).isTrue();
        assertThat(last.validationMetric()).isEqualTo(after);
        assertThat(last.macs()).hasValue(result.network().macs());
    }

    @Test
    void journal_replays_to_the_returned_structure() {
        OptimizationResult result = optimizer().build().optimize(TestData.trainedGraph());
        NetworkGraph replayed = Actions.replay(result.initialNetwork(), result.actions(), Projections.pseudoInverse());
        assertThat(result.actions()).isNotEmpty().doesNotContain(new NoOp());
        assertThat(replayed.structureHash()).isEqualTo(result.network().structureHash());
    }

    @Test
    void journal_replays_on_a_network_of_the_same_architecture_with_other_weights() {
        OptimizationResult result = optimizer().build().optimize(TestData.trainedGraph());
        ComputationGraph other = new ComputationGraph(TestData.trainedGraph().getConfiguration());
        other.init();
        NetworkGraph start = Dl4jGraphs.read(other);

        NetworkGraph replayed = Actions.replay(start, result.actions(), Projections.selection(Criteria.l2()));

        assertThat(replayed.structureHash()).isEqualTo(result.network().structureHash());
        assertThat(start.vertices()).isNotEqualTo(result.initialNetwork().vertices());
    }

    @Test
    void lineage_of_a_run_tells_the_units_that_are_left_after_all_generations() {
        OptimizationResult result = optimizer()
                .projection(Projections.selection(Criteria.l2()))
                .build()
                .optimize(TestData.trainedGraph());

        UnitLineage lineage = result.lineage().orElseThrow();
        assertThat(result.actions()).hasSizeGreaterThan(1);
        assertThat(lineage.shares()).containsOnlyKeys(result.initialNetwork().order());
        for (String layer : result.network().order()) {
            int[] origins = lineage.origins(layer).orElseThrow();
            assertThat(origins)
                    .hasSize((int) result.network().signal(layer).units().length());
            assertThat(origins).isSorted().doesNotHaveDuplicates();
            assertThat(origins[origins.length - 1]).isLessThan((int)
                    result.initialNetwork().signal(layer).units().length());
        }
    }

    @Test
    void layers_come_and_go_when_the_search_may_change_depth() {
        MultiLayerNetwork model = TestData.trainedChain();
        OptimizationResult shallow = optimizer()
                .actions(Actions.layers().only(LayerActions.Kind.REMOVE_LAYER))
                .generations(2)
                .build()
                .optimize(model);
        OptimizationResult any = optimizer()
                .actions(Actions.all())
                .generations(3)
                .stopWhen(Stoppers.reduction(0.99))
                .build()
                .optimize(model);

        assertThat(shallow.actions()).isNotEmpty().allMatch(RemoveLayer.class::isInstance);
        assertThat(NetworkMeasures.depth(shallow.network()))
                .isEqualTo(NetworkMeasures.depth(shallow.initialNetwork())
                        - shallow.actions().size());
        assertThat(any.actions()).isNotEmpty();
        for (OptimizationResult result : List.of(shallow, any)) {
            assertThat(Actions.replay(result.initialNetwork(), result.actions(), Projections.pseudoInverse())
                            .structureHash())
                    .isEqualTo(result.network().structureHash());
            result.graph().fit(TestData.cloud(30, 3));
            assertThat(result.graph().score()).isFinite();
        }
    }

    @Test
    void a_run_with_a_teacher_trains_otherwise_and_reproducibly() {
        ComputationGraph model = TestData.trainedGraph();
        var plain = optimizer()
                .generations(1)
                .maxDrop(1)
                .build()
                .optimize(model)
                .graph()
                .params();
        var taught = optimizer()
                .generations(1)
                .maxDrop(1)
                .distillation(2, 0.5)
                .build()
                .optimize(model)
                .graph()
                .params();
        var again = optimizer()
                .generations(1)
                .maxDrop(1)
                .distillation(2, 0.5)
                .build()
                .optimize(model)
                .graph()
                .params();
        assertThat(taught).isNotEqualTo(plain).isEqualTo(again);
    }

    @Test
    void same_seed_gives_the_same_result_whatever_the_number_of_workers() {
        List<OptimizationResult> results = new ArrayList<>();
        for (int workers : new int[] {1, 3, 1}) {
            results.add(optimizer()
                    .workers(workers)
                    .generations(3)
                    .deterministic()
                    .build()
                    .optimize(TestData.trainedGraph()));
        }
        for (OptimizationResult result : results) {
            assertThat(result.actions()).isEqualTo(results.get(0).actions());
            assertThat(result.graph().params()).isEqualTo(results.get(0).graph().params());
        }
    }

    @Test
    void another_seed_holds_out_other_examples() {
        List<INDArray> parameters = new ArrayList<>();
        for (long seed : new long[] {5, 5, 6}) {
            parameters.add(StructureOptimizer.builder()
                    .epochsPerGeneration(1)
                    .train(TestData.clouds(600, 60, 1))
                    .generations(1)
                    .search(GreedySearch.create())
                    .simulation(new SimulationSettings(90, 0.5, 2, 15))
                    .seed(seed)
                    .build()
                    .optimize(TestData.trainedGraph())
                    .graph()
                    .params());
        }
        assertThat(parameters.get(1)).isEqualTo(parameters.get(0));
        assertThat(parameters.get(2)).isNotEqualTo(parameters.get(0));
    }

    @Test
    void accepted_models_that_no_other_beats_can_be_picked() {
        StructureOptimizer.Builder builder = optimizer().maxDrop(0.3).paretoCapacity(4);
        OptimizationResult result = builder.build().optimize(TestData.trainedGraph());
        List<ParetoArchive.Entry> front = result.pareto();
        assertThat(front).hasSizeBetween(2, 4);
        for (ParetoArchive.Entry entry : front) {
            Generation generation = result.history().get(entry.generation());
            assertThat(generation.accepted()).isTrue();
            assertThat(entry.metric().value()).isEqualTo(generation.validationMetric());
            assertThat(entry.parameters()).isEqualTo(entry.graph().numParams());
            assertThat(entry.latency()).isPositive();
            assertThat(entry.graph().evaluate(TestData.clouds(300, 100, 2)).accuracy())
                    .isEqualTo(entry.metric().value());
        }
        ParetoArchive.Entry smallest = front.get(0);
        ParetoArchive.Entry largest = front.get(front.size() - 1);
        assertThat(result.smallest(0).orElseThrow().numParams()).isEqualTo(smallest.parameters());
        assertThat(result.smallest(largest.metric().value()).orElseThrow().numParams())
                .isGreaterThanOrEqualTo(smallest.parameters());
        assertThat(result.smallest(1.1)).isEmpty();
        assertThat(result.best(smallest.parameters()).orElseThrow().params())
                .isEqualTo(smallest.graph().params());
        assertThat(result.best(smallest.parameters() - 1)).isEmpty();

        List<ParetoArchive.Entry> again =
                builder.workers(1).build().optimize(TestData.trainedGraph()).pareto();
        assertThat(again)
                .extracting(ParetoArchive.Entry::generation)
                .isEqualTo(front.stream().map(ParetoArchive.Entry::generation).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"importance-fisher+refit", "importance-lamp+refit", "importance-geometric-median"})
    void a_run_collects_what_the_criterion_of_its_projection_needs(String projection) {
        OptimizationResult result = optimizer()
                .maxDrop(1)
                .projection(Projections.named(projection))
                .build()
                .optimize(TestData.trainedGraph());
        assertThat(result.parameters()).isLessThan(result.initialParameters());
    }

    @Test
    void actions_may_be_chosen_by_what_the_calibrated_default_projection_makes_of_a_network() {
        OptimizationResult result = optimizer()
                .maxDrop(1)
                .actions(graph -> Actions.neurons()
                        .add()
                        .generate(graph)
                        .filter(action ->
                                action.apply(graph, Projections.refitted(Projections.selection(Criteria.taylor())))
                                                .parameterCount()
                                        > 20))
                .build()
                .optimize(TestData.trainedGraph());

        assertThat(result.parameters()).isBetween(21L, result.initialParameters() - 1);
        // Moments may be larger than the network; what a run returns does not hold them.
        assertThat(result.network().calibration()).isEmpty();
        assertThat(result.initialNetwork().calibration()).isEmpty();
        assertThat(result.pareto())
                .isNotEmpty()
                .allMatch(entry -> entry.network().calibration().isEmpty());
    }

    @Test
    void every_strategy_shrinks_a_trained_network() {
        for (SearchStrategy strategy : List.of(
                MonteCarloTreeSearch.builder().puct(0.1).maxEvaluations(8).build(),
                SuccessiveHalving.create().maxEvaluations(16),
                GreedySearch.create())) {
            OptimizationResult result =
                    optimizer().search(strategy).generations(3).build().optimize(TestData.trainedGraph());
            assertThat(result.reduction()).as("%s", strategy).isGreaterThan(0.3);
            assertThat(result.history().get(1).evaluations()).isBetween(1, 16);
        }
    }

    @Test
    void deterministic_runs_refuse_time_limits() {
        assertThatThrownBy(() -> optimizer()
                        .search(MonteCarloTreeSearch.builder()
                                .timeLimit(Duration.ofSeconds(1))
                                .build())
                        .deterministic()
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("maxEvaluations");
    }

    @Test
    void the_model_that_goes_in_is_never_modified() {
        ComputationGraph model = TestData.trainedGraph();
        List<String> before = TestData.jsonOf(model);
        OptimizationResult result = optimizer().generations(2).build().optimize(model);
        assertThat(TestData.jsonOf(model)).isEqualTo(before);
        result.graph().fit(TestData.cloud(30, 3));
        assertThat(TestData.jsonOf(model)).isEqualTo(before);
    }

    @Test
    void a_multi_layer_network_comes_back_as_one_with_its_counters_and_learning_rate() {
        MultiLayerNetwork model = TestData.trainedChain();
        OptimizationResult result = optimizer()
                .generations(2)
                .maxDrop(1)
                .learningRate(0.003)
                .build()
                .optimize(model);
        MultiLayerNetwork chain = result.multiLayerNetwork();
        var features = TestData.cloud(20, 4).getFeatures();
        assertThat(chain.output(features)).isEqualTo(result.graph().outputSingle(features));
        assertThat(chain.getIterationCount()).isGreaterThan(model.getIterationCount());
        assertThat(((Adam) ((org.deeplearning4j.nn.conf.layers.BaseLayer)
                                        chain.getLayer(0).conf().getLayer())
                                .getIUpdater())
                        .getLearningRate())
                .isEqualTo(0.01);
        assertThatThrownBy(() -> optimizer()
                        .generations(1)
                        .build()
                        .optimize(TestData.trainedGraph())
                        .multiLayerNetwork())
                .hasMessageContaining("MultiLayerNetwork");
    }

    @Test
    void a_generation_below_the_floor_is_taken_back_and_its_action_not_repeated() {
        ComputationGraph model = TestData.trainedGraph();
        NetworkGraph network = Dl4jGraphs.read(model);
        StructuralAction harmful = Actions.removeNeurons(network.space("layer0"), 0.975);
        ScriptedSearch script = new ScriptedSearch(harmful, harmful);
        OptimizationResult result = optimizer()
                .generations(2)
                .epochsPerGeneration(0)
                .recoveryEpochs(0)
                .accuracyFloor(0.9)
                .search(script)
                .build()
                .optimize(model);
        assertThat(result.history().get(1).accepted()).isFalse();
        assertThat(result.history().get(1).trainingMetric()).isLessThan(0.9);
        assertThat(script.tasks().get(0).rejected()).isEmpty();
        assertThat(script.tasks().get(1).rejected()).containsExactly(harmful);
        assertThat(result.parameters()).isEqualTo(result.initialParameters());
        assertThat(result.actions()).isEmpty();
        assertThat(result.graph().params()).isEqualTo(model.params());
    }

    @Test
    void a_change_is_trained_for_several_epochs_of_small_data_unless_epochs_were_asked_for() {
        StructureOptimizer.Builder builder = StructureOptimizer.builder()
                .train(TestData.clouds(600, 60, 1))
                .generations(1)
                .maxDrop(1)
                .search(new ScriptedSearch(new NoOp()));
        assertThat(builder.build()
                        .optimize(TestData.trainedChain())
                        .history()
                        .get(1)
                        .epochs())
                .isEqualTo(5);
        assertThat(builder.epochsPerGeneration(1)
                        .build()
                        .optimize(TestData.trainedChain())
                        .history()
                        .get(1)
                        .epochs())
                .isEqualTo(1);
    }

    @Test
    void recovery_epochs_are_spent_only_below_the_floor() {
        NetworkGraph network = Dl4jGraphs.read(TestData.trainedChain());
        StructuralAction harmful = Actions.removeNeurons(network.space("layer0"), 0.9);
        OptimizationResult result = optimizer()
                .generations(2)
                .epochsPerGeneration(1)
                .recoveryEpochs(10)
                .accuracyFloor(0.93)
                .learningRate(0.003)
                .search(new ScriptedSearch(harmful, new NoOp()))
                .build()
                .optimize(TestData.trainedChain());
        assertThat(result.history().get(1).accepted()).isTrue();
        assertThat(result.history().get(1).epochs()).isBetween(1, 11);
        assertThat(result.history().get(2).epochs()).isEqualTo(1);
    }

    @Test
    void the_goal_reached_is_returned_even_if_an_earlier_model_scored_better() {
        NetworkGraph network = Dl4jGraphs.read(TestData.trainedChain());
        OptimizationResult result = optimizer()
                .score(Score.accuracy(1))
                .maxDrop(1)
                .epochsPerGeneration(0)
                .search(new ScriptedSearch(Actions.removeNeurons(network.space("layer0"), 0.9)))
                .stopWhen(Stoppers.reduction(0.5))
                .build()
                .optimize(TestData.trainedChain());
        assertThat(result.history()).hasSize(2);
        assertThat(result.reduction()).isGreaterThan(0.5);
        assertThat(result.history().get(1).score())
                .isLessThan(result.history().get(0).score());
    }

    @Test
    void without_a_goal_the_best_model_is_returned() {
        NetworkGraph network = Dl4jGraphs.read(TestData.trainedChain());
        OptimizationResult result = optimizer()
                .score(Score.accuracy(1))
                .maxDrop(1)
                .epochsPerGeneration(0)
                .generations(1)
                .search(new ScriptedSearch(Actions.removeNeurons(network.space("layer0"), 0.9)))
                .build()
                .optimize(TestData.trainedChain());
        assertThat(result.reduction()).isZero();
    }

    @Test
    void an_untrained_network_can_be_trained_first_and_grown() {
        MultiLayerNetwork model = new MultiLayerNetwork(TestData.configuration(2, 3));
        model.init();
        OptimizationResult result = optimizer()
                .initialEpochs(3)
                .generations(2)
                .score(Score.accuracy(1))
                .actions(Actions.neurons().remove())
                .search(new RandomSearch())
                .build()
                .optimize(model);
        assertThat(result.history().get(0).epochs()).isEqualTo(3);
        assertThat(result.network().parameterCount()).isGreaterThanOrEqualTo(model.numParams());
    }

    @Test
    void validation_is_held_out_when_none_is_given() {
        OptimizationResult result = StructureOptimizer.builder()
                .epochsPerGeneration(1)
                .train(TestData.clouds(600, 60, 1))
                .generations(1)
                .search(MonteCarloTreeSearch.builder().maxEvaluations(12).build())
                .simulation(new SimulationSettings(60, 0, 1, 15))
                .build()
                .optimize(TestData.trainedGraph());
        assertThat(result.history()).hasSize(2);
        assertThat(result.history().get(0).validationMetric()).isBetween(0.85, 1.0);
    }

    @Test
    void listeners_hear_of_the_start_every_search_and_every_generation() {
        List<String> events = new ArrayList<>();
        optimizer()
                .generations(2)
                .maxDrop(1)
                .fineTuneEpochs(1)
                .listener(event -> {
                    String last = events.isEmpty() ? "" : events.get(events.size() - 1);
                    if (event instanceof RunEvent.GenerationEnded ended) {
                        events.add("generation " + ended.generation().number());
                    } else if (event instanceof RunEvent.SearchEnded ended) {
                        events.add("search " + ended.generation());
                    } else if (event instanceof RunEvent.CandidateEvaluated evaluated) {
                        if (!last.equals("candidates " + evaluated.generation())) {
                            events.add("candidates " + evaluated.generation());
                        }
                    } else {
                        events.add(event.getClass().getSimpleName());
                    }
                })
                .build()
                .optimize(TestData.trainedGraph());
        assertThat(events)
                .containsExactly(
                        "RunStarted",
                        "generation 0",
                        "StateReached",
                        "candidates 1",
                        "RunForecast",
                        "candidates 1",
                        "search 1",
                        "generation 1",
                        "StateReached",
                        "candidates 2",
                        "search 2",
                        "generation 2",
                        "StateReached",
                        "StateReached",
                        "generation 3",
                        "StateReached",
                        "RunEnded");
    }

    @Test
    void provenance_tells_how_the_result_came_about() {
        OptimizationResult result = optimizer().generations(1).build().optimize(TestData.trainedGraph());
        Provenance provenance = result.provenance();
        assertThat(provenance.settings())
                .containsEntry("seed", "5")
                .containsEntry("generations", "1")
                .containsEntry("paretoCapacity", "10")
                .containsEntry("stopper", "never")
                .containsEntry("data.calibrationExamples", "1000")
                .containsEntry("training.schedule.type", "progressive")
                .containsEntry("training.schedule.steepness", "0.2")
                .containsEntry("search.projection", "importance-taylor+refit")
                .containsEntry("search.scheduler", "always")
                .containsEntry("search.strategy.type", "monte-carlo-tree")
                .containsEntry("search.score.terms[0].term", "accuracy")
                .containsEntry("search.score.terms[1].term", "relative-parameters")
                .containsEntry("search.score.terms[1].weight", "0.5");
        assertThat(RunSettings.fromJson(provenance.settingsJson()).seed()).isEqualTo(5);
        assertThat(provenance.versions()).containsEntry("deeplearning4j", "1.0.0-M2.1");
        assertThat(provenance.modelSha256()).hasSize(64);
    }
}
