package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.AlphaDropout;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.run.Outcome;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.training.SimulationSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Deeplearning4j cannot train dropout in convolutions whose channels come last, not even the one of Keras imports, which drops nothing. */
class ChannelsLastDropoutTest {

    private static final int SIDE = 6;
    private static final String CAUSE = "Op [multiply] execution failed";

    @Test
    void a_network_as_imported_from_keras_trains_once_it_was_read_and_written() {
        ComputationGraph model = model(new Dropout(1));
        String given = model.getConfiguration().toJson();
        Models.State values = Models.state(model);
        assertThatThrownBy(() -> model(new Dropout(1)).fit(data()))
                .as("the premise: plain Deeplearning4j")
                .hasStackTraceContaining(CAUSE);

        ComputationGraph written = Dl4jGraphs.toComputationGraph(Dl4jGraphs.read(model));
        written.fit(data(), 20);

        assertThat(written.evaluate(data()).accuracy()).isGreaterThan(0.9);
        assertThat(model.getConfiguration().toJson()).isEqualTo(given);
        assertThat(Models.state(model)).isEqualTo(values);
    }

    @Test
    void a_run_shrinks_a_network_as_imported_from_keras() {
        ComputationGraph model = model(new Dropout(1));
        String given = model.getConfiguration().toJson();
        Models.State values = Models.state(model);

        OptimizationResult result = optimizer().fineTuneEpochs(5).build().optimize(model);

        assertThat(result.status()).isEqualTo(Outcome.Status.FINISHED);
        assertThat(result.parameters()).isLessThan(result.initialParameters());
        assertThatCode(() -> result.graph().fit(data())).doesNotThrowAnyException();
        assertThat(model.getConfiguration().toJson()).isEqualTo(given);
        assertThat(Models.state(model)).isEqualTo(values);
    }

    @Test
    void a_network_as_imported_from_keras_is_pruned_with_calibration_and_training() {
        ComputationGraph model = model(new Dropout(1));
        String given = model.getConfiguration().toJson();

        PruningResult pruned = StructuralPruner.to(PruningTarget.reduction(0.5))
                .calibrate(data())
                .rounds(2, (live, round, rounds) -> live.fit(data()))
                .prune(model);

        assertThat(pruned.graph().numParams()).isLessThanOrEqualTo(model.numParams() / 2);
        assertThatCode(() -> pruned.graph().fit(data())).doesNotThrowAnyException();
        assertThat(model.getConfiguration().toJson()).isEqualTo(given);
    }

    static Stream<IDropout> real() {
        return Stream.of(new Dropout(0.8), new SpatialDropout(0.8), new GaussianDropout(0.2), new AlphaDropout(0.8));
    }

    @ParameterizedTest
    @MethodSource("real")
    void dropout_that_cannot_be_trained_is_refused_before_anything_is_trained(IDropout dropout) {
        ComputationGraph model = model(dropout);
        assertThatThrownBy(() -> model(dropout).fit(data())).as("the premise").isInstanceOf(RuntimeException.class);

        assertThatThrownBy(() -> optimizer().build().optimize(model))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'first' (" + dropout.getClass().getSimpleName() + ")")
                .hasMessageContaining("'second'")
                .hasMessageContaining("NHWC")
                .hasMessageContaining("\nMaybe put a DropoutLayer in front");
        assertThatThrownBy(() -> StructuralPruner.to(PruningTarget.reduction(0.5))
                        .rounds(1, (live, round, rounds) -> {
                            throw new AssertionError("must not get here");
                        })
                        .prune(model))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'first'");
        assertThatThrownBy(() -> StructuralPruner.to(PruningTarget.reduction(0.5))
                        .calibrate(data())
                        .prune(model))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'first'");
    }

    @Test
    void where_nothing_is_trained_it_does_not_matter() {
        ComputationGraph model = model(new Dropout(0.8));

        PruningResult pruned = StructuralPruner.to(PruningTarget.reduction(0.5)).prune(model);
        OptimizationResult result = optimizer()
                .epochsPerGeneration(0)
                .recoveryEpochs(0)
                .projection(Projections.importance())
                .simulation(SimulationSettings.untrained(30))
                .build()
                .optimize(model);

        assertThat(pruned.graph().numParams()).isLessThanOrEqualTo(model.numParams() / 2);
        assertThat(pruned.graph().getConfiguration().toJson()).contains("\"p\" : 0.8");
        assertThat(result.status()).isEqualTo(Outcome.Status.FINISHED);
    }

    /** What is refused elsewhere is not refused here, because Deeplearning4j can train it. */
    static Stream<Layer> trainable() {
        CNN2DFormat last = CNN2DFormat.NHWC;
        return Stream.of(
                new DropoutLayer(0.8),
                new ConvolutionLayer.Builder(3, 3)
                        .nOut(4)
                        .dataFormat(last)
                        .dropOut(new GaussianNoise(0.1))
                        .build(),
                new SeparableConvolution2D.Builder(3, 3)
                        .nOut(4)
                        .dataFormat(last)
                        .dropOut(0.8)
                        .build(),
                new DepthwiseConvolution2D.Builder(3, 3)
                        .depthMultiplier(1)
                        .nOut(8)
                        .dataFormat(last)
                        .dropOut(0.8)
                        .build(),
                new Deconvolution2D.Builder(3, 3)
                        .nOut(4)
                        .dataFormat(last)
                        .dropOut(0.8)
                        .build(),
                new Upsampling2D.Builder(2).dataFormat(last).dropOut(0.8).build());
    }

