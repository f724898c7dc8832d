package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Criterion;
import org.growingnn.dl4j.projection.GlobalRanking.Limits;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.junit.jupiter.api.BeforeEach;
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

class StructuralPrunerTest {

    private static final int CLASSES = 3;

    private ComputationGraph model;
    private INDArray features;
    private DataSetIterator data;

    @BeforeEach
    void make() {
        model = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .updater(new Adam(0.01))
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "conv",
                        new ConvolutionLayer.Builder(3, 3)
                                .nOut(12)
                                .activation(Activation.RELU)
                                .build(),
                        "in")
                .addLayer(
                        "conv2",
                        new ConvolutionLayer.Builder(2, 2)
                                .stride(2, 2)
                                .padding(1, 1)
                                .nOut(10)
                                .activation(Activation.TANH)
                                .build(),
                        "conv")
                .addLayer(
                        "dense",
                        new DenseLayer.Builder()
                                .nOut(20)
                                .activation(Activation.RELU)
                                .build(),
                        "conv2")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(CLASSES)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "dense")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(7, 6, 2))
                .build());
        model.init();
        RandomNetworks.randomize(model, new Random(3));
        Nd4j.getRandom().setSeed(5);
        features = Nd4j.rand(64, 2, 7, 6);
        List<DataSet> batches = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            INDArray some = features.get(org.nd4j.linalg.indexing.NDArrayIndex.interval(16 * i, 16 * i + 16))
                    .dup();
            batches.add(new DataSet(some, oneHot(16, i)));
        }
        data = new ListDataSetIterator<>(
                batches.stream().flatMap(b -> b.asList().stream()).toList(), 16);
    }

    private static INDArray oneHot(int rows, int shift) {
        INDArray labels = Nd4j.zeros(rows, CLASSES);
        for (int i = 0; i < rows; i++) {
            labels.putScalar(i, (i + shift) % CLASSES, 1);
        }
        return labels;
    }

    @Test
    void parameters_fall_just_below_the_target() {
        for (double share : new double[] {0.1, 0.5, 0.9}) {
            PruningResult result = StructuralPruner.to(PruningTarget.reduction(share))
                    .calibrate(data)
                    .prune(model);

            assertThat(result.reduction()).isBetween(share, share + 0.05);
            assertThat(result.graph().numParams()).isEqualTo(result.network().parameterCount());
        }
    }

    @Test
    void no_unit_is_removed_that_the_target_would_have_allowed() {
        for (double share : new double[] {0.3, 0.6, 0.8, 0.9}) {
            NetworkGraph pruned = StructuralPruner.to(PruningTarget.reduction(share))
                    .calibrate(data)
                    .prune(model)
                    .network();

            long allowed = (long) ((1 - share) * parameters(12, 10, 20));
            long conv = pruned.space("conv").size();
            long conv2 = pruned.space("conv2").size();
            long dense = pruned.space("dense").size();
            assertThat(pruned.parameterCount())
                    .isEqualTo(parameters(conv, conv2, dense))
                    .isLessThanOrEqualTo(allowed);
            assertThat(parameters(conv + 1, conv2, dense)).isGreaterThan(conv == 12 ? 0 : allowed);
            assertThat(parameters(conv, conv2 + 1, dense)).isGreaterThan(conv2 == 10 ? 0 : allowed);
            assertThat(parameters(conv, conv2, dense + 1)).isGreaterThan(dense == 20 ? 0 : allowed);
        }
    }

    private static long parameters(long conv, long conv2, long dense) {
        return (2 * 9 + 1) * conv + (4 * conv + 1) * conv2 + (9 * conv2 + 1) * dense + (dense + 1) * CLASSES;
    }

    @Test
    void multiply_accumulates_fall_just_below_the_target() {
        PruningResult result =
                StructuralPruner.to(PruningTarget.macs(0.6)).prune(model, InputType.convolutional(7, 6, 2));

        double left = (double) result.network().macs() / result.initialNetwork().macs();
        assertThat(left).isBetween(0.3, 0.4);
    }

    @Test
    void what_the_pruned_model_computes_is_what_the_original_does_with_the_other_units_silenced() {
        PruningResult result = StructuralPruner.to(PruningTarget.reduction(0.4))
                .criterion(Criteria.l1())
                .prune(model);
        int[] dense = result.kept().getOrDefault("dense", all(20));
        int[] conv = result.kept().getOrDefault("conv", all(12));
        int[] conv2 = result.kept().getOrDefault("conv2", all(10));
        assertThat(dense.length + conv.length + conv2.length).isLessThan(42);

        ComputationGraph silenced = Dl4jGraphs.toComputationGraph(result.initialNetwork());
        silence(silenced.getParam("out_W"), 0, dense);
        silence(silenced.getParam("conv2_W"), 1, conv);
        // In NCHW order, a channel of 3 x 3 maps has 9 rows of the dense layer.
        INDArray rows = silenced.getParam("dense_W");
        assertThat(rows.size(0)).isEqualTo(90);
        for (int row = 0; row < 90; row++) {
            if (Arrays.binarySearch(conv2, row / 9) < 0) {
                rows.getRow(row).assign(0);
            }
        }
        assertThat(Models.values(result.graph().output(features)[0]))
                .usingComparatorWithPrecision(1e-5)
                .containsExactly(Models.values(silenced.output(features)[0]));
    }

    static Stream<Criterion> criteria() {
        return Stream.of(Criteria.l1(), Criteria.l2(), Criteria.gain(), Criteria.activation());
    }

    @ParameterizedTest
    @MethodSource("criteria")
    void no_layer_is_emptied_because_its_units_have_fewer_weights_than_those_of_others(Criterion criterion) {
        // Channels that see 3 x 3 pixels each, and dense layers that hold most of the weights.
        InputType images = InputType.convolutional(10, 10, 1);
        ComputationGraph given = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(5)
                .graphBuilder()
                .addInputs("in")
                .addLayer("conv", new ConvolutionLayer.Builder(3, 3).nOut(8).build(), "in")
                .addLayer("conv2", new ConvolutionLayer.Builder(3, 3).nOut(16).build(), "conv")
                .addLayer("dense", new DenseLayer.Builder().nOut(64).build(), "conv2")
                .addLayer("dense2", new DenseLayer.Builder().nOut(64).build(), "dense")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nOut(CLASSES)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "dense2")
                .setOutputs("out")
                .setInputTypes(images)
                .build());
        given.init();
        DataSet examples =
                new DataSet(Nd4j.rand(20, 1, 10, 10), Nd4j.ones(20, CLASSES).divi(CLASSES));

        PruningResult result = StructuralPruner.to(PruningTarget.reduction(0.5))
                .criterion(criterion)
                .calibrate(new ListDataSetIterator<>(examples.asList(), 20))
                .prune(given, images);

        for (String layer : List.of("conv", "conv2", "dense", "dense2")) {
            assertThat(result.network().space(layer).size())
                    .as(layer)
                    .isGreaterThanOrEqualTo(result.initialNetwork().space(layer).size() / 4);
        }
    }

    private static int[] all(int size) {
        return java.util.stream.IntStream.range(0, size).toArray();
    }

    private static void silence(INDArray weights, int axis, int... kept) {
        for (int i = 0; i < weights.size(axis); i++) {
            if (Arrays.binarySearch(kept, i) < 0) {
                for (int j = 0; j < weights.size(1 - axis); j++) {
                    int first = axis == 0 ? i : j;
                    int second = axis == 0 ? j : i;
                    if (weights.rank() == 2) {
                        weights.putScalar(first, second, 0);
                    } else {
                        for (int tap = 0; tap < 4; tap++) {
                            weights.putScalar(new int[] {first, second, tap / 2, tap % 2}, 0);
                        }
                    }
                }
            }
        }
    }

    @Test
    void layers_shrink_to_given_widths_and_no_others() {
        PruningResult result = StructuralPruner.to(PruningTarget.widths(Map.of("dense", 7, "conv", 5)))
                .calibrate(data)
                .prune(model);

        assertThat(result.network().space("dense").size()).isEqualTo(7);
        assertThat(result.network().space("conv").size()).isEqualTo(5);
        assertThat(result.network().space("conv2").size()).isEqualTo(10);
        assertThat(result.kept().get("dense")).hasSize(7).isSorted();
    }

    @Test
    void limits_hold() {
        PruningResult result = StructuralPruner.to(PruningTarget.reduction(0.5))
                .limits(new Limits(3, 0.75, 4))
                .exclude("conv")
                .prune(model);

        NetworkGraph network = result.network();
        assertThat(network.space("conv").size()).isEqualTo(12);
        assertThat(network.space("dense").size() % 4).isZero();
        assertThat(network.space("dense").size()).isGreaterThanOrEqualTo(5);
        assertThat(network.space("conv2").size()).isIn(4L, 8L, 10L);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StructuralPruner.to(PruningTarget.reduction(0.95))
                        .limits(new Limits(1, 0.5, 1))
                        .prune(model))
                .withMessageContaining("0.95");
    }

    @Test
    void a_layer_has_limits_of_its_own_that_refer_to_the_model_that_was_given() {
        PruningResult result = StructuralPruner.to(PruningTarget.reduction(0.8))
                .calibrate(data)
                .limits(new Limits(2, 1, 1))
                .limits("conv2", new Limits(1, 0.3, 1))
                .rounds(3, (live, round, rounds) -> live.fit(data))
                .prune(model);

        assertThat(result.network().space("conv2").size()).isBetween(7L, 10L);
        assertThat(result.network().space("conv").size()).isGreaterThanOrEqualTo(2);
        assertThat(result.reduction()).isGreaterThanOrEqualTo(0.8);
    }

    @Test
    void rounds_shrink_step_by_step_and_carry_the_optimiser_along() {
        List<Long> sizes = new ArrayList<>();
        List<Integer> iterations = new ArrayList<>();

        PruningResult result = StructuralPruner.to(PruningTarget.reduction(0.8))
                .calibrate(data)
                .rounds(3, (live, round, rounds) -> {
                    sizes.add(live.numParams());
                    live.fit(data);
                    iterations.add(live.getIterationCount());
                })
                .prune(model);

        long before = result.initialNetwork().parameterCount();
        for (int round = 1; round <= 3; round++) {
            assertThat(1 - (double) sizes.get(round - 1) / before)
                    .isCloseTo(1 - Math.pow(0.2, round / 3.0), within(0.05));
        }
        assertThat(iterations).containsExactly(4, 8, 12);
        assertThat(result.kept().get("dense"))
                .hasSize((int) result.network().space("dense").size());
    }

    /** A dense network of ten features, of which those at odd positions up to 7 are always zero. */
    private static final int[] USELESS = {1, 3, 5, 7};

    private static ComputationGraph denseModel() {
        ComputationGraph dense = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .updater(new Adam(0.01))
                .activation(Activation.TANH)
                .graphBuilder()
                .addInputs("in")
                .addLayer("hidden", new DenseLayer.Builder().nOut(8).build(), "in")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(CLASSES)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "hidden")
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(10))
                .build());
        dense.init();
        RandomNetworks.randomize(dense, new Random(4));
        return dense;
    }

    private static DataSetIterator denseData() {
        Nd4j.getRandom().setSeed(6);
        INDArray rows = Nd4j.randn(48, 10);
        for (int feature : USELESS) {
            rows.getColumn(feature).assign(0);
        }
        return new ListDataSetIterator<>(new DataSet(rows, oneHot(48, 1)).asList(), 16);
    }

    private static int[] useful() {
        return new int[] {0, 2, 4, 6, 8, 9};
    }

    @Test
    void input_features_without_any_use_go_first() {
        ComputationGraph dense = denseModel();
        // Four of the ten features make 32 of the 115 parameters.
        PruningResult result = StructuralPruner.to(PruningTarget.reduction(0.27))
                .leaveOutInputs(1)
                .calibrate(denseData())
                .criterion(Criteria.relative(Criteria.taylor()))
                .prune(dense);

        assertThat(result.kept()).containsOnlyKeys("in-selected");
        assertThat(result.kept().get("in-selected")).containsExactly(useful());
        assertThat(result.features("in").orElseThrow()).containsExactly(useful());
        assertThat(result.graph().numParams()).isEqualTo(115 - 32);
        INDArray rows = denseData().next(16).getFeatures();
        assertThat(Models.values(result.graph().output(rows)[0]))
                .usingComparatorWithPrecision(1e-3)
                .containsExactly(Models.values(dense.output(rows)[0]));
    }

    @Test
    void input_features_compete_with_units() {
        for (double share : new double[] {0.4, 0.7}) {
            PruningResult result = StructuralPruner.to(PruningTarget.reduction(share))
                    .leaveOutInputs(1)
                    .calibrate(denseData())
                    .rounds(2, (live, round, rounds) -> live.fit(denseData()))
                    .prune(denseModel());

            assertThat(result.reduction()).isBetween(share, share + 0.15);
            assertThat(result.features("in").orElseThrow())
                    .doesNotContain(USELESS)
                    .containsExactly(result.kept().get("in-selected"));
            assertThat(result.kept()).containsKey("hidden");
            assertThat(result.graph().getIterationCount()).isEqualTo(6);
        }
    }

    @Test
    void input_features_stay_unless_they_are_to_be_selected() {
        ComputationGraph dense = denseModel();
        for (PruningResult result : List.of(
                StructuralPruner.to(PruningTarget.reduction(0.4)).prune(dense),
                StructuralPruner.to(PruningTarget.reduction(0.4))
                        .leaveOutInputs(1)
                        .exclude("in")
                        .prune(dense),
                StructuralPruner.to(PruningTarget.widths(Map.of("hidden", 4)))
                        .leaveOutInputs(1)
                        .prune(dense))) {
            assertThat(result.features("in")).isEmpty();
            assertThat(result.network().vertices()).hasSize(2);
            assertThat(result.kept()).containsOnlyKeys("hidden");
        }

        ComputationGraph narrow = StructuralPruner.to(PruningTarget.widths(Map.of("in-selected", 6)))
                .leaveOutInputs(1)
                .prune(dense)
                .graph();
        assertThat(narrow.getParam("hidden_W").size(0)).isEqualTo(6);
        assertThat(StructuralPruner.to(PruningTarget.reduction(0.4))
                        .prune(narrow)
                        .kept())
                .containsOnlyKeys("hidden");
        assertThat(StructuralPruner.to(PruningTarget.reduction(0.4))
                        .leaveOutInputs(1)
                        .exclude("in")
                        .prune(narrow)
                        .kept())
                .containsOnlyKeys("hidden");
        assertThat(StructuralPruner.to(PruningTarget.widths(Map.of("in-selected", 3)))
                        .leaveOutInputs(1)
                        .prune(narrow)
                        .features("in")
                        .orElseThrow())
                .hasSize(3);
    }

    @Test
    void without_calibration_features_with_small_weights_go() {
        ComputationGraph dense = denseModel();
        for (int feature : USELESS) {
            dense.getParam("hidden_W").getRow(feature).muli(1e-4);
        }
        PruningResult result = StructuralPruner.to(PruningTarget.reduction(0.27))
                .leaveOutInputs(1)
                .prune(dense);

        assertThat(result.features("in").orElseThrow()).containsExactly(useful());
    }

    @Test
    void images_keep_their_pixels() {
        for (boolean wanted : new boolean[] {false, true}) {
            PruningResult result = StructuralPruner.to(PruningTarget.reduction(0.5))
                    .leaveOutInputs(wanted ? 1 : 0)
                    .calibrate(data)
                    .prune(model);
            assertThat(result.features("in")).isEmpty();
            assertThat(result.kept().keySet()).isSubsetOf("conv", "conv2", "dense");
        }
    }

    @Test
    void the_model_is_not_touched_and_nonsense_is_refused() {
        Models.State before = Models.state(model);
        StructuralPruner.to(PruningTarget.reduction(0.5)).calibrate(data).prune(model);
        assertThat(Models.state(model)).isEqualTo(before);

        assertThatIllegalArgumentException().isThrownBy(() -> PruningTarget.reduction(1));
        assertThatIllegalArgumentException().isThrownBy(() -> PruningTarget.widths(Map.of()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StructuralPruner.to(PruningTarget.widths(Map.of("dense", 21)))
                        .prune(model))
                .withMessageContaining("'dense' of 20 units")
                .withMessageContaining("21");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StructuralPruner.to(PruningTarget.widths(Map.of("out", 2)))
                        .prune(model))
                .withMessageContaining("network output");
    }
}
