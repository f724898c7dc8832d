package org.growingnn.dl4j.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.LayerActions.Kind;
import org.growingnn.dl4j.action.RemoveLayer;
import org.growingnn.dl4j.action.ResizeSpaces;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.ContentHash;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.projection.Resizer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;

/** Searches among networks that meet given costs. */
class TargetSearchTest {

    private static final double MOST_PARAMETERS = 400;
    private static final double MOST_MACS = 380;

    private final NetworkGraph root = Dl4jGraphs.read(perceptron());
    private final List<Evaluated> graded = new ArrayList<>();
    private final List<ThreadExecutor> executors = new ArrayList<>();

    private static MultiLayerNetwork perceptron() {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(5)
                .activation(Activation.RELU)
                .list()
                .layer(new DenseLayer.Builder().name("d1").nIn(6).nOut(24).build())
                .layer(new DenseLayer.Builder().name("d2").nOut(20).build())
                .layer(new DenseLayer.Builder().name("d3").nOut(16).build())
                .layer(new OutputLayer.Builder()
                        .name("out")
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        model.init();
        return model;
    }

    @AfterEach
    void stopWorkers() {
        executors.forEach(ThreadExecutor::close);
    }

    private static final ActionGenerator NO_EDITS = graph -> Stream.empty();

    private SearchTask task(ActionGenerator edits, ToDoubleFunction<NetworkGraph> score, int workers, long seed) {
        return task(root, edits, score, workers, seed);
    }

    private SearchTask task(
            NetworkGraph from, ActionGenerator edits, ToDoubleFunction<NetworkGraph> score, int workers, long seed) {
        ThreadExecutor executor = new ThreadExecutor(workers);
        executors.add(executor);
        graded.clear();
        return new SearchTask(
                        from,
                        edits,
                        Projections.importance(),
                        (candidate, evaluation, cancellation) -> new Grade(score.applyAsDouble(candidate), candidate),
                        Set.of(),
                        seed,
                        executor,
                        Cancellation.never(),
                        (candidate, progress) -> graded.add(candidate))
                .to(Target.of(Map.of(Cost.PARAMETERS, MOST_PARAMETERS, Cost.MACS, MOST_MACS), network -> network)
                        .withVariants(List.of(Projections.replication())));
    }

    private static List<SearchStrategy> strategies() {
        return List.of(
                GumbelTreeSearch.create().maxEvaluations(80),
                GumbelTreeSearch.create().withoutModel().maxEvaluations(80),
                BeamSearch.ofWidth(1).maxEvaluations(80),
                BeamSearch.ofWidth(3).maxEvaluations(80),
                BestFirstSearch.create().maxEvaluations(80),
                RandomSequences.ofDepth(3).maxEvaluations(80),
                GreedySearch.create().maxEvaluations(80),
                SuccessiveHalving.create().maxEvaluations(80),
                MonteCarloTreeSearch.builder().maxEvaluations(80).build(),
                MonteCarloTreeSearch.paper().maxEvaluations(80).build());
    }

    /** Wants a wide second layer and a narrow first one, which the ranking knows nothing of. */
    private static double lopsided(NetworkGraph network) {
        double first = Math.log(width(network, "d1")) - Math.log(4);
        double second = Math.log(width(network, "d2")) - Math.log(15);
        return -first * first - second * second;
    }

    private static long width(NetworkGraph network, String space) {
        return network.spaces().stream()
                .filter(each -> each.name().equals(space))
                .mapToLong(UnitSpace::size)
                .findFirst()
                .orElse(1);
    }

    private static void assertMeetsTarget(NetworkGraph network) {
        assertThat(network.parameterCount()).isLessThanOrEqualTo((long) MOST_PARAMETERS);
        assertThat(network.macs()).isLessThanOrEqualTo((long) MOST_MACS);
    }

    @Test
    void every_network_that_is_graded_or_chosen_meets_all_costs() {
        for (SearchStrategy strategy : strategies()) {
            for (ActionGenerator edits :
                    List.of(NO_EDITS, Actions.layers().only(Kind.REMOVE_LAYER, Kind.ADD_SEQUENTIAL))) {
                SearchResult result = strategy.search(task(edits, TargetSearchTest::lopsided, 2, 1));
                assertThat(graded).as("%s", strategy).isNotEmpty();
                graded.forEach(each -> assertMeetsTarget(each.candidate().network()));
                assertMeetsTarget(result.chosen().network());
            }
        }
    }

    @Test
    void networks_use_up_what_the_costs_allow() {
        BeamSearch.ofWidth(2).maxEvaluations(60).search(task(NO_EDITS, TargetSearchTest::lopsided, 1, 1));
        for (Evaluated each : graded) {
            NetworkGraph network = each.candidate().network();
            // At least one space could be made no wider; a swap fixes all but the one that pays.
            assertThat(network.spaces().stream()
                            .filter(space -> space.resizable()
                                    && space.size()
                                            < root.spaceNamed(space.name()).size()))
                    .anySatisfy(space -> {
                        NetworkGraph wider = Resizer.resize(
                                network,
                                Map.of(space.name(), Math.toIntExact(space.size() + 1)),
                                Projections.replication());
                        assertThat(wider.parameterCount() > MOST_PARAMETERS || wider.macs() > MOST_MACS)
                                .isTrue();
                    });
        }
    }

    @Test
    void the_search_begins_with_the_ranking_and_is_never_worse() {
        SearchResult ranking = new WithoutSearch(WithoutSearch.Allocation.RANKING)
                .search(task(NO_EDITS, TargetSearchTest::lopsided, 1, 1));
        double least = lopsided(ranking.chosen().network());
        for (SearchStrategy strategy : strategies()) {
            if (strategy instanceof MonteCarloTreeSearch) {
                // The most visited move need not be the best.
                continue;
            }
            SearchResult result = strategy.search(task(NO_EDITS, TargetSearchTest::lopsided, 2, 1));
            assertThat(ContentHash.of(graded.get(0).candidate().network()))
                    .isEqualTo(ContentHash.of(ranking.chosen().network()));
            assertThat(lopsided(result.chosen().network())).as("%s", strategy).isGreaterThanOrEqualTo(least);
        }
    }

    @Test
    void the_path_leads_from_the_root_to_the_network() {
        for (ActionGenerator edits : List.of(NO_EDITS, Actions.layers().only(Kind.REMOVE_LAYER))) {
            // Nothing is calibrated, so that changed layers need no calibration of their own.
            GumbelTreeSearch.create().maxEvaluations(60).search(task(edits, TargetSearchTest::lopsided, 2, 1));
            for (Evaluated each : graded) {
                NetworkGraph replayed = Actions.replay(root, each.candidate().path(), Projections.importance());
                assertThat(ContentHash.of(replayed))
                        .isEqualTo(ContentHash.of(each.candidate().network()));
                StructuralAction whole = Actions.sequence(each.candidate().path());
                assertThat(Actions.fromJson(Actions.toJson(whole))).isEqualTo(whole);
                assertThat(Actions.parse(whole.toString())).isEqualTo(whole);
            }
        }
    }

    @Test
    void the_result_depends_on_the_seed_but_not_on_the_number_of_workers() {
        ActionGenerator edits = Actions.layers().only(Kind.REMOVE_LAYER);
        for (SearchStrategy strategy : strategies()) {
            SearchResult one = strategy.search(task(edits, TargetSearchTest::lopsided, 1, 3));
            List<List<StructuralAction>> order =
                    graded.stream().map(each -> each.candidate().path()).toList();
            SearchResult four = strategy.search(task(edits, TargetSearchTest::lopsided, 4, 3));
            assertThat(four.chosen().path()).isEqualTo(one.chosen().path());
            assertThat(graded.stream().map(each -> each.candidate().path()).toList())
                    .isEqualTo(order);
        }
    }

    @Test
    void no_network_is_graded_twice_whatever_the_order_of_moves() {
        for (SearchStrategy strategy : List.of(
                GumbelTreeSearch.create().maxEvaluations(120),
                BeamSearch.ofWidth(3).maxEvaluations(120),
                BestFirstSearch.create().maxEvaluations(120))) {
            strategy.search(task(NO_EDITS, TargetSearchTest::lopsided, 2, 5));
            assertThat(graded.stream().map(each -> each.candidate().path())).doesNotHaveDuplicates();
        }
    }

    @Test
    void a_layer_is_left_out_where_that_is_worth_it_and_the_others_get_its_units() {
        // The third layer only does harm.
        ToDoubleFunction<NetworkGraph> score =
                network -> (network.order().contains("d3") ? 0 : 1) + 1e-3 * width(network, "d1");
        for (SearchStrategy strategy : List.of(
                GumbelTreeSearch.create().maxEvaluations(60),
                BeamSearch.ofWidth(1).maxEvaluations(60))) {
            SearchResult result = strategy.search(task(Actions.layers().only(Kind.REMOVE_LAYER), score, 1, 1));
            assertThat(result.chosen().path())
                    .anySatisfy(action -> assertThat(action).isInstanceOf(RemoveLayer.class));
            assertThat(result.chosen().network().order().contains("d3")).isFalse();
            assertThat(result.action())
                    .isEqualTo(Actions.sequence(result.chosen().path()));
        }
    }

    /** The best of all widths of three layers that meet the costs, by trying all. */
    private double best() {
        double best = Double.NEGATIVE_INFINITY;
        for (int first = 1; first <= 24; first++) {
            for (int second = 1; second <= 20; second++) {
                for (int third = 1; third <= 16; third++) {
                    long weights = 6L * first + first * second + second * third + third * 3L;
                    if (weights <= MOST_MACS && weights + first + second + third + 3 <= MOST_PARAMETERS) {
                        double one = Math.log(first) - Math.log(4);
                        double two = Math.log(second) - Math.log(15);
                        best = Math.max(best, -one * one - two * two);
                    }
                }
            }
        }
        return best;
    }

    @Test
    void tree_search_comes_close_to_the_best_of_all_widths_with_a_hundredth_of_the_evaluations() {
        for (long seed = 1; seed <= 5; seed++) {
            SearchResult result = GumbelTreeSearch.create()
                    .maxEvaluations(80)
                    .search(task(NO_EDITS, TargetSearchTest::lopsided, 1, seed));
            assertThat(result.evaluations()).isLessThanOrEqualTo(80);
            assertThat(best() - lopsided(result.chosen().network())).isBetween(-1e-9, 0.02);
        }
    }

    @Test
    void tree_search_changes_ten_layers_at_once_where_steepest_ascent_has_evaluations_for_one() {
        NeuralNetConfiguration.ListBuilder layers =
                new NeuralNetConfiguration.Builder().seed(5).list();
        layers.layer(new DenseLayer.Builder().name("d0").nIn(24).nOut(24).build());
        for (int layer = 1; layer < 10; layer++) {
            layers.layer(new DenseLayer.Builder().name("d" + layer).nOut(24).build());
        }
        MultiLayerNetwork deep = new MultiLayerNetwork(layers.layer(new OutputLayer.Builder()
                        .name("out")
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        deep.init();
        NetworkGraph network = Dl4jGraphs.read(deep);
        Target target = Target.of(Map.of(Cost.PARAMETERS, 0.3 * network.parameterCount()), each -> each);
        for (int seed = 1; seed <= 5; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            double[] wanted = random.doubles(10, Math.log(6), Math.log(24)).toArray();
            ToDoubleFunction<NetworkGraph> score = graph -> -IntStream.range(0, 10)
                    .mapToDouble(layer -> Math.pow(Math.log(width(graph, "d" + layer)) - wanted[layer], 2))
                    .sum();
            double[] found = Stream.of(
                            GumbelTreeSearch.create().maxEvaluations(100),
                            BeamSearch.ofWidth(1).maxEvaluations(100),
                            new WithoutSearch(WithoutSearch.Allocation.RANKING))
                    .mapToDouble(strategy -> score.applyAsDouble(
                            strategy.search(task(network, NO_EDITS, score, 2, 1).to(target))
                                    .chosen()
                                    .network()))
                    .toArray();
            // By how much better than where both began.
            assertThat(found[0] - found[2]).isGreaterThan(1.4 * (found[1] - found[2]));
        }
    }

    @Test
    void a_search_goes_on_from_what_another_one_has_chosen() {
        SearchTask task = task(NO_EDITS, TargetSearchTest::lopsided, 1, 1);
        Candidate chosen = GreedySearch.create().search(task).chosen();
        graded.clear();
        SearchResult further =
                GreedySearch.create().search(task.to(task.target().orElseThrow().from(chosen)));
        assertThat(graded.get(0).candidate().path()).isEqualTo(chosen.path());
        assertThat(lopsided(further.chosen().network())).isGreaterThan(lopsided(chosen.network()));
    }

    @Test
    void what_was_taken_back_is_not_chosen_again() {
        SearchTask task = task(NO_EDITS, TargetSearchTest::lopsided, 1, 1);
        StructuralAction first = GreedySearch.create().search(task).action();
        SearchTask without = new SearchTask(
                task.root(),
                task.actions(),
                task.projection(),
                task.evaluator(),
                Set.of(first),
                task.seed(),
                task.executor(),
                task.cancellation(),
                task.observer(),
                task.target());
        assertThat(GreedySearch.create().search(without).action()).isNotEqualTo(first);
    }

    @Test
    void uniform_allocation_keeps_about_the_same_share_of_every_layer() {
        SearchResult result = new WithoutSearch(WithoutSearch.Allocation.UNIFORM)
                .search(task(NO_EDITS, TargetSearchTest::lopsided, 1, 1));
        Map<String, Double> shares = new HashMap<>();
        for (UnitSpace space : result.chosen().network().spaces()) {
            if (space.resizable()) {
                shares.put(
                        space.name(),
                        (double) space.size() / root.spaceNamed(space.name()).size());
            }
        }
        double mean =
                shares.values().stream().mapToDouble(share -> share).average().orElseThrow();
        assertThat(shares.values())
                .hasSize(3)
                .allSatisfy(share -> assertThat(share).isBetween(mean - 0.1, mean + 0.1));
    }

    @Test
    void a_target_that_no_widths_meet_is_refused_with_what_it_is() {
        SearchTask task = task(NO_EDITS, TargetSearchTest::lopsided, 1, 1)
                .to(Target.of(Map.of(Cost.PARAMETERS, 5.0), network -> network));
        for (SearchStrategy strategy : strategies()) {
            assertThatThrownBy(() -> strategy.search(task))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("PARAMETERS=5.0")
                    .hasMessageContaining("cannot be met");
        }
    }

    @Test
    void without_a_target_there_is_nothing_to_meet() {
        SearchTask task = new SearchTask(
                root,
                Actions.neurons(),
                Projections.importance(),
                (candidate, seed, cancellation) -> new Grade(0, candidate),
                Set.of(),
                1,
                new ThreadExecutor(1),
                Cancellation.never(),
                (candidate, progress) -> {});
        executors.add((ThreadExecutor) task.executor());
        assertThatThrownBy(() -> new WithoutSearch(WithoutSearch.Allocation.RANKING).search(task))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("target");
    }

    @Test
    void widths_that_are_set_at_once_are_those_of_single_resizings() {
        NetworkGraph at = new ResizeSpaces(Map.of("d1", 5, "d3", 7), "").apply(root, Projections.importance());
        assertThat(width(at, "d1")).isEqualTo(5);
        assertThat(width(at, "d2")).isEqualTo(20);
        assertThat(width(at, "d3")).isEqualTo(7);
    }
}
