package org.growingnn.dl4j.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.AlphaDropout;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.AddSequential;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationRReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.activations.impl.ActivationThresholdedReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** What is said to be never negative is not, and a layer that is added behind it changes nothing. */
class RectifiersTest {

    /** Has the class of a rectifier, but is none. */
    private static final class Shifted extends ActivationReLU {
        private static final long serialVersionUID = 1;

        @Override
        public INDArray getActivation(INDArray in, boolean training) {
            return in.subi(1);
        }
    }

    static Stream<IActivation> functions() {
        Stream<IActivation> plain = Arrays.stream(Activation.values()).map(Activation::getActivationFunction);
        Stream<IActivation> rectifiers = Stream.of(
                new ActivationReLU(null, null, 0.3),
                new ActivationReLU(null, null, 0.0),
                new ActivationReLU(null, null, -0.3),
                new ActivationReLU(null, 0.5, null),
                new ActivationReLU(null, -0.5, null),
                new ActivationReLU(null, -0.5, 0.0),
                new ActivationReLU(null, 0.5, 0.3),
                new ActivationReLU(1.0, null, null),
                new ActivationReLU(0.0, null, null),
                new ActivationReLU(-0.5, null, null),
                new ActivationReLU(1.0, 0.5, 0.3),
                new ActivationThresholdedReLU(0.5),
                new ActivationThresholdedReLU(-0.5),
                new ActivationLReLU(0.3),
                new ActivationRReLU(0.1, 0.3),
                new ActivationELU(0.5));
        return Stream.concat(plain, rectifiers);
    }

    @ParameterizedTest
    @MethodSource("functions")
    void what_is_said_to_be_never_negative_is_not(IActivation function) {
        INDArray values = Nd4j.linspace(DataType.DOUBLE, -60, 0.1, 1200).reshape(200, 6);

        double least = function.getActivation(values.dup(), false).minNumber().doubleValue();

        if (Rectifiers.isNonNegative(function)) {
            assertThat(least).isGreaterThanOrEqualTo(0);
        }
    }

    @Test
    void rectifiers_are_told_from_what_only_resembles_them() {
        assertThat(List.of(
                        new ActivationReLU(),
                        new ActivationReLU(6.0, 0.5, 0.0),
                        new ActivationReLU6(),
                        new ActivationSigmoid(),
                        new ActivationSoftmax()))
                .allMatch(Rectifiers::isNonNegative);
        assertThat(List.of(
                        new Shifted(),
                        new ActivationReLU(null, null, 0.3),
                        new ActivationReLU(null, -1.0, 0.0),
                        new ActivationReLU(-1.0, null, null),
                        new ActivationLReLU()))
                .noneMatch(Rectifiers::isNonNegative);
    }

    @ParameterizedTest
    @MethodSource("functions")
    void a_layer_behind_any_function_changes_nothing(IActivation function) {
        ComputationGraph dense = initialised(
                builder()
                        .addLayer(
                                "a",
                                new DenseLayer.Builder()
                                        .nOut(6)
                                        .activation(function)
                                        .build(),
                                "in")
                        .addLayer("act", new ActivationLayer(function), "in")
                        .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "a", "act")
                        .addLayer(
                                "b",
                                new DenseLayer.Builder()
                                        .nOut(5)
                                        .activation(Activation.TANH)
                                        .build(),
                                "sum")
                        .addLayer("out", output(), "b"),
                InputType.feedForward(6));

        assertPreserved(dense, Nd4j.rand(DataType.FLOAT, 50, 6).muli(8).subi(4), new AddSequential("sum", "b", "auto"));
    }

    @ParameterizedTest
    @EnumSource(PoolingType.class)
    void a_layer_behind_pooled_maps_changes_nothing(PoolingType type) {
        for (IActivation function : List.of(new ActivationReLU(), new ActivationReLU(null, null, 0.3))) {
            ComputationGraph pooled = initialised(
                    builder()
                            .addLayer(
                                    "a",
                                    new ConvolutionLayer.Builder(3, 3)
                                            .nOut(4)
                                            .activation(function)
                                            .build(),
                                    "in")
                            .addLayer("pool", pooling(type), "a")
                            .addLayer("out", output(), "pool"),
                    InputType.convolutional(9, 9, 2));

            assertPreserved(
                    pooled,
                    Nd4j.rand(DataType.FLOAT, 10, 2, 9, 9).muli(8).subi(4),
                    new AddSequential("pool", "out", "auto"));
        }
    }

    private static Layer pooling(PoolingType type) {
        // DL4J's pooling by windows has no sums.
        return type == PoolingType.SUM
                ? new GlobalPoolingLayer.Builder(type).build()
                : new SubsamplingLayer.Builder(type)
                        .pnorm(2)
                        .kernelSize(2, 2)
                        .stride(2, 2)
                        .padding(1, 1)
                        .build();
    }

    @Test
    void dropout_that_adds_is_not_taken_for_one_that_scales() {
        List<IDropout> scaling = List.of(new Dropout(0.5), new SpatialDropout(0.5));
        List<IDropout> others = List.of(new AlphaDropout(0.5), new GaussianNoise(1), new GaussianDropout(0.5));

        assertThat(scaling).allMatch(dropout -> Rectifiers.scales(dropout));
        assertThat(others).noneMatch(dropout -> Rectifiers.scales(dropout));
    }

    private static void assertPreserved(ComputationGraph model, INDArray features, AddSequential action) {
        NetworkGraph graph = Dl4jGraphs.read(model);
        assertThat(action.preservesFunction(graph, Projections.pseudoInverse())).isTrue();

        ComputationGraph grown = Dl4jGraphs.toComputationGraph(action.apply(graph, Projections.pseudoInverse()));

        assertThat(Models.values(Models.outputs(grown, features)[0]))
                .usingComparatorWithPrecision(1e-5)
                .containsExactly(Models.values(Models.outputs(model, features)[0]));
    }

    private static GraphBuilder builder() {
        return new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .setOutputs("out");
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(3)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static ComputationGraph initialised(GraphBuilder builder, InputType type) {
        ComputationGraph model =
                new ComputationGraph(builder.setInputTypes(type).build());
        model.init();
        RandomNetworks.randomize(model, new Random(8));
        return model;
    }
}
