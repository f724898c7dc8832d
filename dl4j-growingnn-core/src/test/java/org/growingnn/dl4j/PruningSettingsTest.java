package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Criterion;
import org.growingnn.dl4j.projection.GlobalRanking.Limits;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.learning.config.Adam;
import org.slf4j.LoggerFactory;

/** What a pruner is asked to do must have an effect, fit together and be possible; else it says so before it works. */
class PruningSettingsTest {

    private static final Limits HALF = new Limits(1, 0.5, 1);
    private static final Limits WIDE = new Limits(6, 1, 1);

    private final ComputationGraph model = tied();
    private final Models.State before = Models.state(model);

    @AfterEach
    void the_model_is_not_touched() {
        assertThat(Models.state(model)).isEqualTo(before);
    }

    /** Two layers of 8 units that are added, a layer of 12 in front and one of 10 behind. */
    private static ComputationGraph tied() {
        GraphBuilder graph = new NeuralNetConfiguration.Builder()
                .updater(new Adam(0.01))
                .activation(Activation.TANH)
                .graphBuilder()
                .addInputs("in")
                .addLayer("first", new DenseLayer.Builder().nOut(12).build(), "in")
                .addLayer("left", new DenseLayer.Builder().nOut(8).build(), "first")
                .addLayer("right", new DenseLayer.Builder().nOut(8).build(), "first")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "left", "right")
                .addLayer("last", new DenseLayer.Builder().nOut(10).build(), "sum")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nOut(TestData.CLASSES)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "last")
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(TestData.FEATURES));
        ComputationGraph result = new ComputationGraph(graph.build());
        result.init();
        RandomNetworks.randomize(result, new Random(3));
        return result;
    }

    private static DataSetIterator data() {
        return TestData.clouds(60, 20, 1);
    }

    private static StructuralPruner.Builder half() {
        return StructuralPruner.to(PruningTarget.reduction(0.5));
    }

    private static StructuralPruner.Builder widths(Object... namesAndWidths) {
        Map<String, Integer> widths = new LinkedHashMap<>();
        for (int i = 0; i < namesAndWidths.length; i += 2) {
            widths.put((String) namesAndWidths[i], (Integer) namesAndWidths[i + 1]);
        }
        return StructuralPruner.to(PruningTarget.widths(widths));
    }

    static Stream<Arguments> conflicts() {
        return Stream.of(
                Arguments.of(
                        "limits of tied layers",
                        half().limits("left", HALF).limits("right", WIDE),
                        List.of("'left'", "'right'", HALF.toString(), WIDE.toString())),
                Arguments.of(
                        "the same in the other order",
                        half().limits("right", WIDE).limits("left", HALF),
                        List.of("'left'", "'right'", HALF.toString(), WIDE.toString())),
                Arguments.of(
                        "limits of a layer and of what it is added to",
                        half().limits("sum", HALF).limits("right", WIDE),
                        List.of("'sum'", "'right'", HALF.toString(), WIDE.toString())),
                Arguments.of(
                        "widths of tied layers", widths("left", 4, "right", 5), List.of("'left'", "'right'", "4", "5")),
                Arguments.of(
                        "a width and limits of a tied layer",
                        widths("left", 5).limits("right", WIDE),
                        List.of("'left'", "'right'", "5", WIDE.toString())),
                Arguments.of(
                        "a width and limits for all",
                        widths("last", 4).limits(HALF),
                        List.of("'last'", "4", "" + HALF)),
                Arguments.of(
                        "a width that is no multiple",
                        widths("last", 5).limits("last", new Limits(1, 1, 4)),
                        List.of("'last'", "5", "multipleOf=4")),
                Arguments.of(
                        "a width and an exclusion",
                        widths("left", 4).exclude("right"),
                        List.of("'left'", "'right'", "4", "exclude")),
                Arguments.of(
                        "a width of features and how many may be left out",
                        widths("in-selected", 2).leaveOutInputs(0.5),
                        List.of("'in-selected'", "2", "leaveOutInputs", "0.5")),
                Arguments.of(
                        "limits and an exclusion",
                        half().limits("left", HALF).exclude("right"),
                        List.of("'left'", "'right'", HALF.toString(), "exclude")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("conflicts")
    void what_contradicts_itself_is_refused_by_both_names(
            String what, StructuralPruner.Builder pruner, List<String> parts) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pruner.prune(model))
                .satisfies(
                        error -> assertThat(error.getMessage()).contains(parts).contains("\nMaybe"));
    }

    @Test
    void what_agrees_is_allowed() {
        PruningResult limited = half().limits("left", HALF)
                .limits("right", new Limits(1, 0.5, 1))
                .prune(model);
        assertThat(limited.network().space("sum").size()).isGreaterThanOrEqualTo(4);

        PruningResult narrowed = widths("left", 4, "right", 4, "last", 10)
                .limits(new Limits(2, 0.5, 2))
                .exclude("last")
                .prune(model);
        assertThat(narrowed.network().space("sum").size()).isEqualTo(4);
        assertThat(narrowed.kept()).containsOnlyKeys("left");
    }

    static Stream<Arguments> unknownNames() {
        return Stream.of(
                Arguments.of(half().exclude("conv9"), "exclude"),
                Arguments.of(half().limits("conv9", HALF), "limits"),
                Arguments.of(widths("last", 5, "conv9", 3), "widths"));
    }

    @ParameterizedTest
    @MethodSource("unknownNames")
    void names_that_the_model_does_not_have_are_refused_before_any_work(
            StructuralPruner.Builder pruner, String setting) {
        int[] trained = {0};
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        pruner.rounds(2, (live, round, rounds) -> trained[0]++).prune(model))
                .withMessageContainingAll("conv9", setting, "in", "first", "left", "last", "\nMaybe");
        assertThat(trained[0]).isZero();
    }

    @Test
    void limits_of_what_cannot_change_are_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> half().limits("out", HALF).prune(model))
                .withMessageContainingAll("'out'", "network output");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        half().leaveOutInputs(1).limits("in-selected", HALF).prune(model))
                .withMessageContainingAll("'in-selected'", "leaveOutInputs");
    }

    @Test
    void widths_that_cannot_be_are_refused_before_any_work() {
        int[] trained = {0};
        assertThatIllegalArgumentException()
                .isThrownBy(() -> widths("first", 5, "last", 11)
                        .rounds(2, (live, round, rounds) -> trained[0]++)
                        .prune(model))
                .withMessageContainingAll("'last' of 10 units", "11");
        assertThat(trained[0]).isZero();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PruningTarget.widths(Map.of("last", 0)))
                .withMessageContainingAll("'last'", "0");
    }

    @Test
    void settings_that_need_calibration_data_are_refused_without() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> half().refit(true).build())
                .withMessageContainingAll("refit", "calibrate");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> half().calibrationBatches(3).build())
                .withMessageContainingAll("calibrationBatches", "3", "calibrate");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        half().criterion(Criteria.share(Criteria.taylor())).build())
                .withMessageContainingAll("criterion", "taylor", "calibrate");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> half().projection(Projections.clusters()).build())
                .withMessageContainingAll("projection", "clusters", "calibrate");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> half().calibrate(data())
                        .refit(false)
                        .projection(Projections.refitted(Projections.pseudoInverse()))
                        .build())
                .withMessageContainingAll("refit(false)", "pseudo-inverse+refit");
        assertThat(half().refit(false).prune(model).reduction()).isGreaterThanOrEqualTo(0.5);
        assertThat(half().prune(model).reduction()).isGreaterThanOrEqualTo(0.5);
    }

    @Test
    void calibration_batches_out_of_range_are_refused_at_once() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> half().calibrationBatches(0))
                .withMessageContaining("(0)");
    }

    /** A criterion of somebody else's. */
    private record Own(double... ratings) implements Criterion {
        @Override
        public String name() {
            return "own";
        }

        @Override
        public double[] rate(NetworkGraph graph, UnitSpace space) {
            double[] result = new double[(int) space.size()];
            System.arraycopy(ratings, 0, result, 0, Math.min(ratings.length, result.length));
            return ratings.length == 1 ? ratings : result;
        }
    }

    @Test
    void criteria_that_rate_nonsense_are_refused() {
        for (StructuralPruner.Builder pruner : List.of(half(), widths("first", 5))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> pruner.criterion(new Own(1, Double.NaN)).prune(model))
                    .withMessageContainingAll("'own'", "unit 1", "'first'", "NaN");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> pruner.criterion(new Own(1)).prune(model))
                    .withMessageContainingAll("'own'", "1 rating", "'first'", "12");
        }
    }

    @Test
    void a_target_out_of_reach_is_refused_before_any_work_with_what_stands_in_the_way() {
        int[] trained = {0};
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StructuralPruner.to(PruningTarget.reduction(0.8))
                        .exclude("first")
                        .limits("right", WIDE)
                        .rounds(3, (live, round, rounds) -> trained[0]++)
                        .prune(model))
                // 12 units of 6 inputs stay, 6 of 8 and 1 of 10: 84 + 2 * 78 + 7 + 6 of 415 parameters.
                .withMessageContainingAll("0.8 ", "0.3904", "'first'", "exclude", "'left'", "6 of 8", "" + WIDE)
                .satisfies(error -> assertThat(error.getMessage()).doesNotContain("'last'"));
        assertThat(trained[0]).isZero();
    }

    @Test
    void limits_can_be_used_up_to_the_last_unit() {
        // What is left of 12, 8 and 10: 6, 4 and 5.
        double share = 1 - (7 * 6 + 2 * 7 * 4 + 5 * 5 + 6 * 3) / (double) model.numParams();
        for (int rounds : new int[] {1, 2, 3, 7}) {
            PruningResult result = StructuralPruner.to(PruningTarget.reduction(share))
                    .limits(HALF)
                    .rounds(rounds, (live, round, all) -> {})
                    .prune(model);
            assertThat(result.network().parameterCount()).isEqualTo(141);
        }
    }

    @Test
    void widths_that_the_model_has_already_leave_it_unchanged_with_a_warning() {
        int[] trained = {0};
        PruningResult[] result = new PruningResult[1];
        List<String> warnings = warnings(() -> result[0] = widths("left", 8, "last", 10)
                .calibrate(data())
                .rounds(2, (live, round, rounds) -> trained[0]++)
                .prune(model));

        assertThat(trained[0]).isZero();
        assertThat(result[0].kept()).isEmpty();
        assertThat(result[0].reduction()).isZero();
        assertThat(Models.state(result[0].graph())).isEqualTo(before);
        assertThat(warnings).singleElement().asString().contains("left", "last");
    }

    @Test
    void a_round_without_anything_to_remove_trains_only_and_warns() {
        int[] trained = {0};
        List<String> warnings = warnings(() -> widths("last", 9)
                .rounds(3, (live, round, rounds) -> trained[0]++)
                .prune(model));

        assertThat(trained[0]).isEqualTo(3);
        assertThat(warnings)
                .hasSize(2)
                .allSatisfy(warning -> assertThat(warning).contains("of 3"));
    }

    private static List<String> warnings(Runnable work) {
        Logger logger = (Logger) LoggerFactory.getLogger(StructuralPruner.class);
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.start();
        logger.addAppender(appender);
        try {
            work.run();
        } finally {
            logger.detachAppender(appender);
        }
        return appender.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void input_types_must_be_as_many_as_inputs() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> half().calibrate(data()).prune(model, InputType.feedForward(6), InputType.feedForward(6)))
                .withMessageContainingAll("1 inputs", "2 input types");
    }

    @Test
    void multiply_accumulates_must_be_known_before_any_work() {
        ComputationGraph series = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("lstm", new LSTM.Builder().nIn(3).nOut(8).build(), "in")
                .addLayer(
                        "out",
                        new RnnOutputLayer.Builder()
                                .nIn(8)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "lstm")
                .setOutputs("out")
                .build());
        series.init();
        int[] trained = {0};
        StructuralPruner.Builder pruner =
                StructuralPruner.to(PruningTarget.macs(0.5)).rounds(2, (live, round, rounds) -> trained[0]++);

        assertThatIllegalStateException().isThrownBy(() -> pruner.prune(series)).withMessageContaining("InputType");
        assertThat(trained[0]).isZero();
        pruner.prune(series, InputType.recurrent(3, 5));
        assertThat(trained[0]).isEqualTo(2);
    }

    @Test
    void arguments_that_are_null_are_named() {
        assertThatNullPointerException()
                .isThrownBy(() -> StructuralPruner.to(null))
                .withMessage("target");
        assertThatNullPointerException()
                .isThrownBy(() -> PruningTarget.widths(null))
                .withMessage("widths");
        Map<String, Integer> missing = new LinkedHashMap<>();
        missing.put("last", null);
        assertThatNullPointerException()
                .isThrownBy(() -> PruningTarget.widths(missing))
                .withMessageContaining("last");
        assertThatNullPointerException()
                .isThrownBy(() -> half().calibrate((DataSetIterator) null))
                .withMessage("iterator");
        assertThatNullPointerException()
                .isThrownBy(() -> half().criterion(null))
                .withMessage("criterion");
        assertThatNullPointerException()
                .isThrownBy(() -> half().projection(null))
                .withMessage("projection");
        assertThatNullPointerException().isThrownBy(() -> half().limits(null)).withMessage("limits");
        assertThatNullPointerException()
                .isThrownBy(() -> half().limits(null, HALF))
                .withMessage("layer");
        assertThatNullPointerException()
                .isThrownBy(() -> half().limits("last", null))
                .withMessage("limits");
        assertThatNullPointerException()
                .isThrownBy(() -> half().exclude((String[]) null))
                .withMessage("layers");
        assertThatNullPointerException()
                .isThrownBy(() -> half().exclude("last", null))
                .withMessage("layer");
        assertThatNullPointerException()
                .isThrownBy(() -> half().rounds(1, null))
                .withMessage("training");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> half().prune(null))
                .withMessageContaining("The model is null");
        assertThatNullPointerException()
                .isThrownBy(() -> half().prune(model, (InputType[]) null))
                .withMessage("inputTypes");
        assertThatNullPointerException()
                .isThrownBy(() -> half().prune(model, (InputType) null))
                .withMessage("inputType");
        NetworkGraph network = Dl4jGraphs.read(model);
        assertThatNullPointerException()
                .isThrownBy(() -> new PruningResult(null, network, network, Map.of()))
                .withMessage("graph");
        assertThatNullPointerException()
                .isThrownBy(() -> new PruningResult(model, network, network, null))
                .withMessage("kept");
        assertThatNullPointerException()
                .isThrownBy(() -> new PruningResult(model, network, network, Map.of(), 0, null, Optional.empty()))
                .withMessage("reached");
    }

    @Test
    void features_of_an_unknown_input_are_refused_by_its_name() {
        PruningResult result = half().prune(model);
        assertThat(result.features("in")).isEqualTo(Optional.empty());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> result.features("out"))
                .withMessageContainingAll("out", "in");
    }

    @Test
    void what_was_kept_is_told_in_the_order_of_the_network() {
        for (StructuralPruner.Builder pruner :
                List.of(half().rounds(4, (live, round, rounds) -> {}), widths("last", 4, "right", 3, "first", 5))) {
            assertThat(pruner.prune(model).kept().keySet()).containsExactly("first", "left", "last");
        }
    }
}
