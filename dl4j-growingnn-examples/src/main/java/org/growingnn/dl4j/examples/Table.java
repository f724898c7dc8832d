package org.growingnn.dl4j.examples;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.datavec.api.records.reader.RecordReader;
import org.datavec.api.records.reader.impl.csv.CSVRecordReader;
import org.datavec.api.split.InputStreamInputSplit;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * A table of {@code src-test-models/tabular} in three parts without a common row, each with its share of every class.
 *
 * @param train three fifths of the rows
 * @param validation a fifth, to choose among models
 * @param test a fifth, to tell how good the chosen one is
 */
record Table(DataSet train, DataSet validation, DataSet test) {

    /** A batch that holds every row of a table. */
    static final int ALL_ROWS = 100_000;

    private static final int FIFTHS = 5;
    private static final int VALIDATION = 3;
    private static final int TEST = 4;

    /**
     * Reads a table.
     *
     * @param name a gzipped file of values with commas between them, whose first line names the columns
     * @param batches makes features and labels of its rows, {@link #ALL_ROWS} at once
     */
    static Table read(String name, Function<RecordReader, DataSetIterator> batches) {
        Path file = Repository.testModels("tabular/" + name);
        // DataVec opens only what is not compressed itself.
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file));
                RecordReader rows = new CSVRecordReader(1)) {
            rows.initialize(new InputStreamInputSplit(in));
            return dealt(batches.apply(rows).next());
        } catch (IOException e) {
            throw new UncheckedIOException("The table " + file + " cannot be read.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while reading " + file + ".", e);
        }
    }

    /** Deals the rows of each class out in turn; where labels are numbers, all rows are of one class. */
    private static Table dealt(DataSet rows) {
        int[] classes = rows.getLabels().argMax(1).toIntVector();
        List<List<Integer>> parts = Stream.generate(() -> (List<Integer>) new ArrayList<Integer>())
                .limit(3)
                .toList();
        Map<Integer, Integer> dealt = new HashMap<>();
        for (int row = 0; row < classes.length; row++) {
            int turn = dealt.merge(classes[row], 1, Integer::sum) % FIFTHS;
            parts.get(turn == TEST ? 2 : turn == VALIDATION ? 1 : 0).add(row);
        }
        return new Table(part(rows, parts.get(0)), part(rows, parts.get(1)), part(rows, parts.get(2)));
    }

    private static DataSet part(DataSet rows, List<Integer> numbers) {
        return rows.get(numbers.stream().mapToInt(Integer::intValue).toArray());
    }
}
