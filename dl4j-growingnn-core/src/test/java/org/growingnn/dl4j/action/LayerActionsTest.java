package org.growingnn.dl4j.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.AddResidual.Start;
import org.growingnn.dl4j.action.RemoveLayer.Rewiring;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkMeasures;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.RandomNetwork;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class LayerActionsTest {

    private static final Projection ANY = Projections.pseudoInverse();
    private static final int CLASSES = 3;

    @ParameterizedTest
    @CsvSource({"RELU, relu", "TANH, identity", "SIGMOID, relu"})
    void a_dense_layer_between_two_others_starts_as_the_identity(Activation before, String chosen) {
        RandomNetwork network = network(
                builder()
                        .addLayer("a", dense(6, before), "in")
                        .addLayer("b", dense(5, Activation.TANH), "a")
                        .addLayer("out", output(), "b"),
                InputType.feedForward(4));

        NetworkGraph grown = assertPreserved(network, new AddSequential("a", "b", AddSequential.AUTO));

        assertThat(grown.order()).containsExactly("a", "a+b", "b", "out");
        assertThat(activation(grown, "a+b")).isEqualToIgnoringCase(chosen);
        assertThat(grown.space("a+b").size()).isEqualTo(6);
        assertThat(grown.parameterCount()).isEqualTo(network.read().parameterCount() + 6 * 6 + 6);
    }

    @ParameterizedTest
    @EnumSource(CNN2DFormat.class)
    void a_convolution_between_two_others_starts_as_dirac_kernels(CNN2DFormat format) {
        RandomNetwork network = convolutional(format);

        NetworkGraph grown = assertPreserved(network, new AddSequential("a", "b", AddSequential.AUTO));
        assertPreserved(network, new AddSequential("pool", "dense", AddSequential.AUTO));

        assertThat(grown.space("a+b").size()).isEqualTo(4);
        assertThat(grown.macs()).isEqualTo(network.read().macs() + 4 * 4 * 9 * 8 * 8);
    }

    @Test
    void a_chain_with_another_layer_is_still_a_chain() {
        MultiLayerConfiguration configuration = new NeuralNetConfiguration.Builder()
                .updater(new Adam(0.01))
                .list()
                .layer(dense(6, Activation.RELU))
                .layer(output())
                .setInputType(InputType.feedForward(4))
                .build();
        MultiLayerNetwork chain = new MultiLayerNetwork(configuration);
        chain.init();
        RandomNetworks.randomize(chain, new Random(1));
        NetworkGraph grown =
                new AddSequential("layer0", "layer1", AddSequential.AUTO).apply(Dl4jGraphs.read(chain), ANY);

        MultiLayerNetwork written = Dl4jGraphs.toMultiLayerNetwork(grown);

        INDArray features = new RandomNetwork(1, chain, List.of(InputType.feedForward(4))).features(1)[0];
        assertThat(written.getnLayers()).isEqualTo(3);
        assertClose(Models.values(written.output(features)), Models.values(chain.output(features)));
    }

    @ParameterizedTest
    @EnumSource(Start.class)
    void a_residual_layer_between_dense_layers_changes_nothing_at_first_and_learns_then(Start start) {
        RandomNetwork network = network(
                builder()
                        .addLayer("a", dense(6, Activation.RELU), "in")
                        .addLayer("b", dense(5, Activation.TANH), "a")
                        .addLayer("out", output(), "b"),
                InputType.feedForward(4));

        NetworkGraph grown = assertPreserved(network, residual("in", "out", 7, start));
        NetworkGraph twice = assertPreserved(network, residual("in", "out", 7, start), residual("a", "out", 2, start));

        assertLearns(network, grown, "in>out");
        assertThat(twice.vertex("b&in>out").inputs()).containsExactly("b", "in>out", "a>out");
        assertThat(twice.space("in>out").resizable()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "NCHW, in, b, ZERO", "NCHW, in, b, RANDOM", "NCHW, in, b, EYE", "NHWC, in, b, RANDOM",
        "NCHW, a, dense, RANDOM", "NHWC, a, dense, RANDOM", "NCHW, in, dense, EYE", "NHWC, in, dense, EYE",
        "NCHW, a, out, RANDOM", "NHWC, a, out, RANDOM", "NCHW, in, last, ZERO", "NHWC, in, last, ZERO"
    })
    void a_residual_layer_between_maps_changes_nothing_at_first_and_learns_then(
            CNN2DFormat format, String from, String to, Start start) {
        RandomNetwork network = convolutional(format);

        NetworkGraph grown = assertPreserved(network, residual(from, to, 3, start));

        assertLearns(network, grown, from + ">" + to);
    }

    @Test
    void a_residual_convolution_pads_or_strides_until_maps_match() {
        RandomNetwork network = network(
                builder()
                        .addLayer("small", convolution(4, 3, 2, ConvolutionMode.Truncate), "in")
                        .addLayer("padded", new org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer(4, 4), "small")
                        .addLayer("large", convolution(3, 3, 1, ConvolutionMode.Truncate), "padded")
                        .addLayer("dense", dense(5, Activation.TANH), "large")
                        .addLayer("out", output(), "dense"),
                InputType.convolutional(9, 8, 2));

        // 9 x 8 to 4 x 3, by stride 2, and then to 12 x 11, by padding.
        assertThat(network.read().signal("small").extents()).containsExactly(4, 3);
        assertPreserved(network, residual("in", "large", 3, Start.RANDOM));
    }

    @Test
    void cutting_a_residual_branch_takes_back_what_adding_it_did() {
        RandomNetwork network = convolutional(CNN2DFormat.NCHW);
        NetworkGraph before = network.read();
        NetworkGraph grown = residual("a", "dense", 3, Start.RANDOM).apply(before, ANY);
        grown = residual("in", "dense", 2, Start.EYE).apply(grown, ANY);
        String merge = grown.vertex("dense").inputs().get(0);

        NetworkGraph cut = new RemoveBranch(merge, "a>dense").apply(grown, ANY);
        assertThat(cut.space("in>dense").size()).isEqualTo(2);
        NetworkGraph back = new RemoveBranch(merge, "in>dense").apply(cut, ANY);

        assertThat(back.structureHash()).isEqualTo(before.structureHash());
        for (String name : before.order()) {
            assertThat(back.vertex(name).parameters())
                    .as(name)
                    .isEqualTo(before.vertex(name).parameters());
        }
    }

    @Test
    void either_branch_of_a_residual_block_can_go() {
        RandomNetwork network = residualBlock();
        NetworkGraph graph = network.read();

        NetworkGraph plain = new RemoveBranch("sum", "a").apply(graph, ANY);
        NetworkGraph skipped = new RemoveBranch("sum", "bn2").apply(graph, ANY);

        assertThat(plain.order()).containsExactly("a", "c1", "bn1", "c2", "bn2", "dense", "out");
        assertThat(skipped.order()).containsExactly("a", "dense", "out");
        assertTrains(network, plain);
        assertTrains(network, skipped);
    }

    @Test
    void no_branch_is_cut_without_which_an_input_would_lead_nowhere() {
        RandomNetwork network = network(
                builder("x", "y")
                        .addLayer("a", dense(4, Activation.RELU), "x")
                        .addLayer("b", dense(4, Activation.RELU), "y")
                        .addVertex("merge", new MergeVertex(), "a", "b")
                        .addLayer("out", output(), "merge"),
                InputType.feedForward(3),
                InputType.feedForward(2));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RemoveBranch("merge", "a").apply(network.read(), ANY))
                .withMessageContaining("'x' would lead nowhere");
        assertThat(Actions.layers().generate(network.read()).filter(RemoveBranch.class::isInstance))
                .isEmpty();
    }

    @Test
    void removing_a_linear_layer_by_composition_is_exact() {
        RandomNetwork network = network(
                builder()
                        .addLayer("a", dense(6, Activation.RELU), "in")
                        .addLayer("linear", dense(9, Activation.IDENTITY), "a")
                        .addLayer("bn", new BatchNormalization(), "linear")
                        .addLayer("b", dense(5, Activation.TANH), "bn")
                        .addLayer("out", output(), "b"),
                InputType.feedForward(4));

        NetworkGraph shorter = assertPreserved(network, new RemoveLayer("linear", Rewiring.COMPOSITION));

        assertThat(shorter.order()).containsExactly("a", "b", "out");
    }

    @ParameterizedTest
    @EnumSource(CNN2DFormat.class)
    void removing_a_linear_convolution_of_single_points_is_exact_through_a_flatten_and_a_merge(CNN2DFormat format) {
        RandomNetwork network = network(
                builder()
                        .addLayer("a", convolution(4, 3, 1, ConvolutionMode.Same, format), "in")
                        .addLayer("linear", convolution(6, 1, 1, ConvolutionMode.Same, format), "a")
                        .addVertex("merge", merge(format), "a", "linear")
                        .addLayer("dense", dense(5, Activation.TANH), "merge")
                        .addLayer("out", output(), "dense"),
                InputType.convolutional(5, 4, 2, format));
        NetworkGraph graph = network.read();
        INDArray[] features = network.features(3);

        NetworkGraph shorter = new RemoveLayer("linear", Rewiring.COMPOSITION).apply(graph, ANY);

        assertThat(shorter.vertex("merge").inputs()).containsExactly("a", "a");
        assertClose(outputs(shorter, features), outputs(graph, features));
        assertTrains(network, shorter);
    }

    @Test
    void a_layer_that_was_added_as_the_identity_can_be_bypassed_without_a_trace() {
        RandomNetwork network = convolutional(CNN2DFormat.NCHW);
        NetworkGraph before = network.read();
        NetworkGraph grown = new AddSequential("a", "b", AddSequential.AUTO).apply(before, ANY);

        NetworkGraph back = new RemoveLayer("a+b", Rewiring.BYPASS).apply(grown, ANY);

        assertThat(back.structureHash()).isEqualTo(before.structureHash());
        for (String name : before.order()) {
            before.vertex(name)
                    .parameters()
                    .forEach((key, parameter) -> assertThat(
                                    back.vertex(name).parameters().get(key).value())
                            .as(name + " " + key)
                            .isEqualTo(parameter.value()));
        }
    }

    @Test
    void bypassing_reshapes_the_consumers_weights_by_the_papers_quasi_identity() {
        RandomNetwork network = network(
                builder()
                        .addLayer("a", dense(3, Activation.RELU), "in")
                        .addLayer("b", dense(6, Activation.RELU), "a")
                        .addLayer("out", output(), "b"),
                InputType.feedForward(4));
        NetworkGraph graph = network.read();

        NetworkGraph shorter = new RemoveLayer("b", Rewiring.BYPASS).apply(graph, ANY);

        // From 6 to 3, each row of Q is (1/2, 1/2) at its place.
        Tensor old = graph.vertex("out").parameters().get("W").value();
        Tensor weights = shorter.vertex("out").parameters().get("W").value();
        for (int i = 0; i < 3; i++) {
            for (int k = 0; k < CLASSES; k++) {
                assertThat(weights.get(i * CLASSES + k))
                        .isCloseTo(
                                (old.get(2 * i * CLASSES + k) + old.get((2 * i + 1) * CLASSES + k)) / 2,
                                org.assertj.core.api.Assertions.within(1e-6));
            }
        }
    }

    @Test
    void what_cannot_be_removed_or_connected_is_refused_with_the_reason() {
        RandomNetwork network = residualBlock();
        NetworkGraph graph = network.read();

        assertRefused(graph, new RemoveLayer("a", Rewiring.BYPASS), "its own alone");
        assertRefused(graph, new RemoveLayer("out", Rewiring.BYPASS), "output");
        assertRefused(graph, new RemoveLayer("dense", Rewiring.COMPOSITION), "it makes 7 of 4x6x6");
        assertRefused(graph, new AddSequential("a", "dense", AddSequential.AUTO), "feeds 'dense' directly");
        assertRefused(graph, new AddSequential("c1", "bn1", AddSequential.AUTO), "no weights");
        assertRefused(graph, residual("dense", "c1", 2, Start.EYE), "comes behind");
        assertRefused(graph, residual("a", "c1", 2, Start.EYE), "must not feed it directly");
        assertRefused(graph, residual("a", "sum", 2, Start.EYE), "one input");
        assertRefused(graph, new RemoveBranch("dense", "sum"), "no join");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AddSequential("dense", "out", "sine").apply(graph, ANY))
                .withMessageContaining("'sine'")
                .withMessageContaining("relu");
    }

    @Test
    void series_are_left_alone() {
        RandomNetwork network = network(
                builder()
                        .addLayer("lstm", new LSTM.Builder().nOut(5).build(), "in")
                        .addLayer(
                                "out",
                                new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                        .nOut(CLASSES)
                                        .activation(Activation.SOFTMAX)
                                        .build(),
                                "lstm"),
                InputType.recurrent(4, 6));

        assertThat(Actions.layers().generate(network.read()).map(StructuralAction::toString))
                .containsExactly("remove-layer(layer=lstm, rewiring=BYPASS)");
        assertTrains(network, new RemoveLayer("lstm", Rewiring.BYPASS).apply(network.read(), ANY));
    }

    @Test
    void growth_has_limits() {
        NetworkGraph graph = convolutional(CNN2DFormat.NCHW).read();
        long parameters = graph.parameterCount();
        long macs = graph.macs();

        assertThat(additions(graph, Actions.layers()))
                .isNotEmpty()
                .allSatisfy(grown -> assertThat(grown.parameterCount()).isLessThanOrEqualTo(2 * parameters));
        assertThat(additions(graph, Actions.layers().maximumParameters(parameters + 100)))
                .isNotEmpty()
                .allSatisfy(grown -> assertThat(grown.parameterCount()).isLessThanOrEqualTo(parameters + 100));
        assertThat(additions(graph, Actions.layers().maximumMacs(macs + 2000)))
                .isNotEmpty()
                .allSatisfy(grown -> assertThat(grown.macs()).isLessThanOrEqualTo(macs + 2000));
        assertThat(additions(graph, Actions.layers().maximumDepth(NetworkMeasures.depth(graph))))
                .isEmpty();
    }

    @Test
    void costs_of_growth_are_foretold_exactly() {
        NetworkGraph graph = convolutional(CNN2DFormat.NHWC).read();
        List<StructuralAction> additions = Actions.layers()
                .generate(graph)
                .filter(action -> action instanceof AddSequential || action instanceof AddResidual)
                .toList();

        assertThat(additions).hasSizeGreaterThan(6).allSatisfy(action -> {
            NetworkGraph grown = action.apply(graph, ANY);
            long parameters = action instanceof AddSequential sequential
                    ? sequential.addedParameters(graph)
                    : ((AddResidual) action).addedParameters(graph);
            long macs = action instanceof AddSequential sequential
                    ? sequential.addedMacs(graph)
                    : ((AddResidual) action).addedMacs(graph);
            assertThat(grown.parameterCount() - graph.parameterCount()).isEqualTo(parameters);
            assertThat(grown.macs() - graph.macs()).isEqualTo(macs);
        });
    }

    @Test
    void every_generated_action_can_be_written_read_and_applied() {
        NetworkGraph graph = residualBlock().read();
        List<StructuralAction> actions =
                Actions.layers().residualStarts(Start.values()).generate(graph).toList();

        assertThat(actions.stream().map(Object::getClass).distinct())
                .containsExactlyInAnyOrder(
                        AddSequential.class, AddResidual.class, RemoveLayer.class, RemoveBranch.class);
        assertThat(actions).allSatisfy(action -> {
            assertThat(Actions.parse(action.toString())).isEqualTo(action);
            assertThat(Actions.fromJson(Actions.toJson(action))).isEqualTo(action);
            assertThat(Dl4jGraphs.toComputationGraph(action.apply(graph, ANY)).numParams())
                    .isPositive();
        });
    }

    private static List<NetworkGraph> additions(NetworkGraph graph, LayerActions actions) {
        return actions.only(LayerActions.Kind.ADD_RESIDUAL, LayerActions.Kind.ADD_SEQUENTIAL)
                .generate(graph)
                .map(action -> action.apply(graph, ANY))
                .toList();
    }

    private static AddResidual residual(String from, String to, int units, Start start) {
        return new AddResidual(from, to, units, start, AddResidual.DEFAULT_ACTIVATION);
    }

    private static void assertRefused(NetworkGraph graph, StructuralAction action, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> action.apply(graph, ANY))
                .withMessageContaining(reason);
    }

    /** Applies actions that say that they preserve the function, checks that they do and that the result trains. */
    private static NetworkGraph assertPreserved(RandomNetwork network, StructuralAction... actions) {
        NetworkGraph graph = network.read();
        INDArray[] features = network.features(2);
        double[] expected = outputs(graph, features);
        for (StructuralAction action : actions) {
            assertThat(action.preservesFunction(graph, ANY)).isTrue();
            graph = action.apply(graph, ANY);
            assertClose(outputs(graph, features), expected);
        }
        assertTrains(network, graph);
        return graph;
    }

    private static void assertTrains(RandomNetwork network, NetworkGraph graph) {
        ComputationGraph model = Dl4jGraphs.toComputationGraph(graph);
        assertThat(model.numParams()).isEqualTo(graph.parameterCount());
        Models.fit(model, network.batch(4), 4);
        assertThat(model.score()).isFinite();
        assertThat(Dl4jGraphs.read(model).structureHash()).isEqualTo(graph.structureHash());
    }

    private static void assertLearns(RandomNetwork network, NetworkGraph grown, String layer) {
        ComputationGraph model = Dl4jGraphs.toComputationGraph(grown);
        double[] before = Models.values(model.getLayer(layer).getParam("W"));
        for (int step = 1; step <= 3; step++) {
            Models.fit(model, network.batch(5), step);
        }
        assertThat(Models.values(model.getLayer(layer).getParam("W")))
                .as("weights of " + layer)
                .isNotEqualTo(before);
    }

    private static String activation(NetworkGraph graph, String layer) {
        return ((DenseLayer) Dl4jGraphs.toComputationGraph(graph)
                        .getLayer(layer)
                        .conf()
                        .getLayer())
                .getActivationFn()
                .toString();
    }

    private static double[] outputs(NetworkGraph graph, INDArray... features) {
        return Models.values(Models.outputs(Dl4jGraphs.toComputationGraph(graph), features)[0]);
    }

    private static void assertClose(double[] actual, double[] expected) {
        assertThat(actual).usingComparatorWithPrecision(1e-5).containsExactly(expected);
    }

    private static RandomNetwork convolutional(CNN2DFormat format) {
        return network(
                builder()
                        .addLayer("a", convolution(4, 3, 1, ConvolutionMode.Same, format), "in")
                        .addLayer("act", new ActivationLayer(Activation.RELU), "a")
                        .addLayer("b", convolution(5, 3, 1, ConvolutionMode.Same, format), "a")
                        .addVertex("join", merge(format), "act", "b")
                        .addLayer("last", convolution(4, 3, 1, ConvolutionMode.Same, format), "join")
                        .addLayer(
                                "pool",
                                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                                        .kernelSize(2, 2)
                                        .stride(2, 2)
                                        .dataFormat(format)
                                        .build(),
                                "last")
                        .addLayer("dense", dense(7, Activation.TANH), "pool")
                        .addLayer("out", output(), "dense"),
                InputType.convolutional(8, 8, 2, format));
    }

    private static RandomNetwork residualBlock() {
        return network(
                builder()
                        .addLayer("a", convolution(4, 3, 1, ConvolutionMode.Same), "in")
                        .addLayer("c1", convolution(5, 3, 1, ConvolutionMode.Same), "a")
                        .addLayer("bn1", new BatchNormalization(), "c1")
                        .addLayer("c2", convolution(4, 3, 1, ConvolutionMode.Same), "bn1")
                        .addLayer("bn2", new BatchNormalization(), "c2")
                        .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "a", "bn2")
                        .addLayer("dense", dense(7, Activation.RELU), "sum")
                        .addLayer("out", output(), "dense"),
                InputType.convolutional(6, 6, 2));
    }

    private static MergeVertex merge(CNN2DFormat format) {
        MergeVertex merge = new MergeVertex();
        merge.setMergeAxis(format == CNN2DFormat.NCHW ? 1 : 3);
        return merge;
    }

    private static GraphBuilder builder(String... inputs) {
        return new NeuralNetConfiguration.Builder()
                .updater(new Adam(0.01))
                .graphBuilder()
                .addInputs(inputs.length == 0 ? new String[] {"in"} : inputs)
                .setOutputs("out");
    }

    private static DenseLayer dense(int units, Activation activation) {
        return new DenseLayer.Builder().nOut(units).activation(activation).build();
    }

    private static ConvolutionLayer convolution(int units, int kernel, int stride, ConvolutionMode mode) {
        return convolution(units, kernel, stride, mode, CNN2DFormat.NCHW);
    }

    private static ConvolutionLayer convolution(
            int units, int kernel, int stride, ConvolutionMode mode, CNN2DFormat format) {
        return new ConvolutionLayer.Builder(kernel, kernel)
                .nOut(units)
                .stride(stride, stride)
                .convolutionMode(mode)
                .dataFormat(format)
                .activation(Activation.IDENTITY)
                .build();
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static RandomNetwork network(GraphBuilder builder, InputType... types) {
        ComputationGraph model =
                new ComputationGraph(builder.setInputTypes(types).build());
        model.init();
        RandomNetworks.randomize(model, new Random(5));
        RandomNetwork network = new RandomNetwork(5, model, List.of(types));
        Models.fit(model, network.batch(1), 1);
        return network;
    }
}
