package org.growingnn.dl4j.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.preprocessor.CnnToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.AddResidual.Start;
import org.growingnn.dl4j.action.RemoveLayer.Rewiring;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Whatever is offered gives a network that Deeplearning4j trains, also where signals or gradients are not what they seem. */
class OfferedActionsTest {

    private static final Projection ANY = Projections.pseudoInverse();

    @Test
    void stacked_and_unstacked_signals_are_not_joined() {
        ComputationGraph model = model(
                graph("a", "b")
                        .addVertex("stack", new StackVertex(), "a", "b")
                        .addLayer("e1", dense(4), "stack")
                        .addLayer("e2", dense(4), "e1")
                        .addVertex("left", new UnstackVertex(0, 2), "e2")
                        .addVertex("right", new UnstackVertex(1, 2), "e2")
                        .addVertex("both", new MergeVertex(), "left", "right")
                        .addLayer("out", output(), "both"),
                InputType.feedForward(4),
                InputType.feedForward(4));
        NetworkGraph graph = Dl4jGraphs.read(model, InputType.feedForward(4), InputType.feedForward(4));

        List<StructuralAction> offered = assertAllTrain(
                graph, new MultiDataSet(arrays(Nd4j.rand(3, 4), Nd4j.rand(3, 4)), arrays(Nd4j.rand(3, 2))));

        assertThat(offered).contains(residual(graph, "stack", "e2"), residual(graph, "a", "out"));
        assertRefused(graph, residual(graph, "a", "e2"), "examples");
        assertRefused(graph, residual(graph, "e1", "out"), "examples");
    }

    @Test
    void maps_of_single_steps_are_not_joined_with_maps_of_whole_examples() {
        ComputationGraph model = model(
                graph("series", "image")
                        .addLayer("c1", convolution(), new RnnToCnnPreProcessor(6, 6, 1), "series")
                        .addLayer("c2", convolution(), "c1")
                        .addLayer(
                                "steps",
                                new RnnOutputLayer.Builder(LossFunction.MSE)
                                        .nOut(2)
                                        .activation(Activation.IDENTITY)
                                        .build(),
                                new CnnToRnnPreProcessor(6, 6, 3),
                                "c2")
                        .addLayer("c3", convolution(), "image")
                        .addLayer("c4", convolution(), "c3")
                        .addLayer("out", output(), "c4"),
                List.of("steps", "out"),
                InputType.recurrent(36, 5),
                InputType.convolutional(6, 6, 1));
        NetworkGraph graph = Dl4jGraphs.read(model, InputType.recurrent(36, 5), InputType.convolutional(6, 6, 1));

        List<StructuralAction> offered = assertAllTrain(
                graph,
                new MultiDataSet(
                        arrays(Nd4j.rand(3, 36, 5), Nd4j.rand(3, 1, 6, 6)),
                        arrays(Nd4j.rand(3, 2, 5), Nd4j.rand(3, 2))));

        assertThat(offered).contains(residual(graph, "image", "c4"));
        assertRefused(graph, residual(graph, "image", "c2"), "examples");
        assertRefused(graph, residual(graph, "c1", "c4"), "examples");
    }

