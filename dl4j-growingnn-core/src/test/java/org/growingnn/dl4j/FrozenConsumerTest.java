package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.testing.Models;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class FrozenConsumerTest {

    @Test
    void a_frozen_layer_loses_weights_with_the_units_in_front_of_it_and_keeps_the_others_bit_for_bit() {
        ComputationGraph model = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(5)
                .graphBuilder()
                .addInputs("in")
                .addLayer("front", dense(4, 12), "in")
                .addLayer("frozen", new FrozenLayerWithBackprop(dense(12, 6)), "front")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nIn(6)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "frozen")
                .setOutputs("out")
                .build());
        model.init();
        Nd4j.getRandom().setSeed(1);
        DataSet batch = new DataSet(Nd4j.rand(40, 4), Nd4j.eye(3).getRows(rows(40)));

        PruningResult result = StructuralPruner.to(PruningTarget.reduction(0.4))
                .calibrate(new ListDataSetIterator<>(batch.asList(), 8))
                .prune(model);

        int[] kept = result.lineage().origins("front").orElseThrow();
        assertThat(kept.length).isLessThan(12);
        INDArray before = model.getVertex("frozen").paramTable(false).get("W");
        INDArray after = result.graph().getVertex("frozen").paramTable(false).get("W");
        assertThat(Models.values(after)).containsExactly(Models.values(before.getRows(kept)));
        assertThat(Models.values(
                        result.graph().getVertex("frozen").paramTable(false).get("b")))
                .containsExactly(Models.values(
                        model.getVertex("frozen").paramTable(false).get("b")));
    }

    @Test
    void statistics_of_a_frozen_batch_norm_stay_although_the_layer_in_front_of_it_is_refitted() {
        ComputationGraph model = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(5)
                .graphBuilder()
                .addInputs("in")
                .addLayer("front", dense(4, 12), "in")
                .addLayer(
                        "sums",
                        new DenseLayer.Builder()
                                .nIn(12)
                                .nOut(6)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "front")
                .addLayer(
                        "norm",
                        new FrozenLayerWithBackprop(
                                new BatchNormalization.Builder().nOut(6).build()),
                        "sums")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nIn(6)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "norm")
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(4))
                .build());
        model.init();
        Nd4j.getRandom().setSeed(1);
        DataSet batch = new DataSet(Nd4j.rand(40, 4), Nd4j.eye(3).getRows(rows(40)));

        // Without gradients, which Deeplearning4j cannot compute in front of a frozen batch norm.
        PruningResult result = StructuralPruner.to(PruningTarget.widths(Map.of("front", 3)))
                .calibrate(new ListDataSetIterator<>(batch.asList(), 8))
                .criterion(Criteria.l2())
                .prune(model);

        assertThat(Models.values(
                        result.graph().getVertex("sums").paramTable(false).get("b")))
                .as("it was refitted")
                .isNotEqualTo(
                        Models.values(model.getVertex("sums").paramTable(false).get("b")));
        assertThat(result.graph().getVertex("norm").paramTable(false))
                .isEqualTo(model.getVertex("norm").paramTable(false));
    }

    private static DenseLayer dense(int in, int out) {
        return new DenseLayer.Builder()
                .nIn(in)
                .nOut(out)
                .activation(Activation.TANH)
                .build();
    }

    private static int[] rows(int count) {
        int[] rows = new int[count];
        for (int i = 0; i < count; i++) {
            rows[i] = i % 3;
        }
        return rows;
    }
}
