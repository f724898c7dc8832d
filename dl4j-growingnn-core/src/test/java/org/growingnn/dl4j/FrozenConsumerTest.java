package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.function.UnaryOperator;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
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

    private final DataSet batch = batch();

    private static DataSet batch() {
        Nd4j.getRandom().setSeed(1);
        return new DataSet(Nd4j.rand(40, 4), Nd4j.eye(3).getRows(rows(40)));
    }

    /** A network of four features, twelve units in front, six behind, and three classes. */
    private static ComputationGraph model(UnaryOperator<GraphBuilder> middle, String last) {
        ComputationGraph model = new ComputationGraph(middle.apply(new NeuralNetConfiguration.Builder()
                        .seed(5)
                        .graphBuilder()
                        .addInputs("in")
                        .setInputTypes(InputType.feedForward(4))
                        .addLayer("front", dense(4, 12, Activation.TANH), "in"))
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nIn(6)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        last)
                .setOutputs("out")
                .build());
        model.init();
        return model;
    }

    private static double[] values(ComputationGraph model, String layer, String key) {
        return Models.values(model.getVertex(layer).paramTable(false).get(key));
    }

    @Test
    void a_frozen_layer_loses_weights_with_the_units_in_front_of_it_and_keeps_the_others_bit_for_bit() {
        ComputationGraph model = model(
                graph -> graph.addLayer("frozen", new FrozenLayerWithBackprop(dense(12, 6, Activation.TANH)), "front"),
                "frozen");

        PruningResult result = StructuralPruner.to(PruningTarget.reduction(0.4))
                .calibrate(new ListDataSetIterator<>(batch.asList(), 8))
                .prune(model);

        int[] kept = result.lineage().origins("front").orElseThrow();
        assertThat(kept.length).isLessThan(12);
        INDArray before = model.getVertex("frozen").paramTable(false).get("W");
        assertThat(values(result.graph(), "frozen", "W")).containsExactly(Models.values(before.getRows(kept)));
        assertThat(values(result.graph(), "frozen", "b")).containsExactly(values(model, "frozen", "b"));
    }

    @Test
    void statistics_of_a_frozen_batch_norm_stay_although_the_layer_in_front_of_it_is_refitted() {
        ComputationGraph model = model(
                graph -> graph.addLayer("sums", dense(12, 6, Activation.IDENTITY), "front")
                        .addLayer(
                                "norm",
                                new FrozenLayerWithBackprop(
                                        new BatchNormalization.Builder().nOut(6).build()),
                                "sums"),
                "norm");

        // Without gradients, which Deeplearning4j cannot compute in front of a frozen batch norm.
        PruningResult result = StructuralPruner.to(PruningTarget.widths(Map.of("front", 3)))
                .calibrate(new ListDataSetIterator<>(batch.asList(), 8))
                .criterion(Criteria.l2())
                .prune(model);

        assertThat(values(result.graph(), "sums", "b")).as("it was refitted").isNotEqualTo(values(model, "sums", "b"));
        assertThat(result.graph().getVertex("norm").paramTable(false))
                .isEqualTo(model.getVertex("norm").paramTable(false));
    }

    private static DenseLayer dense(int in, int out, Activation activation) {
        return new DenseLayer.Builder().nIn(in).nOut(out).activation(activation).build();
    }

    private static int[] rows(int count) {
        int[] rows = new int[count];
        for (int i = 0; i < count; i++) {
            rows[i] = i % 3;
        }
        return rows;
    }
}
