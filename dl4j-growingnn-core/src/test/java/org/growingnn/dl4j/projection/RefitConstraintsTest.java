package org.growingnn.dl4j.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.layers.LayerConstraint;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.constraint.MinMaxNormConstraint;
import org.deeplearning4j.nn.conf.constraint.NonNegativeConstraint;
import org.deeplearning4j.nn.conf.constraint.UnitNormConstraint;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.growingnn.dl4j.training.Calibrator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Refit leaves what training keeps: weights and biases that obey their layer's constraints, or those of the projection. */
class RefitConstraintsTest {

    private static final int EXAMPLES = 200;
    private static final int[] KEPT = {0, 2, 3, 6, 7};

    /** Constrained layers, with the dimensions that a norm is taken over. */
    static Stream<Arguments> layers() {
        return Stream.of(
                arguments("dense", InputType.feedForward(5), dense(), new DenseLayer.Builder().nOut(6), new int[] {0}),
                arguments(
                        "rows of a dense layer",
                        InputType.feedForward(5),
                        dense(),
                        new DenseLayer.Builder().nOut(6),
                        new int[] {1}),
                arguments(
                        "convolution",
                        InputType.convolutional(6, 5, 2),
                        new ConvolutionLayer.Builder(2, 2)
                                .nOut(8)
                                .activation(Activation.RELU)
                                .build(),
                        new ConvolutionLayer.Builder(3, 2).padding(1, 0).nOut(6),
                        new int[] {1, 2, 3}),
                arguments(
                        "1-D convolution",
                        InputType.recurrent(3, 7),
                        series(),
                        new Convolution1DLayer.Builder(3).nOut(6),
                        new int[] {0}),
                arguments("LSTM", InputType.recurrent(3, 7), series(), new LSTM.Builder().nOut(6), new int[] {0}));
    }

    private static Layer dense() {
        return new DenseLayer.Builder().nOut(8).activation(Activation.RELU).build();
    }

    private static Layer series() {
        return new Convolution1DLayer.Builder(2)
                .convolutionMode(ConvolutionMode.Same)
                .nOut(8)
                .activation(Activation.RELU)
                .build();
    }

    static Stream<Arguments> constrainedLayers() {
        return layers().flatMap(layer -> Stream.of("non-negative", "max-norm", "min-max-norm", "unit-norm")
                .map(constraint -> {
                    Object[] given = Arrays.copyOf(layer.get(), 6);
                    given[5] = constraint;
                    return arguments(given);
                }));
    }

    private static LayerConstraint constraint(String name, int[] dimensions) {
        return switch (name) {
            case "non-negative" -> new NonNegativeConstraint();
            case "max-norm" -> new MaxNormConstraint(0.6, dimensions);
            case "min-max-norm" -> new MinMaxNormConstraint(0.2, 0.7, dimensions);
            case "unit-norm" -> new UnitNormConstraint(dimensions);
            default -> throw new IllegalArgumentException(name);
        };
    }

    @ParameterizedTest(name = "{0}, {5}")
    @MethodSource("constrainedLayers")
    void weights_that_training_would_change_at_once_are_not_solved_for(
            String name, InputType inputType, Layer hidden, Layer.Builder<?> consumer, int[] dimensions, String kind) {
        consumer.constrainWeights(constraint(kind, dimensions));
        requireObedient(reduced(inputType, hidden, build(consumer)));
    }

    @ParameterizedTest(name = "{0}, {5}")
    @MethodSource("constrainedLayers")
    void biases_that_training_would_change_at_once_are_not_solved_for(
            String name, InputType inputType, Layer hidden, Layer.Builder<?> consumer, int[] dimensions, String kind) {
        consumer.constrainBias(constraint(kind, new int[] {0}));
        requireObedient(reduced(inputType, hidden, build(consumer)));
    }

    private static Layer build(Layer.Builder<?> builder) {
        ((org.deeplearning4j.nn.conf.layers.BaseLayer.Builder<?>) builder).activation(Activation.IDENTITY);
        return builder.build();
    }

