package org.growingnn.dl4j.zoo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes reports as Markdown. */
final class ZooTable {

    private static final List<String> COLUMNS = List.of(
            "model",
            "class",
            "batch",
            "parameters",
            "not resizable",
            "spaces",
            "actions passed",
            "compared",
            "deviation",
            "trained",
            "read s",
            "apply s",
            "rebuild s",
            "forward s",
            "total s",
            "MiB");

    private ZooTable() {}

    /** Writes one report as a row. */
    static String line(ModelReport r) {
        if (!r.error().isEmpty()) {
            List<String> cells = new ArrayList<>(List.of(r.name(), r.kind(), r.batch(), "", "", "", "none"));
            return row(padded(cells));
        }
        return row(List.of(
                r.name(),
                r.kind(),
                r.batch(),
                format("%,d", r.parameters()),
                format("%,d", r.parameters() - r.resizableParameters()),
                format("%d", r.resizableSpaces()),
                format("%,d of %,d", r.passed(), r.actions()),
                format("%d", r.preserving()),
                format("%.0e", r.worstDeviation()),
                format("%d", r.fitted()),
                format("%.2f", r.readSeconds()),
                format("%.2f", r.applySeconds()),
                format("%.2f", r.rebuildSeconds()),
                format("%.2f", r.forwardSeconds()),
                format("%.0f", r.seconds()),
                format("%,d", r.mebibytes())));
    }

    private static List<String> padded(List<String> cells) {
        while (cells.size() < COLUMNS.size()) {
            cells.add("");
        }
        return cells;
    }

    private static String row(List<String> cells) {
        return cells.stream().collect(Collectors.joining(" | ", "| ", " |"));
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }

    /** Writes the whole document. */
    static String of(List<ModelReport> reports) {
        StringBuilder text = new StringBuilder("""
                # The zoo

                Every neuron action on every model of Deeplearning4j's zoo, and on a functional model of Keras 2 (channels last; separable and
                depthwise convolutions, sums, concatenations). This file is written by

                ```
                mvn -q -Pzoo package -Dzoo.args="--out docs/zoo.md"
                ```

                Every model is built with random weights and ten classes. Every resizable unit space is shrunk by 10 %, 50 % and 90 %
                (`Projections.importance()`) and grown to 150 % and 200 % (replication). Each of the resulting networks is written as a
                Deeplearning4j model of the same class and run forward. An action passes if

                * the activations of all vertices are finite;
                * for growth, the activations of all vertices that keep their width deviate by at most 1e-4 of the largest value from
                  the original's (*compared*, and the largest *deviation*), except where normalisation mixes the units;
                * a step of training gives a finite score (every seventh network is *trained*).

                Convolutions of ResNet50 and InceptionResNetV1 are scaled, because with the zoo's own random weights ResNet50's activations
                exceed single precision and InceptionResNetV1 turns rounding errors into other outputs.

                Times are means per network on two shared cores with one OpenMP thread, in seconds; *MiB* is the memory of the process.

                """);
        text.append(row(COLUMNS)).append('\n');
        text.append(row(COLUMNS.stream().map(column -> "---").toList())).append('\n');
        reports.forEach(report -> text.append(line(report)).append('\n'));
        List<ModelReport> read =
                reports.stream().filter(report -> report.error().isEmpty()).toList();
        long parameters = read.stream().mapToLong(ModelReport::parameters).sum();
        long resizable =
                read.stream().mapToLong(ModelReport::resizableParameters).sum();
        text.append(row(padded(new ArrayList<>(List.of(
                        "**total**",
                        "",
                        "",
                        format("%,d", parameters),
                        format("%,d", parameters - resizable),
                        format("%d", sum(read, ModelReport::resizableSpaces)),
                        format("%,d of %,d", sum(read, ModelReport::passed), sum(read, ModelReport::actions)),
                        format("%,d", sum(read, ModelReport::preserving)),
                        format(
                                "%.0e",
                                read.stream()
                                        .mapToDouble(ModelReport::worstDeviation)
                                        .max()
                                        .orElse(0)),
                        format("%d", sum(read, ModelReport::fitted)))))))
                .append("\n\n");
        text.append(format(
                "%.4f %% of all parameters lie in arrays that at least one resizable space indexes; the others are *not resizable*.\n\n",
                100.0 * resizable / Math.max(1, parameters)));
        text.append("Deeplearning4j itself:\n\n");
        for (ModelReport report : reports) {
            if (report.failures().isEmpty() && !(report.error() + report.note()).isEmpty()) {
                text.append("* ")
                        .append(report.name())
                        .append(": ")
                        .append(report.error())
                        .append(report.note())
                        .append('\n');
            }
        }
        text.append("\nFrozen spaces:\n\n");
        for (ModelReport report : read) {
            text.append("* ").append(report.name()).append(": ");
            text.append(report.frozen().entrySet().stream()
                            .map(ZooTable::frozen)
                            .collect(Collectors.joining("; ")))
                    .append('\n');
        }
        List<String> failures = reports.stream()
                .flatMap(report -> report.failures().stream().map(failure -> report.name() + ": " + failure))
                .toList();
        if (!failures.isEmpty()) {
            text.append("\nFailures:\n\n");
            failures.forEach(failure -> text.append("* ").append(failure).append('\n'));
        }
        return text.toString();
    }

    private static String frozen(Map.Entry<String, List<String>> entry) {
        return entry.getKey() + entry.getValue().stream().collect(Collectors.joining("`, `", " `", "`"));
    }

    private static int sum(List<ModelReport> reports, java.util.function.ToIntFunction<ModelReport> value) {
        return reports.stream().mapToInt(value).sum();
    }
}
