package org.growingnn.dl4j.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.modelimport.keras.layers.TFOpLayer;
import org.growingnn.dl4j.testing.LayerCase;
import org.growingnn.dl4j.testing.LayerCase.Ability;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What Deeplearning4j itself cannot do, shown on models that this library has not touched. When one of these tests fails after
 * an upgrade, the library's tests of that class can be completed.
 */
class DeeplearningLimitsTest {

    static Stream<LayerCase> limitedCases() {
        return LayerCases.all().filter(testCase -> testCase.ability() != Ability.TRAINS);
    }

    @ParameterizedTest
    @MethodSource("limitedCases")
    void deeplearning4j_itself_fails_on_it(LayerCase testCase) {
        ComputationGraph model = testCase.model();

        if (testCase.runs()) {
            assertThat(testCase.outputs(model, false)).doesNotContain(Double.NaN);
            assertThatThrownBy(() -> testCase.fit(model, 1)).hasStackTraceContaining(testCase.failure());
        } else {
            assertThatThrownBy(() -> model.output(testCase.features(1))).hasStackTraceContaining(testCase.failure());
        }
    }

    @Test
    void the_last_steps_of_both_directions_can_be_had_only_by_wrapping_them_the_other_way_round() {
        LayerCase wrapped = LayerCase.of("wrapped", LayerCases.series())
                .layer(
                        "layer",
                        new Bidirectional(
                                new LastTimeStep(new SimpleRnn.Builder().nOut(4).build())))
                .out();

        assertThatThrownBy(wrapped::model)
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("getWeightInitFn");
    }

    @Test
    void global_pooling_takes_the_units_of_a_series_nwc_for_its_steps() {
        LayerCase pooled = LayerCase.of("pooled", LayerCases.series(RNNFormat.NWC))
                .layer("before", LayerCases.lstm(4, RNNFormat.NWC))
                .layer("layer", new GlobalPoolingLayer(PoolingType.AVG))
                .out();

        assertThatThrownBy(pooled::model).hasStackTraceContaining("Input size (5 columns");
    }

    @Test
    void an_operation_of_tensorflow_needs_tensorflow_and_is_not_stored() throws Exception {
        TFOpLayer operation = new TFOpLayer(Map.of("name", "twice", "op", "AddV2"), Map.of());
        NeuralNetConfiguration configuration = new NeuralNetConfiguration();
        configuration.setLayer(operation);
        LayerCase running = LayerCase.of("running", LayerCases.vector(3))
                .untyped()
                .layer("before", LayerCases.dense(3, 5))
                .layer("layer", operation)
                .layer("out", LayerCases.output(5));

        assertThat(AdapterRegistry.load().find(operation.getClass())).isEmpty();
        assertThatThrownBy(running::model).isNotNull();
        assertThatThrownBy(() -> NeuralNetConfiguration.fromJson(configuration.toJson()))
                .isInstanceOf(RuntimeException.class);
    }
}
