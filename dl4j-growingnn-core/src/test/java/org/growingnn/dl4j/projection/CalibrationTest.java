package org.growingnn.dl4j.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealVector;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.Calibration.Activations;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.growingnn.dl4j.training.Calibrator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;

/** What calibration collects, and the criteria and projections that use it. */
class CalibrationTest {

    private static final int EXAMPLES = 120;
    private static final int UNITS = 8;

    // --- what is collected

    @Test
    void activations_are_the_means_of_what_deeplearning4j_computes() {
        ComputationGraph model = dense(UNITS);
        INDArray features = features(5);
        Activations found = activations(calibrated(model, features), "hidden");

        double[][] values = matrix(Models.values(model, "hidden", features));
        for (int i = 0; i < UNITS; i++) {
            assertThat(found.mean()[i]).isCloseTo(mean(values, i, -1), within(1e-9));
            for (int j = 0; j < UNITS; j++) {
                assertThat(found.product(i, j)).isCloseTo(mean(values, i, j), within(1e-9));
            }
        }
    }

    @Test
    void padded_steps_of_series_are_left_out() {
        ComputationGraph model = series();
        INDArray features = Nd4j.randn(DataType.DOUBLE, 10, 3, 6);
        INDArray mask = Nd4j.ones(DataType.DOUBLE, 10, 6);
        mask.get(NDArrayIndex.all(), NDArrayIndex.interval(4, 6)).assign(0);
        features.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(4, 6))
                .assign(1000);
        DataSet batch = new DataSet(features, Nd4j.ones(DataType.DOUBLE, 10, 2, 6), mask, mask);
        NetworkGraph graph = new Calibrator(1, 100)
                .calibrate(Dl4jGraphs.read(model), TrainingData.of(new ListDataSetIterator<>(batch.asList(), 10)));

