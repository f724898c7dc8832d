package org.growingnn.dl4j.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.RandomNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Spaces that shrink to very few units, where widths of one are special. */
class LeastWidthTest {

    @Test
    void every_removal_in_front_of_response_normalisation_leaves_a_network_that_runs() {
        RandomNetwork network = network(
                new NeuralNetConfiguration.Builder()
                        .graphBuilder()
                        .addInputs("in")
                        .setOutputs("out")
                        .addLayer(
                                "conv",
                                new ConvolutionLayer.Builder(2, 2).nOut(4).build(),
                                "in")
                        // Deeplearning4j cannot normalise fewer units than lie on one side of the window.
                        .addLayer(
                                "lrn",
                                new LocalResponseNormalization.Builder().n(5).build(),
                                "conv")
                        .addLayer("out", output(), "lrn"),
                InputType.convolutional(6, 6, 1));
        NetworkGraph graph = network.read();

        List<StructuralAction> actions = Actions.neurons().generate(graph).toList();

        assertThat(actions).isNotEmpty().allSatisfy(action -> {
            ComputationGraph resized = Dl4jGraphs.toComputationGraph(action.apply(graph, Projections.replication()));
            assertThat(Models.outputs(resized, network.features(1))[0].shape())
                    .as(action.toString())
                    .containsExactly(4, 2);
        });
    }

    @Test
    void a_space_keeps_two_units_where_a_single_unit_is_broadcast_to_it() {
        RandomNetwork network = network(
                new NeuralNetConfiguration.Builder()
                        .graphBuilder()
                        .addInputs("in")
                        .setOutputs("out")
                        .addLayer("gate", new DenseLayer.Builder().nOut(1).build(), "in")
                        .addLayer("wide", new DenseLayer.Builder().nOut(4).build(), "in")
                        .addVertex("gated", new ElementWiseVertex(ElementWiseVertex.Op.Product), "wide", "gate")
                        .addLayer("out", output(), "gated"),
                InputType.feedForward(3));
        NetworkGraph graph = network.read();
        UnitSpace wide = graph.space("wide");

        NetworkGraph shrunk = Actions.removeNeurons(wide, 0.9).apply(graph, Projections.replication());

        assertThat(shrunk.space("wide").size()).isEqualTo(2);
        assertThat(shrunk.space("wide").name())
                .as("names are stable under resizing")
                .isEqualTo("wide");
        assertThat(shrunk.space("gate").frozen()).isEqualTo(graph.space("gate").frozen());
        assertThat(shrunk.space("wide").producers()).containsExactly("wide");
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunction.MSE).nOut(2).build();
    }

    private static RandomNetwork network(GraphBuilder builder, InputType type) {
        ComputationGraph model =
                new ComputationGraph(builder.setInputTypes(type).build());
        model.init();
        return new RandomNetwork(1, model, List.of(type));
    }
}
