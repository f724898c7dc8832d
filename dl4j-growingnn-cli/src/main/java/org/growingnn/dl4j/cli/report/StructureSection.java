package org.growingnn.dl4j.cli.report;

import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.figcaption;
import static j2html.TagCreator.figure;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.li;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;
import static j2html.TagCreator.ul;

import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Widths and networks, before and after. */
final class StructureSection {

    private StructureSection() {}

    static DomContent widths(Facts facts) {
        Map<String, Long> before = facts.widthsBefore();
        Map<String, Long> after = facts.widthsAfter();
        Map<String, String> fixed = facts.before()
                .map(network -> network.vertices().stream()
                        .filter(vertex -> vertex.space().isPresent() && !vertex.resizable())
                        .collect(Collectors.toMap(
                                vertex -> vertex.space().get(),
                                vertex -> vertex.reason().orElse("fixed"),
                                (one, other) -> one)))
                .orElse(Map.of());
        Set<String> names = new LinkedHashSet<>(before.keySet());
        names.addAll(after.keySet());
        List<List<Html.Cell>> rows = names.stream()
                .map(name -> width(name, before.get(name), after.get(name), fixed.getOrDefault(name, "")))
                .toList();
        return section(
                        h2("Widths"),
                        p(
                                "A unit space is what layers share that must have equally many units. Bars tell what is left."),
                        rows.isEmpty()
                                ? p("Nothing is known about widths yet.")
                                : Html.tableOf(
                                        "widths-table",
                                        "Units of each space, before and after",
                                        List.of("Unit space", "Before", "After", "Change"),
                                        rows))
                .withId("widths");
    }

    private static List<Html.Cell> width(String name, Long before, Long after, String fixed) {
        if (before == null || after == null) {
            NetworkDiff.Kind kind = before == null ? NetworkDiff.Kind.ADDED : NetworkDiff.Kind.REMOVED;
            return List.of(
                    Html.Cell.text(name),
                    Html.Cell.number(before == null ? "\u2013" : Numbers.count(before)),
                    Html.Cell.number(after == null ? "\u2013" : Numbers.count(after)),
                    Html.Cell.text(kind.sign() + " " + kind.text()));
        }
        String change = before.equals(after)
                ? fixed.isEmpty() ? "unchanged" : "fixed: " + fixed
                : Numbers.change(before, after);
        return List.of(
                Html.Cell.text(name),
                Html.Cell.number(Numbers.count(before)),
                Html.Cell.number(Numbers.count(after)),
                Html.Cell.of(Html.text(change), SummarySection.bar(before == 0 ? 0 : (double) after / before)));
    }

    static DomContent network(Facts facts, NetworkDrawing drawing) {
        if (facts.before().isEmpty()) {
            return section(h2("Network"), p("The log tells no network yet.")).withId("network");
        }
        RunLog.Network before = facts.before().get();
        RunLog.Network after = facts.after().orElse(before);
        NetworkDiff diff = NetworkDiff.of(before, after);
        List<DomContent> figures = List.of(
                drawn("before", "Before: the model as it was given", before, diff, drawing),
                drawn("after", "After: " + facts.chosenName(), after, diff, drawing));
        return section(
                        h2("Network"),
                        legend(diff),
                        div(each(figures, some -> some)).withClasses("figures", "networks"),
                        Html.folded("network-data", "All layers and vertices as a table", table(diff)))
                .withId("network");
    }

    private static DomContent drawn(
            String id, String title, RunLog.Network network, NetworkDiff diff, NetworkDrawing drawing) {
        String caption = title + ". " + Numbers.count(network.vertices().size()) + " layers and vertices, "
                + Numbers.count(network.parameters()) + " parameters";
        boolean large = network.vertices().size() > NetworkDrawing.MOST;
        return figure(
                figcaption(Html.text(caption)).withId("network-" + id + "-caption"),
                large
                        ? p("This network is too large to be drawn. The table tells all of it.")
                        : div(drawing.svg("network-" + id, title, network, diff))
                                .withClasses("scroll", "drawing")
                                .attr("role", "region")
                                .attr("aria-labelledby", "network-" + id + "-caption")
                                .withTabindex(0));
    }

    private static DomContent legend(NetworkDiff diff) {
        Map<NetworkDiff.Kind, Long> counts =
                diff.names().stream().collect(Collectors.groupingBy(diff::kind, Collectors.counting()));
        return ul(each(
                        Stream.of(NetworkDiff.Kind.values())
                                .filter(counts::containsKey)
                                .toList(),
                        kind -> li(
                                span(Html.text(kind.sign()))
                                        .withClasses("symbol", "kind-" + kind.css())
                                        .attr("aria-hidden", "true"),
                                Html.text(counts.get(kind) + " " + kind.text()))))
                .withClass("legend");
    }

    private static DomContent table(NetworkDiff diff) {
        List<List<Html.Cell>> rows = new ArrayList<>();
        for (String name : diff.names()) {
            RunLog.Vertex before = diff.before().get(name);
            RunLog.Vertex after = diff.after().get(name);
            RunLog.Vertex either = after == null ? before : after;
            rows.add(List.of(
                    Html.Cell.text(name),
                    Html.Cell.text(either.type()),
                    Html.Cell.text(diff.change(name).orElse("unchanged")),
                    Html.Cell.text(String.join(", ", either.inputs())),
                    Html.Cell.text(both(before == null ? "" : before.shape(), after == null ? "" : after.shape())),
                    Html.Cell.number(both(
                            before == null ? "" : Numbers.count(before.parameters()),
                            after == null ? "" : Numbers.count(after.parameters()))),
                    Html.Cell.number(both(
                            before == null || before.macs().isEmpty() ? "" : Numbers.count(before.macs()),
                            after == null || after.macs().isEmpty() ? "" : Numbers.count(after.macs()))),
                    Html.Cell.text(either.resizable() ? "" : either.reason().orElse(""))));
        }
        return Html.tableOf(
                "network-table",
                "Layers and vertices, before and after",
                List.of(
                        "Name",
                        "Type",
                        "Change",
                        "Inputs",
                        "Shape",
                        "Parameters",
                        "Multiply-accumulates",
                        "Why its width is fixed"),
                rows);
    }

    private static String both(String before, String after) {
        if (before.isEmpty() || after.isEmpty() || before.equals(after)) {
            return after.isEmpty() ? before : after;
        }
        return before + Numbers.ARROW + after;
    }
}
