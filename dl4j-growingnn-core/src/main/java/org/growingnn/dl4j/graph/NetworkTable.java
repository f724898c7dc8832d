package org.growingnn.dl4j.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Draws networks as tables. */
final class NetworkTable {

    private static final List<String> HEAD = List.of("vertex", "type", "in", "out", "parameters", "space", "resizable");
    private static final int PARAMETERS = 4;

    private NetworkTable() {}

    static String describe(NetworkGraph graph) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEAD);
        for (NetworkInput input : graph.inputs()) {
            rows.add(List.of(
                    input.name(),
                    "(input)",
                    "",
                    graph.signal(input.name()).toString(),
                    "",
                    input.name(),
                    "no: network input"));
        }
        graph.order().forEach(name -> rows.add(row(graph, graph.vertex(name))));
        StringBuilder text = new StringBuilder();
        int[] widths = widths(rows);
        rows.forEach(row -> text.append(line(row, widths)).append('\n'));
        text.append(number(graph.parameterCount())).append(" parameters");
        if (graph.macsKnown()) {
            text.append(", ").append(number(graph.macs())).append(" multiply-accumulates per example");
        }
        return text.append('\n').toString();
    }

    private static List<String> row(NetworkGraph graph, Vertex vertex) {
        List<UnitSpace> leaving = graph.signal(vertex.name()).units().blocks().stream()
                .map(graph::space)
                .distinct()
                .toList();
        return List.of(
                vertex.name(),
                vertex.operation().type(),
                String.join(
                        " + ",
                        vertex.inputs().stream()
                                .map(source -> graph.signal(source).toString())
                                .toList()),
                graph.signal(vertex.name()).toString(),
                vertex.parameterCount() == 0 ? "" : number(vertex.parameterCount()),
                String.join(", ", leaving.stream().map(UnitSpace::name).toList()),
                resizable(leaving));
    }

    private static String resizable(List<UnitSpace> leaving) {
        return leaving.stream()
                .filter(space -> !space.resizable())
                .findFirst()
                .map(space -> "no: " + space.frozen().orElseThrow())
                .orElse(leaving.stream().anyMatch(UnitSpace::selectionOnly) ? "by selection only" : "yes");
    }

    private static String number(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    private static int[] widths(List<List<String>> rows) {
        int[] widths = new int[HEAD.size()];
        for (List<String> row : rows) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        return widths;
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String cell = row.get(column);
            String padding = " ".repeat(widths[column] - cell.length());
            line.append(column == PARAMETERS ? padding + cell : cell + padding).append("  ");
        }
        return line.toString().stripTrailing();
    }
}
