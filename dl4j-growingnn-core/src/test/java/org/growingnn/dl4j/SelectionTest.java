package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.util.ModelSerializer;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkMeasures;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Selection;
import org.growingnn.dl4j.graph.SparseMatrix;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.projection.Resizer;
import org.growingnn.dl4j.projection.UnitMap;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.MonteCarloTreeSearch;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.growingnn.dl4j.training.SimulationSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

class SelectionTest {

    private static final int WIDTH = 12;
    private static final int CLASSES = 3;

    /** Four runs, one of them of a single feature. */
    private static final int[] KEPT = {0, 1, 4, 6, 7, 8, 11};

    private static final int[] LEFT_OUT = {2, 3, 5, 9, 10};

    @TempDir
    private Path directory;

    private static GraphBuilder builder(IUpdater updater) {
        return new NeuralNetConfiguration.Builder()
                .seed(5)
                .updater(updater)
                .activation(Activation.TANH)
                .graphBuilder();
    }

    private static DenseLayer layer(int units) {
        return new DenseLayer.Builder().nOut(units).build();
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder()
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static ComputationGraph initialized(GraphBuilder builder, long seed) {
        ComputationGraph model = new ComputationGraph(builder.build());
        model.init();
        RandomNetworks.randomize(model, new Random(seed));
        return model;
    }

    private static ComputationGraph dense(int width, IUpdater updater, long seed) {
        return initialized(
                builder(updater)
                        .addInputs("in")
                        .addLayer("first", layer(5 + (int) (seed % 3)), "in")
                        .addLayer("second", layer(4), "first")
                        .addLayer("out", output(), "second")
                        .setOutputs("out")
                        .setInputTypes(InputType.feedForward(width)),
                seed);
    }

    private static ComputationGraph dense(long seed) {
        return dense(WIDTH, new Adam(0.01), seed);
    }

    private static MultiDataSet batch(int width, long seed) {
        Nd4j.getRandom().setSeed(seed);
        INDArray labels = Nd4j.zeros(8, CLASSES);
        for (int i = 0; i < 8; i++) {
            labels.putScalar(i, (i + seed) % CLASSES, 1);
        }
        return new MultiDataSet(Nd4j.randn(8, width), labels);
    }

    private static NetworkGraph selected(NetworkGraph graph, String input, int... kept) {
        NetworkGraph inserted = Selection.insert(graph, input);
        UnitSpace features =
                inserted.space(Selection.behind(inserted, input).orElseThrow().name());
        return Resizer.resize(inserted, features, UnitMap.selection((int) features.size(), kept));
    }

    private static NetworkGraph selected(ComputationGraph model) {
        return selected(Dl4jGraphs.read(model), "in", KEPT);
    }

    private static int[] kept(NetworkGraph graph, String input) {
        return ((Selection) Selection.behind(graph, input).orElseThrow().operation()).kept();
    }

    private static void assertSameOutputs(Model actual, Model expected, INDArray... features) {
        assertThat(Models.values(Models.outputs(actual, features)[0]))
                .usingComparatorWithPrecision(2e-6)
                .containsExactly(Models.values(Models.outputs(expected, features)[0]));
    }

    private static INDArray with(INDArray features, double value, int... columns) {
        INDArray result = features.dup();
        for (int column : columns) {
            result.getColumn(column).assign(value);
        }
        return result;
    }

    private ComputationGraph reloaded(ComputationGraph model) throws IOException {
        File file = directory.resolve("model.zip").toFile();
        ModelSerializer.writeModel(model, file, true);
        return ModelSerializer.restoreComputationGraph(file);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void outputs_stay_where_the_features_that_are_left_out_are_zero(long seed) {
        ComputationGraph model = dense(seed);
        ComputationGraph narrow = Dl4jGraphs.toComputationGraph(selected(model));
        INDArray features = batch(WIDTH, seed).getFeatures(0);

        assertSameOutputs(narrow, model, with(features, 0, LEFT_OUT));
        assertThat(narrow.numParams())
                .isEqualTo(model.numParams()
                        - LEFT_OUT.length * model.getParam("first_b").length());
        // Whatever they are, the narrow network does not see them.
        assertThat(Models.values(narrow.output(with(features, 7, LEFT_OUT))[0]))
                .containsExactly(Models.values(narrow.output(features)[0]));
        assertThat(Models.values(model.output(with(features, 7, LEFT_OUT))[0]))
                .isNotEqualTo(Models.values(model.output(features)[0]));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void outputs_are_those_of_the_original_without_the_weights_of_the_features_left_out(long seed) {
        ComputationGraph model = dense(seed);
        ComputationGraph narrow = Dl4jGraphs.toComputationGraph(selected(model));

        for (int feature : LEFT_OUT) {
            model.getParam("first_W").getRow(feature).assign(0);
        }
        assertSameOutputs(narrow, model, batch(WIDTH, seed).getFeatures(0));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void a_batch_norm_on_the_input_loses_the_features_too(long seed) {
        ComputationGraph model = initialized(
                builder(new Adam(0.01))
                        .addInputs("in")
                        .addLayer(
                                "norm",
                                new BatchNormalization.Builder()
                                        .useLogStd(false)
                                        .build(),
                                "in")
                        .addLayer("first", layer(5), "norm")
                        .addLayer("out", output(), "first")
                        .setOutputs("out")
                        .setInputTypes(InputType.feedForward(WIDTH)),
                seed);
        ComputationGraph narrow = Dl4jGraphs.toComputationGraph(selected(model));
        assertThat(narrow.getParam("norm_mean").length()).isEqualTo(KEPT.length);

        INDArray features = batch(WIDTH, seed).getFeatures(0);
        // Where the batch norm gives zero, a feature counts for nothing.
        INDArray silent = features.dup();
        for (int feature : LEFT_OUT) {
            double spread = Math.sqrt(model.getParam("norm_var").getDouble(feature) + 1e-5);
            silent.getColumn(feature)
                    .assign(model.getParam("norm_mean").getDouble(feature)
                            - spread
                                    * model.getParam("norm_beta").getDouble(feature)
                                    / model.getParam("norm_gamma").getDouble(feature));
        }
        assertSameOutputs(narrow, model, silent);
        for (int feature : LEFT_OUT) {
            model.getParam("first_W").getRow(feature).assign(0);
        }
        assertSameOutputs(narrow, model, features);
    }

    @Test
    void every_input_has_features_of_its_own() throws IOException {
        ComputationGraph model = initialized(
                builder(new Adam(0.01))
                        .addInputs("a", "b")
                        .addLayer("left", layer(4), "a")
                        .addLayer("right", layer(5), "b")
                        .addVertex("both", new MergeVertex(), "left", "right", "b")
                        .addLayer("out", output(), "both")
                        .setOutputs("out")
                        .setInputTypes(InputType.feedForward(6), InputType.feedForward(WIDTH)),
                3);
        NetworkGraph graph = selected(selected(Dl4jGraphs.read(model), "b", KEPT), "a", 2, 5);
        ComputationGraph narrow = reloaded(Dl4jGraphs.toComputationGraph(graph));

        INDArray a = batch(6, 1).getFeatures(0);
        INDArray b = batch(WIDTH, 2).getFeatures(0);
        assertSameOutputs(narrow, model, with(a, 0, 0, 1, 3, 4), with(b, 0, LEFT_OUT));
        NetworkGraph read = Dl4jGraphs.read(narrow);
        assertThat(read.structureHash()).isEqualTo(graph.structureHash());
        assertThat(kept(read, "a")).containsExactly(2, 5);
        assertThat(kept(read, "b")).containsExactly(KEPT);
    }

    @Test
    void deeplearning4j_loads_runs_and_trains_the_result_with_the_original_input() throws IOException {
        ComputationGraph narrow = Dl4jGraphs.toComputationGraph(selected(dense(2)));
        ComputationGraph loaded = reloaded(narrow);
        MultiDataSet batch = batch(WIDTH, 4);
        assertSameOutputs(loaded, narrow, batch.getFeatures(0));
        assertThat(loaded.getConfiguration().toJson()).doesNotContain("growingnn");
        assertThat(loaded.getConfiguration().getVertices().keySet())
                .containsExactlyInAnyOrder(
                        "in-selected/0-1",
                        "in-selected/4-4",
                        "in-selected/6-8",
                        "in-selected/11-11",
                        "in-selected",
                        "first",
                        "second",
                        "out");
        double before = loaded.score(batch);
        for (int i = 0; i < 50; i++) {
            loaded.fit(batch);
        }
        assertThat(loaded.score(batch)).isLessThan(0.8 * before);
    }

    @Test
    void a_single_run_needs_no_merge() throws IOException {
        ComputationGraph model = dense(2);
        NetworkGraph graph = selected(Dl4jGraphs.read(model), "in", 3, 4, 5, 6);
        ComputationGraph narrow = reloaded(Dl4jGraphs.toComputationGraph(graph));

        assertThat(narrow.getConfiguration().getVertices()).hasSize(4);
        assertThat(narrow.getConfiguration().getVertices().get("in-selected")).isEqualTo(new SubsetVertex(3, 6));
        assertSameOutputs(narrow, model, with(batch(WIDTH, 1).getFeatures(0), 0, 0, 1, 2, 7, 8, 9, 10, 11));
        assertThat(kept(Dl4jGraphs.read(narrow), "in")).containsExactly(3, 4, 5, 6);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void what_was_saved_can_be_reduced_further(boolean typed) throws IOException {
        ComputationGraph model = dense(3);
        model.fit(batch(WIDTH, 1));
        NetworkGraph once = selected(model);
        ComputationGraph loaded = reloaded(Dl4jGraphs.toComputationGraph(once));
        NetworkGraph read = typed ? Dl4jGraphs.read(loaded, InputType.feedForward(WIDTH)) : Dl4jGraphs.read(loaded);
        assertThat(read.structureHash()).isEqualTo(once.structureHash());
        assertThat(read.describe()).contains("Selection").contains("by selection only");

        NetworkGraph twice = selected(read, "in", 0, 2, 3, 6);

        assertThat(kept(twice, "in")).containsExactly(0, 4, 6, 11);
        assertThat(Models.state(Dl4jGraphs.toComputationGraph(twice)))
                .isEqualTo(Models.state(
                        Dl4jGraphs.toComputationGraph(selected(Dl4jGraphs.read(model), "in", 0, 4, 6, 11))));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void training_is_that_of_a_network_that_is_given_the_selected_columns(boolean adam) {
        IUpdater updater = adam ? new Adam(0.01) : new Sgd(0.1);
        ComputationGraph narrow = Dl4jGraphs.toComputationGraph(selected(dense(WIDTH, updater, 4)));
        ComputationGraph columns = dense(KEPT.length, updater, 4);
        columns.paramTable().forEach((key, value) -> value.assign(narrow.getParam(key)));

        for (int step = 0; step < 12; step++) {
            MultiDataSet batch = batch(WIDTH, step);
            narrow.fit(batch);
            columns.fit(new MultiDataSet(batch.getFeatures(0).getColumns(KEPT), batch.getLabels(0)));
        }

        columns.paramTable()
                .forEach((key, value) -> assertThat(Models.values(narrow.getParam(key)))
                        .as(key)
                        .usingComparatorWithPrecision(1e-5)
                        .containsExactly(Models.values(value)));
    }

    @Test
    void the_optimisers_state_follows() {
        ComputationGraph model = dense(2);
        model.fit(batch(WIDTH, 1));
        NetworkGraph before = Dl4jGraphs.read(model);
        ComputationGraph narrow = Dl4jGraphs.toComputationGraph(selected(before, "in", KEPT));

        Parameter full = before.vertex("first").parameters().get("W");
        Parameter left = Dl4jGraphs.read(narrow).vertex("first").parameters().get("W");
        assertThat(left.state()).hasSize(2);
        int units = (int) full.value().size(1);
        for (int plane = 0; plane < 2; plane++) {
            for (int i = 0; i < KEPT.length * units; i++) {
                assertThat(left.state().get(plane).value().get(i))
                        .isEqualTo(full.state().get(plane).value().get(KEPT[i / units] * units + i % units))
                        .isNotZero();
            }
        }
        assertThat(narrow.getIterationCount()).isEqualTo(1);
        assertThat(((BaseMultiLayerUpdater<?>) narrow.getUpdater())
                        .getStateViewArray()
                        .length())
                .isEqualTo(2 * narrow.numParams());
    }

    @Test
    void training_is_read_back() {
        NetworkGraph graph = selected(dense(2));
        ComputationGraph live = ModelWriter.toComputationGraph(graph);
        live.fit(batch(WIDTH, 1));

        NetworkGraph updated = ModelReader.update(graph, live);

        assertThat(updated.structureHash()).isEqualTo(graph.structureHash());
        assertThat(Models.state(Dl4jGraphs.toComputationGraph(updated))).isEqualTo(Models.state(live));
        // So it is where the selection leaves out nothing, and therefore is not written.
        NetworkGraph all = Selection.insert(Dl4jGraphs.read(dense(2)), "in");
        ComputationGraph trained = ModelWriter.toComputationGraph(all);
        trained.fit(batch(WIDTH, 1));
        NetworkGraph read = ModelReader.update(all, trained);
        assertThat(read.structureHash()).isEqualTo(all.structureHash());
        assertThat(Models.state(Dl4jGraphs.toComputationGraph(read))).isEqualTo(Models.state(trained));
    }

    @Test
    void a_selection_of_everything_leaves_the_model_as_it_was() {
        ComputationGraph model = dense(2);
        NetworkGraph graph = Dl4jGraphs.read(model);
        NetworkGraph all = Selection.insert(graph, "in");

        assertThat(Models.state(Dl4jGraphs.toComputationGraph(all))).isEqualTo(Models.state(model));
        assertThat(Selection.withoutIdentities(all).structureHash()).isEqualTo(graph.structureHash());
        assertThat(all.structureHash()).isNotEqualTo(graph.structureHash());
        assertThat(Selection.insert(all, "in")).isSameAs(all);
        assertThat(Selection.withoutIdentities(graph)).isSameAs(graph);
    }

    @Test
    void a_chain_with_a_selection_becomes_a_graph() {
        MultiLayerNetwork chain = TestData.trainedChain();
        NetworkGraph all = Selection.insert(Dl4jGraphs.read(chain), "input");
        assertThat(Models.state(Dl4jGraphs.toMultiLayerNetwork(all))).isEqualTo(Models.state(chain));

        NetworkGraph narrow = selected(all, "input", 0, 1, 4);
        assertThat(ModelWriter.isChain(narrow)).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dl4jGraphs.toMultiLayerNetwork(narrow))
                .withMessageContaining("Maybe write a ComputationGraph");
        INDArray features = TestData.cloud(5, 2).getFeatures();
        assertSameOutputs(Dl4jGraphs.toComputationGraph(narrow), chain, with(features, 0, 2, 3, 5));
    }

    @Test
    void different_features_are_different_structures() {
        NetworkGraph graph = Dl4jGraphs.read(dense(2));
        assertThat(selected(graph, "in", 0, 1, 2).structureHash())
                .isEqualTo(selected(graph, "in", 0, 1, 2).structureHash())
                .isNotEqualTo(selected(graph, "in", 0, 1, 3).structureHash());
    }

    @Test
    void features_are_neither_merged_nor_replicated_nor_scaled_nor_reordered() {
        NetworkGraph graph = Selection.insert(Dl4jGraphs.read(dense(2)), "in");
        UnitSpace features = graph.space("in-selected");
        assertThat(features.resizable()).isTrue();
        assertThat(features.selectionOnly()).isTrue();
        assertThat(graph.space("first").selectionOnly()).isFalse();
        SparseMatrix identity = SparseMatrix.identity(WIDTH);
        SparseMatrix twice = identity.map(value -> 2 * value);
        for (UnitMap map : List.of(
                Projections.pseudoInverse().map(graph, features, 8),
                Projections.paper().map(graph, features, 8),
                Projections.replication().map(graph, features, 20),
                new UnitMap(identity, twice, identity),
                new UnitMap(twice, twice, twice),
                UnitMap.selection(WIDTH, 3, 1),
                UnitMap.selection(WIDTH, 3, 3))) {
            assertThat(map.selected()).isEmpty();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Resizer.resize(graph, features, map))
                    .withMessageContaining("in-selected")
                    .withMessageContaining("left out");
        }
        assertThat(UnitMap.selection(WIDTH, KEPT).selected().orElseThrow()).containsExactly(KEPT);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Actions.addNeurons(features, 1.5).apply(graph, Projections.replication()))
                .withMessageContaining("left out");
        assertThat(Actions.neurons().generate(graph).map(Object::toString))
                .isNotEmpty()
                .noneMatch(action -> action.contains("in-selected"));
    }

    @Test
    void inputs_that_cannot_lose_features_tell_why() {
        GraphBuilder images = builder(new Sgd(0.1))
                .addInputs("in")
                .addLayer("conv", new ConvolutionLayer.Builder(2, 2).nOut(3).build(), "in")
                .addLayer("out", output(), "conv")
                .setOutputs("out");
        assertRefused(
                initialized(images.setInputTypes(InputType.convolutionalFlat(4, 3, 1)), 1), "reshape|some|image|unit");
        assertRefused(
                initialized(
                        builder(new Sgd(0.1))
                                .addInputs("in")
                                .addLayer(
                                        "conv",
                                        new ConvolutionLayer.Builder(2, 2)
                                                .nOut(3)
                                                .build(),
                                        "in")
                                .addLayer("out", output(), "conv")
                                .setOutputs("out")
                                .setInputTypes(InputType.convolutional(4, 3, 1)),
                        1),
                "no vector of features");
        assertRefused(
                initialized(
                        builder(new Sgd(0.1))
                                .addInputs("in")
                                .addLayer("first", layer(WIDTH), "in")
                                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "in", "first")
                                .addLayer("out", output(), "sum")
                                .setOutputs("out")
                                .setInputTypes(InputType.feedForward(WIDTH)),
                        1),
                "with units of \\[first\\]");
        assertRefused(
                initialized(
                        builder(new Sgd(0.1))
                                .addInputs("in")
                                .addLayer(
                                        "first",
                                        new EmbeddingLayer.Builder()
                                                .nIn(9)
                                                .nOut(4)
                                                .build(),
                                        "in")
                                .addLayer(
                                        "out",
                                        new OutputLayer.Builder()
                                                .nIn(4)
                                                .nOut(CLASSES)
                                                .activation(Activation.SOFTMAX)
                                                .build(),
                                        "first")
                                .setOutputs("out"),
                        1),
                "indices");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Selection.insert(Dl4jGraphs.read(dense(1)), "first"))
                .withMessageContaining("no input 'first'");
    }

    private static void assertRefused(ComputationGraph model, String reason) {
        NetworkGraph graph = Dl4jGraphs.read(model);
        assertThat(Selection.obstacle(graph, "in").orElseThrow()).containsPattern(reason);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Selection.insert(graph, "in"))
                .withMessageContaining("'in'");
        assertThat(Actions.inputs().generate(graph)).isEmpty();
    }

