package org.growingnn.dl4j.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex.Op;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.Models;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Element-wise vertices spread maps of one position and single units over the others, whatever their order. */
class BroadcastTest {

    @ParameterizedTest
    @CsvSource({
        "Product, gate, c1", "Product, c1, gate", "Add, gate, c1", "Add, c1, gate", "Average, gate, c1",
        "Average, c1, gate", "Subtract, gate, c1", "Subtract, c1, gate", "Max, gate, c1", "Max, c1, gate",
        "Product, gate, single", "Product, single, gate", "Add, gate, single", "Add, single, gate"
    })
    void what_leaves_is_as_large_as_the_largest_maps(Op op, String first, String second) {
        ComputationGraph model = gated(op, first, second);
        NetworkGraph graph = Dl4jGraphs.read(model, InputType.convolutional(9, 9, 2));
        INDArray features = Nd4j.rand(3, 2, 9, 9);

        Signal leaving = graph.signal("join");

        assertThat(leaving.extents()).containsExactly(9, 9);
        assertThat(leaving.units().length()).isEqualTo(12);
        assertThat(Models.values(model, "join", features).shape()).containsExactly(3, 12, 9, 9);
        MultiDataSet batch = new MultiDataSet(features, Nd4j.rand(3, 2));
        List<StructuralAction> offered =
                Actions.layers().and(Actions.neurons()).generate(graph).toList();
        assertThat(offered).hasSizeGreaterThan(5);
        for (StructuralAction action : offered) {
            ComputationGraph changed = Dl4jGraphs.toComputationGraph(action.apply(graph, Projections.pseudoInverse()));
            Models.fit(changed, batch, 3);
            assertThat(changed.score()).as(action.toString()).isFinite();
        }
    }

    @Test
    void what_leaves_is_as_long_as_the_longest_series() {
        NeuralNetConfiguration.Builder settings = new NeuralNetConfiguration.Builder();
        ComputationGraph model = new ComputationGraph(settings.graphBuilder()
                .addInputs("step", "series")
                .addVertex("join", new ElementWiseVertex(Op.Product), "step", "series")
                .addLayer("lstm", new LSTM.Builder().nIn(4).nOut(3).build(), "join")
                .addLayer("pool", new GlobalPoolingLayer(), "lstm")
                .addLayer("out", output(3), "pool")
                .setOutputs("out")
                .build());
        model.init();

        assertThat(Dl4jGraphs.read(model, InputType.recurrent(4, 1), InputType.recurrent(4, 7))
                        .signal("join")
                        .extents())
                .containsExactly(7);
        assertThat(Dl4jGraphs.read(model, InputType.recurrent(4, 1), InputType.recurrent(4))
                        .signal("join")
                        .extents())
                .containsExactly(Layout.UNKNOWN);
    }

    private static ComputationGraph gated(Op op, String first, String second) {
        GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Sgd(0.01))
                .graphBuilder()
                .addInputs("in")
                .addLayer("c1", convolution(3, 2, 12), "in");
        if (!first.equals("c1") && !second.equals("c1")) {
            builder.addLayer("single", convolution(3, 12, 1), "c1");
        }
        ComputationGraph model = new ComputationGraph(builder.addLayer(
                        "pool",
                        new GlobalPoolingLayer.Builder()
                                .collapseDimensions(false)
                                .build(),
                        "c1")
                .addLayer("gate", convolution(1, 12, 12), "pool")
                .addVertex("join", new ElementWiseVertex(op), first, second)
                .addLayer("c2", convolution(3, 12, 4), "join")
                .addLayer(
                        "dense",
                        new DenseLayer.Builder()
                                .nIn(4 * 81)
                                .nOut(5)
                                .activation(Activation.TANH)
                                .build(),
                        new CnnToFeedForwardPreProcessor(9, 9, 4),
                        "c2")
                .addLayer("out", output(5), "dense")
                .setOutputs("out")
                .build());
        model.init();
        return model;
    }

    private static ConvolutionLayer convolution(int kernel, int in, int out) {
        return new ConvolutionLayer.Builder(kernel, kernel)
                .nIn(in)
                .nOut(out)
                .convolutionMode(ConvolutionMode.Same)
                .activation(Activation.SIGMOID)
                .build();
    }

    private static OutputLayer output(int in) {
        return new OutputLayer.Builder(LossFunction.MSE)
                .nIn(in)
                .nOut(2)
                .activation(Activation.IDENTITY)
                .build();
    }
}
