package org.growingnn.dl4j.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.PruneGlobally;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Selection;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.GlobalRanking.Limits;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.growingnn.dl4j.training.Calibrator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Criteria against what their formulas say, computed from the arrays of Deeplearning4j's own models. */
class RankingCriteriaTest {

    private static final int EXAMPLES = 12;
    private static final int UNITS = 7;
    private static final int FEATURES = 5;
    private static final int CLASSES = 3;

    // --- Fisher information

    @Test
    void fisher_is_half_the_square_of_each_weight_times_the_mean_square_of_the_gradients_of_single_examples() {
        ComputationGraph model = residual();
        NetworkGraph graph = squared(model, 1);

        INDArray mean = Nd4j.zeros(DataType.DOUBLE, model.numParams());
        for (int example = 0; example < EXAMPLES; example++) {
            INDArray gradient = gradient(model, example, example + 1);
            mean.addi(gradient.mul(gradient).div(EXAMPLES));
        }
        assertRatesTiedUnits(Criteria.fisher(), graph, saliencies(model, mean));
    }

    @Test
    void fisher_of_larger_batches_is_of_the_squares_of_their_gradients_for_each_example() {
        ComputationGraph model = residual();
        NetworkGraph graph = squared(model, 4);

        INDArray sum = Nd4j.zeros(DataType.DOUBLE, model.numParams());
        for (int start = 0; start < EXAMPLES; start += 4) {
            INDArray gradient = gradient(model, start, start + 4);
            sum.addi(gradient.mul(gradient));
        }
        assertRatesTiedUnits(Criteria.fisher(), graph, saliencies(model, sum.div(EXAMPLES)));
    }

    /** Half of w² times the square of the slope, under the names and shapes of the model's parameters. */
    private static Map<String, INDArray> saliencies(ComputationGraph model, INDArray squares) {
        ComputationGraph terms = model.clone();
        terms.setParams(model.params()
                .mul(model.params())
                .muli(squares.reshape(model.params().shape()))
                .divi(2));
        return terms.paramTable();
    }

    private static INDArray gradient(ComputationGraph model, int from, int to) {
        model.setInputs(rows(features(), from, to));
        model.setLabels(rows(labels(), from, to));
        model.computeGradientAndScore();
        return model.getGradientsViewArray().dup().reshape(model.numParams());
    }

    @Test
    void squared_gradients_are_collected_for_those_who_ask_only() {
        ComputationGraph model = residual();
        NetworkGraph plain = new Calibrator().calibrate(Dl4jGraphs.read(model), batches(4));
        assertThat(plain.calibration().orElseThrow().squaredGradients()).isEmpty();
        assertThat(Criteria.fisher().needsSquaredGradients()).isTrue();
        assertThat(Criteria.share(Criteria.fisher()).needsSquaredGradients()).isTrue();
        assertThat(Projections.named("importance-fisher+refit").needsSquaredGradients())
                .isTrue();
        assertThat(Projections.named("importance-taylor+refit").needsSquaredGradients())
                .isFalse();
        assertThatIllegalStateException()
                .isThrownBy(() -> Criteria.fisher().rate(plain, plain.space("sum")))
                .withMessageContainingAll("no squared gradients", "fisher", "withSquaredGradients");
    }

    @Test
    void squared_gradients_follow_the_units_that_are_kept() {
        ComputationGraph model = residual();
        NetworkGraph graph = squared(model, 1);
        int[] kept = {0, 2, 3, 6};
        NetworkGraph small = Resizer.resize(graph, graph.space("sum"), UnitMap.selection(UNITS, kept));

        double[][] before = matrix(graph, "second");
        double[][] after = matrix(small, "second");
        assertThat(after).hasDimensions(kept.length, kept.length);
        for (int i = 0; i < kept.length; i++) {
            for (int j = 0; j < kept.length; j++) {
                assertThat(after[i][j]).isEqualTo(before[kept[i]][kept[j]]);
            }
        }
    }

