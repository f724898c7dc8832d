package org.growingnn.dl4j.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.QRDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.Calibration.Moments;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.testing.Chains;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What refit solves, for moments of every kind that calibration may give. */
class RefitSolutionTest {

    private static final double LEAST_RIDGE = 1e-5;

    // --- the solution

    @ParameterizedTest
    @CsvSource({"400, 8, 5, 1", "60, 12, 7, 1", "5000, 30, 3, 1", "400, 8, 5, 1e-6", "400, 8, 5, 1e5"})
    void the_solution_is_that_of_ridge_regression_on_the_data_itself(int rows, int units, int left, double scale) {
        NetworkGraph graph = chain(4, units, 6, 3);
        double[][] data = data(rows, units, scale);
        NetworkGraph calibrated = calibrated(graph, Map.of("d2", moments(data, false)));
        int[] kept = IntStream.range(0, left).map(i -> i + (units - left) / 2).toArray();

        NetworkGraph refitted = Resizer.resize(calibrated, Map.of("d1", UnitMap.selection(units, kept)), true);

        double[][] expected = oracle(data, weights(graph.vertex("d2")), kept);
        assertRowsClose(weights(refitted.vertex("d2")), expected, 1e-6);
    }

    @Test
    void mixed_units_are_refitted_as_combinations_of_the_old_ones() {
        NetworkGraph graph = chain(4, 6, 5, 3);
        double[][] data = data(300, 6, 1);
        NetworkGraph calibrated = calibrated(graph, Map.of("d2", moments(data, false)));
        UnitMap map = Projections.pseudoInverse().map(graph, graph.space("d1"), 3);

        NetworkGraph projected = Resizer.resize(calibrated, Map.of("d1", map), false);
        NetworkGraph refitted = Resizer.resize(calibrated, Map.of("d1", map), true);

        RealMatrix mixed = new Array2DRowRealMatrix(data)
                .multiply(new Array2DRowRealMatrix(map.follower().toDense()).transpose());
        double[][] start = weights(projected.vertex("d2"));
        double[][] expected = oracle(withConstant(mixed.getData()), wanted(data, weights(graph.vertex("d2"))), start);
        assertRowsClose(weights(refitted.vertex("d2")), expected, 1e-6);
    }

    @ParameterizedTest
    @CsvSource({"30, 64", "200, 512", "3000, 300"})
    void moments_of_deficient_rank_that_were_summed_in_single_precision_are_solved(int rows, int units) {
        NetworkGraph graph = chain(4, units, 6, 3);
        // Few directions, one of which dominates: rounding leaves negative eigenvalues.
        double[][] directions = data(rows, 7, 1);
        for (double[] row : directions) {
            row[0] += 30;
        }
        double[][] mixture = data(7, units, 1);
        Arrays.setAll(mixture[0], i -> 1 + mixture[0][i]);
        double[][] data = new Array2DRowRealMatrix(directions)
                .multiply(new Array2DRowRealMatrix(mixture))
                .getData();
        NetworkGraph calibrated = calibrated(graph, Map.of("d2", moments(data, true)));
        Map<String, UnitMap> maps = Map.of(
                "d1",
                UnitMap.selection(
                        units, IntStream.range(0, units / 2).map(i -> 2 * i).toArray()));

        NetworkGraph projected = Resizer.resize(calibrated, maps, false);
        NetworkGraph refitted = Resizer.resize(calibrated, maps, true);

        double[][] wanted = wanted(data, weights(graph.vertex("d2")));
        double[][] some = withConstant(columns(data, maps.get("d1").selected().orElseThrow()));
        double before = distance(wanted, some, weights(projected.vertex("d2")));
        double after = distance(wanted, some, weights(refitted.vertex("d2")));
        assertThat(after).isLessThan(0.05 * before);
    }

    @Test
    void features_that_are_always_zero_change_nothing() {
        NetworkGraph graph = chain(4, 8, 6, 3);
        NetworkGraph calibrated = calibrated(graph, Map.of("d2", moments(new double[50][8], false)));
        Map<String, UnitMap> maps = Map.of("d1", UnitMap.selection(8, 1, 2, 5));
        assertThat(weights(Resizer.resize(calibrated, maps, true).vertex("d2")))
                .isDeepEqualTo(weights(Resizer.resize(calibrated, maps, false).vertex("d2")));
    }

