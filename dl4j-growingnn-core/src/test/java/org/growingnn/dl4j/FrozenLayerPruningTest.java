package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.AddNeurons;
import org.growingnn.dl4j.action.LayerActions;
import org.growingnn.dl4j.action.RemoveLayer;
import org.growingnn.dl4j.action.RemoveLayer.Rewiring;
import org.growingnn.dl4j.action.RemoveNeurons;
import org.growingnn.dl4j.adapter.AdapterRegistry;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.projection.Resizer;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.GreedySearch;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.growingnn.dl4j.testing.SubArrays;
import org.growingnn.dl4j.training.Calibrator;
import org.growingnn.dl4j.training.SimulationSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** Frozen layers keep their units unless the user allows that they go; what is left of their weights never changes. */
class FrozenLayerPruningTest {

    private static final int EXTENT = 6;
    private static final int CLASSES = 3;

    private static final List<String> BASE = List.of("stem", "norm", "left", "right", "sum", "deep");

    // --- models

    private static NeuralNetConfiguration.Builder settings() {
        // Of double precision, so that all values differ.
        return new NeuralNetConfiguration.Builder()
                .seed(7)
                .dataType(DataType.DOUBLE)
                .updater(new Adam(0.01))
                .convolutionMode(ConvolutionMode.Same)
                .activation(Activation.RELU);
    }

    private static Layer convolution(int units) {
        return new ConvolutionLayer.Builder(3, 3).nOut(units).build();
    }

    private static Layer dense(int units) {
        return new DenseLayer.Builder().nOut(units).build();
    }

