package org.growingnn.dl4j.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.dropout.AlphaDropout;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.testing.Models;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.schedule.FixedSchedule;

/** A dropout that drops nothing, as Keras imports give to every layer, is not read. */
class IdleDropoutTest {

    static Stream<IDropout> idle() {
        return Stream.of(new Dropout(1), new SpatialDropout(1), new GaussianDropout(0));
    }

    static Stream<IDropout> effective() {
        return Stream.of(
                new Dropout(0.5),
                new SpatialDropout(0.5),
                new GaussianDropout(0.5),
                new AlphaDropout(0.5),
                new GaussianNoise(0.5),
                // These two lose the sign of zeros.
                new AlphaDropout(1),
                new GaussianNoise(0),
                // What a schedule gives is not asked.
                new Dropout(new FixedSchedule(1)),
                new Dropout(1) {
                    private static final long serialVersionUID = 1L;
                });
    }

    @ParameterizedTest
    @MethodSource("idle")
    void deeplearning4j_changes_no_bit_by_it(IDropout dropout) {
        INDArray in = Nd4j.concat(
                0,
                Nd4j.createFromArray(-0.0f, Float.MIN_VALUE, Float.MAX_VALUE, Float.NEGATIVE_INFINITY),
                Nd4j.randn(DataType.FLOAT, 100_000));
        INDArray maps = in.reshape(2, 2, -1);

        INDArray out = dropout.applyDropout(maps, maps.ulike(), 0, 0, LayerWorkspaceMgr.noWorkspaces());

        assertThat(bits(out)).isEqualTo(bits(maps));
        INDArray back = dropout.backprop(maps, maps.ulike(), 0, 0);
        assertThat(bits(back)).isEqualTo(bits(maps));
    }

    private static List<Integer> bits(INDArray array) {
        float[] values = array.dup('c').data().asFloat();
        return Stream.iterate(0, i -> i < values.length, i -> i + 1)
                .map(i -> Float.floatToRawIntBits(values[i]))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("idle")
    void it_is_left_out(IDropout dropout) {
        assertThat(IdleDropout.is(dropout)).isTrue();
        MultiLayerNetwork model = chain(dropout);
        State before = new State(model);

        MultiLayerNetwork chain = Dl4jGraphs.toMultiLayerNetwork(Dl4jGraphs.read(model));
        ComputationGraph graph = Dl4jGraphs.toComputationGraph(Dl4jGraphs.read(graph(dropout)));

        assertThat(chain.getLayerWiseConfigurations().getConf(0).getLayer().getIDropout())
                .isNull();
        assertThat(((LayerVertex) graph.getConfiguration().getVertices().get("first"))
                        .getLayerConf()
                        .getLayer()
                        .getIDropout())
                .isNull();
        before.assertUnchanged(model);
    }

    @ParameterizedTest
    @MethodSource("effective")
    void others_stay(IDropout dropout) {
        assertThat(IdleDropout.is(dropout)).isFalse();
    }

    @Test
    void nothing_else_of_the_configuration_changes() {
        MultiLayerNetwork with = chain(new Dropout(1));
        MultiLayerNetwork without = chain(null);

        assertThat(Dl4jGraphs.toMultiLayerNetwork(Dl4jGraphs.read(with))
                        .getLayerWiseConfigurations()
                        .toJson())
                .isEqualTo(without.getLayerWiseConfigurations().toJson());
        assertThat(Dl4jGraphs.toComputationGraph(Dl4jGraphs.read(graph(new Dropout(1))))
                        .getConfiguration()
                        .toJson())
                .isEqualTo(graph(null).getConfiguration().toJson());
        assertThat(Dl4jGraphs.read(with).origin())
                .isEqualTo(Dl4jGraphs.read(without).origin());
    }

    @Test
    void a_network_without_other_dropout_trains_as_with_it() {
        MultiLayerNetwork model = chain(new Dropout(1));
        MultiLayerNetwork written = Dl4jGraphs.toMultiLayerNetwork(Dl4jGraphs.read(model));
        MultiDataSet batch = new MultiDataSet(Nd4j.rand(2, 4), Nd4j.eye(2).castTo(DataType.FLOAT));

        Models.fit(model, batch, 3);
        Models.fit(written, batch, 3);

        assertThat(written.params().data().asFloat())
                .containsExactly(model.params().data().asFloat());
    }

    @Test
    void it_is_left_out_within_wrappers() {
        ComputationGraph model = graphOf(new NeuralNetConfiguration.Builder()
                .seed(1)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.recurrent(3, 5, RNNFormat.NCW))
                .addLayer(
                        "both",
                        new LastTimeStep(new Bidirectional(
                                new LSTM.Builder().nOut(4).dropOut(1).build())),
                        "in")
                .addLayer(
                        "frozen",
                        new FrozenLayer(
                                new DenseLayer.Builder().nOut(4).dropOut(1).build()),
                        "both")
                .addLayer(
                        "passing",
                        new FrozenLayerWithBackprop(
                                new DenseLayer.Builder().nOut(4).dropOut(1).build()),
                        "frozen")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "passing")
                .setOutputs("out")
                .build());
        assertThat(idropouts(model)).isEqualTo(4);