    // --- what cannot be solved

    @Test
    void a_layer_that_cannot_be_solved_is_left_out_with_a_warning_and_the_others_are_refitted() {
        NetworkGraph graph = chain(4, 8, 6, 3);
        Moments sound = moments(data(100, 6, 1), false);
        double[] negative = moments(data(100, 8, 1), false).matrix().clone();
        Arrays.setAll(negative, i -> -negative[i]);
        NetworkGraph calibrated =
                calibrated(graph, Map.of("d2", new Moments(List.of("W"), 8, 100, negative, false), "d3", sound));
        Map<String, UnitMap> maps = Map.of("d1", UnitMap.selection(8, 1, 2, 5), "d2", UnitMap.selection(6, 0, 2, 5));

        NetworkGraph projected = Resizer.resize(calibrated, maps, false);
        List<String> warnings = new ArrayList<>();
        NetworkGraph refitted = listening(warnings, () -> Resizer.resize(calibrated, maps, true));

        assertThat(refitted.vertex("d2").parameters())
                .isEqualTo(projected.vertex("d2").parameters());
        assertThat(refitted.vertex("d3").parameters())
                .isNotEqualTo(projected.vertex("d3").parameters());
        assertThat(warnings).singleElement().asString().contains("'d2'").contains("positive definite");
    }

