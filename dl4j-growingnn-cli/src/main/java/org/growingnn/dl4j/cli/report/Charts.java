package org.growingnn.dl4j.cli.report;

import de.erichseifert.vectorgraphics2d.Processors;
import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * Draws charts as SVG for the inside of a page. XChart draws in colours that each stand for a class of the page's style sheet, so that
 * themes apply. It outlines letters, which nobody could select, search or hear: they are replaced by text, placed where the marks of the
 * axes are.
 */
final class Charts {

    static final int WIDTH = 440;
    static final int HEIGHT = 260;

    /** Below the chart, for the name of the horizontal axis. */
    private static final int FOOT = 20;

    /** As large as on a narrow screen, where charts are small; the style sheet decides. */
    private static final int LETTER_SIZE = 15;

    private static final int MANY = 80;
    private static final double MARGIN = 0.06;

    private static final Color BACKGROUND = new Color(1, 0, 1);
    private static final Color GRID = new Color(1, 0, 2);
    private static final Color ACROSS_MARK = new Color(1, 0, 3);
    private static final Color UP_MARK = new Color(1, 0, 4);
    private static final Color LETTER = new Color(1, 0, 5);
    private static final int LINES = 2;
    private static final int SHAPES = 3;

    private static final Pattern COLOUR = Pattern.compile("rgb\\((\\d+),(\\d+),(\\d+)\\)");
    private static final Pattern LONG_FRACTION = Pattern.compile("(\\.\\d{1,2})\\d+");

