package org.growingnn.dl4j.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.action.AddResidual.Start;
import org.growingnn.dl4j.action.RemoveLayer.Rewiring;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.RandomNetwork;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.growingnn.dl4j.testing.RandomNetworks.Trait;
import org.growingnn.dl4j.training.Calibrator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** What is known from calibration after actions on layers. */
class CalibrationSurvivesTest {

    private static final Projection REFITTED = Projections.refitted(Projections.selection(Criteria.taylor()));

    // --- each action

    @ParameterizedTest
    @EnumSource(Rewiring.class)
    void removing_a_layer_touches_only_the_weights_that_consumed_it(Rewiring rewiring) {
        NetworkGraph graph = calibrated(chain(Activation.TANH));

        NetworkGraph shallow = new RemoveLayer("b", rewiring).apply(graph, REFITTED);

        assertSame(graph, shallow, "a", "d", "out");
        Calibration before = calibration(graph);
        Calibration after = calibration(shallow);
        assertThat(after.gradients().get("c")).containsOnlyKeys("b");
        assertThat(after.gradients().get("c").get("b"))
                .isEqualTo(before.gradients().get("c").get("b"));
        // What arrived at the layer arrives at its consumer now.
        assertThat(after.moments().get("c").matrix())
                .isEqualTo(before.moments().get("b").matrix());
        assertThat(after.activations()).doesNotContainKey("b").containsKey("c");
        assertPruningSpreads(shallow);
    }

    @Test
    void removing_a_layer_that_is_linear_leaves_what_a_new_calibration_would_find() {
        RandomNetwork network = chain(Activation.IDENTITY);

        assertTrue(network, graph -> new RemoveLayer("b", Rewiring.COMPOSITION).apply(graph, REFITTED));
    }

    @Test
    void removing_a_branch_of_a_concatenation_leaves_what_is_known_about_the_weights_that_stay() {
        RandomNetwork network = merged();
        NetworkGraph graph = calibrated(network);

        NetworkGraph cut = new RemoveBranch("merge", "b").apply(graph, REFITTED);

        assertSame(graph, cut, "a", "d", "out");
        Calibration fresh = calibration(calibrated(network, cut));
        Calibration after = calibration(cut);
        assertThat(after.moments().get("c").features())
                .isEqualTo(fresh.moments().get("c").features());
        assertThat(after.moments().get("c").matrix())
                .containsExactly(fresh.moments().get("c").matrix(), within(1e-9));
        // Of the weights [9 + 7 + 4, 8], the rows in the middle are gone.
        double[] all = calibration(graph).gradients().get("c").get("W").toDoubles();
        double[] left = after.gradients().get("c").get("W").toDoubles();
        assertThat(left).hasSize((9 + 4) * 8);
        assertThat(Arrays.copyOf(left, 9 * 8)).containsExactly(Arrays.copyOf(all, 9 * 8));
        assertThat(Arrays.copyOfRange(left, 9 * 8, left.length))
                .containsExactly(Arrays.copyOfRange(all, (9 + 7) * 8, all.length));
        assertPruningSpreads(cut);
    }

    @Test
    void removing_the_second_last_branch_of_a_concatenation_leaves_the_same() {
        RandomNetwork network = network(
                builder()
                        .addLayer("a", dense(9, Activation.RELU), "in")
                        .addLayer("b", dense(7, Activation.TANH), "in")
                        .addVertex("merge", new MergeVertex(), "a", "b")
                        .addLayer("c", dense(8, Activation.TANH), "merge")
                        .addLayer("out", output(), "c"),
                InputType.feedForward(5));
        NetworkGraph graph = calibrated(network);

        NetworkGraph cut = new RemoveBranch("merge", "a").apply(graph, REFITTED);

        assertThat(cut.order()).containsExactly("b", "c", "out");
        assertSame(graph, cut, "b", "out");
        assertThat(calibration(cut).moments().get("c").matrix())
                .containsExactly(
                        calibration(calibrated(network, cut)).moments().get("c").matrix(), within(1e-9));
        assertThat(calibration(cut).gradients().get("c")).containsOnlyKeys("W", "b");
    }