    @Test
    void ranges_that_are_joined_in_another_way_stay_as_they_are() {
        SubsetVertex low = new SubsetVertex(0, 3);
        SubsetVertex high = new SubsetVertex(6, 8);
        assertLeftAlone(Map.of("low", low, "high", high, "joined", new MergeVertex()), "low", "high");
        // As it would be written, but for the order, a gap, a further input, another use.
        assertLeftAlone(
                Map.of("joined/0-3", low, "joined/6-8", high, "joined", new MergeVertex()), "joined/6-8", "joined/0-3");
        assertLeftAlone(
                Map.of("joined/0-3", low, "joined/4-8", new SubsetVertex(4, 8), "joined", new MergeVertex()),
                "joined/0-3",
                "joined/4-8");
        assertLeftAlone(
                Map.of("joined/0-3", low, "joined/6-8", high, "joined", new MergeVertex()),
                "joined/0-3",
                "joined/6-8",
                "in");
        assertLeftAlone(
                Map.of("low", low, "joined", high, "unjoined", new ElementWiseVertex(ElementWiseVertex.Op.Max)));
        MergeVertex alongExamples = new MergeVertex();
        alongExamples.setMergeAxis(1);
        assertLeftAlone(
                Map.of("joined/0-3", low, "joined/6-8", high, "joined", alongExamples), "joined/0-3", "joined/6-8");
    }

