package org.growingnn.dl4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.rnn.DuplicateToTimeSeriesVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Which rows of the data count in calibration, and on what the result depends. */
class CalibratorTest {

    private static final int EXAMPLES = 6;
    private static final int SOURCE = 3;
    private static final int SOURCE_STEPS = 5;
    private static final int TARGET = 2;
    private static final int TARGET_STEPS = 7;
    private static final int CLASSES = 3;
    private static final int EVERYTHING = 500;

    /** What fills padded steps; whoever counts one notices. */
    private static final double PADDING = 1000;

    // --- masks

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void padding_counts_nowhere_whichever_of_two_masked_series_is_named_first(boolean sourceFirst) {
        NetworkGraph network = Dl4jGraphs.read(translator(sourceFirst));
        List<org.nd4j.linalg.dataset.api.MultiDataSet> alone = new ArrayList<>();
        for (int i = 0; i < EXAMPLES; i++) {
            alone.add(translation(sourceFirst, i));
        }

        assertSameMoments(calibrated(network, List.of(padded(alone, sourceFirst))), calibrated(network, alone), 1e-9);
    }

    @Test
    void a_mask_ends_where_the_last_step_is_taken() {
        NetworkGraph network = Dl4jGraphs.read(initialise(builder("in")
                .addLayer("lstm", lstm(5), "in")
                .addVertex("last", new LastTimeStepVertex("in"), "lstm")
                .addLayer("dense", dense(4), "last")
                .addLayer("out", output(), "dense")
                .setInputTypes(InputType.recurrent(SOURCE))));
        List<org.nd4j.linalg.dataset.api.MultiDataSet> alone = new ArrayList<>();
        List<INDArray> series = new ArrayList<>();
        INDArray labels = classes(EXAMPLES);
        for (int i = 0; i < EXAMPLES; i++) {
            series.add(series(i, SOURCE, sourceLength(i)));
            alone.add(new MultiDataSet(series.get(i), labels.getRow(i, true)));
        }

        Calibration found = calibrated(
                network,
                List.of(new MultiDataSet(
                        new INDArray[] {pad(series, SOURCE_STEPS)},
                        new INDArray[] {labels},
                        new INDArray[] {mask(series, SOURCE_STEPS)},
                        null)));

        assertSameMoments(found, calibrated(network, alone), 1e-9);
        assertThat(found.moments().get("dense").rows()).isEqualTo(EXAMPLES);
    }

    @Test
    void padded_steps_of_series_count_neither_in_layers_that_fold_time_into_the_batch_nor_in_convolutions() {
        NetworkGraph network = Dl4jGraphs.read(initialise(builder("in")
                .addLayer(
                        "conv",
                        new Convolution1DLayer.Builder(3)
                                .nOut(4)
                                .convolutionMode(ConvolutionMode.Same)
                                .activation(Activation.TANH)
                                .build(),
                        "in")
                .addLayer("dense", dense(4), "conv")
                .addLayer("out", seriesOutput(), "dense")
                .setInputTypes(InputType.recurrent(SOURCE))));
        List<org.nd4j.linalg.dataset.api.MultiDataSet> alone = new ArrayList<>();
        List<INDArray> series = new ArrayList<>();
        List<INDArray> labels = new ArrayList<>();
        for (int i = 0; i < EXAMPLES; i++) {
            series.add(series(i, SOURCE, sourceLength(i)));
            labels.add(labels(sourceLength(i)));
            alone.add(new MultiDataSet(series.get(i), labels.get(i)));
        }
        INDArray features = pad(series, SOURCE_STEPS);
        INDArray mask = mask(series, SOURCE_STEPS);
        // Zeros are what the convolution sees behind the end of an unpadded series.
        for (int i = 0; i < EXAMPLES; i++) {
            features.get(
                            NDArrayIndex.interval(i, i + 1),
                            NDArrayIndex.all(),
                            NDArrayIndex.interval(sourceLength(i), SOURCE_STEPS))
                    .assign(0);
        }

        assertSameMoments(
                calibrated(
                        network,
                        List.of(new MultiDataSet(
                                new INDArray[] {features},
                                new INDArray[] {pad(labels, SOURCE_STEPS)},
                                new INDArray[] {mask},
                                new INDArray[] {mask}))),
                calibrated(network, alone),
                1e-6);
    }

