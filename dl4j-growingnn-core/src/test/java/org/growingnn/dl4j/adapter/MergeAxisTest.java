package org.growingnn.dl4j.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.RandomNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Axes that are counted from the last one, as in models imported from Keras. */
class MergeAxisTest {

    @Test
    void vectors_are_concatenated_along_axis_minus_one() {
        checkConcatenation(
                InputType.feedForward(3),
                new DenseLayer.Builder().nOut(4).build(),
                new DenseLayer.Builder().nOut(5).build());
    }

    @Test
    void maps_with_channels_last_are_concatenated_along_axis_minus_one() {
        checkConcatenation(
                InputType.convolutional(4, 4, 2, CNN2DFormat.NHWC),
                new ConvolutionLayer.Builder(2, 2).nOut(4).build(),
                new ConvolutionLayer.Builder(2, 2).nOut(5).build());
    }

    private static void checkConcatenation(InputType type, Layer left, Layer right) {
        MergeVertex merge = new MergeVertex();
        merge.setMergeAxis(-1);
        GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .setOutputs("out")
                .addLayer("left", left, "in")
                .addLayer("right", right, "in")
                .addVertex("merged", merge, "left", "right")
                .addLayer(
                        "out", new OutputLayer.Builder(LossFunction.MSE).nOut(2).build(), "merged")
                .setInputTypes(type);
        ComputationGraph model = new ComputationGraph(builder.build());
        model.init();
        RandomNetwork network = new RandomNetwork(1, model, List.of(type));
        NetworkGraph graph = network.read();

        assertThat(graph.space("left")).isNotEqualTo(graph.space("right"));
        assertThat(graph.signal("merged").units().blocks()).hasSize(2);
        for (StructuralAction action : Actions.neurons().generate(graph).toList()) {
            ComputationGraph resized = Dl4jGraphs.toComputationGraph(action.apply(graph, Projections.replication()));
            double[] outputs = Models.outputs(resized, network.features(1))[0]
                    .dup('c')
                    .data()
                    .asDouble();
            if (action.preservesFunction(graph, Projections.replication())) {
                assertThat(outputs)
                        .as(action.toString())
                        .containsExactly(
                                Models.outputs(model, network.features(1))[0]
                                        .dup('c')
                                        .data()
                                        .asDouble(),
                                org.assertj.core.data.Offset.offset(1e-5));
            }
        }
    }
}