        INDArray present = features.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(0, 4));
        assertThat(activations(graph, "in").mean()[0])
                .isCloseTo(
                        present.get(NDArrayIndex.all(), NDArrayIndex.point(0), NDArrayIndex.all())
                                .meanNumber()
                                .doubleValue(),
                        within(1e-9));
    }

    @Test
    void criteria_that_need_calibration_say_so() {
        NetworkGraph graph = Dl4jGraphs.read(dense(UNITS));
        for (Criterion criterion :
                List.of(Criteria.taylor(), Criteria.fisher(), Criteria.activation(), Criteria.pivotedQr())) {
            assertThat(criterion.needsCalibration()).isTrue();
            assertThatIllegalStateException()
                    .isThrownBy(() -> criterion.rate(graph, graph.space("hidden")))
                    .withMessageContaining("not calibrated");
        }
    }

    @Test
    void calibration_follows_a_removal_of_useless_units_as_if_it_were_collected_again() {
        ComputationGraph model = dense(UNITS);
        // What nobody listens to can go without changing the function, so that gradients stay what they are, too.
        for (int useless : new int[] {1, 6}) {
            model.getParam("consumer_W").getRow(useless).assign(0);
        }
        INDArray features = features(5);
        NetworkGraph graph = calibrated(model, features);
        NetworkGraph followed =
                Resizer.resize(graph, graph.space("hidden"), UnitMap.selection(UNITS, 0, 2, 3, 4, 5, 7));
        NetworkGraph fresh = calibrated(Dl4jGraphs.toComputationGraph(followed), features);

        Calibration expected = fresh.calibration().orElseThrow();
        Calibration found = followed.calibration().orElseThrow();
        assertThat(found.gradients().keySet()).isEqualTo(expected.gradients().keySet());
        expected.gradients()
                .forEach((vertex, byKey) -> byKey.forEach((key, gradient) -> assertThat(
                                found.gradients().get(vertex).get(key).toDoubles())
                        .as(vertex + "/" + key)
                        .containsExactly(gradient.toDoubles(), within(1e-9))));
        expected.moments()
                .forEach((vertex, moments) -> assertThat(
                                found.moments().get(vertex).matrix())
                        .as(vertex)
                        .containsExactly(moments.matrix(), within(1e-9)));
        expected.activations()
                .forEach((vertex, activations) -> assertThat(
                                found.activations().get(vertex).products())
                        .as(vertex)
                        .containsExactly(activations.products(), within(1e-9)));
    }

    // --- criteria

    @Test
    void pivoted_qr_keeps_the_units_whose_activations_add_most_to_those_already_kept() {
        ComputationGraph model = dense(UNITS);
        INDArray features = features(5);
        NetworkGraph graph = calibrated(model, features);
        double[] ratings = Criteria.pivotedQr().rate(graph, graph.space("hidden"));

        // Gram–Schmidt on the activations themselves.
        double[][] columns = MatrixUtils.createRealMatrix(matrix(Models.values(model, "hidden", features)))
                .transpose()
                .getData();
        List<Integer> picked = new ArrayList<>();
        while (picked.size() < UNITS) {
            int next = IntStream.range(0, UNITS)
                    .filter(unit -> !picked.contains(unit))
                    .boxed()
                    .max(Comparator.comparingDouble(unit -> new ArrayRealVector(columns[unit]).getNorm()))
                    .orElseThrow();
            RealVector direction = new ArrayRealVector(columns[next]);
            assertThat(ratings[next]).isCloseTo(direction.getNorm() / Math.sqrt(EXAMPLES), within(1e-6));
            picked.add(next);
            for (int unit = 0; unit < UNITS; unit++) {
                RealVector column = new ArrayRealVector(columns[unit]);
                columns[unit] = column.subtract(column.projection(direction)).toArray();
            }
            assertThat(GlobalRanking.best(ratings, picked.size()))
                    .containsExactlyInAnyOrder(
                            picked.stream().mapToInt(Integer::intValue).toArray());
        }
    }

    @Test
    void activation_and_batch_norm_scale_are_what_they_are_called() {
        ComputationGraph model = normalised(false);
        INDArray features = Nd4j.randn(DataType.DOUBLE, 16, 2, 6, 5);
        NetworkGraph graph = calibrated(model, features);
        UnitSpace space = graph.space("conv");
        double[] activation = Criteria.activation().rate(graph, space);
        double[] scale = Criteria.batchNormScale().rate(graph, space);

        INDArray rectified = Models.values(model, "act", features);
        for (int unit = 0; unit < UNITS; unit++) {
            INDArray maps =
                    rectified.get(NDArrayIndex.all(), NDArrayIndex.point(unit), NDArrayIndex.all(), NDArrayIndex.all());
            assertThat(activation[unit])
                    .isCloseTo(Math.sqrt(maps.mul(maps).meanNumber().doubleValue()), within(1e-6));
            assertThat(scale[unit])
                    .isCloseTo(Math.abs(model.getParam("bn_gamma").getDouble(unit)), within(1e-6));
        }
        NetworkGraph plain = Dl4jGraphs.read(dense(UNITS));
        assertThat(Criteria.batchNormScale().rate(plain, plain.space("hidden")))
                .containsExactly(Criteria.gain().rate(plain, plain.space("hidden")));
    }

    // --- projections

    @ParameterizedTest
    @ValueSource(strings = {"similarity", "similarity-area", "clusters"})
    void twins_are_merged_without_a_trace(String name) {
        ComputationGraph model = dense(UNITS);
        INDArray features = features(5);
        NetworkGraph twins = calibrated(model, features);
        twins = Actions.addNeurons(twins.space("hidden"), 2).apply(twins, Projections.replication());
        // Shuffled, so that twins are not neighbours.
        Integer[] order = IntStream.range(0, 2 * UNITS).boxed().toArray(Integer[]::new);
        java.util.Collections.shuffle(Arrays.asList(order), new Random(3));
        NetworkGraph shuffled = Resizer.resize(
                twins,
                twins.space("hidden"),
                UnitMap.selection(
                        2 * UNITS,
                        Arrays.stream(order).mapToInt(Integer::intValue).toArray()));

        NetworkGraph merged =
                Actions.removeNeurons(shuffled.space("hidden"), 0.5).apply(shuffled, Projections.named(name));

        assertThat(merged.space("hidden").size()).isEqualTo(UNITS);
        assertSameOutputs(merged, model, features, 1e-6);
    }

    @Test
    void clusters_keep_the_scale_of_twins_that_differ_in_it() {
        ComputationGraph model = dense(UNITS);
        // Unit 1 is three times unit 0, before and behind its rectifier.
        model.getParam("hidden_W")
                .putColumn(1, model.getParam("hidden_W").getColumn(0).mul(3));
        model.getParam("hidden_b").putScalar(1, 3 * model.getParam("hidden_b").getDouble(0));
        INDArray features = features(5);
        NetworkGraph graph = calibrated(model, features);

        NetworkGraph merged = Resizer.resize(graph, Map.of("hidden", UNITS - 1), Projections.clusters());

        assertSameOutputs(merged, model, features, 1e-6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"similarity", "similarity-area", "clusters"})
    void units_that_never_become_active_are_dropped_and_not_mixed(String name) {
        ComputationGraph model = dense(UNITS);
        for (int dead : new int[] {0, 3, 4}) {
            model.getParam("hidden_W").getColumn(dead).assign(0);
            model.getParam("hidden_b").putScalar(dead, -1);
        }
        INDArray features = features(5);
        NetworkGraph graph = calibrated(model, features);

        assertSameOutputs(Resizer.resize(graph, Map.of("hidden", 5), Projections.named(name)), model, features, 1e-6);
        UnitMap map = Projections.named(name).map(graph, graph.space("hidden"), 3);
        for (double[] row : map.producer().toDense()) {
            assertThat(row[0]).isZero();
            assertThat(row[3]).isZero();
            assertThat(row[4]).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"similarity, false", "clusters, false", "clusters, true"})
    void batch_norm_behind_mixed_units_has_the_moments_of_the_mixture(String name, boolean logarithm) {
        ComputationGraph model = normalised(logarithm);
        INDArray features = Nd4j.randn(DataType.DOUBLE, 16, 2, 6, 5);
        // Statistics that are true for the data.
        INDArray before = Models.values(model, "conv", features);
        INDArray rows = before.permute(0, 2, 3, 1).dup('c').reshape(-1, UNITS);
        model.getParam("bn_mean").assign(rows.mean(0));
        INDArray variance = rows.var(false, 0);
        if (logarithm) {
            model.getParam("bn_log10stdev").assign(Transforms.log(variance, 10).mul(0.5));
        } else {
            model.getParam("bn_var").assign(variance);
        }
        NetworkGraph graph = calibrated(model, features);

        NetworkGraph small = Resizer.resize(graph, Map.of("conv", 4), Projections.named(name));

        ComputationGraph reduced = Dl4jGraphs.toComputationGraph(small);
        INDArray mixed = Models.values(reduced, "conv", features)
                .permute(0, 2, 3, 1)
                .dup('c')
                .reshape(-1, 4);
        assertThat(Models.values(reduced.getParam("bn_mean")))
                .containsExactly(Models.values(mixed.mean(0)), within(1e-6));
        INDArray spread = reduced.getParam(logarithm ? "bn_log10stdev" : "bn_var");
        assertThat(Models.values(logarithm ? Transforms.pow(Nd4j.scalar(10.0).broadcast(1, 4), spread.mul(2)) : spread))
                .containsExactly(Models.values(mixed.var(false, 0)), within(1e-4));
    }

    @Test
    void refit_brings_the_gates_of_an_lstm_closer_to_what_they_were() {
        ComputationGraph model = series();
        INDArray features = Nd4j.randn(DataType.DOUBLE, 60, 3, 7);
        NetworkGraph graph = new Calibrator(60, 100)
                .calibrate(
                        Dl4jGraphs.read(model),
                        TrainingData.of(new ListDataSetIterator<>(
                                new DataSet(features, Nd4j.ones(DataType.DOUBLE, 60, 2, 7)).asList(), 20)));
        Projection plain = Projections.named("importance");

        double unsolved = distance(Resizer.resize(graph, Map.of("first", 4), plain), model, features);
        double solved =
                distance(Resizer.resize(graph, Map.of("first", 4), Projections.refitted(plain)), model, features);

        assertThat(solved).isLessThan(0.8 * unsolved);
    }

    @Test
    void every_projection_of_the_library_is_found_by_its_name() {
        for (String name : List.of(
                "paper",
                "pseudo-inverse",
                "replication",
                "importance",
                "importance-l1",
                "importance-l2",
                "importance-taylor",
                "importance-fisher",
                "importance-lamp",
                "importance-geometric-median",
                "importance-activation",
                "importance-batch-norm-scale",
                "importance-pivoted-qr",
                "similarity",
                "similarity-area",
                "clusters")) {
            assertThat(Projections.named(name).name()).isEqualTo(name);
            assertThat(Projections.named(name + "+refit").name()).isEqualTo(name + "+refit");
            assertThat(Projections.named(name + "+refit").refits()).isTrue();
        }
    }

    // --- models

    private static double distance(NetworkGraph graph, ComputationGraph model, INDArray features) {
        INDArray difference = Models.values(Dl4jGraphs.toComputationGraph(graph), "second", features)
                .sub(Models.values(model, "second", features));
        return difference.norm2Number().doubleValue();
    }

    private static void assertSameOutputs(
            NetworkGraph graph, ComputationGraph model, INDArray features, double tolerance) {
        assertThat(Models.values(Dl4jGraphs.toComputationGraph(graph).output(features)[0]))
                .containsExactly(Models.values(model.output(features)[0]), within(tolerance));
    }

    private static Activations activations(NetworkGraph graph, String vertex) {
        return graph.calibration().orElseThrow().activations().get(vertex);
    }

    private static double[][] matrix(INDArray array) {
        return array.castTo(DataType.DOUBLE).toDoubleMatrix();
    }

    private static double mean(double[][] values, int first, int second) {
        return Arrays.stream(values)
                .mapToDouble(row -> row[first] * (second < 0 ? 1 : row[second]))
                .average()
                .orElseThrow();
    }

    private static INDArray features(int width) {
        Nd4j.getRandom().setSeed(7);
        return Nd4j.randn(DataType.DOUBLE, EXAMPLES, width);
    }

    private static NetworkGraph calibrated(ComputationGraph model, INDArray features) {
        int examples = (int) features.size(0);
        INDArray labels = Nd4j.zeros(DataType.DOUBLE, examples, 3);
        for (int i = 0; i < examples; i++) {
            labels.putScalar(i, i % 3, 1);
        }
        return new Calibrator(1, 500)
                .calibrate(
                        Dl4jGraphs.read(model),
                        TrainingData.of(
                                List.<MultiDataSet>of(new org.nd4j.linalg.dataset.MultiDataSet(features, labels))));
    }

    private static GraphBuilder builder() {
        return new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE)
                .graphBuilder()
                .addInputs("in");
    }

    private static ComputationGraph dense(int units) {
        return initialise(builder()
                .addLayer("hidden", layer(units, Activation.RELU), "in")
                .addLayer("consumer", layer(6, Activation.TANH), "hidden")
                .addLayer("out", output(), "consumer")
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(5)));
    }

    private static DenseLayer layer(int units, Activation activation) {
        return new DenseLayer.Builder().nOut(units).activation(activation).build();
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(3)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static ComputationGraph normalised(boolean logarithm) {
        return initialise(builder()
                .addLayer(
                        "conv",
                        new ConvolutionLayer.Builder(2, 2)
                                .nOut(UNITS)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "in")
                .addLayer(
                        "bn",
                        new BatchNormalization.Builder().useLogStd(logarithm).build(),
                        "conv")
                .addLayer("act", new ActivationLayer(Activation.RELU), "bn")
                .addLayer("out", output(), "act")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(6, 5, 2)));
    }

    private static ComputationGraph series() {
        return initialise(builder()
                .addLayer("first", new LSTM.Builder().nOut(UNITS).build(), "in")
                .addLayer("second", new LSTM.Builder().nOut(5).build(), "first")
                .addLayer(
                        "out",
                        new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "second")
                .setOutputs("out")
                .setInputTypes(InputType.recurrent(3)));
    }

    private static ComputationGraph initialise(GraphBuilder builder) {
        ComputationGraph model = new ComputationGraph(builder.build());
        model.init();
        RandomNetworks.randomize(model, new Random(4));
        return model;
    }
}