    @Test
    void nothing_is_added_where_no_gradient_arrives() {
        ComputationGraph model = model(
                graph("in")
                        .addLayer("f1", new FrozenLayer(dense(4)), "in")
                        .addLayer("f2", new FrozenLayer(dense(4)), "f1")
                        .addLayer("d", dense(4), "f2")
                        .addLayer("out", output(), "d"),
                InputType.feedForward(4));
        NetworkGraph graph = Dl4jGraphs.read(model);

        List<StructuralAction> offered =
                assertAllTrain(graph, new MultiDataSet(arrays(Nd4j.rand(3, 4)), arrays(Nd4j.rand(3, 2))));

        assertThat(offered)
                .contains(new AddSequential("f2", "d", AddSequential.AUTO))
                .contains(residual(graph, "in", "d"));
        assertRefused(graph, new AddSequential("f1", "f2", AddSequential.AUTO), "gradient");
        assertRefused(graph, residual(graph, "in", "f2"), "frozen");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RemoveInputs("in", 0.5, 1).apply(graph, ANY))
                .withMessageContaining("[f1]");
    }

    @Test
    void weights_that_do_not_learn_get_no_further_inputs() {
        ComputationGraph model = model(
                graph("in")
                        .addLayer("d1", dense(4), "in")
                        .addLayer("f", new FrozenLayerWithBackprop(dense(4)), "d1")
                        .addLayer("d2", dense(4), "f")
                        .addLayer("out", output(), "d2"),
                InputType.feedForward(4));
        NetworkGraph graph = Dl4jGraphs.read(model);

        List<StructuralAction> offered =
                assertAllTrain(graph, new MultiDataSet(arrays(Nd4j.rand(3, 4)), arrays(Nd4j.rand(3, 2))));

        assertThat(offered).contains(new AddSequential("d1", "f", AddSequential.AUTO));
        assertRefused(graph, residual(graph, "in", "f"), "frozen");
    }

    @Test
    void no_layer_is_added_where_none_tells_how_it_would_learn() {
        ComputationGraph model = model(
                graph("in")
                        .addLayer("f1", new FrozenLayerWithBackprop(dense(4)), "in")
                        .addLayer("f2", new FrozenLayerWithBackprop(dense(4)), "f1")
                        .addLayer("out", new LossLayer.Builder(LossFunction.MSE).build(), "f2"),
                InputType.feedForward(4));
        NetworkGraph graph = Dl4jGraphs.read(model);

        assertRefused(graph, new AddSequential("f1", "f2", AddSequential.AUTO), "updater");
    }

    @Test
    void indices_are_no_features() {
        ComputationGraph model = model(
                graph("index")
                        .addLayer(
                                "embedding",
                                new EmbeddingLayer.Builder().nIn(9).nOut(4).build(),
                                "index")
                        .addLayer("d1", dense(4), "embedding")
                        .addLayer("d2", dense(4), "d1")
                        .addLayer("out", output(), "d2"),
                InputType.feedForward(9));
        NetworkGraph graph = Dl4jGraphs.read(model);

        List<StructuralAction> offered = assertAllTrain(
                graph,
                new MultiDataSet(arrays(Nd4j.createFromArray(new float[][] {{0}, {8}, {3}})), arrays(Nd4j.rand(3, 2))));

        assertThat(offered).contains(residual(graph, "embedding", "d2"));
        assertRefused(graph, residual(graph, "index", "d1"), "indices");
        assertRefused(graph, new RemoveLayer("embedding", Rewiring.BYPASS), "indices");
    }

    @Test
    void neither_are_series_of_indices() {
        ComputationGraph model = model(
                graph("indices")
                        .addLayer(
                                "embedding",
                                new EmbeddingSequenceLayer.Builder()
                                        .nIn(9)
                                        .nOut(4)
                                        .inputLength(5)
                                        .build(),
                                "indices")
                        .addLayer("pooled", new GlobalPoolingLayer(), "embedding")
                        .addLayer("d1", dense(4), "pooled")
                        .addLayer("out", output(), "d1"),
                InputType.feedForward(9));
        NetworkGraph graph = Dl4jGraphs.read(model);

        assertAllTrain(graph, new MultiDataSet(arrays(Nd4j.ones(3, 5)), arrays(Nd4j.rand(3, 2))));

        assertRefused(graph, residual(graph, "indices", "d1"), "indices");
    }

    @Test
    void what_selects_all_units_of_a_branch_keeps_the_branch() {
        ComputationGraph model = model(graph("in")
                .addLayer("s1", new DenseLayer.Builder().nIn(4).nOut(6).build(), "in")
                .addLayer("s2", new DenseLayer.Builder().nIn(4).nOut(6).build(), "in")
                .addLayer("s3", new DenseLayer.Builder().nIn(4).nOut(6).build(), "in")
                .addVertex("all", new MergeVertex(), "s1", "s2", "s3")
                .addVertex("first", new SubsetVertex(0, 5), "all")
                .addVertex("rest", new SubsetVertex(6, 17), "all")
                .addLayer("d1", new DenseLayer.Builder().nIn(6).nOut(4).build(), "first")
                .addLayer("d2", new DenseLayer.Builder().nIn(12).nOut(4).build(), "rest")
                .addVertex("both", new MergeVertex(), "d1", "d2")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MSE)
                                .nIn(8)
                                .nOut(2)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "both"));
        NetworkGraph graph = Dl4jGraphs.read(model);

        List<StructuralAction> offered =
                assertAllTrain(graph, new MultiDataSet(arrays(Nd4j.rand(3, 4)), arrays(Nd4j.rand(3, 2))));

        assertThat(offered).contains(new RemoveBranch("all", "s2"), new RemoveBranch("all", "s3"));
        assertRefused(graph, new RemoveBranch("all", "s1"), "'first' would have no units left");
        NetworkGraph narrow = new RemoveBranch("all", "s2").apply(graph, ANY);
        assertRefused(narrow, new RemoveBranch("all", "s3"), "'rest' would have no units left");
    }

    private static List<StructuralAction> assertAllTrain(NetworkGraph graph, MultiDataSet batch) {
        fit(graph, batch);
        List<StructuralAction> offered = Actions.layers()
                .residualStarts(Start.values())
                .and(Actions.neurons().add())
                .and(Actions.inputs())
                .generate(graph)
                .toList();
        for (StructuralAction action : offered) {
            ComputationGraph changed = Dl4jGraphs.toComputationGraph(action.apply(graph, ANY));
            changed.fit(copy(batch.getFeatures()), copy(batch.getLabels()));
            assertThat(changed.score()).as(action.toString()).isFinite();
        }
        return offered;
    }

    private static void fit(NetworkGraph graph, MultiDataSet batch) {
        Dl4jGraphs.toComputationGraph(graph).fit(copy(batch.getFeatures()), copy(batch.getLabels()));
    }

    private static void assertRefused(NetworkGraph graph, StructuralAction action, String reason) {
        assertThat(Actions.layers().residualStarts(Start.values()).generate(graph))
                .doesNotContain(action);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> action.apply(graph, ANY))
                .withMessageContaining(reason);
    }

    private static AddResidual residual(NetworkGraph graph, String from, String to) {
        int units = (int) graph.signal(to).units().length();
        return new AddResidual(from, to, units, Start.RANDOM, AddResidual.DEFAULT_ACTIVATION);
    }

    private static INDArray[] arrays(INDArray... arrays) {
        return arrays;
    }

    private static INDArray[] copy(INDArray[] arrays) {
        return Arrays.stream(arrays).map(INDArray::dup).toArray(INDArray[]::new);
    }

    private static GraphBuilder graph(String... inputs) {
        return new NeuralNetConfiguration.Builder()
                .seed(5)
                .updater(new Sgd(0.01))
                .graphBuilder()
                .addInputs(inputs);
    }

    private static ComputationGraph model(GraphBuilder builder, InputType... types) {
        return model(builder, List.of("out"), types);
    }

    private static ComputationGraph model(GraphBuilder builder, List<String> outputs, InputType... types) {
        builder.setOutputs(outputs.toArray(new String[0]));
        if (types.length > 0) {
            builder.setInputTypes(types);
        }
        ComputationGraph model = new ComputationGraph(builder.build());
        model.init();
        return model;
    }

    private static Layer dense(int units) {
        return new DenseLayer.Builder()
                .nOut(units)
                .activation(Activation.TANH)
                .updater(new Sgd(0.01))
                .build();
    }

    private static Layer convolution() {
        return new ConvolutionLayer.Builder(3, 3)
                .nOut(3)
                .convolutionMode(ConvolutionMode.Same)
                .activation(Activation.TANH)
                .build();
    }

    private static Layer output() {
        return new OutputLayer.Builder(LossFunction.MSE)
                .nOut(2)
                .activation(Activation.IDENTITY)
                .build();
    }
}
