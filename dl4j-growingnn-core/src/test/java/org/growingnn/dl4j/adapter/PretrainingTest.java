package org.growingnn.dl4j.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.feedforward.autoencoder.AutoEncoder;
import org.deeplearning4j.nn.layers.variational.VariationalAutoencoder;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.LayerCase;
import org.growingnn.dl4j.testing.LayerContract;
import org.growingnn.dl4j.testing.Models;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Auto-encoders reconstruct what arrives; the network's output does not show that. */
class PretrainingTest {

    private static final double TOLERANCE = 1e-9;

    private static LayerCase named(String name) {
        return LayerCases.all()
                .filter(testCase -> testCase.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static double[] reconstruction(ComputationGraph model, INDArray latent) {
        if (model.getLayer("layer") instanceof VariationalAutoencoder layer) {
            return Models.values(layer.generateAtMeanGivenZ(latent));
        }
        return Models.values(((AutoEncoder) model.getLayer("layer")).decode(latent, LayerWorkspaceMgr.noWorkspaces()));
    }

    private static NetworkGraph select(NetworkGraph graph, String space, int... units) {
        return LayerContract.resize(graph, space, units);
    }

    @ParameterizedTest
    @ValueSource(strings = {"variational auto-encoder", "variational auto-encoder of Bernoulli variables"})
    void permuted_decoders_reconstruct_the_same(String name) {
        LayerCase testCase = named(name);
        INDArray latent = Nd4j.createFromArray(new double[][] {{0.3, -0.8, 0.5}});

        ComputationGraph permuted =
                Dl4jGraphs.toComputationGraph(select(testCase.read(), "layer/decoder0", 3, 1, 4, 0, 2));

        assertThat(reconstruction(permuted, latent))
                .usingComparatorWithPrecision(TOLERANCE)
                .containsExactly(reconstruction(testCase.model(), latent));
    }

    @ParameterizedTest
    @ValueSource(strings = {"variational auto-encoder", "variational auto-encoder with a loss function"})
    void replicated_decoders_reconstruct_the_same(String name) {
        LayerCase testCase = named(name);
        NetworkGraph graph = testCase.read();
        INDArray latent = Nd4j.createFromArray(new double[][] {{0.3, -0.8, 0.5}});

        ComputationGraph grown = Dl4jGraphs.toComputationGraph(
                Actions.addNeurons(graph.spaceNamed("layer/decoder0"), 2).apply(graph, Projections.replication()));

        assertThat(reconstruction(grown, latent))
                .usingComparatorWithPrecision(TOLERANCE)
                .containsExactly(reconstruction(testCase.model(), latent));
    }

    @Test
    void a_variational_auto_encoder_without_some_latent_units_decodes_as_if_they_were_zero() {
        LayerCase testCase = named("variational auto-encoder");

        ComputationGraph smaller = Dl4jGraphs.toComputationGraph(select(testCase.read(), "layer", 0, 2));

        assertThat(reconstruction(smaller, Nd4j.createFromArray(new double[][] {{0.3, 0.5}})))
                .usingComparatorWithPrecision(TOLERANCE)
                .containsExactly(reconstruction(
                        testCase.model(), Nd4j.createFromArray(new double[][] {{0.3, 0, 0.5}})));
    }

    @Test
    void an_auto_encoder_without_some_hidden_units_decodes_as_if_they_were_zero() {
        LayerCase testCase = named("auto-encoder");

        ComputationGraph smaller = Dl4jGraphs.toComputationGraph(select(testCase.read(), "layer", 0, 2, 3, 5));

        assertThat(reconstruction(smaller, Nd4j.createFromArray(new double[][] {{0.3, 0.5, -0.2, 0.1}})))
                .usingComparatorWithPrecision(TOLERANCE)
                .containsExactly(reconstruction(
                        testCase.model(), Nd4j.createFromArray(new double[][] {{0.3, 0, 0.5, -0.2, 0, 0.1}})));
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto-encoder", "variational auto-encoder of Bernoulli variables"})
    void what_arrives_in_another_order_is_reconstructed_in_that_order(String name) {
        LayerCase testCase = named(name);
        INDArray latent = name.startsWith("auto")
                ? Nd4j.createFromArray(new double[][] {{0.3, -0.8, 0.5, 0.1, 0.2, -0.4}})
                : Nd4j.createFromArray(new double[][] {{0.3, -0.8, 0.5}});
        int[] order = {3, 1, 4, 0, 2};

        ComputationGraph permuted = Dl4jGraphs.toComputationGraph(select(testCase.read(), "before", order));

        double[] expected = reconstruction(testCase.model(), latent);
        assertThat(reconstruction(permuted, latent))
                .usingComparatorWithPrecision(TOLERANCE)
                .containsExactly(
                        IntStream.of(order).mapToDouble(unit -> expected[unit]).toArray());
    }

    @Test
    void the_means_and_deviations_of_normal_variables_follow_in_two_blocks() {
        LayerCase testCase = named("variational auto-encoder");
        INDArray latent = Nd4j.createFromArray(new double[][] {{0.3, -0.8, 0.5}});
        int[] order = {3, 1, 4, 0, 2};
        INDArray deviations = testCase.model().getLayer("layer").getParam("pXZb");

        ComputationGraph permuted = Dl4jGraphs.toComputationGraph(select(testCase.read(), "before", order));

        double[] expected = reconstruction(testCase.model(), latent);
        assertThat(reconstruction(permuted, latent))
                .usingComparatorWithPrecision(TOLERANCE)
                .containsExactly(
                        IntStream.of(order).mapToDouble(unit -> expected[unit]).toArray());
        double[] before = Models.values(deviations);
        assertThat(Models.values(permuted.getLayer("layer").getParam("pXZb")))
                .containsExactly(IntStream.concat(
                                IntStream.of(order), IntStream.of(order).map(unit -> 5 + unit))
                        .mapToDouble(position -> before[position])
                        .toArray());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "auto-encoder",
                "variational auto-encoder",
                "variational auto-encoder of several distributions",
                "variational auto-encoder with a loss function"
            })
    void resized_auto_encoders_can_be_trained_to_reconstruct(String name) {
        LayerCase testCase = named(name);
        NetworkGraph graph = testCase.read();
        for (UnitSpace space :
                graph.spaces().stream().filter(UnitSpace::resizable).toList()) {
            graph = Actions.removeNeurons(space, 0.5).apply(graph, Projections.importance());
        }
        ComputationGraph smaller = Dl4jGraphs.toComputationGraph(graph);
        double[] before = Models.values(smaller.params());
        DataSet data = new DataSet(testCase.features(1)[0], Nd4j.zeros(3, 2));

        smaller.pretrainLayer("layer", new ListDataSetIterator<>(data.asList(), 3));

        assertThat(Models.values(smaller.params())).isNotEqualTo(before).doesNotContain(Double.NaN);
    }
}
