package org.growingnn.dl4j.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.RandomNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Dense layers on each step of a series, between preprocessors that fold time into the batch. */
class SeriesTest {

    @ParameterizedTest
    @EnumSource(RNNFormat.class)
    void time_distributed_layers_can_be_concatenated_in_both_memory_formats(RNNFormat format) {
        InputType type = InputType.recurrent(3, 6, format);
        ComputationGraph model = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("left", dense(4), "in")
                .addLayer("right", dense(3), "in")
                // Time is folded into the batch here: these are vectors, whatever the format of the series.
                .addVertex("both", new MergeVertex(), "left", "right")
                .addLayer("dense", dense(2), "both")
                .addLayer(
                        "out",
                        new RnnLossLayer.Builder(LossFunction.MSE)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "dense")
                .setOutputs("out")
                .setInputTypes(type)
                .build());
        model.init();
        RandomNetwork network = new RandomNetwork(1, model, List.of(type));

        NetworkGraph graph = network.read();

        assertThat(graph.space("left").resizable()).isTrue();
        NetworkGraph grown = Actions.addNeurons(graph.space("left"), 2).apply(graph, Projections.replication());
        assertThat(Models.values(Models.outputs(Dl4jGraphs.toComputationGraph(grown), network.features(1))[0]))
                .usingComparatorWithPrecision(1e-5)
                .containsExactly(Models.values(Models.outputs(model, network.features(1))[0]));
    }

    private static DenseLayer dense(int units) {
        return new DenseLayer.Builder().nOut(units).activation(Activation.TANH).build();
    }
}