    @Test
    void squared_gradients_of_merged_units_bound_the_square_of_the_merged_gradient() {
        ComputationGraph model = residual();
        NetworkGraph graph = squared(model, 1);
        UnitMap map = Projections.pseudoInverse().map(graph, graph.space("sum"), 3);
        NetworkGraph small = Resizer.resize(graph, graph.space("sum"), map);

        // The bias of the first layer is on the producing side, so that its gradient g becomes C g.
        double[][] consumer = map.consumer().toDense();
        double[] found = small.calibration()
                .orElseThrow()
                .squaredGradients()
                .get("first")
                .get("b")
                .toDoubles();
        double[] squares = new double[3];
        int start = biasPosition(model);
        for (int example = 0; example < EXAMPLES; example++) {
            INDArray gradient = gradient(model, example, example + 1);
            for (int i = 0; i < 3; i++) {
                double mixed = 0;
                for (int unit = 0; unit < UNITS; unit++) {
                    mixed += consumer[i][unit] * gradient.getDouble(start + unit);
                }
                squares[i] += mixed * mixed / EXAMPLES;
            }
        }
        for (int i = 0; i < 3; i++) {
            assertThat(found[i]).isGreaterThanOrEqualTo(squares[i] * (1 - 1e-9)).isPositive();
        }
    }

    /** The first layer's weights come first in the flattened vector, then its biases. */
    private static int biasPosition(ComputationGraph model) {
        assertThat(model.getConfiguration().getTopologicalOrderStr().get(1)).isEqualTo("first");
        return FEATURES * UNITS;
    }

    private static double[][] matrix(NetworkGraph graph, String layer) {
        var tensor =
                graph.calibration().orElseThrow().squaredGradients().get(layer).get("W");
        double[] values = tensor.toDoubles();
        int columns = (int) tensor.size(1);
        return IntStream.range(0, (int) tensor.size(0))
                .mapToObj(row -> Arrays.copyOfRange(values, row * columns, (row + 1) * columns))
                .toArray(double[][]::new);
    }

    // --- LAMP

    @Test
    void lamp_is_a_units_sum_of_squares_divided_by_those_of_all_that_are_not_smaller() {
        ComputationGraph model = residual();
        NetworkGraph graph = Dl4jGraphs.read(model);
        Map<String, INDArray> squares = squares(model);
        double[] norms = IntStream.range(0, UNITS)
                .mapToDouble(unit -> tied(squares, unit))
                .toArray();
        double[] expected = new double[UNITS];
        for (int unit = 0; unit < UNITS; unit++) {
            double own = norms[unit];
            expected[unit] =
                    own / Arrays.stream(norms).filter(other -> other >= own).sum();
        }
        assertThat(Criteria.lamp().rate(graph, graph.space("sum"))).containsExactly(expected, within(1e-9));
        assertThat(Arrays.stream(expected).max().orElseThrow()).isEqualTo(1);
    }

    @Test
    void lamp_removes_across_layers_what_the_order_of_all_scores_says() {
        NetworkGraph graph = Dl4jGraphs.read(residual());
        record Scored(String space, double score) {}
        List<Scored> all = new ArrayList<>();
        for (String name : List.of("sum", "hidden")) {
            UnitSpace space = graph.space(name);
            double[] norms = Criteria.l2().rate(graph, space);
            for (double own : norms) {
                double rest = Arrays.stream(norms).filter(other -> other >= own).sum();
                all.add(new Scored(space.name(), own / rest));
            }
        }
        all.sort(Comparator.comparingDouble(Scored::score));
        Map<String, int[]> kept = new GlobalRanking(graph, Criteria.lamp(), any -> Limits.NONE, any -> false)
                .reduceBy(Cost.PARAMETERS, 0.4);

        int removed = kept.values().stream().mapToInt(units -> -units.length).sum() + 2 * UNITS + 2;
        kept.forEach((space, units) -> assertThat(units.length)
                .as(space)
                .isEqualTo(graph.spaceNamed(space).size()
                        - all.subList(0, removed).stream()
                                .filter(scored -> scored.space.equals(space))
                                .count()));
    }

    @Test
    void shares_of_shares_are_the_shares_themselves() {
        NetworkGraph graph = Dl4jGraphs.read(residual());
        UnitSpace space = graph.space("sum");
        assertThat(Criteria.share(Criteria.lamp()).rate(graph, space))
                .containsExactly(Criteria.lamp().rate(graph, space));
        Criterion once = Criteria.share(Criteria.gain());
        assertThat(Criteria.share(once).rate(graph, space)).containsExactly(once.rate(graph, space));
        assertThat(Criteria.share(Criteria.relative(Criteria.gain())).rate(graph, space))
                .containsExactly(once.rate(graph, space), offset(1e-12));
    }

    // --- geometric median

