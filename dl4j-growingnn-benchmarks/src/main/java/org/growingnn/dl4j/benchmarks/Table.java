package org.growingnn.dl4j.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.datavec.api.records.reader.impl.csv.CSVRecordReader;
import org.datavec.api.split.InputStreamInputSplit;
import org.datavec.api.writable.Writable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A table in parts to train on, to judge by and to test with: 60, 20 and 20 % of the rows. Its features have a mean of 0 and a variance
 * of 1 on the first part, and so have targets that are numbers.
 */
record Table(DataSet train, DataSet validation, DataSet test) {

    /** What the last column holds. */
    enum Target {
        /** The numbers of classes, of each of which every part has its share. */
        CLASSES,
        /** Positive numbers, of which the logarithm counts. */
        LOGARITHM
    }

    private record Row(double[] features, double target) {}

    /**
     * Reads a table.
     *
     * @param file comma-separated values with a line of names, gzipped
     * @param target what the last column holds
     * @param seed decides which part a row falls into
     */
    static Table read(Path file, Target target, long seed) throws IOException {
        List<Row> rows = rows(file);
        Collections.shuffle(rows, new Random(seed));
        Map<Double, List<Row>> groups = new TreeMap<>();
        rows.forEach(row -> groups.computeIfAbsent(target == Target.CLASSES ? row.target : 0, key -> new ArrayList<>())
                .add(row));
        List<List<Row>> parts = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        groups.values().forEach(group -> {
            int two = (int) Math.round(group.size() * 0.8);
            int one = (int) Math.round(group.size() * 0.6);
            parts.get(0).addAll(group.subList(0, one));
            parts.get(1).addAll(group.subList(one, two));
            parts.get(2).addAll(group.subList(two, group.size()));
        });
        int classes = target == Target.CLASSES
                ? 1 + (int) rows.stream().mapToDouble(Row::target).max().orElseThrow()
                : 0;
        List<DataSet> data = parts.stream()
                .map(part -> {
                    // Rows of a class are next to each other now.
                    Collections.shuffle(part, new Random(seed));
                    return data(part, classes);
                })
                .toList();
        NormalizerStandardize scale = new NormalizerStandardize();
        scale.fitLabel(target == Target.LOGARITHM);
        scale.fit(data.get(0));
        data.forEach(scale::transform);
        return new Table(data.get(0), data.get(1), data.get(2));
    }

    private static List<Row> rows(Path file) throws IOException {
        List<Row> rows = new ArrayList<>();
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file));
                CSVRecordReader reader = new CSVRecordReader(1)) {
            reader.initialize(new InputStreamInputSplit(in));
            while (reader.hasNext()) {
                double[] values =
                        reader.next().stream().mapToDouble(Writable::toDouble).toArray();
                int last = values.length - 1;
                rows.add(new Row(Arrays.copyOf(values, last), values[last]));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Reading " + file + " was interrupted.", e);
        }
        return rows;
    }

    private static DataSet data(List<Row> rows, int classes) {
        double[][] features = rows.stream().map(Row::features).toArray(double[][]::new);
        float[][] labels = new float[rows.size()][Math.max(1, classes)];
        for (int i = 0; i < labels.length; i++) {
            double target = rows.get(i).target;
            if (classes > 0) {
                labels[i][(int) target] = 1;
            } else {
                labels[i][0] = (float) Math.log(target);
            }
        }
        return new DataSet(Nd4j.createFromArray(features).castTo(DataType.FLOAT), Nd4j.createFromArray(labels));
    }
}