    @Test
    void a_layer_at_each_step_sees_the_same_units_in_either_memory_format() {
        INDArray features = steps(EXAMPLES, 5).getFeatures(0);
        INDArray labels = steps(EXAMPLES, 5).getLabels(0);
        Calibration first =
                calibrated(Dl4jGraphs.read(atEachStep(RNNFormat.NCW)), List.of(new MultiDataSet(features, labels)));
        Calibration last = calibrated(
                Dl4jGraphs.read(atEachStep(RNNFormat.NWC)),
                List.of(new MultiDataSet(
                        features.permute(0, 2, 1).dup('c'),
                        labels.permute(0, 2, 1).dup('c'))));

        assertThat(first.moments().get("dense").rows()).isEqualTo(8 * EXAMPLES);
        assertSameMoments(last, first, 1e-9);
    }

    // --- batches

    @Test
    void batches_of_different_sizes_count_as_one_where_time_is_folded_into_the_batch() {
        NetworkGraph network = Dl4jGraphs.read(folded());
        MultiDataSet first = steps(24, 1);
        MultiDataSet second = steps(30, 2);

        assertSameMoments(
                calibrated(network, List.of(first, second)),
                calibrated(network, List.of(MultiDataSet.merge(List.of(first, second)))),
                1e-9);
    }

    @Test
    void no_batch_sees_the_state_that_truncated_back_propagation_left_behind_the_one_before() {
        // Deeplearning4j leaves preprocessors out where it carries states along.
        ComputationGraph model = initialise(builder("in")
                .addLayer("lstm", lstm(5), "in")
                .addLayer("out", seriesOutput(), "lstm")
                .setInputTypes(InputType.recurrent(SOURCE)));
        model.getConfiguration().setBackpropType(BackpropType.TruncatedBPTT);
        model.getConfiguration().setTbpttFwdLength(8);
        model.getConfiguration().setTbpttBackLength(8);
        NetworkGraph network = Dl4jGraphs.read(model);
        MultiDataSet first = steps(24, 1);
        MultiDataSet second = steps(30, 2);

        double[] together = gradient(calibrated(network, List.of(first, second)), "lstm", "W");
        double[] one = gradient(calibrated(network, List.of(first)), "lstm", "W");
        double[] other = gradient(calibrated(network, List.of(second)), "lstm", "W");

        assertThat(together)
                .containsExactly(
                        IntStream.range(0, one.length)
                                .mapToDouble(i -> one[i] + other[i])
                                .toArray(),
                        within(1e-9));
    }

