package org.growingnn.dl4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.PruningResult;
import org.growingnn.dl4j.PruningTarget;
import org.growingnn.dl4j.StructuralPruner;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Criterion;
import org.growingnn.dl4j.projection.GlobalRanking;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.projection.Resizer;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.slf4j.LoggerFactory;

/** What calibration does without labels, without gradients, and with less memory or fewer positions. */
class UnlabelledCalibrationTest {

    private static final int EXAMPLES = 300;

    private final ComputationGraph model = dense(Activation.SOFTMAX, LossFunction.MCXENT, 8);
    private final NetworkGraph network = Dl4jGraphs.read(model);
    private final INDArray features = features();

    private static INDArray features() {
        Nd4j.getRandom().setSeed(11);
        return Nd4j.randn(EXAMPLES, 5);
    }

    private static List<org.nd4j.linalg.dataset.api.MultiDataSet> unlabelled(INDArray features) {
        return List.of(new MultiDataSet(features, null));
    }

    private static Calibration calibration(NetworkGraph network) {
        return network.calibration().orElseThrow();
    }

    // --- labels

    @Test
    void moments_need_no_labels_and_are_those_of_labelled_data() {
        INDArray labels = Nd4j.zeros(EXAMPLES, 3);
        labels.getColumn(0).assign(1);
        Calibration labelled =
                calibration(new Calibrator().calibrate(network, List.of(new MultiDataSet(features, labels))));
        Calibration unlabelled = calibration(new Calibrator().calibrate(network, unlabelled(features)));
        Calibration moments = calibration(new Calibrator().momentsOnly().calibrate(network, unlabelled(features)));

        assertThat(moments.gradients()).isEmpty();
        for (Calibration found : List.of(unlabelled, moments)) {
            assertThat(found.moments().keySet())
                    .containsExactlyElementsOf(labelled.moments().keySet());
            found.moments()
                    .forEach((name, own) -> assertThat(own.matrix())
                            .isEqualTo(labelled.moments().get(name).matrix()));
            found.activations()
                    .forEach((name, own) -> assertThat(own.products())
                            .isEqualTo(labelled.activations().get(name).products()));
        }
    }

    @ParameterizedTest
    @CsvSource({"SOFTMAX, MCXENT", "SIGMOID, XENT", "IDENTITY, MSE"})
    void gradients_are_those_of_targets_drawn_from_the_outputs(Activation activation, LossFunction loss) {
        ComputationGraph given = dense(activation, loss, 8);
        NetworkGraph read = Dl4jGraphs.read(given);
        // Batches of one, whose squared gradients together are the Fisher information.
        INDArray outputs = given.output(features)[0];
        INDArray hidden = Models.values(given, "hidden", features);
        double[] found = new double[8 * 3];
        for (int seed = 1; seed <= 20; seed++) {
            double[] gradient = calibration(new Calibrator().withSeed(seed).calibrate(read, unlabelled(features)))
                    .gradients()
                    .get("out")
                    .get("W")
                    .toDoubles();
            for (int i = 0; i < found.length; i++) {
                found[i] += gradient[i] * gradient[i] / 20;
            }
        }
        // For each of these losses, the slope of the sums is output minus target, times a constant for the mean of
        // squares.
        double factor = loss == LossFunction.MSE ? 4.0 / 9 : 1;
        double expected = 0;
        for (int example = 0; example < EXAMPLES; example++) {
            for (int unit = 0; unit < 3; unit++) {
                double y = outputs.getDouble(example, unit);
                double variance = activation == Activation.IDENTITY ? 1 : y * (1 - y);
                for (int i = 0; i < 8; i++) {
                    expected += factor * variance * Math.pow(hidden.getDouble(example, i), 2);
                }
            }
        }
        assertThat(java.util.Arrays.stream(found).sum() / expected).isCloseTo(1, within(0.25));
    }

    @Test
    void the_same_seed_draws_the_same_targets_however_the_data_are_split() {
        double[] whole = weights(new Calibrator().withSeed(5).calibrate(network, unlabelled(features)));
        assertThat(weights(new Calibrator().withSeed(5).withMemory(3_000).calibrate(network, unlabelled(features))))
                .containsExactly(whole, within(1e-3));
        assertThat(weights(new Calibrator().withSeed(6).calibrate(network, unlabelled(features))))
                .isNotEqualTo(whole);
    }

    private static double[] weights(NetworkGraph network) {
        return calibration(network).gradients().get("hidden").get("W").toDoubles();
    }

