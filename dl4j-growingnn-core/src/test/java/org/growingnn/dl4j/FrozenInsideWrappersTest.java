package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.adapter.AdapterRegistry;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.growingnn.dl4j.training.Calibrator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Layers that are frozen inside of wrappers are told apart by gradients as if they were not frozen. */
class FrozenInsideWrappersTest {

    private static final int STEPS = 3;

    private static Layer lstm() {
        return new LSTM.Builder().nOut(5).activation(Activation.TANH).build();
    }

    private static Layer dense() {
        return new DenseLayer.Builder().nOut(5).activation(Activation.TANH).build();
    }

    private static Arguments freezing(String name, Layer free, UnaryOperator<Layer> freeze) {
        return Arguments.of(name, free, freeze);
    }

    /** Freezes what is inside of a wrapper with one other. */
    private static Layer inside(Layer wrapper, UnaryOperator<Layer> freeze) {
        BaseWrapperLayer outer = (BaseWrapperLayer) wrapper;
        outer.setUnderlying(freeze.apply(outer.getUnderlying()));
        return outer;
    }

    /** Frozen layers have no dropout in training. */
    private static Layer noisy(Layer layer) {
        layer.setIDropout(new Dropout(0.5));
        return layer;
    }

    static Stream<Arguments> wrappers() {
        return Stream.of(
                freezing(
                        "last step",
                        new LastTimeStep(lstm()),
                        layer -> inside(layer, inner -> new FrozenLayer(noisy(inner)))),
                freezing(
                        "last step, gradients pass",
                        new LastTimeStep(lstm()),
                        layer -> inside(layer, FrozenLayerWithBackprop::new)),
                freezing(
                        "masked zeros",
                        new MaskZeroLayer(lstm(), 0),
                        layer -> inside(layer, FrozenLayerWithBackprop::new)),
                freezing(
                        "each step",
                        new TimeDistributed(dense()),
                        layer -> inside(layer, FrozenLayerWithBackprop::new)),
                freezing(
                        "frozen within a wrapper that is frozen itself",
                        new LastTimeStep(lstm()),
                        layer -> new FrozenLayer(inside(layer, FrozenLayerWithBackprop::new))));
    }

    private static ComputationGraph model(Layer wrapped) {
        boolean series = wrapped instanceof MaskZeroLayer || wrapped instanceof TimeDistributed;
        ComputationGraph model = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(7)
                .dataType(DataType.DOUBLE)
                .activation(Activation.TANH)
                .graphBuilder()
                .addInputs("in")
                .addLayer("front", new LSTM.Builder().nOut(6).build(), "in")
                .addLayer("wrapped", wrapped, "front")
                .addLayer("behind", series ? new GlobalPoolingLayer() : dense(), "wrapped")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "behind")
                .setOutputs("out")
                .setInputTypes(InputType.recurrent(4, STEPS))
                .build());
        model.init();
        RandomNetworks.randomize(model, new Random(3));
        return model;
    }

    /** Freezes the wrapped layer of a copy. */
    private static ComputationGraph frozen(ComputationGraph model, UnaryOperator<Layer> freeze) {
        ComputationGraphConfiguration configuration =
                ComputationGraphConfiguration.fromJson(model.getConfiguration().toJson());
        NeuralNetConfiguration layer =
                ((LayerVertex) configuration.getVertices().get("wrapped")).getLayerConf();
        layer.setLayer(freeze.apply(layer.getLayer()));
        layer.getLayer().setLayerName("wrapped");
        ComputationGraph result = new ComputationGraph(configuration);
        result.init(model.params().dup(), false);
        return result;
    }

    private static NetworkGraph calibrated(NetworkGraph network) {
        Nd4j.getRandom().setSeed(2);
        MultiDataSet batch = new MultiDataSet(
                Nd4j.randn(DataType.DOUBLE, 20, 4, STEPS),
                Nd4j.eye(3)
                        .castTo(DataType.DOUBLE)
                        .repeat(0, 7)
                        .getRows(IntStream.range(0, 20).toArray()));
        return new Calibrator().withSquaredGradients(true).calibrate(network, List.of(batch));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrappers")
    void gradients_are_those_of_the_same_layers_if_they_were_not_frozen(
            String name, Layer free, UnaryOperator<Layer> freeze) {
        ComputationGraph model = model(free);
        NetworkGraph expected = calibrated(Dl4jGraphs.read(model));
        NetworkGraph found = calibrated(
                Dl4jGraphs.read(frozen(model, freeze), AdapterRegistry.load().pruneFrozenLayers(true)));

        assertThat(found.vertex("wrapped").operation().isFrozen()).isTrue();
        Calibration known = found.calibration().orElseThrow();
        for (String layer : List.of("front", "wrapped", "out")) {
            expected.calibration().orElseThrow().gradients().get(layer).forEach((key, gradient) -> {
                assertThat(Arrays.stream(gradient.toDoubles())).anyMatch(value -> value != 0);
                assertThat(gradient(known, layer, key)).isEqualTo(gradient);
            });
        }
        assertThat(Criteria.rate(Criteria.taylor(), found, found.space("wrapped")))
                .containsExactly(Criteria.rate(Criteria.taylor(), expected, expected.space("wrapped")));
        assertThat(Criteria.rate(Criteria.fisher(), found, found.space("wrapped")))
                .containsExactly(Criteria.rate(Criteria.fisher(), expected, expected.space("wrapped")))
                .doesNotContain(0);
    }

    private static Tensor gradient(Calibration known, String layer, String key) {
        return known.gradients().get(layer).get(key);
    }
}
