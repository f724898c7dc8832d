package org.growingnn.dl4j.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * What the columns of training data mean, so that all data of a model is read alike: texts become columns of 0 and 1, and numbers are
 * standardised.
 *
 * @param features the columns of features, in order
 * @param labels the names of the label's columns; none if there are no labels
 * @param classes the place of each class, by its text; empty where labels are numbers
 */
record CsvSchema(List<CsvSchema.Feature> features, List<String> labels, Optional<Map<String, Integer>> classes) {

    /** More texts than this are rather names than categories. */
    private static final int MOST_CATEGORIES = 1000;

    /**
     * A column of features.
     *
     * @param name its name
     * @param categories the texts in it, sorted; empty where it has numbers
     * @param mean what is taken off a number
     * @param deviation what a number is divided by
     */
    record Feature(String name, List<String> categories, double mean, double deviation) {

        int width() {
            return Math.max(1, categories.size());
        }

        boolean isText() {
            return !categories.isEmpty();
        }
    }

    /** What the user said about tables. */
    record Choices(List<String> labels, List<String> ignored, boolean standardised) {}

    int width() {
        return features.stream().mapToInt(Feature::width).sum();
    }

    /** Adds up what a column has. */
    private static final class Column {

        private final TreeSet<String> texts = new TreeSet<>();
        private long rows;
        private long numbers;
        private double mean;
        private double squares;
        private String firstText = "";
        private int firstLine;

        void add(String cell, int line) {
            rows++;
            Double number = CsvFile.number(cell);
            if (number != null) {
                numbers++;
                double distance = number - mean;
                mean += distance / numbers;
                squares += distance * (number - mean);
            } else if (firstLine == 0) {
                firstText = cell;
                firstLine = line;
            }
            if (texts.size() <= MOST_CATEGORIES) {
                texts.add(cell);
            }
        }

        boolean isNumeric() {
            return numbers == rows;
        }
    }

    /**
     * Looks at training data.
     *
     * @param table the table
     * @param choices what the user said
     * @param encoder what labels the model takes; empty if there are none
     */
    static CsvSchema of(CsvFile table, Choices choices, Optional<LabelEncoder> encoder) {
        List<Integer> labels = choices.labels().stream().map(table::column).toList();
        List<Integer> ignored = choices.ignored().stream().map(table::column).toList();
        Column[] columns = IntStream.range(0, table.columns().size())
                .mapToObj(i -> new Column())
                .toArray(Column[]::new);
        table.read((cells, line) -> {
            for (int i = 0; i < cells.length; i++) {
                if (cells[i].isEmpty() && !ignored.contains(i)) {
                    throw new InputException("The value of '" + table.columns().get(i) + "' in line " + line + " of "
                            + table.file() + " is missing.\nMaybe fill it in, or leave the column out by --ignore?");
                }
                columns[i].add(cells[i], line);
            }
        });
        if (columns[0].rows == 0) {
            throw new InputException("The table " + table.file() + " has no rows"
                    + (table.header() ? " but its header.\nMaybe its first line is no header: --no-header?" : "."));
        }
        List<Feature> features = new ArrayList<>();
        for (int i = 0; i < columns.length; i++) {
            if (!labels.contains(i) && !ignored.contains(i)) {
                features.add(feature(table, i, columns[i], choices.standardised()));
            }
        }
        if (features.isEmpty()) {
            throw new InputException("The table " + table.file() + " has no columns of features beside "
                    + choices.labels() + " and " + choices.ignored() + ".");
        }
        Optional<Map<String, Integer>> classes = encoder.flatMap(some -> classes(table, labels, columns, some));
        return new CsvSchema(
                List.copyOf(features), labels.stream().map(table.columns()::get).toList(), classes);
    }

    private static Feature feature(CsvFile table, int place, Column column, boolean standardised) {
        String name = table.columns().get(place);
        if (column.isNumeric()) {
            double deviation = Math.sqrt(column.squares / column.rows);
            return standardised
                    ? new Feature(name, List.of(), column.mean, deviation > 0 ? deviation : 1)
                    : new Feature(name, List.of(), 0, 1);
        }
        if (2 * column.numbers > column.rows) {
            throw new InputException("'" + column.firstText + "' of column '" + name + "' in line " + column.firstLine
                    + " of " + table.file() + " is no number, although most of the column is."
                    + "\nMaybe correct it, or leave the column out by --ignore " + name + "?");
        }
        if (column.texts.size() > MOST_CATEGORIES) {
            throw new InputException("The column '" + name + "' of " + table.file() + " has more than "
                    + MOST_CATEGORIES
                    + " different texts, which would become as many features.\nMaybe leave it out by --ignore " + name
                    + "?");
        }
        return new Feature(name, List.copyOf(column.texts), 0, 1);
    }

    private static Optional<Map<String, Integer>> classes(
            CsvFile table, List<Integer> labels, Column[] columns, LabelEncoder encoder) {
        boolean numbers = labels.stream().allMatch(label -> columns[label].isNumeric());
        if (labels.size() > 1 || numbers && encoder.wantsNumbers()) {
            if (!numbers) {
                int text = labels.stream()
                        .filter(label -> !columns[label].isNumeric())
                        .findFirst()
                        .orElseThrow();
                throw notNumeric(table, text, columns[text]);
            }
            if (labels.size() != encoder.units()) {
                throw new InputException(
                        "--label names " + labels.size() + (labels.size() == 1 ? " column" : " columns")
                                + " of numbers in " + table.file() + ", but the output '" + encoder.output()
                                + "' of the model has " + encoder.units()
                                + " units.\nMaybe name one column for each unit: --label a,b,c?");
            }
            return Optional.empty();
        }
        int label = labels.get(0);
        if (encoder.wantsNumbers() && encoder.units() == 1) {
            throw notNumeric(table, label, columns[label]);
        }
        String where = "column '" + table.columns().get(label) + "' of " + table.file();
        TreeSet<String> texts = columns[label].texts;
        Map<String, Integer> places = new HashMap<>();
        if (columns[label].isNumeric() && texts.stream().allMatch(text -> isClassNumber(text, encoder.classes()))) {
            texts.forEach(text -> places.put(text, CsvFile.number(text).intValue()));
            return Optional.of(places);
        }
        List<String> sorted = new ArrayList<>(texts);
        if (columns[label].isNumeric()) {
            sorted.sort(Comparator.comparing(CsvFile::number));
        }
        if (sorted.size() != encoder.classes()) {
            throw encoder.mismatch(sorted.size(), where, sorted);
        }
        for (int i = 0; i < sorted.size(); i++) {
            places.put(sorted.get(i), i);
        }
        return Optional.of(places);
    }

    private static boolean isClassNumber(String text, int classes) {
        double number = CsvFile.number(text);
        return number == Math.rint(number) && number >= 0 && number < classes;
    }

    private static InputException notNumeric(CsvFile table, int column, Column found) {
        return new InputException("The label '" + found.firstText + "' of column '"
                + table.columns().get(column) + "' in line " + found.firstLine + " of " + table.file()
                + " is no number, but the model predicts numbers.\nMaybe another column?");
    }
}