    @Test
    void removing_a_summand_forgets_the_moments_of_the_sum_and_keeps_gradients() {
        NetworkGraph graph = calibrated(network(
                builder()
                        .addLayer("a", dense(9, Activation.RELU), "in")
                        .addLayer("b", dense(9, Activation.TANH), "a")
                        .addLayer("e", dense(9, Activation.TANH), "in")
                        .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "b", "a", "e")
                        .addLayer("c", dense(8, Activation.TANH), "sum")
                        .addLayer("out", output(), "c"),
                InputType.feedForward(5)));

        // The sum's units are called after its first part, which goes.
        NetworkGraph cut = new RemoveBranch("sum", "b").apply(graph, REFITTED);

        assertThat(calibration(graph).activations()).containsKey("sum");
        assertSame(graph, cut, "a", "e", "out");
        assertThat(calibration(cut).gradients().get("c"))
                .isEqualTo(calibration(graph).gradients().get("c"));
        assertThat(calibration(cut).moments()).doesNotContainKeys("b", "c");
        assertThat(calibration(cut).activations())
                .doesNotContainKeys("b", "sum")
                .containsKey("c");
        assertPruningSpreads(cut);
    }

    @ParameterizedTest
    @EnumSource(Start.class)
    void adding_a_residual_layer_touches_only_the_weights_that_are_extended(Start start) {
        RandomNetwork network = chain(Activation.TANH);
        NetworkGraph graph = calibrated(network);
        AddResidual action = new AddResidual("a", "d", 6, start, AddResidual.DEFAULT_ACTIVATION);

        NetworkGraph grown = action.apply(graph, REFITTED);

        assertSame(graph, grown, "a", "b", "c", "out");
        assertThat(calibration(grown).gradients().get("d")).containsOnlyKeys("b");
        assertThat(calibration(grown).moments()).doesNotContainKeys("d", "a>d");
        assertPruningSpreads(grown);
        assertTrue(network, before -> action.apply(before, REFITTED));
    }

    @ParameterizedTest
    @ValueSource(strings = {AddSequential.AUTO, "tanh"})
    void adding_a_layer_keeps_all_that_is_known_if_it_changes_nothing(String activation) {
        RandomNetwork network = chain(Activation.TANH);
        NetworkGraph graph = calibrated(network);
        AddSequential action = new AddSequential("c", "d", activation);

        NetworkGraph grown = action.apply(graph, REFITTED);

        assertSame(graph, grown, "a", "b", "c", "out");
        Calibration before = calibration(graph);
        Calibration after = calibration(grown);
        if (activation.equals(AddSequential.AUTO)) {
            assertThat(after.gradients().get("d")).isEqualTo(before.gradients().get("d"));
            assertThat(after.moments().get("d")).isSameAs(before.moments().get("d"));
            assertThat(after.activations().get("c+d"))
                    .isSameAs(before.activations().get("c"));
            assertTrue(network, old -> action.apply(old, REFITTED));
        } else {
            assertThat(after.gradients().get("d")).containsOnlyKeys("b");
            assertThat(after.moments()).doesNotContainKey("d");
            assertThat(after.activations()).doesNotContainKey("c+d");
        }
        assertPruningSpreads(grown);
    }

    @Test
    void maps_that_are_pooled_and_flattened_are_known_as_long_as_the_same_arrive() {
        RandomNetwork network = network(
                builder()
                        .addLayer("a", convolution(6), "in")
                        .addLayer("b", convolution(6), "a")
                        .addLayer(
                                "pool",
                                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                                        .kernelSize(2, 2)
                                        .stride(2, 2)
                                        .build(),
                                "b")
                        .addLayer("c", dense(8, Activation.TANH), "pool")
                        .addLayer("out", output(), "c"),
                InputType.convolutional(4, 4, 2));
        NetworkGraph graph = calibrated(network);

        NetworkGraph shallow = new RemoveLayer("b", Rewiring.BYPASS).apply(graph, REFITTED);

        assertThat(calibration(graph).activations()).containsKey("pool");
        assertSame(graph, shallow, "a", "out");
        assertThat(calibration(shallow).activations()).doesNotContainKey("pool");
        assertThat(calibration(shallow).moments()).doesNotContainKey("c");
        assertThat(calibration(shallow).gradients().get("c")).containsOnlyKeys("b");
        assertTrue(network, old -> new AddSequential("a", "b", AddSequential.AUTO).apply(old, REFITTED));
    }

    // --- all actions

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void whatever_is_known_fits_the_network_and_is_true_where_the_function_is_preserved(long seed) {
        RandomNetwork network = RandomNetworks.graph(seed, new Sgd(0.01), Trait.PLAIN_TRAINING, Trait.DOUBLE_PRECISION);
        NetworkGraph graph = calibrated(network);
        List<StructuralAction> actions = new ArrayList<>(
                Actions.layers().residualStarts(Start.values()).generate(graph).toList());
        Collections.shuffle(actions, new Random(seed));
        Map<Class<?>, Integer> tried = new HashMap<>();
        actions.removeIf(action -> tried.merge(action.getClass(), 1, Integer::sum) > 2);
        for (StructuralAction action : actions) {
            NetworkGraph edited = action.apply(graph, REFITTED);
            Calibration known = calibration(edited);
            known.gradients()
                    .forEach((vertex, byKey) -> byKey.forEach((key, gradient) -> assertThat(gradient.shape())
                            .as(action + ": " + vertex + "/" + key)
                            .isEqualTo(edited.vertex(vertex)
                                    .parameters()
                                    .get(key)
                                    .value()
                                    .shape())));
            known.activations()
                    .forEach((name, activations) -> assertThat((long) activations.size())
                            .as(action + ": " + name)
                            .isEqualTo(edited.signal(name).units().length()));
            known.moments()
                    .forEach((vertex, moments) -> assertThat(moments.keys().stream()
                                    .mapToInt(key -> edited.vertex(vertex)
                                                    .parameters()
                                                    .get(key)
                                                    .value()
                                                    .length()
                                            / Math.toIntExact(
                                                    edited.space(vertex).size()))
                                    .sum())
                            .as(action + ": " + vertex)
                            // LSTM have four gates of each unit.
                            .isIn(moments.features(), 4 * moments.features()));
            if (action.preservesFunction(graph, REFITTED) && !(action instanceof RemoveLayer)) {
                assertTrue(network, old -> action.apply(old, REFITTED));
            }
            for (UnitSpace space : edited.spaces()) {
                if (space.resizable() && space.size() > 1 && space.size() - 1 >= space.minimum()) {
                    // Everything that is known has to follow.
                    assertThat(Actions.removeNeurons(space, 0.5)
                                    .apply(edited, Projections.selection(Criteria.random(1)))
                                    .calibration())
                            .isPresent();
                }
            }
        }
    }

    // --- checks

    private static void assertSame(NetworkGraph before, NetworkGraph after, String... untouched) {
        Calibration known = calibration(before);
        Calibration kept = calibration(after);
        for (String name : untouched) {
            assertThat(after.vertex(name)).as(name).isSameAs(before.vertex(name));
            assertThat(kept.gradients().get(name))
                    .as(name)
                    .isEqualTo(known.gradients().get(name));
            assertThat(kept.moments().get(name))
                    .as(name)
                    .isSameAs(known.moments().get(name));
            assertThat(kept.activations().get(name))
                    .as(name)
                    .isSameAs(known.activations().get(name));
        }
    }

    /** Checks that all that is known after an action which preserves the function is what a new calibration finds. */
    private static void assertTrue(RandomNetwork network, UnaryOperator<NetworkGraph> action) {
        NetworkGraph edited = action.apply(calibrated(network));
        Calibration known = calibration(edited);
        Calibration fresh = calibration(calibrated(network, edited));
        assertThat(known.gradients()).isNotEmpty();
        known.gradients()
                .forEach((vertex, byKey) -> byKey.forEach((key, gradient) -> assertClose(
                        vertex + "/" + key,
                        gradient.toDoubles(),
                        fresh.gradients().get(vertex).get(key).toDoubles())));
        known.moments()
                .forEach((vertex, moments) -> assertClose(
                        vertex, moments.matrix(), fresh.moments().get(vertex).matrix()));
        known.activations().forEach((name, activations) -> {
            // Where a space is last seen may have changed.
            if (fresh.activations().containsKey(name)) {
                assertClose(
                        name,
                        activations.products(),
                        fresh.activations().get(name).products());
            }
        });
    }

    private static void assertClose(String what, double[] actual, double[] expected) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        double scale = 1;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            scale = Math.max(scale, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs(expected[i] - actual[i]));
        }
        assertThat(difference / scale).as(what).isLessThan(1e-6);
    }

    private static void assertPruningSpreads(NetworkGraph edited) {
        NetworkGraph pruned = new PruneGlobally(0.3, 1).apply(edited, REFITTED);

        assertThat(edited.spaces().stream()
                        .filter(space -> pruned.spaceNamed(space.name()).size() < space.size())
                        .map(UnitSpace::name))
                .hasSizeGreaterThan(1);
        assertThat(pruned.vertices()).extracting(Vertex::name).hasSameSizeAs(edited.vertices());
    }

    // --- networks

    /** What holds for gradients holds for their squares: the same of them are kept, in the same shapes. */
    private static Calibration calibration(NetworkGraph graph) {
        Calibration calibration = graph.calibration().orElseThrow();
        assertThat(shapes(calibration.squaredGradients())).isEqualTo(shapes(calibration.gradients()));
        calibration.squaredGradients().values().stream()
                .flatMap(byKey -> byKey.values().stream())
                .forEach(squares ->
                        assertThat(Arrays.stream(squares.toDoubles())).allMatch(square -> square >= 0));
        return calibration;
    }

    private static Map<String, List<Long>> shapes(Map<String, Map<String, Tensor>> tensors) {
        Map<String, List<Long>> shapes = new TreeMap<>();
        tensors.forEach((vertex, byKey) -> byKey.forEach((key, tensor) -> shapes.put(
                vertex + "/" + key, Arrays.stream(tensor.shape()).boxed().toList())));
        return shapes;
    }

    private static NetworkGraph calibrated(RandomNetwork network) {
        return calibrated(network, network.read());
    }

    private static NetworkGraph calibrated(RandomNetwork network, NetworkGraph graph) {
        List<MultiDataSet> batches = List.of(network.batch(3), network.batch(4));
        return new Calibrator(2).withSquaredGradients(true).calibrate(graph, TrainingData.of(batches));
    }

    private static RandomNetwork chain(Activation activation) {
        return network(
                builder()
                        .addLayer("a", dense(20, Activation.RELU), "in")
                        .addLayer("b", dense(12, activation), "a")
                        .addLayer("c", dense(16, Activation.TANH), "b")
                        .addLayer("d", dense(10, Activation.RELU), "c")
                        .addLayer("out", output(), "d"),
                InputType.feedForward(8));
    }

    private static RandomNetwork merged() {
        return network(
                builder()
                        .addLayer("a", dense(9, Activation.RELU), "in")
                        .addLayer("b", dense(7, Activation.TANH), "in")
                        .addLayer("e", dense(4, Activation.TANH), "in")
                        .addVertex("merge", new MergeVertex(), "a", "b", "e")
                        .addLayer("c", dense(8, Activation.TANH), "merge")
                        .addLayer("d", dense(8, Activation.TANH), "c")
                        .addLayer("out", output(), "d"),
                InputType.feedForward(5));
    }

    private static GraphBuilder builder() {
        return new NeuralNetConfiguration.Builder()
                .updater(new Sgd(0.01))
                .dataType(DataType.DOUBLE)
                .graphBuilder()
                .addInputs("in")
                .setOutputs("out");
    }

    private static DenseLayer dense(int units, Activation activation) {
        return new DenseLayer.Builder().nOut(units).activation(activation).build();
    }

    private static ConvolutionLayer convolution(int units) {
        return new ConvolutionLayer.Builder(3, 3)
                .nOut(units)
                .padding(1, 1)
                .activation(Activation.RELU)
                .build();
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(3)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static RandomNetwork network(GraphBuilder builder, InputType type) {
        ComputationGraph model =
                new ComputationGraph(builder.setInputTypes(type).build());
        model.init();
        RandomNetworks.randomize(model, new Random(6));
        return new RandomNetwork(6, model, List.of(type));
    }
}
