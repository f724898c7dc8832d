package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Selection;
import org.growingnn.dl4j.projection.GlobalRanking;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

class FlattenedPositionsTest {

    private static final int CHANNELS = 6;

    /** Maps of the second convolution are 4 × 4. */
    private static final int POSITIONS = 16;

    private static final int UNITS = 8;

    private final ComputationGraph model = model();

    private static ComputationGraph model() {
        ComputationGraph model = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Adam(0.01))
                .activation(Activation.TANH)
                .graphBuilder()
                .addInputs("in")
                .addLayer("conv1", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "in")
                .addLayer(
                        "conv2",
                        new ConvolutionLayer.Builder(3, 3).nOut(CHANNELS).build(),
                        "conv1")
                .addLayer("dense", new DenseLayer.Builder().nOut(UNITS).build(), "conv2")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "dense")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(8, 8, 1))
                .build());
        model.init();
        RandomNetworks.randomize(model, new Random(4));
        return model;
    }

    /** Images each of whose rows has one colour, so that the positions of a row of a map are equal. */
    private static DataSetIterator stripes() {
        Nd4j.getRandom().setSeed(5);
        return new ListDataSetIterator<>(
                new DataSet(
                                Nd4j.randn(256, 1, 8, 1).broadcast(Nd4j.create(256, 1, 8, 8)),
                                Nd4j.eye(3)
                                        .getRows(IntStream.range(0, 256)
                                                .map(i -> i % 3)
                                                .toArray()))
                        .asList(),
                64);
    }

    @Test
    void refit_gives_the_weights_of_positions_left_out_to_those_that_are_equal() {
        int[] first = IntStream.range(0, CHANNELS * POSITIONS)
                .filter(position -> position % 4 == 0)
                .toArray();
        INDArray images = stripes().next().getFeatures();
        double[] before = Models.values(model.output(images)[0]);
        for (boolean refit : new boolean[] {true, false}) {
            PruningResult result = StructuralPruner.to(PruningTarget.widths(Map.of("dense-selected", first.length)))
                    .leaveOutPositions(true)
                    .calibrate(stripes())
                    .criterion(new Listed(first))
                    .refit(refit)
                    .prune(model);

            assertThat(result.positions("dense").orElseThrow()).containsExactly(first);
            double[] after = Models.values(result.graph().output(images)[0]);
            double most = IntStream.range(0, before.length)
                    .mapToDouble(i -> Math.abs(after[i] - before[i]))
                    .max()
                    .orElseThrow();
            if (refit) {
                assertThat(most).isLessThan(1e-2);
            } else {
                assertThat(most).isGreaterThan(0.1);
            }
        }
    }

    /** Rates some units 1, all others 0. */
    private record Listed(int... units) implements org.growingnn.dl4j.projection.Criterion {

        @Override
        public String name() {
            return "listed";
        }

        @Override
        public double[] rate(NetworkGraph graph, org.growingnn.dl4j.graph.UnitSpace space) {
            double[] ratings = new double[(int) space.size()];
            for (int unit : units) {
                ratings[unit] = 1;
            }
            return ratings;
        }
    }

    @Test
    void channels_and_positions_reach_the_widths_of_a_target_over_several_rounds() {
        Map<String, Integer> widths = Map.of("conv1", 3, "conv2", 3, "dense", 5, "dense-selected", 20);
        PruningResult result = StructuralPruner.to(PruningTarget.widths(widths))
                .leaveOutPositions(true)
                .calibrate(stripes())
                .rounds(3, (live, round, rounds) -> live.fit(stripes()))
                .prune(model);

        result.network().spaces().stream()
                .filter(space -> widths.containsKey(space.name()))
                .forEach(space -> assertThat(space.size()).as(space.name()).isEqualTo((long) widths.get(space.name())));
        assertThat(result.kept().get("dense-selected")).hasSize(20);
        // What is told of the model that was given, and of the channels that are left.
        assertThat(result.positions("dense").orElseThrow())
                .containsExactly(IntStream.of(result.kept().get("dense-selected"))
                        .map(position -> {
                            List<Integer> channels = IntStream.of(result.kept().get("conv2"))
                                    .boxed()
                                    .toList();
                            return channels.indexOf(position / POSITIONS) * POSITIONS + position % POSITIONS;
                        })
                        .toArray());
        assertThat(result.graph().getParam("dense_W").shape()).containsExactly(20, 5);
    }

    @Test
    void positions_compete_with_units_for_a_number_of_parameters() {
        for (double left : new double[] {0.6, 0.3}) {
            PruningResult result = StructuralPruner.to(PruningTarget.parametersLeft(left))
                    .leaveOutPositions(true)
                    .calibrate(stripes())
                    .rounds(2, (live, round, rounds) -> live.fit(stripes()))
                    .prune(model);

            assertThat(result.reached()).allMatch(PruningResult.Reached::met);
            assertThat(1 - result.reduction()).isBetween(left - 0.1, left);
            assertThat(result.positions("dense")).isPresent();
        }
    }

    @Test
    void limits_of_the_selection_keep_a_number_of_positions() {
        for (int least : new int[] {1, 60}) {
            PruningResult result = StructuralPruner.to(PruningTarget.parametersLeft(0.5))
                    .leaveOutPositions(true)
                    .exclude("conv2")
                    .limits("dense-selected", new GlobalRanking.Limits(least, 1, 1))
                    .calibrate(stripes())
                    .prune(model);
            int left = result.positions("dense").orElseThrow().length;
            if (least == 1) {
                assertThat(left).isLessThan(60);
            } else {
                assertThat(left).isGreaterThanOrEqualTo(60);
            }
        }
    }

    @Test
    void positions_stay_unless_they_are_to_be_left_out() {
        for (StructuralPruner.Builder pruner : List.of(
                StructuralPruner.to(PruningTarget.reduction(0.5)),
                StructuralPruner.to(PruningTarget.reduction(0.5))
                        .leaveOutPositions(true)
                        .exclude("dense"))) {
            PruningResult result = pruner.calibrate(stripes()).prune(model);
            assertThat(result.positions("dense")).isEmpty();
            assertThat(result.network().vertices()).hasSize(4);
        }
    }

    @Test
    void what_flattens_nothing_has_no_positions_to_leave_out() {
        NetworkGraph network = Dl4jGraphs.read(model);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Selection.insertInFrontOf(network, "out"))
                .withMessageContainingAll("'out'", "flattens no maps");
    }
}
