package org.growingnn.dl4j.cli;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.growingnn.dl4j.Sensitivity;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Draws a line for each layer: what is left of the quality without a share of its units, dashed as the weights are, solid where they
 * were solved anew.
 *
 * @param file where to
 * @param format png or svg
 */
record SensitivityChart(Path file, String format) {

    private static final int WIDTH = 1000;
    private static final int HEIGHT = 600;
    private static final float[] DASHES = {6, 4};

    /** Colours that can be told apart by most people. */
    private static final Color[] COLOURS = {
        new Color(0x0072B2),
        new Color(0xD55E00),
        new Color(0x009E73),
        new Color(0xCC79A7),
        new Color(0xE69F00),
        new Color(0x56B4E9),
        new Color(0x000000),
        new Color(0x7F7F7F)
    };

    /**
     * Chooses the format by the name of the file.
     *
     * @throws InputException if it is none that can be drawn
     */
    static SensitivityChart of(Path file) {
        String ending = ImageExamples.ending(file);
        if (!List.of("png", "svg").contains(ending)) {
            throw new InputException("--picture " + file + " must end with .png or .svg.\nMaybe " + file + ".svg?");
        }
        return new SensitivityChart(file, ending);
    }

    void write(Sensitivity sensitivity, String metric) throws IOException {
        XYChart chart = chart(sensitivity, metric);
        try (OutputStream out = Files.newOutputStream(file)) {
            ChartEncoder.saveChart(chart, out, format);
        }
    }

    private static XYChart chart(Sensitivity sensitivity, String metric) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title("What each layer alone can lose")
                .xAxisTitle("share of the layer's units removed")
                .yAxisTitle(metric)
                .build();
        chart.getStyler().setXAxisMin(0.0).setXAxisMax(1.0);
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        Map<String, List<Sensitivity.Row>> spaces = new LinkedHashMap<>();
        sensitivity
                .rows()
                .forEach(row -> spaces.computeIfAbsent(row.space(), space -> new ArrayList<>())
                        .add(row));
        int number = 0;
        for (Map.Entry<String, List<Sensitivity.Row>> space : spaces.entrySet()) {
            Color colour = COLOURS[number++ % COLOURS.length];
            List<Sensitivity.Row> rows = space.getValue();
            boolean refitted = rows.stream().allMatch(row -> row.refitted().isPresent());
            add(chart, space.getKey(), rows, sensitivity.quality(), colour, false);
            if (refitted) {
                add(chart, space.getKey() + ", refitted", rows, sensitivity.quality(), colour, true);
            }
        }
        return chart;
    }

    private static void add(
            XYChart chart, String name, List<Sensitivity.Row> rows, double initial, Color colour, boolean refitted) {
        List<Double> shares = new ArrayList<>(List.of(0.0));
        List<Double> values = new ArrayList<>(List.of(initial));
        rows.stream().sorted((a, b) -> Double.compare(a.ratio(), b.ratio())).forEach(row -> {
            shares.add(row.ratio());
            values.add(refitted ? row.refitted().orElseThrow() : row.quality());
        });
        XYSeries series = chart.addSeries(name, shares, values);
        series.setLineColor(colour);
        series.setMarkerColor(colour);
        series.setMarker(SeriesMarkers.CIRCLE);
        series.setLineStyle(
                refitted
                        ? new BasicStroke(2)
                        : new BasicStroke(1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_BEVEL, 1, DASHES, 0));
    }
}
