package org.growingnn.dl4j.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.datavec.api.records.reader.impl.csv.SerializableCSVParser;
import org.jspecify.annotations.Nullable;

/**
 * A table in a file of values with separators between them, gzipped or not, in UTF-8.
 *
 * @param file the file
 * @param separator what stands between values
 * @param header whether the first line names the columns
 * @param columns their names; numbers from 1 if there is no header
 */
record CsvFile(Path file, char separator, boolean header, List<String> columns) {

    private static final char[] SEPARATORS = {',', ';', '\t'};

    /** Takes rows. */
    @FunctionalInterface
    interface RowReader {

        /**
         * Takes a row.
         *
         * @param cells its values, as many as there are columns, without blanks around them
         * @param line where it begins, from 1
         */
        void row(String[] cells, int line);
    }

    /**
     * Opens a table.
     *
     * @param file the file
     * @param separator what stands between values; by default the comma, semicolon or tab that the first line has most of
     * @param header whether the first line names the columns; by default it does if no value in it is a number
     */
    static CsvFile open(Path file, Optional<Character> separator, Optional<Boolean> header) {
        String first = firstLine(file);
        char chosen = separator.orElseGet(() -> mostFrequent(first));
        String[] cells = trimmed(parse(new SerializableCSVParser(chosen, '"', '\0'), first, file, 1));
        boolean named = header.orElseGet(() -> Arrays.stream(cells).noneMatch(CsvFile::isNumber));
        List<String> names = named
                ? List.of(cells)
                : IntStream.rangeClosed(1, cells.length)
                        .mapToObj(String::valueOf)
                        .toList();
        if (names.stream().distinct().count() < names.size()) {
            throw new InputException("Two columns of " + file + " have the same name: " + names
                    + ".\nMaybe the first line is no header: --no-header?");
        }
        return new CsvFile(file, chosen, named, names);
    }

    private static String firstLine(Path file) {
        try (BufferedReader in = reader(file)) {
            String line = in.readLine();
            if (line == null || line.isBlank()) {
                throw new InputException("The table " + file + " begins with an empty line.\nMaybe it is empty?");
            }
            return withoutMark(line);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /** Some programs begin files with a mark of their byte order. */
    private static String withoutMark(String line) {
        return line.startsWith("\uFEFF") ? line.substring(1) : line;
    }

    private static char mostFrequent(String line) {
        char best = SEPARATORS[0];
        for (char candidate : SEPARATORS) {
            if (count(line, candidate) > count(line, best)) {
                best = candidate;
            }
        }
        return best;
    }

    private static long count(String line, char wanted) {
        return line.chars().filter(c -> c == wanted).count();
    }

    private static BufferedReader reader(Path file) {
        return new BufferedReader(new InputStreamReader(
                Inputs.open(file, "data"),
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT)));
    }

    private static InputException unreadable(Path file, IOException cause) {
        return cause instanceof CharacterCodingException
                ? new InputException(
                        "The table " + file + " is not in UTF-8.\nMaybe it is no table, or convert it?", cause)
                : Inputs.unreadable(file, "table", cause);
    }

    static boolean isNumber(String text) {
        return number(text) != null;
    }

    /** Reads a finite number. */
    static @Nullable Double number(String text) {
        if (text.isEmpty() || !isNumeric(text.charAt(text.length() - 1))) {
            // Java also takes 1d and 1f for numbers.
            return null;
        }
        try {
            double value = Double.parseDouble(text);
            return Double.isFinite(value) ? value : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static boolean isNumeric(char last) {
        return last >= '0' && last <= '9' || last == '.';
    }

    /**
     * Finds a column.
     *
     * @param name its name, or its number from 1 if none has that name
     * @return its place, from 0
     */
    int column(String name) {
        int place = columns.indexOf(name);
        if (place >= 0) {
            return place;
        }
        Double number = number(name);
        if (number != null && number == Math.rint(number) && number >= 1 && number <= columns.size()) {
            return number.intValue() - 1;
        }
        throw new InputException("The table " + file + " has no column '" + name + "'.\nMaybe one of " + columns + "?");
    }

    /** Passes over all rows; empty lines are none. */
    void read(RowReader reader) {
        SerializableCSVParser parser = new SerializableCSVParser(separator, '"', '\0');
        try (BufferedReader in = reader(file)) {
            int number = 0;
            boolean skip = header;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                int begin = ++number;
                if (line.isBlank()) {
                    continue;
                }
                List<String> cells =
                        new ArrayList<>(List.of(parse(parser, begin == 1 ? withoutMark(line) : line, file, begin)));
                while (parser.isPending()) {
                    String next = in.readLine();
                    if (next == null) {
                        throw new InputException(
                                "Line " + begin + " of " + file + " begins a quotation that never ends.");
                    }
                    number++;
                    cells.addAll(List.of(parse(parser, next, file, begin)));
                }
                if (skip) {
                    skip = false;
                    continue;
                }
                if (cells.size() != columns.size()) {
                    throw new InputException("Line " + begin + " of " + file + " has " + cells.size()
                            + " values, but there are " + columns.size() + " columns " + columns
                            + ".\nMaybe another --delimiter, or quote texts that contain it?");
                }
                reader.row(trimmed(cells.toArray(String[]::new)), begin);
            }
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static String[] parse(SerializableCSVParser parser, String line, Path file, int number) {
        try {
            return parser.parseLineMulti(line);
        } catch (IOException e) {
            throw new InputException("Line " + number + " of " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static String[] trimmed(String[] cells) {
        return Arrays.stream(cells).map(String::strip).toArray(String[]::new);
    }
}
