package org.growingnn.dl4j.metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Counts one output row by row. Where the standard error has no formula, it is estimated by the jackknife: the metric is computed without
 * each tenth of the examples in turn (Efron and Stein 1981).
 */
final class RowMeter implements OutputMeter {

    private static final int GROUPS = 10;

    private final OutputTask task;
    private final Supplier<Counter> start;
    private final Scale scale;
    private final List<Counter> groups = new ArrayList<>();
    private long examples;

    RowMeter(OutputTask task, Supplier<Counter> start, Scale scale, boolean errors) {
        this.task = task;
        this.start = start;
        this.scale = scale;
        for (int i = 0; i < (errors ? GROUPS : 1); i++) {
            groups.add(start.get());
        }
    }

    @Override
    public void add(INDArray labels, INDArray outputs, @Nullable INDArray mask) {
        PredictionRows rows = new PredictionRows(task, labels, outputs, mask);
        for (int row = 0; row < rows.rows(); row++) {
            if (rows.counts(row)) {
                groups.get((int) ((examples + rows.example(row)) % groups.size()))
                        .add(rows, row);
            }
        }
        examples += outputs.size(0);
    }

    @Override
    public Reading reading() {
        Counter all = without(-1);
        double value = all.value();
        OptionalDouble formula = all.standardError(examples);
        double error = formula.isPresent() ? formula.getAsDouble() : Double.isNaN(value) ? 0 : jackknife();
        return Reading.of(value, error, scale);
    }

    private double jackknife() {
        double[] values = groups.size() == 1
                ? new double[0]
                : IntStream.range(0, groups.size())
                        .mapToDouble(group -> without(group).value())
                        .filter(value -> !Double.isNaN(value))
                        .toArray();
        double mean = Arrays.stream(values).average().orElse(0);
        double sum = Arrays.stream(values)
                .map(value -> (value - mean) * (value - mean))
                .sum();
        return values.length < 2 ? 0 : Math.sqrt(sum * (values.length - 1) / values.length);
    }

    private Counter without(int group) {
        Counter rest = start.get();
        for (int i = 0; i < groups.size(); i++) {
            if (i != group) {
                rest.add(groups.get(i));
            }
        }
        return rest;
    }
}