    @Test
    void geometric_median_adds_up_distances_over_all_layers_that_produce_tied_units() {
        ComputationGraph model = residual();
        double[][] vectors = new double[UNITS][];
        for (int unit = 0; unit < UNITS; unit++) {
            vectors[unit] = Nd4j.concat(
                            0,
                            model.getParam("first_W").getColumn(unit).dup(),
                            model.getParam("second_W").getColumn(unit).dup(),
                            Nd4j.createFromArray(
                                    model.getParam("first_b").getDouble(unit),
                                    model.getParam("second_b").getDouble(unit)))
                    .toDoubleVector();
        }
        assertDistances(model, "sum", vectors);
    }

    @Test
    void geometric_median_compares_filters_and_gates_as_wholes() {
        ComputationGraph convolution = initialise(builder()
                .addLayer(
                        "conv",
                        new ConvolutionLayer.Builder(2, 3)
                                .nOut(UNITS)
                                .activation(Activation.RELU)
                                .build(),
                        "in")
                .addLayer("out", output(), "conv")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(4, 5, 2)));
        INDArray weights = convolution.getParam("conv_W");
        assertThat(weights.shape()).containsExactly(UNITS, 2, 2, 3);
        double[][] filters = new double[UNITS][2 * 2 * 3 + 1];
        for (int unit = 0; unit < UNITS; unit++) {
            for (int tap = 0; tap < 12; tap++) {
                filters[unit][tap] = weights.getDouble(unit, tap / 6, tap / 3 % 2, tap % 3);
            }
            filters[unit][12] = convolution.getParam("conv_b").getDouble(unit);
        }
        assertDistances(convolution, "conv", filters);

