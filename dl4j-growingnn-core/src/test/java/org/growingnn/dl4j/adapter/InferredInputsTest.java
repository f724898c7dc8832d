package org.growingnn.dl4j.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.Arrays;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.rnn.DuplicateToTimeSeriesVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.preprocessors.KerasFlattenRnnPreprocessor;
import org.deeplearning4j.preprocessors.PermutePreprocessor;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Signal.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Models do not store the types of their inputs; reading them without is no reason to fail. */
class InferredInputsTest {

    @Test
    void the_width_of_an_input_that_is_joined_with_known_ones_is_what_they_leave() {
        ComputationGraph model = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("source", "target")
                .addLayer("encoder", new LSTM.Builder().nOut(14).build(), "source")
                .addVertex("last", new LastTimeStepVertex("source"), "encoder")
                .addVertex("repeated", new DuplicateToTimeSeriesVertex("target"), "last")
                .addVertex("join", new MergeVertex(), "repeated", "target")
                .addLayer("decoder", new LSTM.Builder().nOut(12).build(), "join")
                .addLayer(
                        "out",
                        new RnnOutputLayer.Builder(LossFunction.MSE).nOut(2).build(),
                        "decoder")
                .setOutputs("out")
                .setInputTypes(InputType.recurrent(5), InputType.recurrent(3))
                .build());
        model.init();

        NetworkGraph untyped = Dl4jGraphs.read(model);

        assertThat(untyped.inputs())
                .extracting(NetworkInput::name, NetworkInput::kind, NetworkInput::size)
                .containsExactly(tuple("source", Kind.RECURRENT, 5L), tuple("target", Kind.RECURRENT, 3L));
        assertThat(untyped.signal("join").units().length()).isEqualTo(17);
    }

    @Test
    void maps_that_are_pooled_before_the_first_weights_are_not_taken_for_vectors() {
        InputType type = InputType.convolutional(6, 6, 3);
        ComputationGraph model = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("pad", new ZeroPaddingLayer(1, 1), "in")
                .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "pad")
                .addLayer("dense", new DenseLayer.Builder().nOut(4).build(), "pool")
                .addLayer(
                        "out", new OutputLayer.Builder(LossFunction.MSE).nOut(2).build(), "dense")
                .setOutputs("out")
                .setInputTypes(type)
                .build());
        model.init();

        NetworkGraph untyped = Dl4jGraphs.read(model);

        assertThat(untyped.structureHash())
                .isEqualTo(Dl4jGraphs.read(model, type).structureHash());
        assertThat(untyped.space("dense").resizable()).isTrue();
    }

    static Stream<Arguments> firstPreprocessors() {
        return Stream.of(
                arguments(new RnnToCnnPreProcessor(8, 8, 1), convolution(), Kind.RECURRENT, 64, "[-1]"),
                arguments(
                        new ComposableInputPreProcessor(new FeedForwardToCnnPreProcessor(8, 8, 1)),
                        convolution(),
                        Kind.FEED_FORWARD,
                        64,
                        "[]"),
                arguments(
                        new ComposableInputPreProcessor(
                                new RnnToCnnPreProcessor(8, 8, 1), new CnnToFeedForwardPreProcessor(8, 8, 1)),
                        new DenseLayer.Builder().nIn(64).nOut(3).build(),
                        Kind.RECURRENT,
                        64,
                        "[-1]"),
                arguments(
                        new CnnToRnnPreProcessor(4, 5, 2),
                        new LSTM.Builder().nIn(40).nOut(3).build(),
                        Kind.CONVOLUTIONAL,
                        2,
                        "[4, 5]"),
                arguments(
                        new FeedForwardToRnnPreProcessor(),
                        new LSTM.Builder().nIn(7).nOut(3).build(),
                        Kind.FEED_FORWARD,
                        7,
                        "[]"),
                arguments(
                        new KerasFlattenRnnPreprocessor(3, 4),
                        new DenseLayer.Builder().nIn(12).nOut(3).build(),
                        Kind.RECURRENT,
                        3,
                        "[4]"),
                arguments(
                        new PermutePreprocessor(2, 1),
                        new LSTM.Builder().nIn(12).nOut(3).build(),
                        Kind.UNKNOWN,
                        -1,
                        "[]"));
    }

    /** The width of the second layer, which is 3, is never taken for that of the input. */
    @ParameterizedTest
    @MethodSource("firstPreprocessors")
    void what_the_network_takes_follows_from_a_preprocessor_in_front(
            InputPreProcessor preprocessor, Layer first, Kind kind, long size, String extents) {
        for (boolean apart : new boolean[] {false, true}) {
            GraphBuilder builder =
                    new NeuralNetConfiguration.Builder().graphBuilder().addInputs("in");
            if (apart) {
                builder.addVertex("pre", new PreprocessorVertex(preprocessor), "in")
                        .addLayer("first", first, "pre");
            } else {
                builder.addLayer("first", first, preprocessor, "in");
            }
            ComputationGraph model = new ComputationGraph(
                    builder.addLayer("second", new LSTM.Builder().nIn(3).nOut(2).build(), "first")
                            .setOutputs("second")
                            .build());
            model.init();

            NetworkInput input = Dl4jGraphs.read(model).inputs().get(0);

            assertThat(input.kind()).isEqualTo(kind);
            assertThat(input.size()).isEqualTo(size);
            assertThat(Arrays.toString(input.extents())).isEqualTo(extents);
        }
    }

    private static Layer convolution() {
        return new ConvolutionLayer.Builder(3, 3).nIn(1).nOut(3).build();
    }
}