    /** Puts vertices between the input and the first layer; those without inputs of their own take the network's input. */
    private static void assertLeftAlone(Map<String, GraphVertex> vertices, String... joined) {
        GraphBuilder builder = builder(new Adam(0.01)).addInputs("in");
        vertices.forEach((name, vertex) -> {
            if (vertex instanceof SubsetVertex) {
                builder.addVertex(name, vertex, "in");
            } else if (vertex instanceof MergeVertex) {
                builder.addVertex(name, vertex, joined);
            }
        });
        if (joined.length == 0) {
            builder.addLayer("other", layer(2), "low");
        } else {
            builder.addLayer("other", layer(2), "in");
        }
        ComputationGraph model = initialized(
                builder.addLayer("first", layer(4), "joined")
                        .addVertex("all", new MergeVertex(), "first", "other")
                        .addLayer("out", output(), "all")
                        .setOutputs("out")
                        .setInputTypes(InputType.feedForward(WIDTH)),
                1);
        for (NetworkGraph graph :
                List.of(Dl4jGraphs.read(model), Dl4jGraphs.read(model, InputType.feedForward(WIDTH)))) {
            assertThat(graph.vertices()).noneMatch(vertex -> vertex.operation() instanceof Selection);
            assertThat(Models.state(Dl4jGraphs.toComputationGraph(graph))).isEqualTo(Models.state(model));
        }
    }