    /** What is solved for stays as it is when training's constraints are applied, and comes closer than what the projection left. */
    private static void requireObedient(Reduced reduced) {
        if (reduced.isRefitted()) {
            ComputationGraph model = Dl4jGraphs.toComputationGraph(reduced.refitted);
            double[] before = Models.values(model.params());
            model.getLayer("consumer").applyConstraints(0, 0);
            assertThat(Models.values(model.params())).containsExactly(before, within(1e-5));
            assertThat(reduced.residual(reduced.refitted))
                    .isLessThanOrEqualTo(reduced.residual(reduced.projected) * (1 + 1e-6));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("layers")
    void layers_of_non_negative_weights_are_refitted(
            String name, InputType inputType, Layer hidden, Layer.Builder<?> consumer) {
        consumer.constrainWeights(new NonNegativeConstraint());
        Reduced reduced = reduced(inputType, hidden, build(consumer));

        assertThat(reduced.isRefitted()).isTrue();
        assertThat(reduced.least("W")).isNotNegative();
        assertThat(reduced.residual(reduced.refitted)).isLessThan(0.9 * reduced.residual(reduced.projected));
    }

    @Test
    void non_negative_weights_are_the_least_squares_solution_among_those() {
        Reduced reduced = reduced(
                InputType.feedForward(5),
                dense(),
                build(new DenseLayer.Builder().nOut(6).constrainWeights(new NonNegativeConstraint())));
        INDArray kept = reduced.values(reduced.original, "hidden").getColumns(KEPT);
        INDArray before = reduced.values(reduced.original, "consumer");
        INDArray slopes = kept.transpose()
                .mmul(reduced.values(reduced.refitted, "consumer").sub(before));
        INDArray atFirst = kept.transpose()
                .mmul(reduced.values(reduced.projected, "consumer").sub(before));
        double scale = atFirst.amaxNumber().doubleValue();

        double[] weights = reduced.refitted
                .vertex("consumer")
                .parameters()
                .get("W")
                .value()
                .toDoubles();
        double[] slope = slopes.dup('c').data().asDouble();
        assertThat(weights).contains(0);
        assertThat(Arrays.stream(weights).max().orElseThrow()).isPositive();
        // Slopes are 0 where weights may go either way, and not negative where they may only grow.
        for (int i = 0; i < weights.length; i++) {
            assertThat(weights[i] > 0 ? Math.abs(slope[i]) : -slope[i])
                    .as("weight %s", weights[i])
                    .isLessThan(0.01 * scale);
        }
    }

    @Test
    void batch_norm_expects_the_sums_of_constrained_weights() {
        Layer consumer = new DenseLayer.Builder()
                .nOut(6)
                .activation(Activation.IDENTITY)
                .constrainWeights(new NonNegativeConstraint())
                .build();
        Reduced reduced = reduced(
                InputType.feedForward(5),
                dense(),
                consumer,
                new BatchNormalization.Builder().useLogStd(false).build());
        INDArray old = reduced.values(reduced.original, "consumer");
        INDArray now = reduced.values(reduced.refitted, "consumer");
        for (int unit = 0; unit < 6; unit++) {
            assertThat(statistic(reduced.refitted, "mean", unit) - statistic(reduced.projected, "mean", unit))
                    .isCloseTo(mean(now, unit) - mean(old, unit), within(1e-4));
            assertThat(statistic(reduced.refitted, "var", unit) / statistic(reduced.projected, "var", unit))
                    .isCloseTo(variance(now, unit) / variance(old, unit), within(1e-3));
        }
    }

    private static double statistic(NetworkGraph graph, String key, int unit) {
        return graph.vertex("norm").parameters().get(key).value().get(unit);
    }

    private static double mean(INDArray values, int unit) {
        return values.getColumn(unit).meanNumber().doubleValue();
    }

    private static double variance(INDArray values, int unit) {
        return values.getColumn(unit).var(false).getDouble(0);
    }

    @Test
    void the_constraints_of_a_wrapped_layer_hold() {
        Layer wrapped = new LastTimeStep(new LSTM.Builder()
                .nOut(6)
                .constrainWeights(new NonNegativeConstraint())
                .build());
        Reduced reduced = reduced(InputType.recurrent(3, 7), series(), wrapped);
        assertThat(reduced.isRefitted()).isTrue();
        assertThat(reduced.least("W")).isNotNegative();
        assertThat(reduced.least("RW")).isNotNegative();
    }

    @Test
    void frozen_layers_are_not_refitted() {
        Layer inner =
                new DenseLayer.Builder().nOut(6).activation(Activation.IDENTITY).build();
        assertThat(reduced(InputType.feedForward(5), dense(), inner).isRefitted())
                .isTrue();
        assertThat(reduced(InputType.feedForward(5), dense(), new FrozenLayerWithBackprop(inner))
                        .isRefitted())
                .isFalse();
    }

    @Test
    void a_layer_with_a_constraint_that_nobody_knows_is_not_refitted() {
        Layer consumer = new DenseLayer.Builder()
                .nOut(6)
                .activation(Activation.IDENTITY)
                .constrainWeights(new Unknown())
                .build();
        assertThat(reduced(InputType.feedForward(5), dense(), consumer).isRefitted())
                .isFalse();
    }

    /** Looks at more than the array. */
    public static final class Unknown implements LayerConstraint {

        private Set<String> params = Set.of();

        @Override
        public void applyConstraint(org.deeplearning4j.nn.api.Layer layer, int iteration, int epoch) {
            layer.paramTable().get("W").muli(1 / (1.0 + iteration));
        }

        @Override
        public void setParams(Set<String> names) {
            params = names;
        }

        @Override
        public Set<String> getParams() {
            return params;
        }

        @Override
        public LayerConstraint clone() {
            return new Unknown();
        }
    }

    private record Reduced(NetworkGraph original, NetworkGraph projected, NetworkGraph refitted, INDArray features) {

        boolean isRefitted() {
            return !refitted.vertex("consumer")
                    .parameters()
                    .equals(projected.vertex("consumer").parameters());
        }

        double least(String key) {
            return Arrays.stream(refitted.vertex("consumer")
                            .parameters()
                            .get(key)
                            .value()
                            .toDoubles())
                    .min()
                    .orElseThrow();
        }

        INDArray values(NetworkGraph graph, String layer) {
            return Models.values(Dl4jGraphs.toComputationGraph(graph), layer, features);
        }

        double residual(NetworkGraph graph) {
            INDArray difference = values(original, "consumer").sub(values(graph, "consumer"));
            return difference.mul(difference).sumNumber().doubleValue();
        }
    }

    /** Reduces a layer in front of a constrained one whose weights obey, as they do in a trained network. */
    private static Reduced reduced(InputType inputType, Layer hidden, Layer... consumers) {
        GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("hidden", hidden.clone(), "in")
                .addLayer("consumer", consumers[0], "hidden")
                .setInputTypes(inputType);
        if (consumers.length > 1) {
            builder.addLayer("norm", consumers[1], "consumer");
        }
        boolean series = inputType instanceof InputType.InputTypeRecurrent && !(consumers[0] instanceof LastTimeStep);
        builder.addLayer(
                        "out",
                        series
                                ? new RnnOutputLayer.Builder(LossFunction.MSE)
                                        .nOut(3)
                                        .build()
                                : new OutputLayer.Builder(LossFunction.MSE)
                                        .nOut(3)
                                        .build(),
                        consumers.length > 1 ? "norm" : "consumer")
                .setOutputs("out");
        ComputationGraph model = new ComputationGraph(builder.build());
        model.init();
        RandomNetworks.randomize(model, new Random(4));
        if (!(consumers[0].getConstraints() == null
                || consumers[0].getConstraints().get(0) instanceof Unknown)) {
            model.getLayer("consumer").applyConstraints(0, 0);
        }
        if (consumers[0] instanceof LastTimeStep) {
            model.getLayer("consumer").applyConstraints(0, 0);
        }
        long[] shape = inputType.getShape(true);
        shape[0] = EXAMPLES;
        Nd4j.getRandom().setSeed(11);
        INDArray features = Nd4j.randn(shape);
        NetworkGraph calibrated = new Calibrator()
                .calibrate(
                        Dl4jGraphs.read(model),
                        TrainingData.of(List.of(new MultiDataSet(features, model.output(features)[0].like()))));
        Map<String, UnitMap> maps = GlobalRanking.maps(calibrated, Map.of("hidden", KEPT));
        return new Reduced(
                calibrated, Resizer.resize(calibrated, maps, false), Resizer.resize(calibrated, maps, true), features);
    }
}
