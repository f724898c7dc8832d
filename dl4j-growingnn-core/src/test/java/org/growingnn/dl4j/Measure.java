package org.growingnn.dl4j;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

/**
 * What tasks ask for, computed from nothing but Deeplearning4j's predictions, one value at a time.
 *
 * @param of gives one value per output
 * @param loss whether less is better
 */
record Measure(Values of, boolean loss) {

    /** Measures a model. */
    interface Values {
        double[] of(Model model, MultiDataSet test);
    }

    /** A prediction: what is true and what the model says, unit by unit. */
    record Row(double[] truth, double[] said) {}

    /** Where units stand. */
    enum Axes {
        UNITS_FIRST,
        UNITS_LAST
    }

    static Measure shares(Axes axes, List<ToDoubleFunction<List<Row>>> byOutput) {
        return new Measure(
                (model, test) -> {
                    INDArray[] outputs = outputs(model, test);
                    return IntStream.range(0, outputs.length)
                            .mapToDouble(i -> byOutput.get(i).applyAsDouble(rows(test, i, outputs[i], axes)))
                            .toArray();
                },
                false);
    }

    static Measure share(ToDoubleFunction<List<Row>> value) {
        return shares(Axes.UNITS_FIRST, List.of(value));
    }

    /** Deeplearning4j's own loss of all examples together. */
    static Measure ownLoss() {
        return new Measure(
                (model, test) -> new double[] {
                    model instanceof ComputationGraph graph
                            ? graph.score(test, false)
                            : ((MultiLayerNetwork) model)
                                    .score(new org.nd4j.linalg.dataset.DataSet(test.getFeatures(0), test.getLabels(0)))
                },
                true);
    }

    static INDArray[] outputs(Model model, MultiDataSet test) {
        INDArray[] masks = test.getFeaturesMaskArrays();
        return model instanceof ComputationGraph graph
                ? graph.output(false, test.getFeatures(), masks)
                : new INDArray[] {
                    ((MultiLayerNetwork) model)
                            .output(test.getFeatures(0), false, masks == null ? null : masks[0], null)
                };
    }

    /** Series and maps have one row per step or position; what the mask of the labels excludes has none. */
    private static List<Row> rows(MultiDataSet test, int output, INDArray said, Axes axes) {
        INDArray truth = arranged(test.getLabels(output), axes);
        INDArray answer = arranged(said, axes);
        INDArray mask = test.getLabelsMaskArrays() != null
                ? test.getLabelsMaskArray(output)
                : said.rank() == 3 && test.getFeaturesMaskArrays() != null ? test.getFeaturesMaskArray(0) : null;
        double[] counts = mask == null ? null : mask.dup('c').data().asDouble();
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < truth.rows(); i++) {
            if (counts == null || counts[i] != 0) {
                rows.add(new Row(
                        truth.getRow(i).toDoubleVector(), answer.getRow(i).toDoubleVector()));
            }
        }
        return rows;
    }

    private static INDArray arranged(INDArray array, Axes axes) {
        INDArray last = switch (array.rank()) {
            case 3 -> axes == Axes.UNITS_FIRST ? array.permute(0, 2, 1) : array;
            case 4 -> axes == Axes.UNITS_FIRST ? array.permute(0, 2, 3, 1) : array;
            default -> array;
        };
        return last.dup('c').reshape('c', -1, last.size(last.rank() - 1));
    }

    static double accuracy(List<Row> rows) {
        return rows.stream()
                .mapToDouble(row -> actual(row) == largest(row.said) ? 1 : 0)
                .average()
                .orElseThrow();
    }

    static double macroF1(List<Row> rows) {
        return IntStream.range(0, rows.get(0).said.length)
                .mapToDouble(label -> f1(
                        rows.stream().map(row -> actual(row) == label).toList(),
                        rows.stream().map(row -> largest(row.said) == label).toList()))
                .average()
                .orElseThrow();
    }

    static ToDoubleFunction<List<Row>> meanF1(double threshold) {
        return rows -> IntStream.range(0, rows.get(0).said.length)
                .mapToDouble(column -> f1(
                        rows.stream().map(row -> row.truth[column] > threshold).toList(),
                        rows.stream().map(row -> row.said[column] > threshold).toList()))
                .average()
                .orElseThrow();
    }

    private static double f1(List<Boolean> truth, List<Boolean> said) {
        double both = 0;
        double either = 0;
        for (int i = 0; i < truth.size(); i++) {
            both += truth.get(i) && said.get(i) ? 1 : 0;
            either += (truth.get(i) ? 1 : 0) + (said.get(i) ? 1 : 0);
        }
        return 2 * both / either;
    }

    /** How often a yes is rated higher than a no. */
    static double areaUnderCurve(List<Row> rows) {
        double sum = 0;
        double pairs = 0;
        for (Row yes : rows.stream().filter(row -> row.truth[0] == 1).toList()) {
            for (Row no : rows.stream().filter(row -> row.truth[0] == 0).toList()) {
                sum += yes.said[0] > no.said[0] ? 1 : yes.said[0] == no.said[0] ? 0.5 : 0;
                pairs++;
            }
        }
        return sum / pairs;
    }

    static double meanR2(List<Row> rows) {
        return IntStream.range(0, rows.get(0).said.length)
                .mapToDouble(column -> 1 - squares(rows, column) / spread(rows, column))
                .average()
                .orElseThrow();
    }

    static double worstR2(List<Row> rows) {
        return IntStream.range(0, rows.get(0).said.length)
                .mapToDouble(column -> 1 - squares(rows, column) / spread(rows, column))
                .min()
                .orElseThrow();
    }

    static double pooledR2(List<Row> rows) {
        int columns = rows.get(0).said.length;
        return 1
                - IntStream.range(0, columns)
                                .mapToDouble(column -> squares(rows, column))
                                .sum()
                        / IntStream.range(0, columns)
                                .mapToDouble(column -> spread(rows, column))
                                .sum();
    }

    private static double squares(List<Row> rows, int column) {
        return rows.stream()
                .mapToDouble(row -> Math.pow(row.truth[column] - row.said[column], 2))
                .sum();
    }

    private static double spread(List<Row> rows, int column) {
        double mean =
                rows.stream().mapToDouble(row -> row.truth[column]).average().orElseThrow();
        return rows.stream()
                .mapToDouble(row -> Math.pow(row.truth[column] - mean, 2))
                .sum();
    }

    private static int actual(Row row) {
        return row.truth.length == 1 ? (int) row.truth[0] : largest(row.truth);
    }

    private static int largest(double[] values) {
        return IntStream.range(0, values.length)
                .reduce((a, b) -> values[b] > values[a] ? b : a)
                .orElseThrow();
    }
}
