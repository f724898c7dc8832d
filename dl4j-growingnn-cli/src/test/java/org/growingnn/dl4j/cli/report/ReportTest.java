package org.growingnn.dl4j.cli.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Element;

class ReportTest {

    private static final Map<String, List<String>> RUNS = RunFolders.all();

    @TempDir
    private Path folder;

    static Stream<String> runs() {
        return RUNS.keySet().stream();
    }

    private static final Map<List<String>, String> PAGES = new ConcurrentHashMap<>();

    private String html(List<String> lines) throws IOException {
        RunLog log = RunLog.read(SimulatedRun.write(folder.resolve("run"), lines));
        return PAGES.computeIfAbsent(lines, any -> Report.html(log));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void everyPageCanBeReadByEverybody(String run) throws IOException {
        Page page = new Page(html(RUNS.get(run)));

        List<String> ids =
                page.having("id").stream().map(some -> some.getAttribute("id")).toList();
        assertThat(ids).doesNotHaveDuplicates();
        for (String reference : List.of("aria-labelledby", "for")) {
            assertThat(page.having(reference).stream()
                            .flatMap(some ->
                                    Arrays.stream(some.getAttribute(reference).split(" "))))
                    .as(reference)
                    .isSubsetOf(ids);
        }
        assertThat(page.elements("a"))
                .extracting(link -> link.getAttribute("href").substring(1))
                .isSubsetOf(ids);
        assertThat(page.elements("html"))
                .extracting(some -> some.getAttribute("lang"))
                .containsExactly("en");
        assertThat(page.elements("h1")).hasSize(1);
        int level = 1;
        for (Element heading : headings(page)) {
            int next = heading.getTagName().charAt(1) - '0';
            assertThat(next).as(heading.getTextContent()).isLessThanOrEqualTo(level + 1);
            level = next;
        }
        assertThat(page.elements("svg")).allSatisfy(svg -> {
            assertThat(svg.getAttribute("role")).isEqualTo("img");
            assertThat(Page.children(svg, "title")).hasSize(1);
            assertThat(Page.children(svg, "desc")).hasSize(1);
        });
        assertThat(page.elements("table")).allSatisfy(table -> {
            assertThat(Page.children(table, "caption")).hasSize(1);
            assertThat(table.getElementsByTagName("th").getLength()).isPositive();
        });
        assertThat(page.elements("th"))
                .allSatisfy(heading -> assertThat(heading.getAttribute("scope")).isIn("col", "row"));
        assertThat(page.elements("figure"))
                .allSatisfy(figure ->
                        assertThat(Page.children(figure, "figcaption")).hasSize(1));
        assertThat(page.elements("details"))
                .allSatisfy(
                        details -> assertThat(Page.children(details, "summary")).hasSize(1));
        assertThat(page.having("role").stream()
                        .filter(some -> some.getAttribute("role").equals("region")))
                .allSatisfy(region -> {
                    assertThat(region.getAttribute("tabindex")).isEqualTo("0");
                    assertThat(region.getAttribute("aria-label") + region.getAttribute("aria-labelledby"))
                            .isNotEmpty();
                });
    }

    private static List<Element> headings(Page page) {
        return page.elements("*").stream()
                .filter(some -> some.getTagName().matches("h[1-6]"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("runs")
    void everyPageNeedsNothingElse(String run) throws IOException {
        String html = html(RUNS.get(run));
        Page page = new Page(html);

        assertThat(html).doesNotContain("http://", "https://", "url(//", "@import");
        assertThat(page.having("src")).isEmpty();
        assertThat(page.elements("link")).isEmpty();
        assertThat(page.elements("script")).hasSize(1);
        assertThat(page.elements("*").stream()
                        .flatMap(some -> Stream.iterate(0, i -> i + 1)
                                .limit(some.getAttributes().getLength())
                                .map(i -> some.getAttributes().item(i).getNodeName())))
                .noneMatch(name -> name.startsWith("on"));
        assertThat(html).doesNotContain("data-refresh=");
    }

    @Test
    void namesAreTextWhateverTheyAre() throws IOException {
        String html = html(RUNS.get("hostile"));

        assertThat(html).doesNotContain("<script>alert", "\u202e", "\u0000");
        assertThat(new Page(html).byId("network-table").getTextContent())
                .contains("<script>alert(1)</script>\"'&]]>\ufffd\ufffdstem");
    }

    @Test
    void theSummaryTellsWhatWasReached() throws IOException {
        RunLog log = RunLog.read(SimulatedRun.write(folder.resolve("run"), RUNS.get("small")));
        String summary = new Page(Report.html(log)).byId("summary").getTextContent();

        assertThat(summary)
                .contains("Parameters", "Multiply-accumulates", "Accuracy", "Latency", "higher is better")
                .contains(Numbers.count(log.network().orElseThrow().parameters()))
                .contains(Numbers.count(
                        log.generation(12).orElseThrow().cost("parameters").orElseThrow()))
                .contains("12 generations: 9 accepted, 3 taken back");
        assertThat(new Page(Report.html(log)).byId("status").getTextContent()).contains("finished");
    }

    @Test
    void chartsMarkWhatWasTakenBackByShape() throws IOException {
        Page page = new Page(html(RUNS.get("small")));
        Element chart = page.elements("svg").stream()
                .filter(svg -> svg.getAttribute("aria-labelledby").startsWith("chart-metric"))
                .findFirst()
                .orElseThrow();

        List<Element> shapes = elements(chart);
        assertThat(shapes.stream().filter(shape -> is(shape, "ellipse", "shape-accepted")))
                .hasSize(10);
        assertThat(shapes.stream().filter(shape -> is(shape, "path", "line-rejected")))
                .hasSize(3);
        assertThat(shapes.stream().filter(shape -> is(shape, "ellipse", "line-chosen")))
                .hasSize(1);
        assertThat(shapes.stream().filter(shape -> is(shape, "path", "line-rejected")))
                .allSatisfy(shape -> assertThat(shape.getTextContent()).contains("taken back: the metric"));
        assertThat(shapes.stream().filter(shape -> is(shape, "text", "across")).map(Element::getTextContent))
                .contains("0", "12", "Generation");
        assertThat(shapes.stream().filter(shape -> is(shape, "text", "up"))).hasSizeGreaterThan(2);
        assertThat(shapes).noneMatch(shape -> shape.hasAttribute("style"));
    }

    private static boolean is(Element element, String name, String css) {
        return element.getTagName().equals(name)
                && element.getAttribute("class").equals(css);
    }

    private static List<Element> elements(Element root) {
        return Stream.iterate(0, i -> i + 1)
                .limit(root.getElementsByTagName("*").getLength())
                .map(i -> (Element) root.getElementsByTagName("*").item(i))
                .toList();
    }

    @Test
    void theNetworkTellsWhatChanged() throws IOException {
        RunLog log = RunLog.read(SimulatedRun.write(folder.resolve("run"), RUNS.get("small")));
        Set<String> before = names(log.network().orElseThrow());
        Set<String> after = names(log.end().orElseThrow().network().orElseThrow());
        Page page = new Page(Report.html(log));

        List<Element> boxes = page.having("class").stream()
                .filter(some -> some.getAttribute("class").startsWith("box "))
                .toList();
        // Each network has one input more.
        assertThat(boxes).hasSize(before.size() + after.size() + 2);
        assertThat(boxes.stream().filter(box -> box.getAttribute("class").endsWith("removed")))
                .hasSize(before.size() - after.size())
                .allSatisfy(box -> assertThat(box.getTextContent()).contains("\u2212 removed"));
        assertThat(boxes.stream().filter(box -> box.getAttribute("class").endsWith("narrowed")))
                .isNotEmpty()
                .allSatisfy(box -> assertThat(box.getTextContent()).contains("\u25bc"));
    }

    private static Set<String> names(RunLog.Network network) {
        return network.vertices().stream().map(RunLog.Vertex::name).collect(Collectors.toSet());
    }

    @Test
    void aTreeOfEachGenerationCanBeChosen() throws IOException {
        Page page = new Page(html(RUNS.get("small")));

        assertThat(page.byId("tree-choice").getElementsByTagName("option").getLength())
                .isEqualTo(12);
        assertThat(page.having("data-tree")).hasSize(12);
        assertThat(page.having("data-tree"))
                .allSatisfy(
                        tree -> assertThat(tree.getTextContent()).contains("\u2605", "visits", "mean", "not drawn"));
    }

    @Test
    void aLargePageStaysSmall() throws IOException {
        String html = html(RUNS.get("large"));

        assertThat(html.getBytes(StandardCharsets.UTF_8).length).isLessThan(3_000_000);
        assertThat(new Page(html).elements("*")).hasSizeLessThan(40_000);
    }

    @Test
    void networksThatNobodyCouldSurveyAreOnlyTabled() throws IOException {
        Page page = new Page(html(new SimulatedRun(1, 120, 1).finished()));

        assertThat(page.text()).contains("too large to be drawn");
        assertThat(page.byId("network-table").getElementsByTagName("tr").getLength())
                .isGreaterThan(600);
    }

    @Test
    void theDirectionOfAMetricFollowsFromItsGoodness() throws IOException {
        assertThat(new Page(html(RUNS.get("error"))).byId("summary").getTextContent())
                .contains("Mean absolute error", "lower is better");
    }

    @Test
    void aRunUnderWayTellsHowFarItIs() throws IOException {
        Page page = new Page(html(RUNS.get("under way")));

        assertThat(page.byId("status").getTextContent()).contains("under way");
        assertThat(page.byId("progress").getTextContent())
                .contains("Generation 7 is being searched", "7 candidates", "The whole run was expected");
        assertThat(page.byId("summary").getTextContent()).contains("best so far");
    }

    @Test
    void theReasonOfTheEndIsASentence() throws IOException {
        assertThat(new Page(html(RUNS.get("cancelled at once"))).byId("status").getTextContent())
                .contains("cancelled It was asked to end. After");
        assertThat(new Page(html(RUNS.get("failed"))).byId("status").getTextContent())
                .contains("failed java.lang.OutOfMemoryError: <native>. After");
    }

    @Test
    void theReportIsWrittenAndReplaced() throws IOException {
        Path run = SimulatedRun.write(folder.resolve("run"), RUNS.get("small"));
        Path out = folder.resolve("reports").resolve("report.html");

        Report.write(run, out);
        Report.write(run, out);

        assertThat(Files.readString(out)).startsWith("<!DOCTYPE html>").endsWith("</html>\n");
        try (Stream<Path> files = Files.list(out.getParent())) {
            assertThat(files).containsExactly(out);
        }
        assertThatThrownBy(() -> Report.write(folder, out)).isInstanceOf(NoSuchFileException.class);
    }
}
