package org.growingnn.dl4j.cli.report;

import static j2html.TagCreator.li;
import static j2html.TagCreator.p;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.span;
import static j2html.TagCreator.ul;

import j2html.tags.DomContent;

/** What the shapes of a chart mean. */
final class Legend {

    private Legend() {}

    /** The chart itself, or where it would be. */
    static DomContent drawing(Plot plot) {
        return Charts.svg(plot)
                .<DomContent>map(svg -> rawHtml(svg))
                .orElseGet(() -> p("This chart could not be drawn where the report was made, because no fonts are"
                        + " installed there. The numbers are in the table."));
    }

    static DomContent of(Plot plot, Facts facts) {
        return ul(plot.series().stream()
                        .map(series -> li(
                                span(Html.text(symbol(series.look())))
                                        .withClasses(
                                                "symbol",
                                                "symbol-" + series.look().css())
                                        .attr("aria-hidden", "true"),
                                Html.text(name(series.look(), facts))))
                        .toArray(DomContent[]::new))
                .withClass("legend");
    }

    private static String name(Plot.Look look, Facts facts) {
        return look == Plot.Look.CHOSEN ? facts.chosenName() : look.text();
    }

    private static String symbol(Plot.Look look) {
        return switch (look) {
            case ACCEPTED -> "\u25cf";
            case REJECTED -> "\u2715";
            case FRONT -> "\u25c6";
            case CHOSEN -> "\u25ef";
            case EQUAL -> "\u2571";
        };
    }
}
