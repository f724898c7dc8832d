package org.growingnn.dl4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;

/** Lines of cells, padded to columns. */
final class TextTable {

    private final Set<String> numbers;
    private final List<List<String>> rows = new ArrayList<>();

    /**
     * Starts a table.
     *
     * @param head the names of the columns
     * @param numbers those whose cells are aligned at their ends
     */
    TextTable(List<String> head, Set<String> numbers) {
        this.numbers = numbers;
        rows.add(head);
    }

    TextTable row(String... cells) {
        rows.add(List.of(cells));
        return this;
    }

    static String number(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    static String number(OptionalLong count) {
        return count.isPresent() ? number(count.getAsLong()) : "unknown";
    }

    @Override
    public String toString() {
        List<String> head = rows.get(0);
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < head.size(); column++) {
                String cell = row.get(column);
                String padding = " ".repeat(width(column) - cell.length());
                line.append(numbers.contains(head.get(column)) ? padding + cell : cell + padding)
                        .append("  ");
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private int width(int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
    }
}
