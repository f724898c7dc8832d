package org.growingnn.dl4j.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.growingnn.dl4j.training.Calibrator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Refitted consumers come as close to what they computed as least squares on the data itself. */
class RefitTest {

    private static final int EXAMPLES = 200;

    @Test
    void a_dense_consumer_is_the_least_squares_solution() {
        ComputationGraph model = model(false);
        INDArray features = features(false);
        NetworkGraph graph = Dl4jGraphs.read(model);
        int[] kept = {0, 2, 3, 7};
        Reduced reduced = reduce(graph, "hidden", kept, features, labels());

        INDArray hidden = Models.values(model, "hidden", features);
        INDArray before = withConstant(hidden).mmul(stacked(graph.vertex("consumer")));
        INDArray some = withConstant(hidden.getColumns(kept));
        INDArray solved = withConstant(hidden.getColumns(kept)).mmul(stacked(reduced.refitted.vertex("consumer")));
        INDArray unsolved = withConstant(hidden.getColumns(kept)).mmul(stacked(reduced.projected.vertex("consumer")));

        // The residual of a least-squares solution is orthogonal to everything that it was fitted on.
        INDArray residual = before.sub(solved);
        double correlation = some.transpose().mmul(residual).amaxNumber().doubleValue() / EXAMPLES;
        assertThat(correlation).isLessThan(2e-3 * before.norm2Number().doubleValue() / Math.sqrt(EXAMPLES));
        assertThat(squares(residual)).isLessThan(0.7 * squares(before.sub(unsolved)));
    }

    @Test
    void a_convolution_comes_closer_to_what_it_computed() {
        ComputationGraph model = model(true);
        INDArray features = features(true);
        NetworkGraph graph = Dl4jGraphs.read(model);
        Reduced reduced = reduce(graph, "hidden", new int[] {1, 2, 5, 6}, features, labels());

        INDArray before = Models.values(model, "consumer", features);
        INDArray solved = Models.values(Dl4jGraphs.toComputationGraph(reduced.refitted), "consumer", features);
        INDArray unsolved = Models.values(Dl4jGraphs.toComputationGraph(reduced.projected), "consumer", features);

        assertThat(squares(before.sub(solved))).isLessThan(0.7 * squares(before.sub(unsolved)));
    }

