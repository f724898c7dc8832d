package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.Models;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** No model with weights that are not numbers is returned in silence, whatever calibration data and recoveries do. */
class PruningNumbersTest {

    private final ComputationGraph model = TestData.trainedGraph();
    private final Models.State before = Models.state(model);

    @AfterEach
    void the_model_is_not_touched() {
        assertThat(Models.state(model)).isEqualTo(before);
    }

    private static StructuralPruner.Builder half() {
        return StructuralPruner.to(PruningTarget.reduction(0.5));
    }

    private static DataSetIterator data(boolean labels, double value) {
        DataSet data = TestData.cloud(60, 1);
        (labels ? data.getLabels() : data.getFeatures()).putScalar(7, 1, value);
        return new ListDataSetIterator<>(data.asList(), 20);
    }

    static Stream<Arguments> badData() {
        return Stream.of(
                        Arguments.of("features", false, Double.NaN),
                        Arguments.of("features", false, Double.POSITIVE_INFINITY),
                        Arguments.of("features", false, Double.NEGATIVE_INFINITY),
                        Arguments.of("features", false, 1e30),
                        Arguments.of("labels", true, Double.NaN),
                        Arguments.of("labels", true, Double.POSITIVE_INFINITY))
                .flatMap(bad -> Stream.of("taylor", "l1", "widths", "clusters")
                        .map(how -> Arguments.of(bad.get()[0], bad.get()[1], bad.get()[2], how)));
    }

    /** Whichever part of the pruner notices, a finite model comes out or the calibration data are named. */
    @ParameterizedTest(name = "{2} in {0}, {3}")
    @MethodSource("badData")
    void calibration_data_that_make_weights_infinite_are_refused(
            String what, boolean labels, double value, String how) {
        StructuralPruner.Builder pruner = how.equals("widths")
                ? StructuralPruner.to(PruningTarget.widths(Map.of("layer0", 10, "layer1", 9)))
                : half();
        switch (how) {
            case "l1", "widths" -> pruner.criterion(Criteria.l1());
            case "clusters" -> pruner.criterion(Criteria.gain()).projection(Projections.clusters());
            default -> pruner.criterion(Criteria.share(Criteria.taylor()));
        }
        pruner.calibrate(data(labels, value));
        if (labels && !how.equals("taylor")) {
            // Nothing of what labels decide on is used; it is for the calibration to refuse them.
            try {
                assertFinite(pruner.prune(model));
            } catch (IllegalArgumentException refused) {
                assertThat(refused).hasMessageContaining("alibration");
            }
        } else {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> pruner.prune(model))
                    .withMessageContaining("alibration")
                    .withMessageContaining("\nMaybe");
        }
    }

    private static void assertFinite(PruningResult result) {
        for (double value : Models.values(result.graph().params())) {
            assertThat(value).isFinite();
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
    void a_recovery_that_leaves_no_numbers_is_refused_by_round_layer_and_parameter(float value) {
        for (int bad : new int[] {1, 2}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> half().rounds(2, (live, round, rounds) -> {
                                if (round == bad) {
                                    live.getParam("layer1_W").putScalar(1, 2, value);
                                }
                            })
                            .prune(model))
                    .withMessageContainingAll("ound " + bad + " of 2", "'W'", "'layer1'", "" + value, "\nMaybe");
        }
    }

    @Test
    void a_model_that_is_broken_already_is_refused_before_any_work() {
        ComputationGraph broken = TestData.trainedGraph();
        broken.getParam("layer1_b").putScalar(3, Float.NaN);
        int[] trained = {0};
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        half().rounds(1, (live, round, rounds) -> trained[0]++).prune(broken))
                .withMessageContainingAll("'b'", "'layer1'", "NaN", "\nMaybe");
        assertThat(trained[0]).isZero();
    }

    @Test
    void models_made_for_recoveries_are_released_even_when_a_recovery_fails() {
        List<INDArray> parameters = new ArrayList<>();
        PruningResult result = half().rounds(2, (live, round, rounds) -> {
                    live.fit(TestData.clouds(60, 20, 1));
                    parameters.add(live.params());
                    parameters.add(live.getUpdater().getStateViewArray());
                })
                .prune(model);
        assertThat(result.graph().params().wasClosed()).isFalse();
        assertFinite(result);

        IllegalStateException failure = new IllegalStateException("no more data");
        assertThatThrownBy(() -> half().rounds(1, (live, round, rounds) -> {
                            parameters.add(live.params());
                            throw failure;
                        })
                        .prune(model))
                .isSameAs(failure);
        assertThat(parameters).hasSize(5).allMatch(INDArray::wasClosed);
    }
}