    private static Layer output() {
        return new OutputLayer.Builder()
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static ComputationGraph random(GraphBuilder builder, InputType type) {
        ComputationGraph model =
                new ComputationGraph(builder.setInputTypes(type).build());
        model.init();
        RandomNetworks.randomize(model, new Random(3));
        return model;
    }

    /** A base with batch norm and a residual sum, and a head of its own. */
    private static ComputationGraph transferred() {
        ComputationGraph taught = random(
                settings()
                        .graphBuilder()
                        .addInputs("in")
                        .addLayer("stem", convolution(8), "in")
                        .addLayer("norm", new BatchNormalization(), "stem")
                        .addLayer("left", convolution(10), "norm")
                        .addLayer("right", convolution(10), "norm")
                        .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "left", "right")
                        .addLayer("deep", convolution(9), "sum")
                        .addLayer("pool", new GlobalPoolingLayer(), "deep")
                        .addLayer("old", output(), "pool")
                        .setOutputs("old"),
                InputType.convolutional(EXTENT, EXTENT, 1));
        return new TransferLearning.GraphBuilder(taught)
                .setFeatureExtractor("deep")
                .removeVertexAndConnections("old")
                .addLayer("hidden", new DenseLayer.Builder().nIn(9).nOut(12).build(), "pool")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nIn(12)
                                .nOut(CLASSES)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "hidden")
                .setOutputs("out")
                .build();
    }

    private static MultiLayerNetwork transferredChain() {
        MultiLayerNetwork taught = new MultiLayerNetwork(settings()
                .list()
                .layer(dense(14))
                .layer(new BatchNormalization())
                .layer(dense(12))
                .layer(output())
                .setInputType(InputType.feedForward(TestData.FEATURES))
                .build());
        taught.init();
        RandomNetworks.randomize(taught, new Random(5));
        return new TransferLearning.Builder(taught)
                .fineTuneConfiguration(new FineTuneConfiguration.Builder()
                        .updater(new Adam(0.01))
                        .build())
                .setFeatureExtractor(2)
                .removeOutputLayer()
                .addLayer(new OutputLayer.Builder()
                        .nIn(12)
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build();
    }

    private static DataSetIterator images(int batch) {
        Random random = new Random(9);
        INDArray features = Nd4j.create(DataType.DOUBLE, 60, 1, EXTENT, EXTENT);
        INDArray labels = Nd4j.create(DataType.DOUBLE, 60, CLASSES);
        for (int i = 0; i < 60; i++) {
            int label = i % CLASSES;
            labels.putScalar(i, label, 1);
            for (int row = 0; row < EXTENT; row++) {
                for (int column = 0; column < EXTENT; column++) {
                    features.putScalar(
                            new int[] {i, 0, row, column}, random.nextGaussian() + (column / 2 == label ? 2 : 0));
                }
            }
        }
        return new ListDataSetIterator<>(new DataSet(features, labels).asList(), batch);
    }

    private static DataSetIterator vectors() {
        DataSet cloud = TestData.cloud(60, 4);
        return new ListDataSetIterator<>(
                new DataSet(
                                cloud.getFeatures().castTo(DataType.DOUBLE),
                                cloud.getLabels().castTo(DataType.DOUBLE))
                        .asList(),
                12);
    }

    private static NetworkGraph read(Model model) {
        return Dl4jGraphs.read(model, AdapterRegistry.load().pruneFrozenLayers(true));
    }

    private static NetworkGraph calibrated(NetworkGraph network, DataSetIterator data) {
        return new Calibrator().calibrate(network, TrainingData.of(data));
    }

    private static Map<String, double[]> values(ComputationGraph model, List<String> layers) {
        Map<String, double[]> values = new LinkedHashMap<>();
        layers.forEach(layer -> model.getVertex(layer)
                .paramTable(false)
                .forEach((key, array) -> values.put(layer + "/" + key, Models.values(array))));
        return values;
    }

    private static boolean isFrozen(ComputationGraph model, String vertex) {
        return model.getConfiguration().getVertices().get(vertex) instanceof FrozenVertex
                || model.getConfiguration().getVertices().get(vertex) instanceof LayerVertex layer
                        && layer.getLayerConf().getLayer() instanceof FrozenLayer;
    }

    // --- pruning

    @Test
    void by_default_a_frozen_base_keeps_its_widths_and_names_the_setting_that_allows_more() {
        ComputationGraph model = transferred();

        PruningResult result = StructuralPruner.to(PruningTarget.reduction(0.05))
                .calibrate(images(12))
                .prune(model);

        assertThat(values(result.graph(), BASE))
                .containsOnlyKeys(values(model, BASE).keySet());
        values(model, BASE)
                .forEach((key, before) ->
                        assertThat(values(result.graph(), BASE).get(key)).isEqualTo(before));
        assertThat(Dl4jGraphs.read(model).space("stem").frozen())
                .hasValueSatisfying(reason -> assertThat(reason)
                        .contains("'stem' is frozen in the model")
                        .contains("pruneFrozenLayers(true)"));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> StructuralPruner.to(PruningTarget.reduction(0.6)).prune(model))
                .withMessageContaining("pruneFrozenLayers(true)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StructuralPruner.to(PruningTarget.widths(Map.of("deep", 4)))
                        .prune(model))
                .withMessageContaining("pruneFrozenLayers(true)");
    }

    static Stream<Projection> projections() {
        return Stream.of(
                Projections.selection(Criteria.l2()),
                Projections.paper(),
                Projections.pseudoInverse(),
                Projections.similarityArea(),
                Projections.clusters(),
                Projections.refitted(Projections.clusters()));
    }

    @ParameterizedTest
    @MethodSource("projections")
    void what_is_left_of_an_allowed_base_is_what_it_was_bit_for_bit(Projection projection) {
        ComputationGraph model = transferred();

        PruningResult result = StructuralPruner.to(PruningTarget.reduction(0.5))
                .calibrate(images(12))
                .projection(projection)
                .pruneFrozenLayers(true)
                .prune(model);

        assertLeft(model, result);
    }

    @Test
    void allowed_bases_are_pruned_by_default_settings_with_and_without_data() {
        ComputationGraph model = transferred();
        assertLeft(
                model,
                StructuralPruner.to(PruningTarget.reduction(0.5))
                        .pruneFrozenLayers(true)
                        .prune(model));
        assertLeft(
                model,
                StructuralPruner.to(PruningTarget.reduction(0.5))
                        .calibrate(images(12))
                        .pruneFrozenLayers(true)
                        .rounds(2, (graph, round, rounds) -> graph.fit(images(12)))
                        .prune(model));
    }

    private static void assertLeft(ComputationGraph model, PruningResult result) {
        ComputationGraph pruned = result.graph();
        assertThat(pruned.numParams()).isLessThanOrEqualTo(model.numParams() / 2);
        NetworkGraph before = Dl4jGraphs.read(model);
        NetworkGraph after = Dl4jGraphs.read(pruned);
        assertThat(SubArrays.missing(after, before, BASE)).isPositive();
        for (String layer : List.of("stem", "left", "right", "deep")) {
            int[] units = SubArrays.positions(
                            after.vertex(layer).parameters().get("b").value(),
                            before.vertex(layer).parameters().get("b").value())
                    .get(0);
            assertThat(result.lineage().origins(layer)).contains(units);
            assertThat(result.kept().getOrDefault(before.space(layer).name(), all(before, layer)))
                    .isEqualTo(units);
        }
        // Statistics of batch norm are selected, too.
        int[] stem = result.lineage().origins("stem").orElseThrow();
        before.vertex("norm")
                .parameters()
                .forEach((key, old) -> assertThat(SubArrays.positions(
                                        after.vertex("norm")
                                                .parameters()
                                                .get(key)
                                                .value(),
                                        old.value())
                                .get(0))
                        .isEqualTo(stem));
        assertThat(BASE).allMatch(vertex -> isFrozen(pruned, vertex));
        // What was frozen is, and what was not still learns.
        Map<String, double[]> base = values(pruned, BASE);
        Map<String, double[]> head = values(pruned, List.of("hidden", "out"));
        pruned.fit(images(20));
        values(pruned, BASE).forEach((key, values) -> assertThat(values).isEqualTo(base.get(key)));
        values(pruned, List.of("hidden", "out"))
                .forEach((key, values) -> assertThat(values).isNotEqualTo(head.get(key)));
    }

    private static int[] all(NetworkGraph network, String layer) {
        return IntStream.range(0, (int) network.space(layer).size()).toArray();
    }

    @Test
    void chains_with_a_frozen_base_stay_frozen_chains() {
        MultiLayerNetwork model = transferredChain();
        List<String> base = List.of("layer0", "layer1", "layer2");

        PruningResult result = StructuralPruner.to(PruningTarget.reduction(0.6))
                .calibrate(vectors())
                .pruneFrozenLayers(true)
                .prune(model);

        MultiLayerNetwork pruned = Dl4jGraphs.toMultiLayerNetwork(result.network());
        assertThat(pruned.numParams()).isLessThanOrEqualTo((long) (0.4 * model.numParams()));
        assertThat(SubArrays.missing(Dl4jGraphs.read(pruned), Dl4jGraphs.read(model), base))
                .isPositive();
        for (int layer = 0; layer < 3; layer++) {
            assertThat(pruned.getLayerWiseConfigurations().getConf(layer).getLayer())
                    .isInstanceOf(FrozenLayer.class);
        }
        double[] first = Models.values(pruned.getParam("0_W"));
        double[] last = Models.values(pruned.getParam("3_W"));
        pruned.fit(vectors());
        assertThat(Models.values(pruned.getParam("0_W"))).isEqualTo(first);
        assertThat(Models.values(pruned.getParam("3_W"))).isNotEqualTo(last);
    }

    // --- what touches frozen and other layers

    @Test
    void spaces_that_frozen_and_other_layers_share_or_hand_on_are_only_selected_from() {
        ComputationGraph model = random(
                settings()
                        .graphBuilder()
                        .addInputs("in")
                        .addLayer("front", dense(9), "in")
                        .addLayer("norm", new FrozenLayerWithBackprop(new BatchNormalization()), "front")
                        .addLayer("frozen", new FrozenLayerWithBackprop(dense(8)), "norm")
                        .addLayer("free", dense(8), "norm")
                        .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "frozen", "free")
                        .addLayer("behind", dense(11), "sum")
                        .addLayer("out", output(), "behind")
                        .setOutputs("out"),
                InputType.feedForward(TestData.FEATURES));
        NetworkGraph network = calibrated(read(model), vectors());
        assertThat(network.space("front").selectionOnly()).isTrue();
        assertThat(network.space("sum").selectionOnly()).isTrue();
        assertThat(network.space("sum").features()).isFalse();
        assertThat(network.space("behind").selectionOnly()).isFalse();

        NetworkGraph narrow = Resizer.resize(
                network, Map.of("front", 5, "frozen", 4, "behind", 6), Projections.refitted(Projections.clusters()));

        assertThat(narrow.space("front").size()).isEqualTo(5);
        assertThat(narrow.space("sum").size()).isEqualTo(4);
        assertThat(SubArrays.missing(narrow, network, List.of("norm", "frozen")))
                .isEqualTo(4 * 4 + 4 + 4 + 4);
        // The unfrozen consumer of the sum was refitted, the one in the sum mixes no units of it.
        assertThat(narrow.lineage().orElseThrow().origins("front")).isPresent();
        assertThat(narrow.lineage().orElseThrow().origins("free")).isPresent();
        assertThat(narrow.lineage().orElseThrow().origins("behind")).isEmpty();
    }

    @Test
    void recurrent_layers_that_are_frozen_inside_of_a_wrapper_are_neither_mixed_nor_refitted() {
        ComputationGraph model = random(
                settings()
                        .graphBuilder()
                        .addInputs("in")
                        .addLayer("front", new LSTM.Builder().nOut(6).build(), "in")
                        .addLayer(
                                "last",
                                new LastTimeStep(new FrozenLayerWithBackprop(
                                        new LSTM.Builder().nOut(5).build())),
                                "front")
                        .addLayer("out", output(), "last")
                        .setOutputs("out"),
                InputType.recurrent(4, 3));
        Nd4j.getRandom().setSeed(2);
        DataSet batch = new DataSet(
                Nd4j.randn(DataType.DOUBLE, 20, 4, 3),
                Nd4j.eye(CLASSES)
                        .castTo(DataType.DOUBLE)
                        .repeat(0, 7)
                        .getRows(IntStream.range(0, 20).toArray()));
        NetworkGraph network = calibrated(read(model), new ListDataSetIterator<>(batch.asList(), 10));

        NetworkGraph narrow = Resizer.resize(
                network, Map.of("front", 3, "last", 2), Projections.refitted(Projections.pseudoInverse()));

        assertThat(SubArrays.missing(narrow, network, List.of("last"))).isPositive();
    }

    // --- what is refused

    @Test
    void frozen_layers_neither_grow_nor_go() {
        NetworkGraph network = calibrated(read(transferred()), images(12));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AddNeurons("stem", 1.5).apply(network, Projections.replication()))
                .withMessageContaining("'stem'")
                .withMessageContaining("is frozen in the model");
        UnitSpace deep = network.space("deep");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Resizer.resize(network, deep, Projections.clusters().map(network, deep, 4)))
                .withMessageContaining("'deep' is frozen in the model");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RemoveLayer("deep", Rewiring.BYPASS).apply(network, Projections.replication()))
                .withMessageContaining("is frozen in the model");
        assertThat(Actions.neurons().generate(network))
                .contains(new RemoveNeurons("deep", 0.5, 1), new AddNeurons("hidden", 1.5))
                .doesNotContain(new AddNeurons("deep", 1.5), new AddNeurons("left", 1.5));
        assertThat(Actions.layers().only(LayerActions.Kind.REMOVE_LAYER).generate(network))
                .allMatch(action -> ((RemoveLayer) action).layer().equals("hidden"));
    }

    // --- gradients

    @Test
    void gradients_of_frozen_layers_are_those_of_the_same_layers_if_they_were_not_frozen() {
        ComputationGraph frozen = random(chain(true), InputType.feedForward(TestData.FEATURES));
        ComputationGraph free = random(chain(false), InputType.feedForward(TestData.FEATURES));
        NetworkGraph expected = calibrated(Dl4jGraphs.read(free), vectors());

        NetworkGraph found = calibrated(read(frozen), vectors());

        assertThat(found.calibration().orElseThrow().gradients().keySet())
                .containsAll(List.of("first", "second", "third", "out"));
        for (String layer : List.of("first", "second", "third", "out")) {
            assertThat(found.calibration().orElseThrow().gradients().get(layer).get("W"))
                    .isEqualTo(expected.calibration()
                            .orElseThrow()
                            .gradients()
                            .get(layer)
                            .get("W"));
        }
        assertThat(Criteria.rate(Criteria.taylor(), found, found.space("first")))
                .containsExactly(Criteria.rate(Criteria.taylor(), expected, expected.space("first")));
        // Without leave to prune, nothing changes.
        assertThat(calibrated(Dl4jGraphs.read(frozen), vectors())
                        .calibration()
                        .orElseThrow()
                        .gradients()
                        .get("first")
                        .get("W")
                        .toDoubles())
                .containsOnly(0);
    }

    private static GraphBuilder chain(boolean frozen) {
        Layer second = dense(7);
        if (frozen) {
            // Frozen layers have no dropout in training.
            second.setIDropout(new Dropout(0.5));
        }
        return settings()
                .graphBuilder()
                .addInputs("in")
                .addLayer("first", frozen ? new FrozenLayer(dense(8)) : dense(8), "in")
                .addLayer("second", frozen ? new FrozenLayer(second) : second, "first")
                .addLayer(
                        "drop",
                        frozen ? new FrozenLayer(new DropoutLayer(0.5)) : new ActivationLayer(Activation.IDENTITY),
                        "second")
                .addLayer("third", frozen ? new FrozenLayerWithBackprop(dense(6)) : dense(6), "drop")
                .addLayer("out", output(), "third")
                .setOutputs("out");
    }

    // --- searching

    @Test
    void a_run_shrinks_an_allowed_base_bit_for_bit_while_the_head_is_mixed_and_trained() {
        ComputationGraph model = transferred();

        OptimizationResult result = StructureOptimizer.builder()
                .train(images(20))
                .validation(images(60))
                .generations(5)
                .actions(Actions.neurons().and(Actions.layers()))
                .projection(Projections.refitted(Projections.clusters()))
                .search(GreedySearch.create())
                .simulation(new SimulationSettings(30, 0.5, 1, 15))
                .score(Score.metric(0.1).relativeParameters(1))
                .maxDrop(1)
                .fineTuneEpochs(2)
                .pruneFrozenLayers(true)
                .seed(3)
                .build()
                .optimize(model);

        NetworkGraph before = Dl4jGraphs.read(model);
        NetworkGraph after = Dl4jGraphs.read(result.graph());
        List<String> layers = List.of("stem", "norm", "left", "right", "deep");
        assertThat(SubArrays.missing(after, before, layers)).isPositive();
        assertThat(layers).filteredOn(after::isVertex).allMatch(layer -> isFrozen(result.graph(), layer));
        assertThat(result.reduction()).isGreaterThan(0.5);
        assertThat(result.provenance().settingsJson()).contains("\"pruneFrozenLayers\" : true");
    }
}