        ComputationGraph written = Dl4jGraphs.toComputationGraph(Dl4jGraphs.read(model));

        assertThat(idropouts(written)).isZero();
        assertThat(idropouts(model)).isEqualTo(4);
    }

    @Test
    void it_is_left_out_within_frozen_vertices() {
        ComputationGraph model = new TransferLearning.GraphBuilder(graph(new Dropout(1)))
                .setFeatureExtractor("first")
                .build();
        assertThat(idropouts(model)).isEqualTo(1);

        assertThat(idropouts(Dl4jGraphs.toComputationGraph(Dl4jGraphs.read(model))))
                .isZero();
    }

    /** Without its dropout, such a layer would hand on the very array that it takes, which what is behind may overwrite. */
    @Test
    void a_layer_that_is_nothing_but_dropout_keeps_it() {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new DropoutLayer(1))
                .layer(new OutputLayer.Builder()
                        .nIn(4)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        model.init();

        MultiLayerNetwork written = Dl4jGraphs.toMultiLayerNetwork(Dl4jGraphs.read(model));

        assertThat(written.getLayerWiseConfigurations().toJson())
                .isEqualTo(model.getLayerWiseConfigurations().toJson());
    }

    /** What a model is and what trains it. */
    private record State(String json, Models.State values) {
        State(Model model) {
            this(Models.json(model), Models.state(model));
        }

        void assertUnchanged(Model model) {
            assertThat(new State(model)).isEqualTo(this);
        }
    }

    private static int idropouts(ComputationGraph model) {
        return model.getConfiguration().toJson().split("conf.dropout.Dropout", -1).length - 1;
    }

    private static ComputationGraph graphOf(ComputationGraphConfiguration configuration) {
        ComputationGraph model = new ComputationGraph(configuration);
        model.init();
        return model;
    }

    private static ComputationGraph graph(IDropout dropout) {
        return graphOf(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(0.01))
                .l2(1e-4)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.feedForward(4))
                .addLayer(
                        "first",
                        new DenseLayer.Builder().nOut(5).dropOut(dropout).build(),
                        "in")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "first")
                .setOutputs("out")
                .build());
    }

    private static MultiLayerNetwork chain(IDropout dropout) {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(0.01))
                .l2(1e-4)
                .list()
                .layer(new DenseLayer.Builder()
                        .name("first")
                        .nIn(4)
                        .nOut(5)
                        .dropOut(dropout)
                        .build())
                .layer(new OutputLayer.Builder()
                        .nIn(5)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        model.init();
        return model;
    }
}
