package org.growingnn.dl4j.cli.report;

import static j2html.TagCreator.code;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.pre;
import static j2html.TagCreator.section;

import j2html.tags.DomContent;
import java.util.List;
import java.util.TreeMap;

/** What the run was asked to do, and where it ran. */
final class SettingsSection {

    private SettingsSection() {}

    static DomContent of(Facts facts) {
        RunLog log = facts.log();
        List<List<Html.Cell>> versions = new TreeMap<>(log.versions())
                .entrySet().stream()
                        .map(version -> List.of(Html.Cell.text(version.getKey()), Html.Cell.text(version.getValue())))
                        .toList();
        return section(
                        h2("Settings and environment"),
                        p(Html.text("Metric: " + log.metric().name()
                                + (log.metric().reason().isBlank()
                                        ? ""
                                        : ". "
                                                + SummarySection.capital(
                                                        log.metric().reason())))),
                        log.model().isBlank()
                                ? Html.text("")
                                : p(Html.text("SHA-256 of the model: "), code(Html.text(log.model()))),
                        Html.folded(
                                "settings-json",
                                "All settings",
                                log.settings().isEmpty()
                                        ? p("The log tells none.")
                                        : pre(Html.text(log.settings()))
                                                .attr("role", "region")
                                                .attr("aria-label", "Settings as JSON")
                                                .withTabindex(0)),
                        Html.folded(
                                "versions",
                                "Versions",
                                versions.isEmpty()
                                        ? p("The log tells none.")
                                        : Html.tableOf(
                                                "versions-table",
                                                "Versions of programs and libraries",
                                                List.of("Name", "Version"),
                                                versions)))
                .withId("settings");
    }
}