    @Test
    void padded_steps_draw_no_targets() {
        ComputationGraph series = initialised(new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("lstm", new LSTM.Builder().nOut(4).build(), "in")
                .addLayer(
                        "out",
                        new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "lstm")
                .setOutputs("out")
                .setInputTypes(InputType.recurrent(2)));
        NetworkGraph read = Dl4jGraphs.read(series);
        INDArray steps = Nd4j.rand(6, 2, 5);
        INDArray nothing = Nd4j.zeros(6, 5);
        INDArray mask = nothing.dup();
        mask.getColumn(0).assign(1);
        double[] some = weightsOf(read, steps, mask);
        steps.get(
                        org.nd4j.linalg.indexing.NDArrayIndex.all(),
                        org.nd4j.linalg.indexing.NDArrayIndex.all(),
                        org.nd4j.linalg.indexing.NDArrayIndex.interval(1, 5))
                .assign(100);
        assertThat(weightsOf(read, steps, mask)).containsExactly(some, within(1e-5));
    }

    private static double[] weightsOf(NetworkGraph read, INDArray steps, INDArray mask) {
        return calibration(new Calibrator()
                        .calibrate(
                                read,
                                List.of(new MultiDataSet(new INDArray[] {steps}, null, new INDArray[] {mask}, null))))
                .gradients()
                .get("lstm")
                .get("W")
                .toDoubles();
    }

    @Test
    void a_model_is_pruned_and_refitted_without_labels() {
        DataSet data = new DataSet(features, null);
        for (Criterion criterion : List.of(Criteria.l1(), Criteria.activation(), Criteria.taylor())) {
            StructuralPruner.Builder pruner = StructuralPruner.to(PruningTarget.reduction(0.3))
                    .criterion(criterion)
                    .calibrate(new ExistingDataSetIterator(List.of(data)));
            PruningResult refitted = pruner.prune(model);
            PruningResult projected = pruner.refit(false).prune(model);
            INDArray before = model.output(features)[0];
            assertThat(before.distance2(refitted.graph().output(features)[0]))
                    .as(criterion.name())
                    .isLessThan(before.distance2(projected.graph().output(features)[0]));
        }
    }

    @Test
    void criteria_and_projections_tell_whether_they_look_at_gradients() {
        assertThat(List.of(Criteria.taylor(), Criteria.share(Criteria.taylor())))
                .allMatch(Criterion::needsGradients);
        assertThat(List.of(Criteria.l1(), Criteria.activation(), Criteria.pivotedQr(), Criteria.random(1)))
                .noneMatch(Criterion::needsGradients);
        assertThat(Projections.named("importance-taylor+refit").needsGradients())
                .isTrue();
        assertThat(Projections.named("clusters+refit").needsGradients()).isFalse();
        assertThat(Projections.named("importance+refit").needsGradients()).isFalse();
    }

    // --- limits

    @Test
    void layers_that_are_too_wide_to_be_refitted_are_named_once() {
        NetworkGraph wide = Dl4jGraphs.read(dense(Activation.SOFTMAX, LossFunction.MCXENT, 20));
        Logger logger = (Logger) LoggerFactory.getLogger(Calibrator.class);
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.start();
        logger.addAppender(appender);
        try {
            Calibrator calibrator = new Calibrator().withMaximumFeatures(10);
            calibrator.withSeed(3).calibrate(wide, unlabelled(features));
            calibrator.withSeed(4).calibrate(wide, unlabelled(features));
        } finally {
            logger.detachAppender(appender);
        }
        assertThat(appender.list)
                .singleElement()
                .extracting(ILoggingEvent::getFormattedMessage)
                .asString()
                .contains("more than 10", "out=20", "withMaximumFeatures")
                .doesNotContain("hidden");
    }

    @Test
    void a_layer_with_three_thousand_features_is_refitted_once_the_bound_allows_it() {
        ComputationGraph wide = dense(Activation.SOFTMAX, LossFunction.MCXENT, 3000);
        NetworkGraph read = Dl4jGraphs.read(wide);
        assertThat(calibration(new Calibrator().momentsOnly().calibrate(read, unlabelled(features)))
                        .moments())
                .doesNotContainKey("out");
        NetworkGraph calibrated =
                new Calibrator().momentsOnly().withMaximumFeatures(3000).calibrate(read, unlabelled(features));
        var maps = GlobalRanking.maps(
                calibrated, Map.of("hidden", IntStream.range(0, 600).toArray()));

        INDArray before = wide.output(features)[0];
        INDArray projected = Dl4jGraphs.toComputationGraph(Resizer.resize(calibrated, maps, false))
                .output(features)[0];
        INDArray refitted = Dl4jGraphs.toComputationGraph(Resizer.resize(calibrated, maps, true))
                .output(features)[0];
        assertThat(before.distance2(refitted)).isLessThan(0.3 * before.distance2(projected));
    }