    @Test
    void weights_that_are_not_finite_are_left_as_they_are_with_a_warning() {
        NetworkGraph graph = chain(4, 8, 6, 3);
        Parameter weight = graph.vertex("d2").parameters().get("W");
        double[] values = weight.value().toDoubles();
        values[0] = Double.NaN;
        Map<String, Parameter> parameters =
                new LinkedHashMap<>(graph.vertex("d2").parameters());
        parameters.put("W", Parameter.of(weight.value().like(weight.value().shape(), values)));
        NetworkGraph broken = calibrated(
                graph.with(List.of(graph.vertex("d2").withParameters(parameters))),
                Map.of("d2", moments(data(100, 8, 1), false)));
        Map<String, UnitMap> maps = Map.of("d1", UnitMap.selection(8, 1, 2, 5));

        List<String> warnings = new ArrayList<>();
        NetworkGraph refitted = listening(warnings, () -> Resizer.resize(broken, maps, true));

        assertThat(refitted.vertex("d2").parameters())
                .isEqualTo(Resizer.resize(broken, maps, false).vertex("d2").parameters());
        assertThat(warnings).singleElement().asString().contains("'d2'").contains("finite");
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void moments_that_are_not_finite_are_refused_with_the_layer(double bad) {
        NetworkGraph graph = chain(4, 8, 6, 3);
        double[] matrix = moments(data(100, 8, 1), false).matrix().clone();
        matrix[9 * 3 + 4] = bad;
        NetworkGraph calibrated = calibrated(graph, Map.of("d2", new Moments(List.of("W"), 8, 100, matrix, false)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Resizer.resize(calibrated, Map.of("d1", UnitMap.selection(8, 1, 2, 5)), true))
                .withMessageContaining("calibration data contains")
                .withMessageContaining("'d2'")
                .withMessageContaining("Maybe");
    }

    @Test
    void refit_of_a_network_that_is_not_calibrated_is_refused() {
        NetworkGraph graph = chain(4, 8, 6, 3);
        Map<String, UnitMap> maps = Map.of("d1", UnitMap.selection(8, 1, 2, 5));
        assertThatIllegalStateException()
                .isThrownBy(() -> Resizer.resize(graph, maps, true))
                .withMessageContaining("not calibrated")
                .withMessageContaining("refit");
        assertThatIllegalStateException()
                .isThrownBy(
                        () -> Resizer.resize(graph, Map.of("d1", 3), Projections.refitted(Projections.importance())))
                .withMessageContaining("not calibrated");
        // Growth leaves nothing to refit.
        assertThat(Resizer.resize(graph, Map.of("d1", 12), Projections.refitted(Projections.importance()))
                        .space("d1")
                        .size())
                .isEqualTo(12);
    }

    @Test
    void the_order_in_which_moments_were_collected_does_not_matter() {
        NetworkGraph graph = chain(4, 8, 6, 7, 3);
        Map<String, Moments> forward = new LinkedHashMap<>();
        forward.put("d2", moments(data(100, 8, 1), false));
        forward.put("d3", moments(data(100, 6, 1), false));
        forward.put("d4", moments(data(100, 7, 1), false));
        Map<String, Moments> backward = new LinkedHashMap<>();
        new ArrayList<>(forward.keySet())
                .stream().sorted((a, b) -> b.compareTo(a)).forEach(name -> backward.put(name, forward.get(name)));
        Map<String, UnitMap> maps = new LinkedHashMap<>();
        maps.put("d1", UnitMap.selection(8, 1, 2, 5));
        maps.put("d2", UnitMap.selection(6, 0, 2, 5));
        maps.put("d3", UnitMap.selection(7, 0, 6));

        NetworkGraph first = Resizer.resize(calibrated(graph, forward), maps, true);
        NetworkGraph second = Resizer.resize(calibrated(graph, backward), maps, true);

        assertThat(second.order()).isEqualTo(first.order());
        for (String name : first.order()) {
            assertThat(second.vertex(name).parameters())
                    .isEqualTo(first.vertex(name).parameters());
        }
    }

    // --- networks and data

    /** A chain of dense layers with random weights in double precision. */
    static NetworkGraph chain(int... widths) {
        NetworkGraph graph = Chains.dense(widths);
        Random random = new Random(5);
        List<Vertex> vertices = new ArrayList<>();
        for (Vertex vertex : graph.vertices()) {
            Map<String, Parameter> parameters = new LinkedHashMap<>();
            vertex.parameters().forEach((key, parameter) -> {
                double[] values =
                        random.doubles(parameter.value().length(), -1, 1).toArray();
                parameters.put(key, Parameter.of(Tensor.wrap(parameter.value().shape(), values)));
            });
            vertices.add(vertex.withParameters(parameters));
        }
        return graph.with(vertices);
    }

    static NetworkGraph calibrated(NetworkGraph graph, Map<String, Moments> moments) {
        return graph.with(Optional.of(new Calibration(Map.of(), moments, Map.of())));
    }

    private static double[][] data(int rows, int units, double scale) {
        Random random = new Random(rows + 31L * units);
        double[][] data = new double[rows][units];
        for (double[] row : data) {
            double common = random.nextGaussian();
            Arrays.setAll(row, i -> scale * Math.max(0, random.nextGaussian() + 0.7 * common));
        }
        return data;
    }

    private static Moments moments(double[][] data, boolean singlePrecision) {
        double[][] extended = withConstant(data);
        int size = extended[0].length;
        double[] matrix = new double[size * size];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                double sum = 0;
                float rounded = 0;
                for (double[] row : extended) {
                    sum += row[i] * row[j];
                    rounded += (float) row[i] * (float) row[j];
                }
                matrix[i * size + j] = (singlePrecision ? rounded : sum) / data.length;
            }
        }
        return new Moments(List.of("W"), size - 1, data.length, matrix, false);
    }

    private static double[][] withConstant(double[][] data) {
        return Arrays.stream(data)
                .map(row -> {
                    double[] extended = Arrays.copyOf(row, row.length + 1);
                    extended[row.length] = 1;
                    return extended;
                })
                .toArray(double[][]::new);
    }

    private static double[][] columns(double[][] data, int[] chosen) {
        return Arrays.stream(data)
                .map(row -> Arrays.stream(chosen).mapToDouble(i -> row[i]).toArray())
                .toArray(double[][]::new);
    }

