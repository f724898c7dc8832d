package org.growingnn.dl4j.cli.report;

import j2html.tags.ContainerTag;
import j2html.tags.DomContent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Draws networks as layered graphs. It keeps where boxes are, since a live page shows the same networks again and again. */
final class NetworkDrawing {

    /** Larger networks are only told by a table: nobody finds anything in such a drawing. */
    static final int MOST = 400;

    private static final int KEPT = 8;
    private static final int LONGEST = 28;
    private static final double LETTER = 6.9;
    private static final double LINE = 15;
    private static final double LEAST_WIDTH = 96;

    private final Map<Map<String, GraphLayout.Box>, GraphLayout> layouts = new ConcurrentHashMap<>();

    /** A box with its lines of text. */
    private record Labelled(List<String> lines, NetworkDiff.Kind kind, String title, List<String> from) {

        GraphLayout.Box box() {
            int longest = lines.stream().mapToInt(String::length).max().orElse(0);
            return new GraphLayout.Box(Math.max(LEAST_WIDTH, longest * LETTER + 18), lines.size() * LINE + 10, from);
        }
    }

    /**
     * Draws a network.
     *
     * @param id prefix of all ids in it
     * @param title what it is
     * @param network the network
     * @param diff what changed
     */
    DomContent svg(String id, String title, RunLog.Network network, NetworkDiff diff) {
        Map<String, Labelled> boxes = boxes(network, diff);
        Map<String, GraphLayout.Box> sizes = new LinkedHashMap<>();
        boxes.forEach((name, box) -> sizes.put(name, box.box()));
        if (layouts.size() > KEPT) {
            layouts.clear();
        }
        GraphLayout layout = layouts.computeIfAbsent(Map.copyOf(sizes), any -> GraphLayout.of(sizes));
        return tag("svg")
                .attr("class", "network")
                .attr("role", "img")
                .attr("aria-labelledby", id + "-title " + id + "-desc")
                .attr("width", round(layout.width()))
                .attr("height", round(layout.height()))
                .attr("viewBox", "0 0 " + round(layout.width()) + " " + round(layout.height()))
                .with(
                        tag("title").withId(id + "-title").with(Html.text(title)),
                        tag("desc").withId(id + "-desc").with(Html.text(description(network, boxes))),
                        arrowHead(id),
                        arrows(id, layout))
                .with(boxes.entrySet().stream()
                        .map(box -> box(box.getValue(), layout.places().get(box.getKey()), sizes.get(box.getKey())))
                        .toList());
    }

    private static Map<String, Labelled> boxes(RunLog.Network network, NetworkDiff diff) {
        Map<String, Labelled> boxes = new LinkedHashMap<>();
        for (RunLog.Input input : network.inputs()) {
            boxes.put(
                    input.name(),
                    new Labelled(
                            Stream.of(cut(input.name()), cut("input " + input.shape()))
                                    .toList(),
                            NetworkDiff.Kind.SAME,
                            "Input " + input.name() + ", " + input.shape(),
                            List.of()));
        }
        for (RunLog.Vertex vertex : network.vertices()) {
            Optional<String> change = diff.change(vertex.name());
            List<String> lines = Stream.of(
                            Optional.of(cut(vertex.name())),
                            Optional.of(cut(kind(vertex) + " " + vertex.shape())),
                            change)
                    .flatMap(Optional::stream)
                    .toList();
            boxes.putIfAbsent(
                    vertex.name(),
                    new Labelled(
                            lines,
                            diff.kind(vertex.name()),
                            told(vertex, change.orElse("unchanged")),
                            vertex.inputs()));
        }
        return boxes;
    }

    private static String told(RunLog.Vertex vertex, String change) {
        return vertex.name() + ": " + vertex.type() + ", " + Numbers.count(vertex.parameters()) + " parameters, "
                + change;
    }

    /** The type without the words that all types end with. */
    static String kind(RunLog.Vertex vertex) {
        String kind = vertex.type().replaceAll("(Layer|Vertex)$", "");
        return kind.isEmpty() ? vertex.type() : kind;
    }

    private static String cut(String text) {
        String clean = Html.clean(text).strip();
        return clean.codePointCount(0, clean.length()) <= LONGEST
                ? clean
                : clean.substring(0, clean.offsetByCodePoints(0, LONGEST - 1)) + "\u2026";
    }

    private static String description(RunLog.Network network, Map<String, Labelled> boxes) {
        Map<NetworkDiff.Kind, Long> counts =
                boxes.values().stream().collect(Collectors.groupingBy(Labelled::kind, Collectors.counting()));
        String changes = Stream.of(NetworkDiff.Kind.values())
                .filter(kind -> kind != NetworkDiff.Kind.SAME && counts.containsKey(kind))
                .map(kind -> counts.get(kind) + " " + kind.text())
                .collect(Collectors.joining(", "));
        return "A graph of " + network.vertices().size() + " layers and vertices, inputs at the top. "
                + (changes.isEmpty() ? "None of them changed." : "Marked: " + changes + ".")
                + " The table of layers tells the same.";
    }

    private static DomContent arrowHead(String id) {
        return tag("defs")
                .with(tag("marker")
                        .withId(id + "-head")
                        .attr("viewBox", "0 0 6 6")
                        .attr("refX", "6")
                        .attr("refY", "3")
                        .attr("markerWidth", "6")
                        .attr("markerHeight", "6")
                        .attr("orient", "auto")
                        .with(tag("path").attr("d", "M0,0L6,3L0,6z").attr("class", "head")));
    }

    private static DomContent arrows(String id, GraphLayout layout) {
        return tag("g").attr("class", "arrows")
                .with(layout.arrows().stream()
                        .filter(way -> !way.isEmpty())
                        .map(way -> tag("path")
                                .attr(
                                        "d",
                                        way.stream()
                                                .map(place -> round(place.x()) + "," + round(place.y()))
                                                .collect(Collectors.joining("L", "M", "")))
                                .attr("marker-end", "url(#" + id + "-head)"))
                        .toList());
    }

    private static DomContent box(Labelled box, GraphLayout.Place place, GraphLayout.Box size) {
        IntFunction<DomContent> line = number -> tag("text")
                .attr("x", round(size.width() / 2))
                .attr("y", round(LINE * (number + 1) + 2))
                .withCondClass(number == 0, "name")
                .with(Html.text(box.lines().get(number)));
        return tag("g").attr("class", "box " + box.kind().css())
                .attr("transform", "translate(" + round(place.x()) + " " + round(place.y()) + ")")
                .with(
                        tag("title").with(Html.text(box.title())),
                        tag("rect")
                                .attr("width", round(size.width()))
                                .attr("height", round(size.height()))
                                .attr("rx", "4"))
                .with(IntStream.range(0, box.lines().size()).mapToObj(line));
    }

    private static String round(double value) {
        return String.format(Locale.ROOT, "%.1f", value).replaceAll("\\.0$", "");
    }

    private static Element tag(String name) {
        return new Element(name);
    }

    /** Elements of SVG, which j2html has no classes for. */
    private static final class Element extends ContainerTag<Element> {

        Element(String name) {
            super(name);
        }
    }
}