    @Test
    void names_of_the_users_are_avoided_and_read_back() throws IOException {
        ComputationGraph model = initialized(
                builder(new Adam(0.01))
                        .addInputs("in")
                        .addLayer("in-selected", layer(5), "in")
                        .addLayer("in-selected#2/0-1", layer(4), "in-selected")
                        .addLayer("out", output(), "in-selected#2/0-1")
                        .setOutputs("out")
                        .setInputTypes(InputType.feedForward(WIDTH)),
                1);
        NetworkGraph graph = selected(model);
        ComputationGraph narrow = reloaded(Dl4jGraphs.toComputationGraph(graph));

        assertThat(narrow.getConfiguration().getVertices()).containsKeys("in-selected#2", "in-selected#2/0-1#2");
        assertSameOutputs(narrow, model, with(batch(WIDTH, 1).getFeatures(0), 0, LEFT_OUT));
        assertThat(Dl4jGraphs.read(narrow).structureHash()).isEqualTo(graph.structureHash());
    }

    @Test
    void an_action_leaves_out_the_features_with_the_smallest_weights() {
        ComputationGraph model = dense(2);
        for (int feature : LEFT_OUT) {
            model.getParam("first_W").getRow(feature).muli(1e-3);
        }
        NetworkGraph graph = Dl4jGraphs.read(model);

        NetworkGraph narrow = Actions.parse("remove-inputs(input=in, ratio=0.42, minimum=1)")
                .apply(graph, Projections.pseudoInverse());
        assertThat(kept(narrow, "in")).containsExactly(KEPT);
        NetworkGraph again = Actions.fromJson(
                        "{\"action\":\"remove-inputs\",\"input\":\"in\",\"ratio\":0.9,\"minimum\":3}")
                .apply(narrow, Projections.pseudoInverse());
        assertThat(kept(again, "in")).hasSize(3);
        assertThat(IntStream.of(kept(again, "in")).boxed().toList())
                .isSubsetOf(Arrays.stream(KEPT).boxed().toList());
        assertThat(again.vertices()).hasSize(4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Actions.parse("remove-inputs(input=in, ratio=0.9, minimum=3)")
                        .apply(again, Projections.pseudoInverse()))
                .withMessageContaining("below 3");
    }

