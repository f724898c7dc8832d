package org.growingnn.dl4j.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** A table that is printed and, if wanted, written to a file. */
public final class MarkdownTable {

    private final String title;
    private final List<String> columns;
    private final List<List<String>> rows = new ArrayList<>();

    /**
     * Starts a table without rows.
     *
     * @param title what it shows
     * @param columns their heads
     */
    public MarkdownTable(String title, List<String> columns) {
        this.title = title;
        this.columns = List.copyOf(columns);
    }

    /**
     * Adds a row.
     *
     * @param cells one for each column
     * @throws IllegalArgumentException if there are more or fewer
     */
    public void row(List<String> cells) {
        if (cells.size() != columns.size()) {
            throw new IllegalArgumentException(
                    "The row " + cells + " needs a cell for each of the columns " + columns + ".");
        }
        rows.add(List.copyOf(cells));
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(title).append("\n\n");
        line(text, columns);
        line(text, columns.stream().map(column -> "---").toList());
        rows.forEach(row -> line(text, row));
        return text.toString();
    }

    private static void line(StringBuilder text, List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    /**
     * Prints the table.
     *
     * @param out where to write it, too; null for nowhere
     * @throws IOException if it cannot be written
     */
    public void show(File out) throws IOException {
        System.out.println("\n" + this);
        if (out != null) {
            Files.writeString(out.toPath(), toString());
        }
    }
}
