package org.growingnn.dl4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.PruningTarget;
import org.growingnn.dl4j.StructuralPruner;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.GlobalRanking.Limits;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.growingnn.dl4j.training.GroupSparsity.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class GroupSparsityTest {

    private static final int FEATURES = 6;
    private static final int CLASSES = 4;
    private static final Settings STRONG = Settings.towards(0.5).withGrowth(0.1, 1, 0.25);

    // --- what one step does

    @Test
    void behind_an_update_every_weight_shrinks_by_the_penalties_of_the_units_it_belongs_to() {
        for (Model model : List.of(chain(), Dl4jGraphs.toComputationGraph(Dl4jGraphs.read(chain())))) {
            Model plain = copy(model);
            GroupSparsity sparsity = listen(model, STRONG);

            fit(plain);
            fit(model);

            double[] first = sparsity.penalties("first");
            double[] second = sparsity.penalties("second");
            assertThat(first).hasSize(9).containsOnly(0, 0.1);
            assertThat(second).hasSize(7).containsOnly(0, 0.1);
            double[] none = new double[FEATURES];
            assertShrunk(plain, model, 0, none, first);
            assertShrunk(plain, model, 1, first, second);
            assertShrunk(plain, model, 2, second, new double[CLASSES]);
        }
    }

    private static void assertShrunk(Model plain, Model shrunk, int layer, double[] arriving, double[] leaving) {
        INDArray before = parameter(plain, layer, "W");
        INDArray after = parameter(shrunk, layer, "W");
        INDArray biases = parameter(plain, layer, "b");
        INDArray biasesAfter = parameter(shrunk, layer, "b");
        for (int j = 0; j < leaving.length; j++) {
            for (int i = 0; i < arriving.length; i++) {
                assertThat(after.getDouble(i, j))
                        .isCloseTo(before.getDouble(i, j) * (1 - arriving[i]) * (1 - leaving[j]), within(1e-6));
            }
            assertThat(biasesAfter.getDouble(j)).isCloseTo(biases.getDouble(j) * (1 - leaving[j]), within(1e-6));
        }
    }

    @Test
    void all_layers_of_a_tied_space_shrink_and_statistics_of_batch_norms_do_not() {
        ComputationGraph model = residual();
        Model plain = copy(model);
        GroupSparsity sparsity = listen(model, STRONG.excluding("hidden"));

        fit(plain);
        fit(model);

        double[] penalties = sparsity.penalties("sum");
        assertThat(penalties).hasSize(8).contains(0.1).contains(0);
        assertThat(sparsity.penalties("hidden")).isEmpty();
        ComputationGraph before = (ComputationGraph) plain;
        for (int unit = 0; unit < 8; unit++) {
            double factor = 1 - penalties[unit];
            for (String key : List.of("first_b", "second_b", "norm_gamma", "norm_beta")) {
                assertThat(model.getParam(key).getDouble(unit))
                        .as(key)
                        .isCloseTo(before.getParam(key).getDouble(unit) * factor, within(1e-6));
            }
            // This weight belongs to one unit on both sides, and shrinks once.
            assertThat(model.getParam("second_W").getDouble(unit, unit))
                    .isCloseTo(before.getParam("second_W").getDouble(unit, unit) * factor, within(1e-6));
            assertThat(model.getParam("hidden_W").getDouble(unit, 2))
                    .isCloseTo(before.getParam("hidden_W").getDouble(unit, 2) * factor, within(1e-6));
        }
        for (String key : List.of("norm_mean", "norm_var", "out_W", "hidden_b")) {
            assertThat(model.getParam(key)).as(key).isEqualTo(before.getParam(key));
        }
    }

    @Test
    void penalties_grow_by_a_step_each_interval_up_to_the_bound_and_fall_for_units_that_recover() {
        MultiLayerNetwork model = chain();
        // The first two units are nothing, and become the largest later on.
        INDArray weights = model.getParam("0_W");
        weights.getColumn(0).muli(1e-6);
        GroupSparsity sparsity = listen(model, Settings.towards(0.5).withGrowth(0.02, 3, 0.05));
        double[] grown = new double[10];
        for (int iteration = 0; iteration < grown.length; iteration++) {
            model.fit(data(1));
            grown[iteration] = sparsity.penalties("first")[0];
        }
        assertThat(grown).containsExactly(0.02, 0.02, 0.02, 0.04, 0.04, 0.04, 0.05, 0.05, 0.05, 0.05);

        weights.getColumn(0).assign(50);
        model.getParam("1_W").getRow(0).assign(50);
        double[] fallen = new double[9];
        for (int iteration = 0; iteration < fallen.length; iteration++) {
            model.fit(data(1));
            fallen[iteration] = sparsity.penalties("first")[0];
        }
        assertThat(fallen)
                .containsExactly(new double[] {0.05, 0.05, 0.03, 0.03, 0.03, 0.01, 0.01, 0.01, 0}, within(1e-12));
    }

    // --- what it leaves alone

    static Stream<Layer> frozen() {
        return Stream.of(
                new FrozenLayer(dense(7).nIn(9).build()),
                new FrozenLayerWithBackprop(dense(7).nIn(9).build()));
    }

    @ParameterizedTest
    @MethodSource("frozen")
    void frozen_layers_are_bit_identical_although_they_consume_units_that_fade(Layer frozen) {
        ComputationGraph model = frozenBehindTrained(frozen);
        // Numbers that processors may flush to 0.
        model.getParam("frozen_W").putScalar(0, 0, Float.MIN_VALUE);
        double[] weights = Models.values(model.getParam("frozen_W"));
        double[] biases = Models.values(model.getParam("frozen_b"));
        double[] trained = Models.values(model.getParam("first_W"));
        GroupSparsity sparsity = listen(model, STRONG);

        for (int i = 0; i < 5; i++) {
            fit(model);
        }

        assertThat(sparsity.penalties("first")).contains(0.25);
        assertThat(Models.values(model.getParam("frozen_W"))).isEqualTo(weights);
        assertThat(Models.values(model.getParam("frozen_b"))).isEqualTo(biases);
        assertThat(Models.values(model.getParam("first_W"))).isNotEqualTo(trained);
    }

    @ParameterizedTest
    @MethodSource("frozen")
    void frozen_layers_of_chains_are_bit_identical(Layer frozen) {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(5)
                .updater(new Sgd(0.1))
                .list()
                .layer(dense(9).name("first").build())
                .layer(frozen)
                .layer(dense(6).name("last").build())
                .layer(output())
                .setInputType(InputType.feedForward(FEATURES))
                .build());
        model.init();
        RandomNetworks.randomize(model, new Random(4));
        double[] weights = Models.values(model.getParam("1_W"));
        GroupSparsity sparsity = listen(model, STRONG);

        for (int i = 0; i < 3; i++) {
            fit(model);
        }

        assertThat(sparsity.penalties("first")).contains(0.25);
        assertThat(sparsity.penalties("last")).contains(0.25);
        assertThat(Models.values(model.getParam("1_W"))).isEqualTo(weights);
    }

    @Test
    void layers_with_a_learning_rate_of_0_and_weights_that_are_0_stay_as_they_are() {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Sgd(0.1))
                .list()
                .layer(dense(9).nOut(9).build())
                .layer(dense(7).updater(new Sgd(0)).build())
                .layer(output())
                .setInputType(InputType.feedForward(FEATURES))
                .build());
        model.init();
        RandomNetworks.randomize(model, new Random(4));
        // Nothing arrives at this unit or leaves it, so that no gradient moves its weights.
        model.getParam("0_W").getColumn(3).assign(0);
        model.getParam("0_b").putScalar(3, 0);
        model.getParam("1_W").getRow(3).assign(0);
        double[] still = Models.values(model.getParam("1_W"));
        GroupSparsity sparsity = listen(model, STRONG);

        for (int i = 0; i < 3; i++) {
            fit(model);
        }

        assertThat(sparsity.penalties("layer0")[3]).isEqualTo(0.25);
        assertThat(Models.values(model.getParam("1_W"))).isEqualTo(still);
        assertThat(Models.values(model.getParam("0_W").getColumn(3).dup())).containsOnly(0);
    }

    @Test
    void nothing_but_the_parameters_is_touched() {
        MultiLayerNetwork model = chain();
        MultiLayerNetwork plain = model.clone();
        // With penalties this small, single precision sees no difference.
        listen(model, Settings.towards(0.5).withGrowth(1e-300, 1, 1e-300));
        for (int i = 0; i < 3; i++) {
            fit(plain);
            fit(model);
        }
        assertThat(Models.state(model)).isEqualTo(Models.state(plain));
    }

    // --- what is refused

    @Test
    void settings_out_of_range_are_refused() {
        Settings settings = Settings.towards(0.5);
        for (double reduction : new double[] {0, 1, -0.1, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Settings.towards(reduction))
                    .withMessageContainingAll("reduction (" + reduction + ")", "\nMaybe");
        }
        for (double bound : new double[] {0, 1, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> settings.withGrowth(0.01, 1, bound))
                    .withMessageContaining("bound (" + bound + ")");
        }
        for (double step : new double[] {0, 0.2, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> settings.withGrowth(step, 1, 0.1))
                    .withMessageContaining("step (" + step + ")");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings.withGrowth(0.01, 0, 0.1))
                .withMessageContaining("interval");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings.withCriterion(Criteria.taylor()))
                .withMessageContainingAll("'taylor'", "calibration");
        assertThatNullPointerException().isThrownBy(() -> settings.withLimits(null));
        assertThatNullPointerException().isThrownBy(() -> new GroupSparsity(chain(), null));
    }

    @Test
    void models_that_do_not_fit_the_settings_are_refused() {
        MultiLayerNetwork model = chain();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GroupSparsity(model, STRONG.excluding("nowhere")))
                .withMessageContainingAll("'nowhere'", "first, second");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GroupSparsity(model, Settings.towards(0.9).withLimits(new Limits(1, 0.5, 1))))
                .withMessageContainingAll("0.9", "out of reach");
        MultiLayerNetwork other = chain();
        other.setListeners(new GroupSparsity(model, STRONG));
        assertThatIllegalArgumentException().isThrownBy(() -> fit(other)).withMessageContaining("another network");
    }

    // --- what it is for

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void pruning_loses_less_right_after_training_with_fading_units(int seed) {
        DataSet test = clusters(900, seed + 100);
        MultiLayerNetwork plain = trained(seed, false);
        MultiLayerNetwork sparse = trained(seed, true);
        ComputationGraph prunedPlain = pruned(plain);
        ComputationGraph prunedSparse = pruned(sparse);

        assertThat(prunedSparse.numParams()).isCloseTo(prunedPlain.numParams(), within(80L));
        assertThat(accuracy(sparse, test)).isCloseTo(accuracy(plain, test), within(0.02));
        assertThat(accuracy(prunedSparse, test)).isCloseTo(accuracy(sparse, test), within(0.02));
        assertThat(accuracy(prunedPlain, test)).isLessThan(accuracy(plain, test) - 0.1);
        assertThat(prunedSparse.score(test) - sparse.score(test))
                .isLessThan(prunedPlain.score(test) - plain.score(test));
    }

    private static MultiLayerNetwork trained(int seed, boolean fading) {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(seed)
                .updater(new Adam(5e-3))
                .list()
                .layer(dense(40).build())
                .layer(dense(30).build())
                .layer(output())
                .setInputType(InputType.feedForward(FEATURES))
                .build());
        model.init();
        if (fading) {
            listen(model, Settings.towards(0.85).withGrowth(2e-4, 5, 0.02));
        }
        DataSetIterator data = new ListDataSetIterator<>(clusters(1200, seed).asList(), 40);
        for (int epoch = 0; epoch < 20; epoch++) {
            model.fit(data);
        }
        return model;
    }

    /** Without retraining and without refit. */
    private static ComputationGraph pruned(MultiLayerNetwork model) {
        return StructuralPruner.to(PruningTarget.reduction(0.85)).prune(model).graph();
    }

    private static double accuracy(MultiLayerNetwork model, DataSet test) {
        return model.evaluate(new ListDataSetIterator<>(test.asList(), 100)).accuracy();
    }

    private static double accuracy(ComputationGraph model, DataSet test) {
        return model.evaluate(new ListDataSetIterator<>(test.asList(), 100)).accuracy();
    }

    /** Each class is two clusters, so that hidden units are needed. */
    private static DataSet clusters(int examples, long seed) {
        double[][] centres = IntStream.range(0, 2 * CLASSES)
                .mapToObj(i -> new Random(i).doubles(FEATURES, -2, 2).toArray())
                .toArray(double[][]::new);
        Random random = new Random(seed);
        INDArray features = Nd4j.zeros(examples, FEATURES);
        INDArray labels = Nd4j.zeros(examples, CLASSES);
        for (int i = 0; i < examples; i++) {
            double[] centre = centres[random.nextInt(centres.length)];
            labels.putScalar(i, Arrays.asList(centres).indexOf(centre) % CLASSES, 1);
            for (int k = 0; k < FEATURES; k++) {
                features.putScalar(i, k, centre[k] + 0.6 * random.nextGaussian());
            }
        }
        return new DataSet(features, labels);
    }

    // --- models

    private static GroupSparsity listen(Model model, Settings settings) {
        GroupSparsity sparsity = new GroupSparsity(model, settings);
        model.setListeners(sparsity);
        return sparsity;
    }

    private static Model copy(Model model) {
        return model instanceof ComputationGraph graph ? graph.clone() : ((MultiLayerNetwork) model).clone();
    }

    private static INDArray parameter(Model model, int layer, String key) {
        Map<String, INDArray> table = model instanceof ComputationGraph graph
                ? graph.getLayer(layer).paramTable()
                : ((MultiLayerNetwork) model).getLayer(layer).paramTable();
        return table.get(key);
    }

    private static void fit(Model model) {
        Models.fit(model, new org.nd4j.linalg.dataset.MultiDataSet(data(1).getFeatures(), data(1).getLabels()), 1);
    }

    private static DataSet data(long seed) {
        return clusters(20, seed);
    }

    private static DenseLayer.Builder dense(int units) {
        return new DenseLayer.Builder().nOut(units).activation(Activation.RELU);
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static MultiLayerNetwork chain() {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(5)
                .updater(new Adam(0.01))
                .list()
                .layer(dense(9).name("first").build())
                .layer(dense(7).name("second").build())
                .layer(output())
                .setInputType(InputType.feedForward(FEATURES))
                .build());
        model.init();
        RandomNetworks.randomize(model, new Random(4));
        return model;
    }

    private static GraphBuilder builder() {
        return new NeuralNetConfiguration.Builder()
                .seed(5)
                .updater(new Adam(0.01))
                .graphBuilder()
                .addInputs("in");
    }

    private static ComputationGraph residual() {
        return initialise(builder()
                .addLayer("first", dense(8).build(), "in")
                .addLayer("second", dense(8).build(), "first")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "first", "second")
                .addLayer("norm", new BatchNormalization(), "sum")
                .addLayer("hidden", dense(5).build(), "norm")
                .addLayer("out", output(), "hidden"));
    }

    private static ComputationGraph frozenBehindTrained(Layer frozen) {
        return initialise(builder()
                .addLayer("first", dense(9).build(), "in")
                .addLayer("frozen", frozen, "first")
                .addVertex("merge", new org.deeplearning4j.nn.conf.graph.MergeVertex(), "first", "frozen")
                .addLayer("out", output(), "merge"));
    }

    private static ComputationGraph initialise(GraphBuilder builder) {
        ComputationGraph model = new ComputationGraph(builder.setOutputs("out")
                .setInputTypes(InputType.feedForward(FEATURES))
                .build());
        model.init();
        RandomNetworks.randomize(model, new Random(4));
        return model;
    }
}
