package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.Sensitivity.Row;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Criterion;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;

class SensitivityTest {

    private static final DataSet VALIDATION = TestData.cloud(150, 9);
    /** The loss tells more than the accuracy does. */
    private static final ToDoubleFunction<ComputationGraph> LIKELIHOOD = graph -> Math.exp(-graph.score(VALIDATION));

    private final MultiLayerNetwork chain = TestData.trainedChain();

    @Test
    void each_layer_alone_is_what_pruning_it_by_hand_gives() {
        double[] before = Models.values(chain.params());
        Sensitivity sensitivity = Sensitivity.of(chain, LIKELIHOOD, 0.3, 0.8);

        assertThat(sensitivity.projection()).isEqualTo("importance");
        assertThat(sensitivity.parameters()).isEqualTo(chain.numParams());
        assertThat(sensitivity.quality()).isCloseTo(LIKELIHOOD.applyAsDouble(TestData.trainedGraph()), within(1e-9));
        List<Row> expected = new ArrayList<>();
        for (String layer : List.of("layer0", "layer1")) {
            int units = layer.equals("layer0") ? 40 : 30;
            for (double ratio : new double[] {0.3, 0.8}) {
                int left = (int) Math.round((1 - ratio) * units);
                ComputationGraph pruned = StructuralPruner.to(PruningTarget.widths(Map.of(layer, left)))
                        .criterion(Criteria.gain())
                        .prune(chain)
                        .graph();
                expected.add(new Row(
                        layer,
                        List.of(layer),
                        units,
                        ratio,
                        left,
                        pruned.numParams(),
                        LIKELIHOOD.applyAsDouble(pruned),
                        OptionalDouble.empty()));
            }
        }
        assertThat(sensitivity.rows()).isEqualTo(expected);
        assertThat(Models.values(chain.params())).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({"importance-taylor, taylor", "importance-taylor+refit, taylor", "importance-fisher, fisher"})
    void calibration_data_give_the_qualities_without_and_with_refit(String projection, String criterion) {
        TrainingData data = TrainingData.of(TestData.clouds(600, 60, 1));
        Sensitivity sensitivity = Sensitivity.of(chain, LIKELIHOOD, data, projection, 0.75);

        assertThat(sensitivity.projection()).isEqualTo("importance-" + criterion);
        Criterion rating = criterion.equals("taylor") ? Criteria.taylor() : Criteria.fisher();
        assertThat(sensitivity.rows()).hasSize(2);
        for (Row row : sensitivity.rows()) {
            for (boolean refit : new boolean[] {false, true}) {
                ComputationGraph pruned = StructuralPruner.to(PruningTarget.widths(Map.of(row.space(), row.left())))
                        .calibrate(TestData.clouds(600, 60, 1))
                        .criterion(rating)
                        .refit(refit)
                        .prune(chain)
                        .graph();
                assertThat(refit ? row.refitted().orElseThrow() : row.quality())
                        .isCloseTo(LIKELIHOOD.applyAsDouble(pruned), within(1e-9));
            }
        }
    }

    @Test
    void tied_layers_are_one_row_and_least_widths_are_held() {
        ComputationGraph model = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("first", dense(6), "in")
                .addLayer("second", dense(6), "first")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "first", "second")
                .addLayer("single", dense(1), "sum")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nOut(TestData.CLASSES)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "single")
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(TestData.FEATURES))
                .build());
        model.init();
        RandomNetworks.randomize(model, new Random(2));

        List<Row> rows = Sensitivity.of(model, LIKELIHOOD).rows();

        assertThat(rows).hasSize(10);
        assertThat(rows.subList(0, 5)).allSatisfy(row -> {
            assertThat(row.space()).isEqualTo("first");
            assertThat(row.layers()).containsExactly("first", "second");
        });
        assertThat(rows).extracting(Row::left).containsExactly(5, 4, 3, 2, 1, 1, 1, 1, 1, 1);
        assertThat(rows.subList(5, 10))
                .allSatisfy(row -> assertThat(row.quality()).isCloseTo(LIKELIHOOD.applyAsDouble(model), within(1e-9)));
    }

    private static DenseLayer dense(int units) {
        return new DenseLayer.Builder().nOut(units).activation(Activation.RELU).build();
    }

    // --- its forms

    private static final Sensitivity VALUE = new Sensitivity(
            "importance-taylor",
            0.98,
            1234,
            List.of(
                    new Row("a", List.of("a", "b|c"), 10, 0.07, 9, 1100, 0.97123456, OptionalDouble.of(0.979)),
                    new Row("d", List.of("d"), 4, 0.5, 2, 900, -1.5, OptionalDouble.empty())));

    @Test
    void json_holds_everything() {
        Sensitivity read = Sensitivity.fromJson(VALUE.toJson());
        assertThat(read).isEqualTo(VALUE);
        assertThat(VALUE.toJson()).contains("\"refitted\" : 0.979", "\"ratio\" : 0.07", "\"b|c\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sensitivity.fromJson(VALUE.toJson().replace("0.07", "1.07")))
                .withMessageContaining("rows[0].ratio");
    }

    @Test
    void the_table_is_markdown() {
        String table = """
                | layer | units | removed | left | parameters | quality | refitted |
                |---|---:|---:|---:|---:|---:|---:|
                | (none) | | | | 1234 | 0.9800 | |
                | a, b\\|c | 10 | 7 % | 9 | 1100 | 0.9712 | 0.9790 |
                | d | 4 | 50 % | 2 | 900 | -1.5000 | |
                """;
        assertThat(VALUE.toMarkdown().replace("|  |", "| |")).isEqualTo(table);
        assertThat(VALUE).hasToString(VALUE.toMarkdown());
    }

    // --- what is refused

    @Test
    void qualities_that_are_not_finite_are_refused_with_the_layer() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sensitivity.of(chain, graph -> Double.NaN, 0.5))
                .withMessageContainingAll("The model has the quality NaN", "\nMaybe");
        long size = chain.numParams();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sensitivity.of(chain, graph -> graph.numParams() < size ? 1.0 / 0 : 1, 0.5))
                .withMessageContainingAll("0.5 of 'layer0'", "Infinity");
    }

    @Test
    void ratios_and_names_out_of_range_are_refused_before_anything_is_measured() {
        ToDoubleFunction<ComputationGraph> never = graph -> {
            throw new AssertionError("nothing is measured");
        };
        for (double ratio : new double[] {0, 1, -1, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Sensitivity.of(chain, never, 0.5, ratio))
                    .withMessageContaining("ratio (" + ratio + ")");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sensitivity.of(
                        chain, never, TrainingData.of(TestData.clouds(60, 60, 1)), "importance-none", 0.5))
                .withMessageContaining("importance-none");
        assertThatNullPointerException().isThrownBy(() -> Sensitivity.of(chain, null, 0.5));
    }
}