    /** Weights by features, the bias last. */
    private static double[][] weights(Vertex vertex) {
        Tensor weight = vertex.parameters().get("W").value();
        int outputs = (int) weight.size(1);
        double[] values = weight.toDoubles();
        List<double[]> rows = new ArrayList<>();
        for (int i = 0; i < weight.size(0); i++) {
            rows.add(Arrays.copyOfRange(values, i * outputs, (i + 1) * outputs));
        }
        rows.add(vertex.parameters().get("b").value().toDoubles());
        return rows.toArray(double[][]::new);
    }

    private static double[][] wanted(double[][] data, double[][] weights) {
        return new Array2DRowRealMatrix(withConstant(data))
                .multiply(new Array2DRowRealMatrix(weights))
                .getData();
    }

    private static double[][] oracle(double[][] data, double[][] weights, int[] kept) {
        List<double[]> start = new ArrayList<>();
        for (int unit : kept) {
            start.add(weights[unit]);
        }
        start.add(weights[weights.length - 1]);
        return oracle(withConstant(columns(data, kept)), wanted(data, weights), start.toArray(double[][]::new));
    }

    /** Ridge regression by QR decomposition of the data, towards what the projection left; λ by Hoerl, Kennard and Baldwin. */
    private static double[][] oracle(double[][] features, double[][] wanted, double[][] start) {
        RealMatrix x = new Array2DRowRealMatrix(features).scalarMultiply(1 / Math.sqrt(features.length));
        RealMatrix y = new Array2DRowRealMatrix(wanted)
                .scalarMultiply(1 / Math.sqrt(features.length))
                .subtract(x.multiply(new Array2DRowRealMatrix(start)));
        int size = x.getColumnDimension();
        double least = LEAST_RIDGE * Math.pow(x.getFrobeniusNorm(), 2) / size;
        RealMatrix first = ridge(x, y, least);
        double residual = Math.pow(y.subtract(x.multiply(first)).getFrobeniusNorm(), 2);
        double rows = features.length;
        double variance = residual * rows / Math.max(0.1 * rows, rows - size);
        double chosen = size * variance / (rows * Math.pow(first.getFrobeniusNorm(), 2));
        return new Array2DRowRealMatrix(start)
                .add(ridge(x, y, Math.max(least, chosen)))
                .getData();
    }

    private static RealMatrix ridge(RealMatrix x, RealMatrix y, double ridge) {
        int size = x.getColumnDimension();
        RealMatrix extended = MatrixUtils.createRealMatrix(x.getRowDimension() + size, size);
        extended.setSubMatrix(x.getData(), 0, 0);
        for (int i = 0; i < size; i++) {
            extended.setEntry(x.getRowDimension() + i, i, Math.sqrt(ridge));
        }
        RealMatrix target = MatrixUtils.createRealMatrix(x.getRowDimension() + size, y.getColumnDimension());
        target.setSubMatrix(y.getData(), 0, 0);
        return new QRDecomposition(extended).getSolver().solve(target);
    }

    private static double distance(double[][] wanted, double[][] features, double[][] weights) {
        return new Array2DRowRealMatrix(features)
                .multiply(new Array2DRowRealMatrix(weights))
                .subtract(new Array2DRowRealMatrix(wanted))
                .getFrobeniusNorm();
    }

    private static void assertRowsClose(double[][] found, double[][] expected, double relative) {
        assertThat(found).hasDimensions(expected.length, expected[0].length);
        double largest = Arrays.stream(expected)
                .flatMapToDouble(Arrays::stream)
                .map(Math::abs)
                .max()
                .orElseThrow();
        for (int i = 0; i < expected.length; i++) {
            assertThat(found[i]).as("feature " + i).containsExactly(expected[i], within(relative * largest));
        }
    }

    private interface Task {
        NetworkGraph run();
    }

    /** Collects the warnings of refit while something runs. */
    private static NetworkGraph listening(List<String> warnings, Task task) {
        Logger logger = (Logger) LoggerFactory.getLogger(Refit.class);
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.start();
        logger.addAppender(appender);
        try {
            return task.run();
        } finally {
            logger.detachAppender(appender);
            appender.list.stream()
                    .filter(event -> event.getLevel() == Level.WARN)
                    .forEach(event -> warnings.add(event.getFormattedMessage()));
        }
    }
}