    @ParameterizedTest
    @MethodSource("trainable")
    void dropout_that_can_be_trained_is_not_refused(Layer layer) {
        ComputationGraph model = model(null, layer);
        assertThatCode(() -> model.fit(data())).as("the premise").doesNotThrowAnyException();

        assertThat(optimizer().generations(1).build().optimize(model).status()).isEqualTo(Outcome.Status.FINISHED);
    }

    @Test
    void dropout_of_frozen_convolutions_is_not_refused_and_their_weights_stay_bit_by_bit() {
        ComputationGraph model = frozen(model(new Dropout(0.8)));
        assertThatCode(() -> frozen(model(new Dropout(0.8))).fit(data()))
                .as("the premise")
                .doesNotThrowAnyException();

        OptimizationResult result = optimizer().build().optimize(model);

        assertThat(result.status()).isEqualTo(Outcome.Status.FINISHED);
        assertThat(result.parameters()).isLessThan(result.initialParameters());
        for (String layer : List.of("first", "norm", "second")) {
            model.getLayer(layer)
                    .paramTable()
                    .forEach((key, value) -> assertThat(
                                    Models.values(result.graph().getLayer(layer).getParam(key)))
                            .as(layer + " " + key)
                            .containsExactly(Models.values(value)));
        }
        assertThat(result.graph().getLayer("dense").getParam("W").columns()).isLessThan(8);
    }

    private static ComputationGraph frozen(ComputationGraph model) {
        return new TransferLearning.GraphBuilder(model)
                .setFeatureExtractor("second")
                .build();
    }

    private static StructureOptimizer.Builder optimizer() {
        return StructureOptimizer.builder()
                .epochsPerGeneration(1)
                .train(data())
                .validation(data())
                .generations(2)
                .simulation(new SimulationSettings(30, 0.5, 1, 15))
                .maxDrop(1)
                .seed(5);
    }

    private static ConvolutionLayer.Builder convolution(int channels) {
        return new ConvolutionLayer.Builder(3, 3)
                .nOut(channels)
                .convolutionMode(ConvolutionMode.Same)
                .dataFormat(CNN2DFormat.NHWC)
                .activation(Activation.RELU);
    }

    /** Gives every layer the dropout, as imports do, and puts more layers between the convolutions. */
    private static ComputationGraph model(IDropout given, Layer... between) {
        // Each layer has one of its own: it holds its mask.
        Supplier<IDropout> dropout = () -> given == null ? null : given.clone();
        ComputationGraphConfiguration.GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Adam(0.01))
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(SIDE, SIDE, 2, CNN2DFormat.NHWC));
        builder.addLayer("first", convolution(8).dropOut(dropout.get()).build(), "in");
        builder.addLayer(
                "norm",
                new BatchNormalization.Builder()
                        .dataFormat(CNN2DFormat.NHWC)
                        .dropOut(dropout.get())
                        .build(),
                "first");
        String previous = "norm";
        for (Layer layer : between) {
            builder.addLayer("between", layer, previous);
            previous = "between";
        }
        builder.addLayer("second", convolution(8).dropOut(dropout.get()).build(), previous);
        builder.addLayer(
                "pool",
                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX, new int[] {2, 2}, new int[] {2, 2})
                        .dataFormat(CNN2DFormat.NHWC)
                        .dropOut(dropout.get())
                        .build(),
                "second");
        // Spatial dropout does not take vectors.
        Supplier<IDropout> ofVectors = given instanceof SpatialDropout ? () -> null : dropout;
        builder.addLayer(
                "dense",
                new DenseLayer.Builder()
                        .nOut(8)
                        .activation(Activation.RELU)
                        .dropOut(ofVectors.get())
                        .build(),
                "pool");
        builder.addLayer(
                "out",
                new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .dropOut(ofVectors.get())
                        .build(),
                "dense");
        ComputationGraph model = new ComputationGraph(builder.setOutputs("out").build());
        model.init();
        return model;
    }

    /** Two classes, of which each is bright in another channel. */
    private static DataSetIterator data() {
        Random random = new Random(4);
        INDArray features = Nd4j.create(60, SIDE, SIDE, 2);
        INDArray labels = Nd4j.create(60, 2);
        for (int i = 0; i < 60; i++) {
            labels.putScalar(i, i % 2, 1);
            for (int k = 0; k < SIDE * SIDE * 2; k++) {
                features.putScalar(
                        new int[] {i, k / 2 / SIDE, k / 2 % SIDE, k % 2},
                        random.nextDouble() + (k % 2 == i % 2 ? 0.5 : 0));
            }
        }
        return new ListDataSetIterator<>(new DataSet(features, labels).asList(), 15);
    }
}
