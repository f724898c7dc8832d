package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongFunction;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.PruningResult.Reached;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.GlobalRanking.Limits;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Adam;

/** What a target asks for, and what is told where it is met, out of reach or nonsense. */
class PruningTargetTest {

    private static final InputType IMAGES = InputType.convolutional(6, 5, 2);

    /** 4 maps of 4 x 3 of 3 x 3 pixels of 2 channels, 8 units, 3 classes: 76 + 392 + 27 parameters. */
    private final MultiLayerNetwork model = model(4, 8, DataType.FLOAT);

    private static MultiLayerNetwork model(int channels, int units, DataType type) {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .updater(new Adam(0.01))
                .dataType(type)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .name("conv")
                        .nOut(channels)
                        .activation(Activation.RELU)
                        .build())
                .layer(new DenseLayer.Builder().name("dense").nOut(units).build())
                .layer(new OutputLayer.Builder()
                        .name("out")
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(IMAGES)
                .build());
        model.init();
        RandomNetworks.randomize(model, new Random(3));
        return model;
    }

    private PruningResult prune(PruningTarget target) {
        return StructuralPruner.to(target).prune(model, IMAGES);
    }

    private static Reached only(PruningResult result) {
        assertThat(result.reached()).hasSize(1);
        return result.reached().get(0);
    }

    @Test
    void costs_are_those_of_the_stated_formulas() {
        NetworkGraph network = Dl4jGraphs.read(model, IMAGES);
        assertThat(Cost.PARAMETERS.of(network)).isEqualTo(76 + 392 + 27);
        assertThat(Cost.MACS.of(network)).isEqualTo(72 * 12 + 48 * 8 + 8 * 3);
        assertThat(Cost.MEMORY.of(network)).isEqualTo(4 * (495 + 60 + 48 + 8 + 3));
        NetworkGraph wide = Dl4jGraphs.read(model(4, 8, DataType.DOUBLE), IMAGES);
        assertThat(Cost.MEMORY.of(wide)).isEqualTo(8 * (495 + 60 + 48 + 8 + 3));
        assertThat(Cost.FILE_SIZE.of(wide) - Cost.FILE_SIZE.of(network)).isBetween(4 * 495L - 64, 4 * 495L + 64);
        for (Cost cost : List.of(Cost.PARAMETERS, Cost.MACS)) {
            assertThat(network.order().stream()
                            .mapToLong(name -> cost.of(network, name))
                            .sum())
                    .isEqualTo(cost.of(network));
        }
        assertThat(Cost.MEMORY.of(network, "dense")).isEqualTo(4 * (392 + 8));
    }

    @Test
    void the_size_of_a_file_is_a_bound_that_weights_without_pattern_come_close_to() {
        for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
            MultiLayerNetwork large = model(20, 100, type);
            long bound = Cost.FILE_SIZE.of(Dl4jGraphs.read(large));
            assertThat(PruningTargetProperties.saved(large)).isBetween((long) (0.85 * bound), bound);
            assertThat(PruningTargetProperties.saved(large.toComputationGraph()))
                    .isLessThanOrEqualTo(bound);
        }
    }

    @Test
    void what_is_left_and_what_is_gone_ask_for_the_same() {
        Reached gone = only(prune(PruningTarget.reduction(0.75)));
        assertThat(gone).isEqualTo(only(prune(PruningTarget.parametersLeft(0.25))));
        assertThat(gone).isEqualTo(only(prune(PruningTarget.parametersAtMost(123))));
        assertThat(gone.before()).isEqualTo(495);
        assertThat(gone.goal()).isEqualTo(123);
        assertThat(gone.after()).isLessThanOrEqualTo(123);
        assertThat(only(prune(PruningTarget.macs(0.75)))).isEqualTo(only(prune(PruningTarget.macsLeft(0.25))));
        assertThat(only(prune(PruningTarget.macsAtMost(318)))).isEqualTo(only(prune(PruningTarget.macsLeft(0.25))));
    }

    @Test
    void several_targets_are_all_met_in_rounds_too_by_the_same_factor_in_each() {
        PruningTarget target = PruningTarget.parametersLeft(0.25)
                .and(PruningTarget.macsLeft(0.4))
                .and(PruningTarget.memory(1300));
        List<Long> macs = new ArrayList<>();
        PruningResult result = StructuralPruner.to(target)
                .rounds(2, (live, round, rounds) -> {
                    NetworkGraph network = Dl4jGraphs.read(live, IMAGES);
                    macs.add(Cost.MACS.of(network));
                    assertThat(Cost.PARAMETERS.of(network))
                            .isLessThanOrEqualTo((long) (495 * Math.pow(0.25, round / 2.0)));
                    assertThat(Cost.MACS.of(network)).isLessThanOrEqualTo((long) (1272 * Math.pow(0.4, round / 2.0)));
                })
                .prune(model, IMAGES);
        assertThat(macs).hasSize(2);
        assertThat(result.reached()).extracting(Reached::cost).containsExactly(Cost.PARAMETERS, Cost.MACS, Cost.MEMORY);
        assertThat(result.reached()).extracting(Reached::goal).containsExactly(123L, 508L, 1300L);
        assertThat(result.reached()).allMatch(Reached::met);
    }

    @Test
    void the_stricter_of_two_targets_of_one_cost_counts() {
        Reached reached = only(prune(PruningTarget.parametersAtMost(300).and(PruningTarget.reduction(0.75))));
        assertThat(reached.goal()).isEqualTo(123);
        assertThat(reached.after()).isLessThanOrEqualTo(123);
    }

    @Test
    void files_are_no_larger_than_the_target_after_training_too() {
        MultiLayerNetwork large = model(20, 100, DataType.FLOAT);
        long before = PruningTargetProperties.saved(large);
        for (long bytes : new long[] {before / 2, before / 4}) {
            PruningResult result = StructuralPruner.to(PruningTarget.fileSize(bytes))
                    .rounds(2, (live, round, rounds) -> {
                        live.getConfiguration().setEpochCount(123_456);
                        live.getConfiguration().setIterationCount(1_234_567_890);
                        RandomNetworks.randomize(live, new Random(round));
                    })
                    .prune(large, IMAGES);
            assertThat(PruningTargetProperties.saved(result.graph())).isBetween((long) (0.8 * bytes), bytes);
            assertThat(PruningTargetProperties.saved(result.multiLayerNetwork()))
                    .isLessThanOrEqualTo(bytes);
            assertThat(only(result).after()).isLessThanOrEqualTo(bytes);
        }
    }

    @Test
    void files_of_networks_that_leave_out_features_are_no_larger_than_the_target() {
        // Every run of features makes the configuration longer.
        MultiLayerNetwork wide = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new DenseLayer.Builder().name("hidden").nOut(30).build())
                .layer(new OutputLayer.Builder()
                        .name("out")
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.feedForward(100))
                .build());
        wide.init();
        RandomNetworks.randomize(wide, new Random(3));
        long bytes = PruningTargetProperties.saved(wide) * 2 / 3;
        PruningResult result = StructuralPruner.to(PruningTarget.fileSize(bytes))
                .leaveOutInputs(0.5)
                .prune(wide);
        assertThat(result.features("input")).isPresent();
        assertThat(PruningTargetProperties.saved(result.graph())).isLessThanOrEqualTo(bytes);
        assertThat(only(result).met()).isTrue();
    }

    @Test
    void a_target_that_is_met_already_leaves_the_model_unchanged_and_untrained() {
        int[] trained = {0};
        PruningResult result = StructuralPruner.to(
                        PruningTarget.parametersAtMost(495).and(PruningTarget.fileSize(1_000_000)))
                .rounds(2, (live, round, rounds) -> trained[0]++)
                .prune(model, IMAGES);
        assertThat(trained[0]).isZero();
        assertThat(result.kept()).isEmpty();
        assertThat(result.reached()).allMatch(reached -> reached.met() && reached.before() == reached.after());
        assertThat(result.graph().params()).isEqualTo(model.params());
    }

    @Test
    void a_part_that_is_met_already_does_not_hinder_the_other() {
        PruningResult result = prune(PruningTarget.parametersAtMost(495).and(PruningTarget.macsLeft(0.5)));
        assertThat(result.reached()).extracting(Reached::goal).containsExactly(495L, 636L);
        assertThat(result.reached()).allMatch(Reached::met);
    }

    @ParameterizedTest
    @EnumSource(names = "LATENCY", mode = EnumSource.Mode.EXCLUDE)
    void a_target_out_of_reach_tells_by_how_much_and_which_layers_take_most_of_it(Cost cost) {
        NetworkGraph network = Dl4jGraphs.read(model, IMAGES);
        LongFunction<PruningTarget> target = switch (cost) {
            case PARAMETERS -> PruningTarget::parametersAtMost;
            case MACS -> PruningTarget::macsAtMost;
            case MEMORY -> PruningTarget::memory;
            case FILE_SIZE -> PruningTarget::fileSize;
            case LATENCY -> throw new AssertionError("has a test of its own");
        };
        // What stays of 4 and 8 are 2 and 8: 38 + 200 + 27 parameters.
        PruningResult least =
                StructuralPruner.to(PruningTarget.widths(Map.of("conv", 2))).prune(model, IMAGES);
        long reachable = cost.of(least.network());
        long most = reachable - 7;
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> StructuralPruner.to(PruningTarget.reduction(0.1).and(target.apply(most)))
                                .exclude("dense")
                                .limits("conv", new Limits(2, 1, 1))
                                .prune(model, IMAGES))
                .withMessageContainingAll(
                        reachable + " of " + cost.of(network) + " " + cost.unit() + " are left, 7 more than the "
                                + most,
                        "'dense' (" + cost.of(least.network(), "dense") + ")",
                        "exclude('dense')",
                        "'conv' keeps 2 of 4",
                        "\nMaybe");
        PruningResult met = StructuralPruner.to(target.apply(reachable))
                .exclude("dense")
                .limits("conv", new Limits(2, 1, 1))
                .prune(model, IMAGES);
        assertThat(only(met)).isEqualTo(new Reached(cost, cost.of(network), reachable, reachable));
    }

    @Test
    void each_part_that_is_out_of_reach_is_told() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> prune(PruningTarget.parametersAtMost(3)
                        .and(PruningTarget.macsLeft(0.5))
                        .and(PruningTarget.fileSize(10))))
                .withMessageContainingAll("parameters cannot fall to 3:", "file cannot fall to 10:", "headers take")
                .satisfies(error -> assertThat(error.getMessage()).doesNotContain("multiply"));
    }

    @Test
    void costs_that_are_unknown_are_refused() {
        MultiLayerNetwork sizeless = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .name("conv")
                        .nIn(2)
                        .nOut(4)
                        .build())
                .layer(new org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer.Builder().build())
                .layer(new OutputLayer.Builder()
                        .nIn(4)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        sizeless.init();
        for (PruningTarget target : List.of(PruningTarget.memory(100), PruningTarget.macsAtMost(100))) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> StructuralPruner.to(target).prune(sizeless))
                    .withMessageContainingAll("unknown", "InputType");
        }
    }

    private static void refused(ThrowingCallable call, String... parts) {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(call)
                .withMessageContainingAll(parts);
    }

    @Test
    void values_out_of_range_are_refused_by_name_value_and_range() {
        for (double share : new double[] {0, 1, -0.5, 10, Double.NaN}) {
            refused(
                    () -> PruningTarget.reduction(share),
                    "share to remove",
                    "(" + share + ")",
                    "less than 1",
                    "\nMaybe");
            refused(() -> PruningTarget.macs(share), "share to remove", "(" + share + ")", "less than 1", "\nMaybe");
            refused(() -> PruningTarget.parametersLeft(share), "parameters to leave", "(" + share + ")", "less than 1");
            refused(() -> PruningTarget.macsLeft(share), "accumulates to leave", "(" + share + ")", "less than 1");
        }
        for (long most : new long[] {0, -1}) {
            refused(() -> PruningTarget.parametersAtMost(most), "number of parameters", "(" + most + ")", "at least 1");
            refused(() -> PruningTarget.macsAtMost(most), "multiply-accumulates", "(" + most + ")", "at least 1");
            refused(() -> PruningTarget.memory(most), "bytes of memory", "(" + most + ")", "at least 1");
            refused(() -> PruningTarget.fileSize(most), "bytes of file", "(" + most + ")", "at least 1");
        }
    }

    @Test
    void widths_and_checks_stand_alone() {
        PruningTarget costs = PruningTarget.reduction(0.5);
        PruningTarget widths = PruningTarget.widths(Map.of("conv", 2));
        PruningTarget check = PruningTarget.smallest(graph -> true);
        refused(() -> costs.and(widths), "widths", "\nMaybe");
        refused(() -> widths.and(costs), "widths", "\nMaybe");
        refused(() -> costs.and(check), "check", "\nMaybe");
        refused(() -> check.and(costs), "check", "\nMaybe");
        assertThatNullPointerException().isThrownBy(() -> costs.and(null)).withMessage("other");
        assertThat(StructuralPruner.to(widths).prune(model).reached()).isEmpty();
    }
}