    @Test
    void a_number_of_examples_bounds_the_batches_but_for_the_first() {
        NetworkGraph network = Dl4jGraphs.read(withDropout());
        List<org.nd4j.linalg.dataset.api.MultiDataSet> data = List.of(vectors(), vectors(), vectors());

        assertThat(rows(Calibrator.withExamples(2 * EXAMPLES), network, data)).isEqualTo(2 * EXAMPLES);
        assertThat(rows(Calibrator.withExamples(3 * EXAMPLES - 1), network, data))
                .isEqualTo(2 * EXAMPLES);
        assertThat(rows(Calibrator.withExamples(1), network, data)).isEqualTo(EXAMPLES);
        assertThat(rows(new Calibrator(), network, data)).isEqualTo(3 * EXAMPLES);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Calibrator.withExamples(0))
                .withMessageContaining("examples (0)");
    }

    private static long rows(
            Calibrator calibrator, NetworkGraph network, List<org.nd4j.linalg.dataset.api.MultiDataSet> data) {
        return calibrator
                .calibrate(network, data)
                .calibration()
                .orElseThrow()
                .moments()
                .get("hidden")
                .rows();
    }

    // --- randomness

    @Test
    void with_dropout_the_result_depends_on_the_seed_and_not_on_the_state_of_the_random_generator() {
        NetworkGraph network = Dl4jGraphs.read(withDropout());
        List<org.nd4j.linalg.dataset.api.MultiDataSet> data = List.of(vectors());

        Nd4j.getRandom().setSeed(1);
        double[] first = gradient(calibrated(network, data), "hidden", "W");
        Nd4j.getRandom().setSeed(2);
        double[] second = gradient(calibrated(network, data), "hidden", "W");

        assertThat(second).containsExactly(first);
        assertThat(gradient(
                        new Calibrator()
                                .withSeed(3)
                                .calibrate(network, data)
                                .calibration()
                                .orElseThrow(),
                        "hidden",
                        "W"))
                .isNotEqualTo(first);
    }

    @Test
    void calibration_takes_no_random_numbers_from_its_caller() {
        NetworkGraph network = Dl4jGraphs.read(withDropout());
        Nd4j.getRandom().setSeed(1);
        double[] expected = Nd4j.rand(DataType.DOUBLE, 5).toDoubleVector();

        Nd4j.getRandom().setSeed(1);
        calibrated(network, List.of(vectors()));

        assertThat(Nd4j.rand(DataType.DOUBLE, 5).toDoubleVector()).containsExactly(expected);
    }

    // --- bad data

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
    void values_that_are_no_numbers_are_reported_with_batch_and_array(double value) {
        NetworkGraph network = Dl4jGraphs.read(withDropout());
        MultiDataSet badFeatures = vectors();
        badFeatures.getFeatures(0).putScalar(2, 3, value);
        MultiDataSet badLabels = vectors();
        badLabels.getLabels(0).putScalar(2, 1, value);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> calibrated(network, List.of(vectors(), badFeatures)))
                .withMessageContaining("features of input 'in' in batch 1 of the calibration data contain NaN");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> calibrated(network, List.of(vectors(), vectors(), badLabels)))
                .withMessageContaining("labels of output 'out' in batch 2 of the calibration data contain NaN");
    }

    @Test
    void an_overflow_is_reported_with_the_layer() {
        ComputationGraph model = initialise(new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .graphBuilder()
                .addInputs("in")
                .setOutputs("out")
                .addLayer("hidden", dense(4), "in")
                .addLayer("out", output(), "hidden")
                .setInputTypes(InputType.feedForward(5)));
        NetworkGraph network = Dl4jGraphs.read(model);
        INDArray features = Nd4j.ones(DataType.FLOAT, EXAMPLES, 5).muli(1e30);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> calibrated(
                        network,
                        List.of(new MultiDataSet(features, classes(EXAMPLES).castTo(DataType.FLOAT)))))
                .withMessageContaining("layer 'hidden'")
                .withMessageContaining("overflow in batch 0");
    }

    @Test
    void a_layer_that_deeplearning4j_cannot_run_is_named() {
        // Deeplearning4j does not run batch norm on series.
        NetworkGraph network = Dl4jGraphs.read(initialise(builder("in")
                .addLayer("lstm", new LSTM.Builder().nIn(SOURCE).nOut(4).build(), "in")
                .addLayer(
                        "norm", new BatchNormalization.Builder().nIn(4).nOut(4).build(), "lstm")
                .addLayer(
                        "out",
                        new RnnOutputLayer.Builder(LossFunction.MSE)
                                .nIn(4)
                                .nOut(CLASSES)
                                .build(),
                        "norm")));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> calibrated(
                        network, List.of(new MultiDataSet(series(1, SOURCE, SOURCE_STEPS), labels(SOURCE_STEPS)))))
                .withMessageContaining("'norm'");
    }

    // --- networks

    /** Encodes one series and decodes another one, at each of whose steps it sees the code. */
    private static ComputationGraph translator(boolean sourceFirst) {
        InputType source = InputType.recurrent(SOURCE);
        InputType target = InputType.recurrent(TARGET);
        return initialise(builder(sourceFirst ? new String[] {"source", "target"} : new String[] {"target", "source"})
                .addLayer("encoder", lstm(5), "source")
                .addVertex("code", new LastTimeStepVertex("source"), "encoder")
                .addVertex("codes", new DuplicateToTimeSeriesVertex("target"), "code")
                .addVertex("both", new MergeVertex(), "target", "codes")
                .addLayer("decoder", lstm(6), "both")
                .addLayer("dense", dense(4), "decoder")
                .addLayer("out", seriesOutput(), "dense")
                .setInputTypes(sourceFirst ? new InputType[] {source, target} : new InputType[] {target, source}));
    }

    private static ComputationGraph atEachStep(RNNFormat format) {
        return initialise(builder("in")
                .addLayer("dense", new TimeDistributed(dense(4), format), "in")
                .addLayer(
                        "out",
                        new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(CLASSES)
                                .activation(Activation.SOFTMAX)
                                .dataFormat(format)
                                .build(),
                        "dense")
                .setInputTypes(InputType.recurrent(SOURCE, 8, format)));
    }

    private static ComputationGraph folded() {
        return initialise(builder("in")
                .addLayer("lstm", lstm(12), "in")
                .addLayer("dense", dense(8), "lstm")
                .addLayer("again", lstm(10), "dense")
                .addLayer("out", seriesOutput(), "again")
                .setInputTypes(InputType.recurrent(SOURCE)));
    }

    private static ComputationGraph withDropout() {
        return initialise(builder("in")
                .addLayer(
                        "hidden",
                        new DenseLayer.Builder()
                                .nOut(6)
                                .activation(Activation.TANH)
                                .dropOut(0.5)
                                .build(),
                        "in")
                .addLayer("out", output(), "hidden")
                .setInputTypes(InputType.feedForward(5)));
    }

    private static GraphBuilder builder(String... inputs) {
        return new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE)
                .graphBuilder()
                .addInputs(inputs)
                .setOutputs("out");
    }

    private static Layer lstm(int units) {
        return new LSTM.Builder().nOut(units).activation(Activation.TANH).build();
    }

    private static Layer dense(int units) {
        return new DenseLayer.Builder().nOut(units).activation(Activation.TANH).build();
    }

    private static Layer output() {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static Layer seriesOutput() {
        return new RnnOutputLayer.Builder(LossFunction.MCXENT)
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static ComputationGraph initialise(GraphBuilder builder) {
        ComputationGraph model = new ComputationGraph(builder.build());
        model.init();
        RandomNetworks.randomize(model, new Random(4));
        return model;
    }

    // --- data

    private static int sourceLength(int example) {
        return 2 + example % (SOURCE_STEPS - 1);
    }

    private static int targetLength(int example) {
        return TARGET_STEPS - example % TARGET_STEPS;
    }

    private static MultiDataSet translation(boolean sourceFirst, int example) {
        INDArray source = series(example, SOURCE, sourceLength(example));
        INDArray target = series(100 + example, TARGET, targetLength(example));
        return new MultiDataSet(
                sourceFirst ? new INDArray[] {source, target} : new INDArray[] {target, source},
                new INDArray[] {labels(targetLength(example))});
    }

    private static MultiDataSet padded(List<org.nd4j.linalg.dataset.api.MultiDataSet> examples, boolean sourceFirst) {
        int source = sourceFirst ? 0 : 1;
        INDArray[] features = new INDArray[2];
        INDArray[] masks = new INDArray[2];
        for (int input = 0; input < 2; input++) {
            int index = input;
            List<INDArray> series =
                    examples.stream().map(example -> example.getFeatures(index)).toList();
            int steps = input == source ? SOURCE_STEPS : TARGET_STEPS;
            features[input] = pad(series, steps);
            masks[input] = mask(series, steps);
        }
        List<INDArray> labels =
                examples.stream().map(example -> example.getLabels(0)).toList();
        return new MultiDataSet(
                features, new INDArray[] {pad(labels, TARGET_STEPS)}, masks, new INDArray[] {mask(labels, TARGET_STEPS)
                });
    }

    private static INDArray series(int seed, int width, int steps) {
        Random random = new Random(seed);
        return Nd4j.createFromArray(random.doubles((long) width * steps, -1, 1).toArray())
                .reshape(1, width, steps);
    }

    private static INDArray labels(int steps) {
        INDArray labels = Nd4j.zeros(DataType.DOUBLE, 1, CLASSES, steps);
        for (int step = 0; step < steps; step++) {
            labels.putScalar(0, step % CLASSES, step, 1);
        }
        return labels;
    }

    private static INDArray pad(List<INDArray> series, int steps) {
        INDArray padded =
                Nd4j.valueArrayOf(new long[] {series.size(), series.get(0).size(1), steps}, PADDING, DataType.DOUBLE);
        for (int i = 0; i < series.size(); i++) {
            padded.get(
                            NDArrayIndex.interval(i, i + 1),
                            NDArrayIndex.all(),
                            NDArrayIndex.interval(0, series.get(i).size(2)))
                    .assign(series.get(i));
        }
        return padded;
    }

    private static INDArray mask(List<INDArray> series, int steps) {
        INDArray mask = Nd4j.zeros(DataType.DOUBLE, series.size(), steps);
        for (int i = 0; i < series.size(); i++) {
            for (int step = 0; step < series.get(i).size(2); step++) {
                mask.putScalar(i, step, 1);
            }
        }
        return mask;
    }

    private static MultiDataSet steps(int examples, int seed) {
        Random random = new Random(seed);
        INDArray features = Nd4j.createFromArray(
                        random.doubles((long) examples * SOURCE * 8, -1, 1).toArray())
                .reshape(examples, SOURCE, 8);
        INDArray labels = Nd4j.zeros(DataType.DOUBLE, examples, CLASSES, 8);
        for (int i = 0; i < examples; i++) {
            for (int step = 0; step < 8; step++) {
                labels.putScalar(i, (i + step) % CLASSES, step, 1);
            }
        }
        return new MultiDataSet(features, labels);
    }

    private static INDArray classes(int examples) {
        INDArray labels = Nd4j.zeros(DataType.DOUBLE, examples, CLASSES);
        for (int i = 0; i < examples; i++) {
            labels.putScalar(i, i % CLASSES, 1);
        }
        return labels;
    }

    private static MultiDataSet vectors() {
        return new MultiDataSet(
                Nd4j.createFromArray(new Random(3).doubles(EXAMPLES * 5L, -1, 1).toArray())
                        .reshape(EXAMPLES, 5),
                classes(EXAMPLES));
    }

    // --- what is compared

    private static Calibration calibrated(
            NetworkGraph network, List<? extends org.nd4j.linalg.dataset.api.MultiDataSet> data) {
        return new Calibrator(Integer.MAX_VALUE, EVERYTHING)
                .calibrate(network, TrainingData.of(List.copyOf(data)))
                .calibration()
                .orElseThrow();
    }

    private static double[] gradient(Calibration calibration, String vertex, String key) {
        return calibration.gradients().get(vertex).get(key).toDoubles();
    }

    private static void assertSameMoments(Calibration found, Calibration expected, double tolerance) {
        assertThat(found.moments().keySet())
                .isEqualTo(expected.moments().keySet())
                .isNotEmpty();
        expected.moments().forEach((vertex, moments) -> {
            assertThat(found.moments().get(vertex).rows())
                    .as("rows of " + vertex)
                    .isEqualTo(moments.rows());
            assertThat(found.moments().get(vertex).matrix())
                    .as(vertex)
                    .containsExactly(moments.matrix(), within(tolerance));
        });
        assertThat(found.activations().keySet())
                .isEqualTo(expected.activations().keySet())
                .isNotEmpty();
        expected.activations()
                .forEach((vertex, activations) -> assertThat(
                                found.activations().get(vertex).products())
                        .as(vertex)
                        .containsExactly(activations.products(), within(tolerance)));
    }
}