    @ParameterizedTest
    @CsvSource({"512, 200", "1024, 1000"})
    void a_layer_with_more_units_than_the_data_has_rows_is_refitted(int units, int rows) {
        GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(3)
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "hidden",
                        new DenseLayer.Builder()
                                .nOut(units)
                                .activation(Activation.RELU)
                                .build(),
                        "in")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "hidden")
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(20));
        ComputationGraph model = new ComputationGraph(builder.build());
        model.init();
        Nd4j.getRandom().setSeed(11);
        // Units that are active together have moments whose largest eigenvalue is that of all of them.
        INDArray features = Nd4j.rand(rows, 20);
        INDArray labels = Nd4j.zeros(rows, 3);
        labels.getColumn(1).assign(1);
        NetworkGraph calibrated = new Calibrator(1)
                .calibrate(Dl4jGraphs.read(model), TrainingData.of(List.of(new MultiDataSet(features, labels))));
        Map<String, UnitMap> maps = GlobalRanking.maps(
                calibrated,
                Map.of(
                        "hidden",
                        IntStream.range(0, units).filter(i -> i % 10 > 0).toArray()));

        INDArray before = model.output(features)[0];
        INDArray solved = output(Resizer.resize(calibrated, maps, true), features);
        INDArray unsolved = output(Resizer.resize(calibrated, maps, false), features);
        assertThat(squares(before.sub(solved))).isLessThan(0.05 * squares(before.sub(unsolved)));
    }

    private static INDArray output(NetworkGraph graph, INDArray features) {
        return Dl4jGraphs.toComputationGraph(graph).output(features)[0];
    }

    /** Layers whose weights are refitted, each behind a layer of eight units. */
    static Stream<Arguments> consumers() {
        Layer dense =
                new DenseLayer.Builder().nOut(8).activation(Activation.RELU).build();
        Layer maps = new ConvolutionLayer.Builder(2, 2)
                .nOut(8)
                .activation(Activation.RELU)
                .build();
        Layer series = new Convolution1DLayer.Builder(2)
                .convolutionMode(ConvolutionMode.Same)
                .nOut(8)
                .activation(Activation.RELU)
                .build();
        InputType vectors = InputType.feedForward(5);
        InputType images = InputType.convolutional(6, 5, 2);
        InputType imagesLast = InputType.convolutional(6, 5, 2, CNN2DFormat.NHWC);
        InputType steps = InputType.recurrent(3, 7);
        InputType stepsLast = InputType.recurrent(3, 7, RNNFormat.NWC);
        return Stream.of(
                arguments(
                        "dense",
                        vectors,
                        dense,
                        new DenseLayer.Builder().nOut(6).build()),
                arguments(
                        "dense behind maps",
                        images,
                        maps,
                        new DenseLayer.Builder().nOut(6).build()),
                arguments(
                        "convolution",
                        images,
                        maps,
                        new ConvolutionLayer.Builder(3, 2).padding(1, 0).nOut(6).build()),
                arguments(
                        "convolution with channels last",
                        imagesLast,
                        maps.clone(),
                        new ConvolutionLayer.Builder(2, 3)
                                .convolutionMode(ConvolutionMode.Same)
                                .stride(2, 1)
                                .nOut(6)
                                .build()),
                arguments(
                        "1-D convolution",
                        steps,
                        series,
                        new Convolution1DLayer.Builder(3).stride(2).nOut(6).build()),
                arguments(
                        "padded 1-D convolution with gaps",
                        steps,
                        series,
                        new Convolution1DLayer.Builder(2, 1, 1)
                                .dilation(2)
                                .nOut(6)
                                .build()),
                arguments(
                        "causal 1-D convolution",
                        steps,
                        series,
                        new Convolution1DLayer.Builder(3)
                                .convolutionMode(ConvolutionMode.Causal)
                                .nOut(6)
                                .build()),
                arguments("LSTM", steps, series, new LSTM.Builder().nOut(6).build()),
                arguments(
                        "LSTM whose last step is taken",
                        steps,
                        series,
                        new LastTimeStep(new LSTM.Builder().nOut(6).build())),
                arguments(
                        "LSTM with channels last",
                        stepsLast,
                        new LSTM.Builder().nOut(8).build(),
                        new LSTM.Builder().nOut(6).build()),
                arguments(
                        "Graves LSTM",
                        steps,
                        new GravesLSTM.Builder().nOut(8).build(),
                        new GravesLSTM.Builder().nOut(6).build()),
                arguments(
                        "simple RNN",
                        steps,
                        new SimpleRnn.Builder().nOut(8).build(),
                        new SimpleRnn.Builder().nOut(6).build()),
                arguments(
                        "output at each step",
                        steps,
                        series,
                        new RnnOutputLayer.Builder(LossFunction.MSE)
                                .nOut(6)
                                .activation(Activation.TANH)
                                .build()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("consumers")
    void a_unit_that_copies_another_one_can_go_without_a_trace(
            String name, InputType inputType, Layer hidden, Layer consumer) {
        boolean series = inputType instanceof InputType.InputTypeRecurrent && !(consumer instanceof LastTimeStep);
        GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("hidden", hidden, "in")
                .addLayer("consumer", consumer, "hidden")
                .setInputTypes(inputType);
        if (!(consumer instanceof BaseOutputLayer)) {
            builder.addLayer(
                    "out",
                    series
                            ? new RnnOutputLayer.Builder(LossFunction.MSE)
                                    .nOut(3)
                                    .activation(Activation.IDENTITY)
                                    .build()
                            : new OutputLayer.Builder(LossFunction.MSE)
                                    .nOut(3)
                                    .activation(Activation.IDENTITY)
                                    .build(),
                    "consumer");
        }
        ComputationGraph model =
                new ComputationGraph(builder.setOutputs(consumer instanceof BaseOutputLayer ? "consumer" : "out")
                        .build());
        model.init();
        RandomNetworks.randomize(model, new Random(4));
        long[] shape = inputType.getShape(true);
        shape[0] = EXAMPLES;
        Nd4j.getRandom().setSeed(11);
        INDArray features = Nd4j.randn(shape);

        NetworkGraph graph = Dl4jGraphs.read(model);
        UnitMap twins = Projections.replication().map(graph, graph.space("hidden"), 16);
        NetworkGraph doubled = Resizer.resize(graph, graph.space("hidden"), twins);
        Reduced reduced = reduce(
                doubled, "hidden", new int[] {0, 2, 4, 6, 8, 10, 12, 14}, features, model.output(features)[0].like());

        INDArray before = Models.values(model, "consumer", features);
        INDArray solved = Models.values(Dl4jGraphs.toComputationGraph(reduced.refitted), "consumer", features);
        INDArray unsolved = Models.values(Dl4jGraphs.toComputationGraph(reduced.projected), "consumer", features);
        assertThat(squares(before.sub(unsolved))).isGreaterThan(1e-4 * squares(before));
        // By root mean square, less than 2 % of it is left.
        assertThat(squares(before.sub(solved))).isLessThan(4e-4 * squares(before.sub(unsolved)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void batch_norm_behind_a_refitted_layer_expects_the_sums_that_now_arrive(boolean logarithmic) {
        INDArray features = features(false);
        NetworkGraph graph = Dl4jGraphs.read(normalised(Activation.IDENTITY, logarithmic));
        Reduced reduced = reduce(graph, "hidden", new int[] {0, 5}, features, labels());

        INDArray old = Models.values(Dl4jGraphs.toComputationGraph(graph), "consumer", features);
        INDArray now = Models.values(Dl4jGraphs.toComputationGraph(reduced.refitted), "consumer", features);
        Vertex was = reduced.projected.vertex("norm");
        Vertex is = reduced.refitted.vertex("norm");
        for (int unit = 0; unit < 6; unit++) {
            assertThat(value(is, "mean", unit) - value(was, "mean", unit))
                    .isCloseTo(mean(now, unit) - mean(old, unit), within(1e-4));
            double ratio = variance(now, unit) / variance(old, unit);
            assertThat(ratio).isLessThan(0.95);
            double change = logarithmic
                    ? Math.pow(10, 2 * (value(is, "log10stdev", unit) - value(was, "log10stdev", unit)))
                    : value(is, "var", unit) / value(was, "var", unit);
            assertThat(change).isCloseTo(ratio, within(1e-3));
            assertThat(value(is, "gamma", unit)).isEqualTo(value(was, "gamma", unit));
            assertThat(value(is, "beta", unit)).isEqualTo(value(was, "beta", unit));
        }
    }

    @Test
    void batch_norm_behind_an_activation_function_stays_as_it_is() {
        NetworkGraph graph = Dl4jGraphs.read(normalised(Activation.RELU, true));
        Reduced reduced = reduce(graph, "hidden", new int[] {0, 5}, features(false), labels());
        assertThat(reduced.refitted.vertex("norm").parameters())
                .isEqualTo(reduced.projected.vertex("norm").parameters());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void batch_norm_behind_a_change_of_shape_stays_as_it_is(boolean maps) {
        Layer hidden = maps
                ? new ConvolutionLayer.Builder(2, 2).nOut(8).build()
                : new DenseLayer.Builder().nOut(8).build();
        Layer consumer = maps
                ? new ConvolutionLayer.Builder(2, 2)
                        .nOut(4)
                        .activation(Activation.IDENTITY)
                        .build()
                : new DenseLayer.Builder()
                        .nOut(6)
                        .activation(Activation.IDENTITY)
                        .build();
        GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("hidden", hidden, "in")
                .addLayer("consumer", consumer, "hidden")
                .addLayer(
                        "norm",
                        new BatchNormalization(),
                        maps ? new CnnToFeedForwardPreProcessor(4, 3, 4) : new FeedForwardToCnnPreProcessor(1, 3, 2),
                        "consumer");
        NetworkGraph graph = Dl4jGraphs.read(
                initialised(builder, "norm", maps ? InputType.convolutional(6, 5, 2) : InputType.feedForward(5)));
        Reduced reduced = reduce(graph, "hidden", new int[] {0, 5}, features(maps), labels());
        assertThat(graph.vertex("norm").parameters().get("mean").value().length())
                .isEqualTo(maps ? 48 : 2);
        assertThat(weights(reduced.refitted.vertex("consumer")))
                .isNotEqualTo(weights(reduced.projected.vertex("consumer")));
        assertThat(reduced.refitted.vertex("norm").parameters())
                .isEqualTo(reduced.projected.vertex("norm").parameters());
    }

    @Test
    void layers_behind_one_another_are_all_refitted() {
        GraphBuilder builder =
                new NeuralNetConfiguration.Builder().graphBuilder().addInputs("in");
        String last = "in";
        for (String name : List.of("a", "b", "c", "d", "e")) {
            builder.addLayer(
                    name,
                    new DenseLayer.Builder()
                            .nOut(6)
                            .activation(Activation.IDENTITY)
                            .build(),
                    last);
            last = name;
        }
        ComputationGraph model = initialised(builder, "e", InputType.feedForward(5));
        NetworkGraph calibrated = calibrated(Dl4jGraphs.read(model), features(false), labels());
        Map<String, UnitMap> maps = new LinkedHashMap<>();
        for (String name : List.of("a", "b", "c", "d", "e")) {
            maps.putAll(GlobalRanking.maps(calibrated, Map.of(name, new int[] {0, 1, 4})));
        }
        NetworkGraph projected = Resizer.resize(calibrated, maps, false);
        NetworkGraph refitted = Resizer.resize(calibrated, maps, true);
        for (String name : List.of("b", "c", "d", "e", "out")) {
            assertThat(Arrays.equals(weights(refitted.vertex(name)), weights(projected.vertex(name))))
                    .as(name)
                    .isFalse();
        }
    }

    private static double[] weights(Vertex vertex) {
        return vertex.parameters().get("W").value().toDoubles();
    }

    private static double value(Vertex vertex, String key, int unit) {
        return vertex.parameters().get(key).value().get(unit);
    }

    private static double mean(INDArray values, int unit) {
        return values.getColumn(unit).meanNumber().doubleValue();
    }

    private static double variance(INDArray values, int unit) {
        return values.getColumn(unit).var(false).getDouble(0);
    }

    private static ComputationGraph normalised(Activation activation, boolean logarithmic) {
        GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "hidden",
                        new DenseLayer.Builder()
                                .nOut(8)
                                .activation(Activation.RELU)
                                .build(),
                        "in")
                .addLayer(
                        "consumer",
                        new DenseLayer.Builder().nOut(6).activation(activation).build(),
                        "hidden")
                .addLayer(
                        "norm",
                        new BatchNormalization.Builder().useLogStd(logarithmic).build(),
                        "consumer");
        return initialised(builder, "norm", InputType.feedForward(5));
    }

    /** Puts an output of three classes behind a vertex. */
    private static ComputationGraph initialised(GraphBuilder builder, String last, InputType inputs) {
        ComputationGraph model = new ComputationGraph(builder.addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        last)
                .setOutputs("out")
                .setInputTypes(inputs)
                .build());
        model.init();
        RandomNetworks.randomize(model, new Random(4));
        return model;
    }

    private record Reduced(NetworkGraph projected, NetworkGraph refitted) {}

    private static Reduced reduce(NetworkGraph graph, String space, int[] kept, INDArray features, INDArray labels) {
        NetworkGraph calibrated = calibrated(graph, features, labels);
        Map<String, int[]> selection = Map.of(space, kept);
        Map<String, UnitMap> maps = GlobalRanking.maps(calibrated, selection);
        return new Reduced(Resizer.resize(calibrated, maps, false), Resizer.resize(calibrated, maps, true));
    }

    private static NetworkGraph calibrated(NetworkGraph graph, INDArray features, INDArray labels) {
        return new Calibrator(EXAMPLES, 500)
                .calibrate(
                        graph, TrainingData.of(new ListDataSetIterator<>(new DataSet(features, labels).asList(), 16)));
    }

    private static INDArray stacked(Vertex consumer) {
        INDArray weight = Nd4j.createFromArray(
                        consumer.parameters().get("W").value().toDoubles())
                .reshape('c', consumer.parameters().get("W").value().shape());
        INDArray bias =
                Nd4j.createFromArray(consumer.parameters().get("b").value().toDoubles());
        return Nd4j.vstack(weight, bias.reshape(1, bias.length()));
    }

    private static INDArray withConstant(INDArray features) {
        return Nd4j.hstack(
                features.castTo(org.nd4j.linalg.api.buffer.DataType.DOUBLE),
                Nd4j.ones(org.nd4j.linalg.api.buffer.DataType.DOUBLE, features.size(0), 1));
    }

    private static double squares(INDArray array) {
        return array.mul(array).sumNumber().doubleValue();
    }

    private static INDArray labels() {
        INDArray labels = Nd4j.zeros(EXAMPLES, 3);
        labels.getColumn(0).assign(1);
        return labels;
    }

    private static INDArray features(boolean maps) {
        Nd4j.getRandom().setSeed(11);
        return maps ? Nd4j.rand(EXAMPLES, 2, 6, 5) : Nd4j.randn(EXAMPLES, 5);
    }

    private static ComputationGraph model(boolean maps) {
        GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "hidden",
                        maps
                                ? new ConvolutionLayer.Builder(2, 2)
                                        .nOut(8)
                                        .activation(Activation.RELU)
                                        .build()
                                : new DenseLayer.Builder()
                                        .nOut(8)
                                        .activation(Activation.RELU)
                                        .build(),
                        "in")
                .addLayer(
                        "consumer",
                        maps
                                ? new ConvolutionLayer.Builder(3, 3)
                                        .padding(1, 1)
                                        .nOut(6)
                                        .activation(Activation.IDENTITY)
                                        .build()
                                : new DenseLayer.Builder()
                                        .nOut(6)
                                        .activation(Activation.IDENTITY)
                                        .build(),
                        "hidden");
        return initialised(builder, "consumer", maps ? InputType.convolutional(6, 5, 2) : InputType.feedForward(5));
    }
}