    @Test
    void a_search_may_leave_out_features() {
        OptimizationResult result = StructureOptimizer.builder()
                .epochsPerGeneration(1)
                .train(TestData.clouds(300, 50, 1))
                .generations(2)
                .actions(Actions.inputs().remove(0.34))
                .search(MonteCarloTreeSearch.builder().maxEvaluations(6).build())
                .score(Score.accuracy(0.01).relativeParameters(1))
                .maxDrop(1)
                .simulation(new SimulationSettings(60, 0.5, 1, 15))
                .build()
                .optimize(TestData.trainedChain());

        assertThat(kept(result.network(), "input").length).isLessThan(TestData.FEATURES);
        assertThat(result.parameters()).isLessThan(result.initialParameters());
        assertThat(result.graph().numParams()).isEqualTo(result.parameters());
        assertThat(Dl4jGraphs.read(result.graph()).structureHash())
                .isEqualTo(result.network().structureHash());
    }

    @Test
    void a_description_shows_how_many_features_are_left() {
        String row = selected(dense(1))
                .describe()
                .lines()
                .filter(line -> line.startsWith("in-selected "))
                .findFirst()
                .orElseThrow();
        assertThat(row.split(" {2,}")).contains("Selection", "12", "7", "by selection only");
    }

    @Test
    void multiply_accumulates_count_the_features_that_are_left() {
        ComputationGraph model = dense(1);
        long before = Dl4jGraphs.read(model).macs();
        long units = model.getParam("first_b").length();
        assertThat(selected(model).macs()).isEqualTo(before - LEFT_OUT.length * units);
        assertThat((double) NetworkMeasures.depth(selected(model))).isCloseTo(4, within(0.0));
    }
}
