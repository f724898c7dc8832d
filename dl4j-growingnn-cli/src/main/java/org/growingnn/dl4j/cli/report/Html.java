package org.growingnn.dl4j.cli.report;

import static j2html.TagCreator.caption;
import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.figcaption;
import static j2html.TagCreator.figure;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import j2html.tags.DomContent;
import j2html.tags.Text;
import j2html.tags.specialized.DetailsTag;
import j2html.tags.specialized.DivTag;
import j2html.tags.specialized.FigureTag;
import java.util.Arrays;
import java.util.List;

/** Pieces that all sections are made of. */
final class Html {

    /** A cell of a table; the first one of a row is its heading. */
    record Cell(List<DomContent> content, boolean number) {

        static Cell of(DomContent... content) {
            return new Cell(List.of(content), false);
        }

        static Cell text(String text) {
            return of(Html.text(text));
        }

        static Cell number(String text) {
            return new Cell(List.of(Html.text(text)), true);
        }
    }

    private Html() {}

    /** Text of any origin. Escaped when it is rendered; what XML cannot hold, or would change the direction of text, is replaced. */
    static Text text(String text) {
        return new Text(clean(text));
    }

    static String clean(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints().forEach(point -> clean.appendCodePoint(harmless(point) ? point : 0xFFFD));
        return clean.toString();
    }

    private static boolean harmless(int point) {
        boolean control = point < ' ' && point != '\n' && point != '\t' || point >= 0x7F && point < 0xA0;
        boolean direction = point >= 0x202A && point <= 0x202E || point >= 0x2066 && point <= 0x2069;
        boolean noCharacter = point >= 0xD800 && point <= 0xDFFF || (point & 0xFFFE) == 0xFFFE;
        return !control && !direction && !noCharacter;
    }

    /** A table that scrolls inside its own box where the screen is too narrow, reachable by keyboard. */
    static DivTag tableOf(String id, String title, List<String> columns, List<List<Cell>> rows) {
        return div(table(
                        caption(text(title)).withId(id + "-caption"),
                        thead(tr(headings(columns, rows))),
                        tbody(rows.stream().map(Html::row).toArray(DomContent[]::new))))
                .withId(id)
                .withClass("scroll")
                .attr("role", "region")
                .attr("aria-labelledby", id + "-caption")
                .withTabindex(0);
    }

    /** Headings of numbers stand above their last digits. */
    private static DomContent[] headings(List<String> columns, List<List<Cell>> rows) {
        DomContent[] headings = new DomContent[columns.size()];
        for (int i = 0; i < headings.length; i++) {
            boolean number = !rows.isEmpty() && rows.get(0).get(i).number;
            headings[i] = th(text(columns.get(i))).attr("scope", "col").withCondClass(number, "number");
        }
        return headings;
    }

    private static DomContent row(List<Cell> cells) {
        DomContent[] row = new DomContent[cells.size()];
        for (int i = 0; i < row.length; i++) {
            Cell cell = cells.get(i);
            DomContent[] content = cell.content.toArray(DomContent[]::new);
            row[i] = i == 0 ? th(content).attr("scope", "row") : td(content).withCondClass(cell.number, "number");
        }
        return tr(row);
    }

    static DetailsTag folded(String id, String title, DomContent... content) {
        return details(summary(text(title))).with(Arrays.asList(content)).withId(id);
    }

    /** What is drawn, and below it what it shows and the numbers behind it. */
    static FigureTag figureOf(String title, DomContent drawing, DomContent... below) {
        return figure(figcaption(text(title)), drawing).with(Arrays.asList(below));
    }
}