    @Test
    void limits_out_of_range_are_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Calibrator().withMaximumFeatures(50_000))
                .withMessageContaining("50000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Calibrator().withPositions(0))
                .withMessageContaining("(0)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Calibrator().withMemory(0))
                .withMessageContaining("(0 bytes)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StructuralPruner.to(PruningTarget.reduction(0.3))
                        .calibrationFeatures(3000)
                        .build())
                .withMessageContaining("calibrationFeatures(3000)");
    }

    private static ComputationGraph maps() {
        return initialised(new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "first",
                        new ConvolutionLayer.Builder(3, 3)
                                .convolutionMode(ConvolutionMode.Same)
                                .nOut(6)
                                .activation(Activation.RELU)
                                .build(),
                        "in")
                .addLayer(
                        "pointwise",
                        new ConvolutionLayer.Builder(1, 1)
                                .nOut(5)
                                .activation(Activation.RELU)
                                .build(),
                        "first")
                .addLayer(
                        "second",
                        new ConvolutionLayer.Builder(3, 3)
                                .convolutionMode(ConvolutionMode.Same)
                                .nOut(4)
                                .build(),
                        "pointwise")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "second")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(24, 20, 2)));
    }

    @Test
    void some_positions_tell_nearly_what_all_of_them_do() {
        NetworkGraph read = Dl4jGraphs.read(maps(), InputType.convolutional(24, 20, 2));
        INDArray images = Nd4j.rand(10, 2, 24, 20);
        Calibrator calibrator = new Calibrator().momentsOnly();
        Calibration all = calibration(calibrator.calibrate(read, unlabelled(images)));
        Calibration some = calibration(calibrator.withPositions(120).calibrate(read, unlabelled(images)));
        for (String name : List.of("pointwise", "second")) {
            assertThat(all.moments().get(name).rows()).isEqualTo(4800);
            assertThat(some.moments().get(name).rows()).isEqualTo(1200);
            double[] expected = all.moments().get(name).matrix();
            assertThat(difference(some.moments().get(name).matrix(), expected)).isLessThan(0.06);
        }
        assertThat(difference(
                        some.activations().get("second").products(),
                        all.activations().get("second").products()))
                .isLessThan(0.06);
        assertThat(calibration(calibrator.withPositions(480).calibrate(read, unlabelled(images)))
                        .moments()
                        .get("second")
                        .matrix())
                .isEqualTo(all.moments().get("second").matrix());
    }

    @Test
    void a_batch_that_is_passed_in_parts_tells_the_same() {
        NetworkGraph read = Dl4jGraphs.read(maps(), InputType.convolutional(24, 20, 2));
        INDArray images = Nd4j.rand(20, 2, 24, 20);
        INDArray untouched = images.dup();
        INDArray labels = Nd4j.zeros(20, 3);
        labels.getColumn(1).assign(1);
        List<org.nd4j.linalg.dataset.api.MultiDataSet> data = List.of(new MultiDataSet(images, labels));
        Calibration whole = calibration(new Calibrator().withPositions(50).calibrate(read, data));
        Calibration parts = calibration(
                new Calibrator().withPositions(50).withMemory(200_000).calibrate(read, data));

        whole.moments().forEach((name, own) -> {
            assertThat(parts.moments().get(name).rows()).as(name).isEqualTo(own.rows());
            assertThat(difference(parts.moments().get(name).matrix(), own.matrix()))
                    .as(name)
                    .isLessThan(1e-5);
        });
        assertThat(difference(
                        parts.gradients().get("first").get("W").toDoubles(),
                        whole.gradients().get("first").get("W").toDoubles()))
                .isLessThan(1e-4);
        assertThat(images).isEqualTo(untouched);
    }

    /** The largest difference, relative to the largest value. */
    private static double difference(double[] found, double[] expected) {
        double largest = 0;
        double scale = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(found[i] - expected[i]));
            scale = Math.max(scale, Math.abs(expected[i]));
        }
        return found.length == expected.length ? largest / scale : Double.POSITIVE_INFINITY;
    }

    // --- models

    private static ComputationGraph dense(Activation activation, LossFunction loss, int width) {
        return initialised(new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "hidden",
                        new DenseLayer.Builder()
                                .nOut(width)
                                .activation(Activation.TANH)
                                .build(),
                        "in")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(loss)
                                .nOut(3)
                                .activation(activation)
                                .build(),
                        "hidden")
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(5)));
    }

    private static ComputationGraph initialised(GraphBuilder builder) {
        ComputationGraph model = new ComputationGraph(builder.build());
        model.init();
        RandomNetworks.randomize(model, new Random(4));
        return model;
    }
}