        ComputationGraph series = initialise(builder()
                .addLayer("lstm", new LSTM.Builder().nOut(UNITS).build(), "in")
                .addLayer(
                        "out",
                        new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(CLASSES)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "lstm")
                .setOutputs("out")
                .setInputTypes(InputType.recurrent(FEATURES)));
        double[][] cells = new double[UNITS][];
        for (int unit = 0; unit < UNITS; unit++) {
            List<Double> values = new ArrayList<>();
            for (int gate = 0; gate < 4; gate++) {
                for (String key : List.of("lstm_W", "lstm_RW", "lstm_b")) {
                    // Biases have one axis.
                    INDArray array = series.getParam(key).reshape(-1, 4 * UNITS);
                    for (int row = 0; row < array.size(0); row++) {
                        values.add(array.getDouble(row, gate * UNITS + unit));
                    }
                }
            }
            cells[unit] = values.stream().mapToDouble(Double::doubleValue).toArray();
        }
        assertDistances(series, "lstm", cells);
    }

    @Test
    void geometric_median_compares_features_by_the_weights_that_consume_them() {
        ComputationGraph model = residual();
        NetworkGraph graph = Selection.insert(Dl4jGraphs.read(model), "in");
        UnitSpace features =
                graph.spaces().stream().filter(UnitSpace::features).findFirst().orElseThrow();
        double[][] vectors = model.getParam("first_W").toDoubleMatrix();
        assertThat(Criteria.geometricMedian().rate(graph, features)).containsExactly(distances(vectors), within(1e-9));
    }

    @Test
    void a_unit_amid_the_others_is_the_first_to_go_however_large_it_is() {
        ComputationGraph model = residual();
        for (String layer : List.of("first", "second")) {
            INDArray weights = model.getParam(layer + "_W");
            // Far from 0, where all norms are large, unit 4 is the mean of the others.
            weights.addi(20);
            INDArray others = Nd4j.concat(
                    1,
                    weights.get(NDArrayIndex.all(), NDArrayIndex.interval(0, 4)),
                    weights.get(NDArrayIndex.all(), NDArrayIndex.interval(5, UNITS)));
            weights.putColumn(4, others.mean(1));
        }
        NetworkGraph graph = Dl4jGraphs.read(model);
        int[] kept = Projections.named("importance-geometric-median")
                .map(graph, graph.space("sum"), UNITS - 1)
                .selected()
                .orElseThrow();
        assertThat(kept).containsExactly(0, 1, 2, 3, 5, 6);
    }

    private static void assertDistances(ComputationGraph model, String layer, double[][] vectors) {
        NetworkGraph graph = Dl4jGraphs.read(model);
        assertThat(Criteria.geometricMedian().rate(graph, graph.space(layer)))
                .containsExactly(distances(vectors), within(1e-9));
    }

    private static double[] distances(double[][] vectors) {
        double[] sums = new double[vectors.length];
        for (int i = 0; i < vectors.length; i++) {
            for (double[] other : vectors) {
                double square = 0;
                for (int k = 0; k < other.length; k++) {
                    square += Math.pow(vectors[i][k] - other[k], 2);
                }
                sums[i] += Math.sqrt(square);
            }
        }
        return sums;
    }

    // --- everywhere

    @ParameterizedTest
    @ValueSource(strings = {"fisher", "lamp", "geometric-median"})
    void new_names_prune_one_layer_and_the_whole_network(String name) {
        NetworkGraph graph = squared(residual(), 4);
        for (String suffix : List.of("", "+refit")) {
            Projection projection = Projections.named("importance-" + name + suffix);
            NetworkGraph small = Resizer.resize(graph, Map.of("first", 4, "hidden", 3), projection);
            assertThat(small.space("sum").size()).isEqualTo(4);
            assertThat(small.space("hidden").size()).isEqualTo(3);
            NetworkGraph pruned = new PruneGlobally(0.5, 1).apply(graph, projection);
            assertThat(pruned.parameterCount()).isBetween(1L, graph.parameterCount() / 2);
        }
    }

    // --- models

    private static void assertRatesTiedUnits(Criterion criterion, NetworkGraph graph, Map<String, INDArray> terms) {
        double[] expected =
                IntStream.range(0, UNITS).mapToDouble(unit -> tied(terms, unit)).toArray();
        assertThat(Arrays.stream(expected).min().orElseThrow()).isPositive();
        assertThat(criterion.rate(graph, graph.space("sum"))).containsExactly(expected, offset(1e-12));
    }

    /** Adds up what belongs to a unit of the two layers that are summed, one of which takes the units of the other. */
    private static double tied(Map<String, INDArray> terms, int unit) {
        ToDoubleFunction<INDArray> sum = array -> array.sumNumber().doubleValue();
        return sum.applyAsDouble(terms.get("first_W").getColumn(unit))
                + terms.get("first_b").getDouble(unit)
                + sum.applyAsDouble(terms.get("second_W").getColumn(unit))
                + terms.get("second_b").getDouble(unit)
                + sum.applyAsDouble(terms.get("second_W").getRow(unit))
                + sum.applyAsDouble(terms.get("hidden_W").getRow(unit));
    }

    private static Map<String, INDArray> squares(ComputationGraph model) {
        ComputationGraph terms = model.clone();
        terms.setParams(model.params().mul(model.params()));
        return terms.paramTable();
    }

    private static NetworkGraph squared(ComputationGraph model, int batch) {
        return new Calibrator().withSquaredGradients(true).calibrate(Dl4jGraphs.read(model), batches(batch));
    }

    private static List<org.nd4j.linalg.dataset.api.MultiDataSet> batches(int batch) {
        List<org.nd4j.linalg.dataset.api.MultiDataSet> batches = new ArrayList<>();
        for (int start = 0; start < EXAMPLES; start += batch) {
            batches.add(new MultiDataSet(rows(features(), start, start + batch), rows(labels(), start, start + batch)));
        }
        return batches;
    }

    private static INDArray rows(INDArray array, int from, int to) {
        return array.get(NDArrayIndex.interval(from, to), NDArrayIndex.all()).dup();
    }

    private static INDArray features() {
        Nd4j.getRandom().setSeed(7);
        return Nd4j.randn(DataType.DOUBLE, EXAMPLES, FEATURES);
    }

    private static INDArray labels() {
        INDArray labels = Nd4j.zeros(DataType.DOUBLE, EXAMPLES, CLASSES);
        for (int i = 0; i < EXAMPLES; i++) {
            labels.putScalar(i, i % CLASSES, 1);
        }
        return labels;
    }

    private static GraphBuilder builder() {
        return new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE)
                .graphBuilder()
                .addInputs("in");
    }

    /** The second layer takes the units of the first and is added to it, so that both share one space. */
    private static ComputationGraph residual() {
        return initialise(builder()
                .addLayer("first", layer(UNITS), "in")
                .addLayer("second", layer(UNITS), "first")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "first", "second")
                .addLayer("hidden", layer(UNITS + 2), "sum")
                .addLayer("out", output(), "hidden")
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(FEATURES)));
    }

    private static DenseLayer layer(int units) {
        return new DenseLayer.Builder().nOut(units).activation(Activation.TANH).build();
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static ComputationGraph initialise(GraphBuilder builder) {
        ComputationGraph model = new ComputationGraph(builder.build());
        model.init();
        RandomNetworks.randomize(model, new Random(4));
        return model;
    }
}
