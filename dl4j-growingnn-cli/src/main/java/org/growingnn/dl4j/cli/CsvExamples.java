package org.growingnn.dl4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Signal;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Rows of a table. */
final class CsvExamples implements Examples {

    private final List<float[]> features;
    private final List<float[]> numbers;
    private final List<Integer> classes;
    private final Optional<LabelEncoder> encoder;

    private CsvExamples(
            List<float[]> features, List<float[]> numbers, List<Integer> classes, Optional<LabelEncoder> encoder) {
        this.features = features;
        this.numbers = numbers;
        this.classes = classes;
        this.encoder = encoder;
    }

    /**
     * Reads a table.
     *
     * @param table the table
     * @param schema what its columns mean
     * @param loaded the model that the data is for
     * @param encoder what labels it takes; empty to leave them out
     */
    static CsvExamples read(CsvFile table, CsvSchema schema, LoadedModel loaded, Optional<LabelEncoder> encoder) {
        requireInput(table, schema, ModelShape.of(loaded, table.file().toString()));
        int[] places = schema.features().stream()
                .mapToInt(feature -> table.column(feature.name()))
                .toArray();
        int[] labels = schema.labels().stream().mapToInt(table::column).toArray();
        List<float[]> features = new ArrayList<>();
        List<float[]> numbers = new ArrayList<>();
        List<Integer> classes = new ArrayList<>();
        table.read((cells, line) -> {
            features.add(features(table, schema, places, cells, line));
            if (encoder.isEmpty()) {
                return;
            }
            if (schema.classes().isPresent()) {
                String label = cells[labels[0]];
                Integer number = schema.classes().get().get(label);
                if (number == null) {
                    throw new InputException(
                            "The class '" + label + "' in line " + line + " of " + table.file()
                                    + " does not occur in the data before.\nMaybe the rows were split without regard to classes?");
                }
                classes.add(number);
            } else {
                float[] row = new float[labels.length];
                for (int i = 0; i < labels.length; i++) {
                    row[i] = (float) number(table, labels[i], cells, line);
                }
                numbers.add(row);
            }
        });
        if (features.isEmpty()) {
            throw new InputException("The table " + table.file() + " has no rows.");
        }
        return new CsvExamples(features, numbers, classes, encoder);
    }

    private static void requireInput(CsvFile table, CsvSchema schema, ModelShape shape) {
        NetworkInput input = shape.input();
        boolean vectors = input.kind() == Signal.Kind.FEED_FORWARD || input.kind() == Signal.Kind.UNKNOWN;
        if (!vectors || input.size() != Layout.UNKNOWN && input.size() != schema.width()) {
            throw new InputException("The table " + table.file() + " has " + schema.width() + " features ("
                    + schema.features().stream()
                            .map(feature -> feature.isText()
                                    ? feature.name() + ": "
                                            + feature.categories().size() + " texts"
                                    : feature.name())
                            .collect(Collectors.joining(", "))
                    + "), but the input '" + input.name() + "' of the model takes " + shape.describe() + "."
                    + "\nMaybe name the label by --label, or leave columns out by --ignore?");
        }
    }

    private static float[] features(CsvFile table, CsvSchema schema, int[] places, String[] cells, int line) {
        float[] row = new float[schema.width()];
        int start = 0;
        for (int i = 0; i < places.length; i++) {
            CsvSchema.Feature feature = schema.features().get(i);
            if (feature.isText()) {
                int category = feature.categories().indexOf(cells[places[i]]);
                if (category < 0) {
                    throw new InputException("'" + cells[places[i]] + "' of column '" + feature.name() + "' in line "
                            + line + " of " + table.file() + " does not occur in the data before, where there are "
                            + feature.categories() + ".");
                }
                row[start + category] = 1;
            } else {
                row[start] = (float) ((number(table, places[i], cells, line) - feature.mean()) / feature.deviation());
            }
            start += feature.width();
        }
        return row;
    }

    private static double number(CsvFile table, int column, String[] cells, int line) {
        Double number = CsvFile.number(cells[column]);
        if (number == null) {
            throw new InputException("'" + cells[column] + "' of column '"
                    + table.columns().get(column) + "' in line " + line + " of " + table.file() + " is no number.");
        }
        return number;
    }

    @Override
    public int size() {
        return features.size();
    }

    @Override
    public boolean labelled() {
        return encoder.isPresent();
    }

    @Override
    public INDArray features(int[] rows) {
        return Nd4j.create(IntStream.of(rows).mapToObj(features::get).toArray(float[][]::new));
    }

    @Override
    public INDArray labels(int[] rows) {
        return classes.isEmpty()
                ? Nd4j.create(IntStream.of(rows).mapToObj(numbers::get).toArray(float[][]::new))
                : encoder.orElseThrow()
                        .classes(IntStream.of(rows).map(classes::get).toArray());
    }
}
