package org.growingnn.dl4j.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Models do not store the types of their inputs; reading them without is no reason to fail. */
class InferredInputsTest {

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
}
