package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.RnnToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.RemoveLayer;
import org.growingnn.dl4j.action.RemoveLayer.Rewiring;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.Models;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;

/** Chains whose recurrent layers have preprocessors in front, such as behind a dense layer on each step. */
class TruncatedChainTest {

    private static final int STEPS = 10;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void the_graph_trains_as_the_chain_does(boolean maps) {
        MultiLayerNetwork chain = chain(maps, 3);
        ComputationGraph graph = Dl4jGraphs.toComputationGraph(Dl4jGraphs.read(chain));
        DataSet batch = batch(maps, 1);

        for (int epoch = 0; epoch < 3; epoch++) {
            chain.fit(batch.copy());
            graph.fit(batch.copy());
        }

        assertThat(Models.values(graph.params()))
                .usingComparatorWithPrecision(1e-5)
                .containsExactly(Models.values(chain.params()));
        assertThat(graph.getConfiguration().getIterationCount())
                .isEqualTo(chain.getLayerWiseConfigurations().getIterationCount());
    }

    @Test
    void the_graph_steps_through_a_series_as_the_chain_does() {
        MultiLayerNetwork chain = chain(false, STEPS);
        ComputationGraph graph = Dl4jGraphs.toComputationGraph(Dl4jGraphs.read(chain));
        INDArray series = batch(false, 2).getFeatures();

        for (int step = 0; step < 3; step++) {
            INDArray now = series.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(step, step + 1))
                    .dup();
            assertThat(Models.values(graph.rnnTimeStep(now.dup())[0]))
                    .usingComparatorWithPrecision(1e-6)
                    .containsExactly(Models.values(chain.rnnTimeStep(now)));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void it_comes_back_as_the_same_chain(boolean maps) {
        MultiLayerNetwork chain = chain(maps, 3);
        chain.fit(batch(maps, 1));

        NetworkGraph graph = Dl4jGraphs.read(chain);

        assertThat(Models.state(Dl4jGraphs.toMultiLayerNetwork(graph))).isEqualTo(Models.state(chain));
    }

    @Test
    void without_its_second_recurrent_layer_it_is_a_chain_that_trains() {
        NetworkGraph graph = Dl4jGraphs.read(chain(false, 3), InputType.recurrent(4, STEPS));
        NetworkGraph shorter = new RemoveLayer("second", Rewiring.BYPASS).apply(graph, Projections.paper());

        MultiLayerNetwork chain = Dl4jGraphs.toMultiLayerNetwork(shorter);
        ComputationGraph model = Dl4jGraphs.toComputationGraph(shorter);
        chain.fit(batch(false, 4));
        model.fit(batch(false, 4));

        assertThat(Models.values(model.params()))
                .usingComparatorWithPrecision(1e-5)
                .containsExactly(Models.values(chain.params()));
    }

    @Test
    void it_is_optimised_and_the_result_trains_on() {
        MultiLayerNetwork chain = chain(false, 3);
        StructureOptimizer optimizer = StructureOptimizer.builder()
                .epochsPerGeneration(1)
                .train(new ListDataSetIterator<>(batch(false, 1).asList(), 3))
                .validation(new ListDataSetIterator<>(batch(false, 2).asList(), 4))
                .generations(1)
                .actions(Actions.neurons())
                .build();

        OptimizationResult result = optimizer.optimize(chain);

        ComputationGraph graph = result.graph();
        DataSet batch = batch(false, 5);
        graph.fit(batch);
        assertThat(graph.score()).isFinite();
        // Otherwise Deeplearning4j divides the batch by the number of labels that it has seen last.
        graph.setLabels((INDArray[]) null);
        INDArray whole = Models.outputs(graph, batch.getFeatures())[0];
        for (int example = 0; example < 3; example++) {
            // Time is unfolded from the batch in the order in which it was folded.
            INDArray alone = Models.outputs(
                    graph,
                    batch.getFeatures()
                            .get(NDArrayIndex.interval(example, example + 1), NDArrayIndex.all(), NDArrayIndex.all())
                            .dup())[0];
            assertThat(Models.values(alone))
                    .usingComparatorWithPrecision(1e-5)
                    .containsExactly(Models.values(whole.get(
                            NDArrayIndex.interval(example, example + 1), NDArrayIndex.all(), NDArrayIndex.all())));
        }
    }

    private static MultiLayerNetwork chain(boolean maps, int pieces) {
        ListBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(9)
                .updater(new Adam(0.01))
                .activation(Activation.TANH)
                .list();
        int features = maps ? 16 : 4;
        if (maps) {
            builder.inputPreProcessor(0, new RnnToCnnPreProcessor(4, 4, 1))
                    .layer(new ConvolutionLayer.Builder(3, 3)
                            .name("maps")
                            .nOut(2)
                            .convolutionMode(ConvolutionMode.Same)
                            .build());
        } else {
            builder.layer(new LSTM.Builder().name("first").nOut(5).build());
            builder.layer(new DenseLayer.Builder().name("dense").nOut(6).build());
        }
        builder.layer(new LSTM.Builder().name("second").nOut(5).build())
                .layer(new RnnOutputLayer.Builder()
                        .name("out")
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.recurrent(features, STEPS));
        if (pieces < STEPS) {
            builder.backpropType(BackpropType.TruncatedBPTT)
                    .tBPTTForwardLength(pieces)
                    .tBPTTBackwardLength(pieces);
        }
        MultiLayerNetwork chain = new MultiLayerNetwork(builder.build());
        chain.init();
        return chain;
    }

    private static DataSet batch(boolean maps, int seed) {
        Nd4j.getRandom().setSeed(seed);
        INDArray features = Nd4j.randn(6, maps ? 16 : 4, STEPS);
        INDArray labels = Nd4j.zeros(6, 2, STEPS);
        for (int example = 0; example < 6; example++) {
            for (int step = 0; step < STEPS; step++) {
                labels.putScalar(example, features.getDouble(example, 0, step) > 0 ? 1 : 0, step, 1);
            }
        }
        return new DataSet(features, labels);
    }
}
