package org.growingnn.dl4j.cli.report;

import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/**
 * A chart, before it is drawn.
 *
 * @param id prefix of all ids in it
 * @param title what it shows, in a few words
 * @param description what can be seen, for those who do not see it
 * @param across what the horizontal axis is
 * @param acrossLabel writes a value of it; empty text if it has no label
 * @param upLabel writes a value of the vertical axis
 * @param fromZero whether the vertical axis begins at 0
 * @param series what is drawn; later ones over earlier ones
 */
record Plot(
        String id,
        String title,
        String description,
        String across,
        DoubleFunction<String> acrossLabel,
        DoubleFunction<String> upLabel,
        boolean fromZero,
        List<Plot.Series> series) {

    /** How points look. Each one has a shape of its own, so that nothing is told by colour alone. */
    enum Look {
        ACCEPTED("accepted"),
        REJECTED("taken back"),
        FRONT("not beaten by any other"),
        CHOSEN("chosen"),
        EQUAL("score as foretold");

        private final String text;

        Look(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }

        /** Name of the classes of its lines and shapes. */
        String css() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A value, where it is, and what it is. */
    record Point(double x, double y, String title) {

        boolean isFinite() {
            return Double.isFinite(x) && Double.isFinite(y);
        }
    }

    /** Points of one look, joined by a line or not. */
    record Series(Look look, boolean joined, boolean marked, List<Point> points) {

        Series {
            points = points.stream().filter(Point::isFinite).toList();
        }
    }

    Plot {
        series = series.stream().filter(some -> !some.points().isEmpty()).toList();
    }
}
