package org.growingnn.dl4j.cli.report;

import static j2html.TagCreator.a;
import static j2html.TagCreator.body;
import static j2html.TagCreator.button;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.footer;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.head;
import static j2html.TagCreator.header;
import static j2html.TagCreator.li;
import static j2html.TagCreator.main;
import static j2html.TagCreator.meta;
import static j2html.TagCreator.nav;
import static j2html.TagCreator.noscript;
import static j2html.TagCreator.p;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.script;
import static j2html.TagCreator.style;
import static j2html.TagCreator.title;
import static j2html.TagCreator.ul;

import j2html.Config;
import j2html.TagCreator;
import j2html.rendering.FlatHtml;
import j2html.tags.DomContent;
import j2html.tags.specialized.HtmlTag;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Makes the report of a run: one page of HTML that needs nothing else, neither network nor other files. It can be read without scripts,
 * which only choose theme and tree, and follow a run that is under way.
 */
public final class Report {

    private static final String STYLE = resource("report.css");
    private static final String SCRIPT = resource("report.js");

    /** Nothing is loaded from anywhere, and no script runs but the page's own, whatever names a log holds. */
    private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-"
            + sha256(SCRIPT) + "'; connect-src 'self'; base-uri 'none'; form-action 'none'";

    private static final List<List<String>> CONTENTS = List.of(
            List.of("summary", "Summary"),
            List.of("generations", "Generations"),
            List.of("front", "Pareto front"),
            List.of("widths", "Widths"),
            List.of("network", "Network"),
            List.of("trees", "Search trees"),
            List.of("grades", "Grades"),
            List.of("actions", "Actions"),
            List.of("settings", "Settings"));

    private Report() {}

    /**
     * Makes the page of a run.
     *
     * @param log what the run's log tells
     * @return HTML
     */
    public static String html(RunLog log) {
        return page(log, new NetworkDrawing(), Optional.empty());
    }

    /**
     * Writes the page of a run to a file, which is replaced if it exists.
     *
     * @param runFolder the run's folder
     * @param out the file
     * @throws IOException if there is no log in the folder, or the file cannot be written
     */
    public static void write(Path runFolder, Path out) throws IOException {
        String html = html(RunLog.read(runFolder));
        Path target = out.toAbsolutePath();
        Files.createDirectories(target.getParent());
        // In one step, so that nobody opens half a page.
        Path written = target.resolveSibling("." + target.getFileName() + ".part");
        try {
            Files.writeString(written, html);
            Files.move(written, target, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(written);
        }
    }

    /**
     * Makes a page.
     *
     * @param log what the run's log tells
     * @param drawing draws networks
     * @param refresh how often the page looks for news while the run is under way; empty if nobody serves it
     */
    static String page(RunLog log, NetworkDrawing drawing, Optional<Duration> refresh) {
        Facts facts = new Facts(log);
        Optional<Long> seconds = refresh.filter(any -> !facts.ended()).map(every -> Math.max(1, every.toSeconds()));
        HtmlTag page = TagCreator.html(
                        head(
                                meta().withCharset("utf-8"),
                                meta().attr("http-equiv", "Content-Security-Policy")
                                        .withContent(POLICY),
                                meta().withName("viewport").withContent("width=device-width, initial-scale=1"),
                                meta().withName("color-scheme").withContent("light dark"),
                                seconds.<DomContent>map(every -> noscript(meta().attr("http-equiv", "refresh")
                                                .withContent(String.valueOf(every))))
                                        .orElse(Html.text("")),
                                title(Html.clean("Run " + log.name())),
                                style(rawHtml(STYLE))),
                        body(
                                a("Skip to the summary").withHref("#summary").withClass("skip"),
                                header(
                                        div(
                                                        h1(Html.text("Run " + log.name())),
                                                        button("Dark theme")
                                                                .withId("theme")
                                                                .withClass("scripted")
                                                                .withType("button")
                                                                .attr("aria-pressed", "false"))
                                                .withClass("top"),
                                        SummarySection.status(log),
                                        p("").withId("news").attr("role", "status"),
                                        nav(ul(each(
                                                        CONTENTS,
                                                        entry -> li(
                                                                a(entry.get(1)).withHref("#" + entry.get(0))))))
                                                .attr("aria-label", "Contents")),
                                main(
                                        SummarySection.of(facts),
                                        CourseSection.course(facts),
                                        CourseSection.front(facts),
                                        StructureSection.widths(facts),
                                        StructureSection.network(facts, drawing),
                                        SearchSection.trees(facts),
                                        SearchSection.grades(facts),
                                        ActionsSection.of(facts),
                                        SettingsSection.of(facts)),
                                footer(p("Made by dl4j-growingnn.")),
                                script(rawHtml(SCRIPT))))
                .withLang("en");
        seconds.ifPresent(every -> page.withData("refresh", String.valueOf(every)));
        try {
            return "<!DOCTYPE html>\n"
                    + page.render(FlatHtml.inMemory(Config.defaults().withEmptyTagsClosed(true)))
                    + "\n";
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static String resource(String name) {
        try (InputStream bytes = Report.class.getResourceAsStream(name)) {
            if (bytes == null) {
                throw new IllegalStateException("The resource '" + name + "' of the report is missing.\n"
                        + "Maybe the resources were left out when the program was packed?");
            }
            // Browsers hash scripts with these ends of lines, however a checkout has changed them.
            return new String(bytes.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static String sha256(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("Every Java platform has SHA-256.", impossible);
        }
    }
}
