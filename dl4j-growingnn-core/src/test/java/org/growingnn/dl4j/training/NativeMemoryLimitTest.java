package org.growingnn.dl4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.PruningTarget;
import org.growingnn.dl4j.StructuralPruner;
import org.growingnn.dl4j.StructureOptimizer;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.run.Outcome;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.slf4j.LoggerFactory;

/** A stated limit of native memory decides how many examples are passed at once. */
class NativeMemoryLimitTest {

    private static final int EXTENT = 12;

    private final NetworkGraph network = Dl4jGraphs.read(model(), InputType.convolutional(EXTENT, EXTENT, 2));
    private final MultiDataSet batch = batch(20);

    private static ComputationGraph model() {
        ComputationGraph model = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(0.01))
                .convolutionMode(ConvolutionMode.Same)
                .activation(Activation.RELU)
                .graphBuilder()
                .addInputs("in")
                .addLayer("first", new ConvolutionLayer.Builder(3, 3).nOut(6).build(), "in")
                .addLayer("norm", new BatchNormalization(), "first")
                .addLayer("second", new ConvolutionLayer.Builder(1, 1).nOut(5).build(), "norm")
                .addVertex("same", new ScaleVertex(1), "second")
                .addLayer("pool", new GlobalPoolingLayer(), "same")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "pool")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(EXTENT, EXTENT, 2))
                .build());
        model.init();
        RandomNetworks.randomize(model, new Random(2));
        return model;
    }

    private static MultiDataSet batch(int examples) {
        Nd4j.getRandom().setSeed(4);
        INDArray labels = Nd4j.zeros(examples, 3);
        for (int i = 0; i < examples; i++) {
            labels.putScalar(i, i % 3, 1);
        }
        return new MultiDataSet(Nd4j.randn(examples, 2, EXTENT, EXTENT), labels);
    }

    private static long pass(NetworkGraph network, MultiDataSet batch) {
        return CalibrationData.pass(network, batch.getFeatures(), DataType.FLOAT);
    }

    @Test
    void a_pass_is_estimated_to_take_every_value_twice_and_what_convolutions_unfold() {
        long positions = EXTENT * EXTENT;
        long values = positions * (6 + 6 + 5 + 5) + 5 + 3;
        long unfolded = positions * (2 * 9 + 6) + 5;
        assertThat(pass(network, batch)).isEqualTo(4 * (2 * values + unfolded));
    }

    @Test
    void parts_are_as_large_as_half_of_the_limit_allows_beside_the_model() {
        long perExample = pass(network, batch);
        long model = 4 * network.parameterCount();
        assertThat(examplesAtOnce(new Calibrator().momentsOnly().withNativeMemory(model + 14 * perExample)))
                .isEqualTo(7);
        // A backward pass takes as much again, and gradients, their sums and squares are as large as the model.
        assertThat(examplesAtOnce(new Calibrator().withNativeMemory(3 * model + 28 * perExample)))
                .isEqualTo(7);
        assertThat(examplesAtOnce(
                        new Calibrator().withSquaredGradients(true).withNativeMemory(5 * model + 28 * perExample)))
                .isEqualTo(7);
        assertThat(examplesAtOnce(new Calibrator().momentsOnly().withNativeMemory(1)))
                .isEqualTo(1);
        assertThat(examplesAtOnce(new Calibrator().momentsOnly().withNativeMemory(1L << 40)))
                .isEqualTo(20);
    }

    private int examplesAtOnce(Calibrator calibrator) {
        return limit(network, batch, calibrator, DataType.FLOAT).examplesAtOnce(batch);
    }

    private static NativeLimit limit(NetworkGraph network, MultiDataSet first, Calibrator calibrator, DataType type) {
        NativeLimit limit = new NativeLimit(network, calibrator.choices(), type);
        limit.examplesAtOnce(first);
        return limit;
    }

    /** Reads a network of series, with their lengths or without. */
    private static NetworkGraph series(InputType... types) {
        ComputationGraph model = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(1)
                .graphBuilder()
                .addInputs("in")
                .addLayer("lstm", new LSTM.Builder().nIn(2).nOut(4).build(), "in")
                .addLayer(
                        "last",
                        new LastTimeStep(new LSTM.Builder().nIn(4).nOut(4).build()),
                        "lstm")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nIn(4)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "last")
                .setOutputs("out")
                .build());
        model.init();
        return Dl4jGraphs.read(model, types);
    }

    private static MultiDataSet series(int examples, int steps) {
        return new MultiDataSet(Nd4j.rand(examples, 2, steps), Nd4j.zeros(examples, 3));
    }

    static Stream<NetworkGraph> seriesNetworks() {
        return Stream.of(series(InputType.recurrent(2, 10)), series());
    }

    @ParameterizedTest
    @MethodSource("seriesNetworks")
    void series_that_are_longer_than_those_of_the_first_batch_are_passed_in_smaller_parts(NetworkGraph network) {
        MultiDataSet small = series(20, 10);
        MultiDataSet large = series(20, 100);
        Calibrator calibrator = new Calibrator()
                .momentsOnly()
                .withNativeMemory(4 * network.parameterCount() + 40 * pass(series(InputType.recurrent(2, 10)), small));
        NativeLimit limit = limit(network, small, calibrator, DataType.FLOAT);

        int longer = limit.examplesAtOnce(large);

        assertThat(longer).isBetween(1, 3);
        assertThat(limit.examplesAtOnce(small)).isEqualTo(20);
        assertThat(limit(network, large, calibrator, DataType.FLOAT).examplesAtOnce(large))
                .isEqualTo(longer);
    }

    @Test
    void narrow_features_are_counted_as_wide_as_the_network_that_takes_them() {
        long perExample = pass(network, batch);
        Calibrator calibrator =
                new Calibrator().momentsOnly().withNativeMemory(4 * network.parameterCount() + 16 * perExample);
        MultiDataSet bytes = new MultiDataSet(batch.getFeatures(0).castTo(DataType.UBYTE), batch.getLabels(0));
        MultiDataSet doubles = new MultiDataSet(batch.getFeatures(0).castTo(DataType.DOUBLE), batch.getLabels(0));

        assertThat(limit(network, bytes, calibrator, DataType.FLOAT).examplesAtOnce(bytes))
                .isEqualTo(8);
        assertThat(limit(network, doubles, calibrator, DataType.FLOAT).examplesAtOnce(doubles))
                .isEqualTo(4);
        Calibrator wide =
                new Calibrator().momentsOnly().withNativeMemory(8 * network.parameterCount() + 16 * perExample);
        assertThat(limit(network, batch, wide, DataType.DOUBLE).examplesAtOnce(batch))
                .isEqualTo(4);
    }

    /** Labels that belong to no single example each. */
    private static MultiDataSet indivisible() {
        return new MultiDataSet(batch(20).getFeatures(0), Nd4j.zeros(10, 3));
    }

    @Test
    void a_batch_that_cannot_be_parted_though_it_exceeds_a_limit_is_told_once() {
        Calibrator calibrator = new Calibrator()
                .momentsOnly()
                .withNativeMemory(4 * network.parameterCount() + 6 * pass(network, batch));
        assertThat(warnings(calibrator, batch)).isEmpty();
        assertThat(warnings(calibrator, indivisible(), indivisible()))
                .singleElement()
                .asString()
                .contains("20 examples", "at once", "batches of at most 3");
        assertThat(warnings(new Calibrator().momentsOnly().withMemory(1), indivisible()))
                .singleElement()
                .asString()
                .contains("batches of at most 1");
        assertThat(warnings(new Calibrator().momentsOnly().withNativeMemory(1L << 40), indivisible()))
                .isEmpty();
    }

    private List<String> warnings(Calibrator calibrator, MultiDataSet... batches) {
        Logger logger = (Logger) LoggerFactory.getLogger(Calibrator.class);
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.start();
        logger.addAppender(appender);
        try {
            calibrator.calibrate(network, List.of(batches));
        } finally {
            logger.detachAppender(appender);
        }
        return appender.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void moments_in_parts_are_those_of_whole_batches_but_for_rounding() {
        Calibration whole = calibrated(new Calibrator().momentsOnly());
        Calibration parts = calibrated(new Calibrator()
                .momentsOnly()
                .withNativeMemory(4 * network.parameterCount() + 6 * pass(network, batch)));

        assertThat(parts.moments().keySet()).isEqualTo(whole.moments().keySet()).contains("second");
        whole.moments().forEach((name, moments) -> {
            assertThat(parts.moments().get(name).rows()).isEqualTo(moments.rows());
            assertClose(parts.moments().get(name).matrix(), moments.matrix());
        });
        assertThat(parts.activations().keySet()).isEqualTo(whole.activations().keySet());
        whole.activations()
                .forEach((name, units) ->
                        assertClose(parts.activations().get(name).products(), units.products()));
    }

    private static void assertClose(double[] found, double[] expected) {
        double largest = 0;
        for (double value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertThat(found).containsExactly(expected, within(1e-6 * largest));
    }

    private Calibration calibrated(Calibrator calibrator) {
        return calibrator.calibrate(network, List.of(batch)).calibration().orElseThrow();
    }

    @Test
    void a_limit_that_holds_all_changes_no_bit_and_one_that_holds_nothing_still_calibrates() {
        double[] whole =
                calibrated(new Calibrator()).gradients().get("first").get("W").toDoubles();
        assertThat(calibrated(new Calibrator().withNativeMemory(1L << 40))
                        .gradients()
                        .get("first")
                        .get("W")
                        .toDoubles())
                .isEqualTo(whole);
        assertThat(calibrated(new Calibrator().momentsOnly().withNativeMemory(1))
                        .moments()
                        .get("second")
                        .rows())
                .isEqualTo(calibrated(new Calibrator().momentsOnly())
                        .moments()
                        .get("second")
                        .rows());
    }

    @Test
    void features_of_the_caller_stay_whatever_is_freed() {
        INDArray before = batch.getFeatures(0).dup();
        List<INDArray> others = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            calibrated(new Calibrator());
            calibrated(new Calibrator().withNativeMemory(1));
            others.add(Nd4j.rand(20, 2, EXTENT, EXTENT));
        }
        assertThat(batch.getFeatures(0)).isEqualTo(before);
        assertThat(batch.getFeatures(0).wasClosed()).isFalse();
        assertThat(others).noneMatch(INDArray::wasClosed);
    }

    /** Notes how many examples are passed at once. */
    public static final class Watched extends ActivationIdentity {

        private static final Set<Long> EXAMPLES_AT_ONCE = ConcurrentHashMap.newKeySet();

        @Override
        public INDArray getActivation(INDArray in, boolean training) {
            EXAMPLES_AT_ONCE.add(in.size(0));
            return super.getActivation(in, training);
        }
    }

    private static MultiLayerNetwork watched() {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .list()
                .layer(new DenseLayer.Builder()
                        .nOut(8)
                        .activation(new Watched())
                        .build())
                .layer(new OutputLayer.Builder()
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.feedForward(4))
                .build());
        model.init();
        Watched.EXAMPLES_AT_ONCE.clear();
        return model;
    }

    private static DataSetIterator rows() {
        Nd4j.getRandom().setSeed(4);
        INDArray labels = Nd4j.vstack(Nd4j.eye(3), Nd4j.eye(3));
        return new ExistingDataSetIterator(
                List.of(new DataSet(Nd4j.randn(6, 4), labels), new DataSet(Nd4j.randn(6, 4), labels)));
    }

    private static Set<Long> examplesAtOnceWhenPruning(UnaryOperator<StructuralPruner.Builder> limit) {
        MultiLayerNetwork model = watched();
        limit.apply(StructuralPruner.to(PruningTarget.reduction(0.3)).calibrate(rows()))
                .build()
                .prune(model);
        return Set.copyOf(Watched.EXAMPLES_AT_ONCE);
    }

    private static Set<Long> examplesAtOnceWhenOptimizing(UnaryOperator<StructureOptimizer.Builder> limit) {
        MultiLayerNetwork model = watched();
        Outcome outcome = limit.apply(StructureOptimizer.builder()
                        .train(rows())
                        .validation(rows())
                        .generations(1)
                        .projection(Projections.refitted(Projections.selection(Criteria.taylor()))))
                .build()
                .optimize(model)
                .outcome();
        assertThat(outcome.status()).isEqualTo(Outcome.Status.FINISHED);
        return Set.copyOf(Watched.EXAMPLES_AT_ONCE);
    }

    @Test
    void pruner_and_optimiser_calibrate_within_the_limit() {
        assertThat(examplesAtOnceWhenPruning(builder -> builder)).contains(6L).doesNotContain(1L);
        assertThat(examplesAtOnceWhenPruning(builder -> builder.calibrationMemory(1)))
                .contains(1L);
        assertThat(examplesAtOnceWhenOptimizing(builder -> builder)).doesNotContain(1L);
        assertThat(examplesAtOnceWhenOptimizing(builder -> builder.calibrationMemory(1)))
                .contains(1L);
    }

    @Test
    void a_limit_without_calibration_data_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StructuralPruner.to(PruningTarget.reduction(0.3))
                        .calibrationMemory(1 << 20)
                        .build())
                .withMessageContaining("calibrationMemory(1048576)");
    }

    @Test
    void a_limit_is_at_least_a_byte() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Calibrator().withNativeMemory(0))
                .withMessageContaining("(0 bytes)");
    }
}