    /** Around the point that it marks, whatever else is drawn there. */
    private static final Marker RING = new Marker() {
        @Override
        public void paint(Graphics2D g, double x, double y, int size) {
            double radius = size / 2.0 + 4;
            g.setStroke(new BasicStroke(2));
            g.draw(new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius));
        }
    };

    private Charts() {}

    /**
     * Draws a chart.
     *
     * @return an element of SVG; empty if there is nothing to draw, or this machine cannot draw because it has no fonts
     */
    static Optional<String> svg(Plot plot) {
        if (plot.series().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Drawing(plot).svg());
        } catch (IOException | SAXException | ParserConfigurationException | TransformerException impossible) {
            throw new IllegalStateException("The chart '" + plot.title() + "' could not be written.", impossible);
        } catch (InternalError | LinkageError | RuntimeException noFonts) {
            // Java measures letters even where it draws none, and fails in many ways where no font is installed.
            if (noFonts instanceof RuntimeException && !fontless(noFonts)) {
                throw (RuntimeException) noFonts;
            }
            return Optional.empty();
        }
    }

    /** Writes whole numbers, and nothing for others. */
    static String whole(double value) {
        // XChart adds up the steps between marks, and with them what rounding makes of them.
        return Math.abs(value - Math.rint(value)) < 1e-6 && value > -0.5 ? Numbers.count(Math.round(value)) : "";
    }

    private static boolean fontless(Throwable thrown) {
        for (StackTraceElement element : thrown.getStackTrace()) {
            if (element.getClassName().startsWith("sun.font.")
                    || element.getClassName().startsWith("sun.awt.")) {
                return true;
            }
        }
        return false;
    }

    /** The range of an axis. It is chosen here, so that places on the drawing can be read as values. */
    private record Axis(double least, double most) {

        static Axis of(Plot plot, boolean up, boolean fromZero) {
            double least = Double.POSITIVE_INFINITY;
            double most = Double.NEGATIVE_INFINITY;
            for (Plot.Series series : plot.series()) {
                for (Plot.Point point : series.points()) {
                    least = Math.min(least, up ? point.y() : point.x());
                    most = Math.max(most, up ? point.y() : point.x());
                }
            }
            double spread = most - least;
            if (spread <= Math.abs(most) * 1e-12) {
                spread = most == 0 ? 1 : Math.abs(most) / 10;
            }
            double bottom = fromZero && least >= 0 ? 0 : least - MARGIN * spread;
            return new Axis(bottom, most + MARGIN * (fromZero ? most - bottom : spread));
        }

        double value(double place) {
            return least + place * (most - least);
        }
    }

    private static final class Drawing {

        private final Plot plot;
        private final Axis across;
        private final Axis up;
        private final TreeSet<Double> acrossTicks = new TreeSet<>();
        private final TreeSet<Double> upTicks = new TreeSet<>();
        private final Map<Integer, Integer> drawn = new HashMap<>();
        private Document document;
        private Element plotArea;

        Drawing(Plot plot) {
            this.plot = plot;
            across = Axis.of(plot, false, false);
            up = Axis.of(plot, true, plot.fromZero());
        }

        String svg() throws IOException, SAXException, ParserConfigurationException, TransformerException {
            VectorGraphics2D graphics = new VectorGraphics2D();
            chart().paint(graphics, WIDTH, HEIGHT);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            Processors.get("svg")
                    .getDocument(graphics.getCommands(), new PageSize(WIDTH, HEIGHT))
                    .writeTo(bytes);
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
            document = factory.newDocumentBuilder().parse(new ByteArrayInputStream(bytes.toByteArray()));
            Element root = document.getDocumentElement();
            plotArea = plotArea(root);
            elements(root).forEach(this::restyle);
            name(root);
            return text(root);
        }

        private XYChart chart() {
            XYChart chart = new XYChart(WIDTH, HEIGHT);
            XYStyler style = chart.getStyler();
            style.setLegendVisible(false);
            style.setChartTitleVisible(false);
            style.setAxisTitlesVisible(false);
            style.setChartPadding(8);
            style.setPlotContentSize(1);
            style.setPlotMargin(0);
            style.setPlotBorderVisible(false);
            style.setPlotGridVerticalLinesVisible(false);
            style.setPlotGridLinesStroke(new BasicStroke(1));
            style.setChartBackgroundColor(BACKGROUND);
            style.setPlotBackgroundColor(BACKGROUND);
            style.setPlotGridLinesColor(GRID);
            style.setAxisTickLabelsColor(LETTER);
            style.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, LETTER_SIZE));
            style.setXAxisTickMarksColor(ACROSS_MARK);
            style.setYAxisTickMarksColor(UP_MARK);
            style.setXAxisTickMarkSpacingHint(60);
            style.setYAxisTickMarkSpacingHint(40);
            style.setXAxisTickLabelsFormattingFunction(remember(acrossTicks, plot.acrossLabel()));
            style.setYAxisTickLabelsFormattingFunction(remember(upTicks, plot.upLabel()));
            style.setXAxisMin(across.least());
            style.setXAxisMax(across.most());
            style.setYAxisMin(up.least());
            style.setYAxisMax(up.most());
            style.setMarkerSize(points() > MANY ? 5 : 8);
            for (int i = 0; i < plot.series().size(); i++) {
                add(chart, i);
            }
            return chart;
        }

        private static Function<Double, String> remember(TreeSet<Double> ticks, DoubleFunction<String> label) {
            return value -> {
                ticks.add(value);
                String text = label.apply(value);
                // XChart looks for marks whose labels differ.
                return text.isEmpty() ? Numbers.digits(value) : text;
            };
        }

        private int points() {
            return plot.series().stream()
                    .mapToInt(series -> series.points().size())
                    .max()
                    .orElse(0);
        }

        private void add(XYChart chart, int index) {
            Plot.Series series = plot.series().get(index);
            XYSeries added = chart.addSeries(
                    "series " + index,
                    series.points().stream().mapToDouble(Plot.Point::x).toArray(),
                    series.points().stream().mapToDouble(Plot.Point::y).toArray());
            added.setLineColor(new Color(LINES, index, 0));
            added.setMarkerColor(new Color(SHAPES, index, 0));
            added.setLineStyle(series.joined() ? SeriesLines.SOLID : SeriesLines.NONE);
            added.setMarker(series.marked() ? marker(series.look()) : SeriesMarkers.NONE);
        }

        private static Marker marker(Plot.Look look) {
            return switch (look) {
                case ACCEPTED -> SeriesMarkers.CIRCLE;
                case REJECTED -> SeriesMarkers.CROSS;
                case FRONT -> SeriesMarkers.DIAMOND;
                case CHOSEN -> RING;
                case EQUAL -> SeriesMarkers.NONE;
            };
        }

        /** Two rectangles have the colour of the background; the one inside of the other is where values are drawn. */
        private static Element plotArea(Element root) {
            return elements(root).stream()
                    .filter(element -> BACKGROUND.equals(colour(element, "fill")))
                    .max(Comparator.comparingDouble(element -> number(element, "x")))
                    .orElseThrow(() -> new IllegalStateException("XChart has drawn no plot area."));
        }

        /** Replaces colours by classes, letters by text, and leaves out what is not seen. */
        private void restyle(Element element) {
            for (String attribute : List.of("d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height")) {
                if (element.hasAttribute(attribute)) {
                    element.setAttribute(attribute, shortened(element.getAttribute(attribute)));
                }
            }
            if (element.getTagName().equals("clipPath")) {
                element.setAttribute("id", plot.id() + "-clip");
            }
            if (element.hasAttribute("clip-path")) {
                element.setAttribute("clip-path", "url(#" + plot.id() + "-clip)");
            }
            Color fill = colour(element, "fill");
            Color stroke = colour(element, "stroke");
            element.removeAttribute("style");
            if (BACKGROUND.equals(fill) || LETTER.equals(fill)) {
                remove(element);
            } else if (GRID.equals(fill) || GRID.equals(stroke)) {
                element.setAttribute("class", "grid");
            } else if (ACROSS_MARK.equals(stroke)) {
                label(element, true);
            } else if (UP_MARK.equals(stroke)) {
                label(element, false);
            } else if (stroke != null) {
                series(element, stroke, "line-");
            } else if (fill != null) {
                series(element, fill, "shape-");
            }
        }

        private void series(Element element, Color colour, String prefix) {
            int index = colour.getGreen();
            Plot.Series series = plot.series().get(index);
            element.setAttribute("class", prefix + series.look().css());
            if (colour.getRed() == SHAPES) {
                int point = drawn.merge(index, 1, Integer::sum) - 1;
                Element title = document.createElement("title");
                title.setTextContent(Html.clean(series.points().get(point).title()));
                element.appendChild(title);
            }
        }

        /** Writes the value of a mark beside it. */
        private void label(Element mark, boolean horizontal) {
            double x = number(mark, "x1");
            double y = number(mark, "y1");
            double length = Math.abs(number(mark, "x2") - x) + Math.abs(number(mark, "y2") - y);
            mark.setAttribute("class", "axis");
            if (length > 10) {
                return;
            }
            double left = number(plotArea, "x");
            double top = number(plotArea, "y");
            double place =
                    horizontal ? (x - left) / number(plotArea, "width") : 1 - (y - top) / number(plotArea, "height");
            double value =
                    nearest(horizontal ? acrossTicks : upTicks, horizontal ? across.value(place) : up.value(place));
            String label = (horizontal ? plot.acrossLabel() : plot.upLabel()).apply(value);
            if (label.isEmpty()) {
                remove(mark);
                return;
            }
            Element text = document.createElement("text");
            text.setAttribute("x", shortened(String.valueOf(horizontal ? x : Math.min(x, number(mark, "x2")) - 3)));
            text.setAttribute("y", shortened(String.valueOf(horizontal ? HEIGHT - 8 : y + 4)));
            text.setAttribute("class", horizontal ? "across" : "up");
            text.setTextContent(label);
            mark.getParentNode().appendChild(text);
        }

        private static double nearest(TreeSet<Double> ticks, double value) {
            Double below = ticks.floor(value);
            Double above = ticks.ceiling(value);
            if (below == null || above == null) {
                return below == null ? above : below;
            }
            return value - below < above - value ? below : above;
        }

        private void name(Element root) {
            for (String attribute : List.of("width", "height", "x", "y", "version", "xmlns", "xmlns:xlink")) {
                root.removeAttribute(attribute);
            }
            root.setAttribute("viewBox", "0 0 " + WIDTH + " " + (HEIGHT + FOOT));
            root.setAttribute("class", "chart");
            root.setAttribute("role", "img");
            root.setAttribute("aria-labelledby", plot.id() + "-title " + plot.id() + "-desc");
            Element axis = document.createElement("text");
            axis.setAttribute("x", String.valueOf(WIDTH / 2));
            axis.setAttribute("y", String.valueOf(HEIGHT + FOOT - 5));
            axis.setAttribute("class", "across");
            axis.setTextContent(plot.across());
            root.appendChild(axis);
            Element description = document.createElement("desc");
            description.setAttribute("id", plot.id() + "-desc");
            description.setTextContent(Html.clean(plot.description()));
            root.insertBefore(description, root.getFirstChild());
            Element title = document.createElement("title");
            title.setAttribute("id", plot.id() + "-title");
            title.setTextContent(Html.clean(plot.title()));
            root.insertBefore(title, description);
        }

        private static String text(Element root) throws TransformerException {
            removeBlanks(root);
            Transformer transformer = TransformerFactory.newInstance().newTransformer();
            transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
            StringWriter text = new StringWriter();
            transformer.transform(new DOMSource(root), new StreamResult(text));
            return text.toString();
        }

        /** Removes blanks between elements, and groups that nothing is left in. */
        private static void removeBlanks(Element element) {
            for (Node child : children(element)) {
                if (child instanceof Element inner) {
                    removeBlanks(inner);
                    if (inner.getTagName().equals("g") && !inner.hasChildNodes()) {
                        remove(inner);
                    }
                } else if (child.getNodeType() == Node.TEXT_NODE
                        && child.getTextContent().isBlank()) {
                    element.removeChild(child);
                }
            }
        }

        private static List<Node> children(Element element) {
            NodeList children = element.getChildNodes();
            List<Node> list = new ArrayList<>(children.getLength());
            for (int i = 0; i < children.getLength(); i++) {
                list.add(children.item(i));
            }
            return list;
        }

        private static List<Element> elements(Element root) {
            NodeList all = root.getElementsByTagName("*");
            List<Element> list = new ArrayList<>(all.getLength());
            for (int i = 0; i < all.getLength(); i++) {
                list.add((Element) all.item(i));
            }
            return list;
        }

        private static void remove(Element element) {
            element.getParentNode().removeChild(element);
        }

        private static Color colour(Element element, String property) {
            for (String declaration : element.getAttribute("style").split(";")) {
                if (declaration.startsWith(property + ":")) {
                    Matcher matcher = COLOUR.matcher(declaration);
                    return matcher.find()
                            ? new Color(
                                    Integer.parseInt(matcher.group(1)),
                                    Integer.parseInt(matcher.group(2)),
                                    Integer.parseInt(matcher.group(3)))
                            : null;
                }
            }
            return null;
        }

        private static double number(Element element, String attribute) {
            return Double.parseDouble(element.getAttribute(attribute));
        }

        private static String shortened(String numbers) {
            return LONG_FRACTION.matcher(numbers).replaceAll("$1");
        }
    }
}
