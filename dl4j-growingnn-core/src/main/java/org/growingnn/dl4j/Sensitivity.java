package org.growingnn.dl4j;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.projection.Resizer;
import org.growingnn.dl4j.training.Calibrator;
import org.growingnn.dl4j.training.LiveModel;
import org.growingnn.dl4j.value.Ranges;
import org.growingnn.dl4j.value.RecordJson;
import org.jspecify.annotations.Nullable;

/**
 * How much of a model's quality is lost when one layer alone is narrowed, layer by layer and ratio by ratio, right after the removal.
 *
 * <pre>{@code
 * Sensitivity sensitivity = Sensitivity.of(model, graph -> graph.evaluate(validation).accuracy(), 0.25, 0.5, 0.75);
 * System.out.println(sensitivity.toMarkdown());
 * }</pre>
 *
 * @param projection name of the projection that chose what is left, without refit
 * @param quality quality of the model as it is
 * @param parameters number of its parameters
 * @param rows one for each space of units that can be resized and each ratio, in the order of the network and of the ratios
 */
public record Sensitivity(String projection, double quality, long parameters, List<Row> rows) {

    /** Which ratios are measured where none is given. */
    private static final double[] DEFAULT_RATIOS = {0.1, 0.3, 0.5, 0.7, 0.9};

    private static final int CALIBRATION_BATCHES = 10;

    private static final String REFIT = "+refit";

    private static final RecordJson JSON = new RecordJson();

    /**
     * One space, narrowed once.
     *
     * @param space name of the space, that of its first layer
     * @param layers all layers that compute its units
     * @param units number of units before
     * @param ratio share of the units that was to go, 0 &lt; ratio &lt; 1
     * @param left number of units that were left, at least the least width with which the model runs
     * @param parameters number of parameters of the narrowed network
     * @param quality its quality
     * @param refitted its quality with the weights that consume the units solved anew; empty without calibration data
     */
    public record Row(
            String space,
            List<String> layers,
            long units,
            double ratio,
            int left,
            long parameters,
            double quality,
            OptionalDouble refitted) {

        /**
         * Checks the ranges.
         *
         * @param space name of the space
         * @param layers its layers
         * @param units number of units before
         * @param ratio share that was to go
         * @param left number of units that were left
         * @param parameters number of parameters
         * @param quality quality without refit
         * @param refitted quality with refit
         */
        public Row {
            Objects.requireNonNull(space, "space");
            layers = List.copyOf(layers);
            Ranges.requireAtLeast("units", units, 1);
            requireRatio(ratio);
            Ranges.requireAtLeast("left", left, 1);
            Ranges.requireAtLeast("parameters", parameters, 0);
            requireFinite("quality", quality);
            refitted.ifPresent(value -> requireFinite("refitted", value));
        }
    }

    /**
     * Copies the list.
     *
     * @param projection name of the projection
     * @param quality quality of the model as it is
     * @param parameters number of its parameters
     * @param rows one for each space and ratio
     */
    public Sensitivity {
        Objects.requireNonNull(projection, "projection");
        requireFinite("quality", quality);
        Ranges.requireAtLeast("parameters", parameters, 0);
        rows = List.copyOf(rows);
    }

    /**
     * Measures without calibration data: units stay that {@link Projections#importance()} keeps.
     *
     * @param model an initialised {@link ComputationGraph} or {@link org.deeplearning4j.nn.multilayer.MultiLayerNetwork}; not modified
     * @param measure the program's own measure of quality, such as accuracy on validation data; it is given the model as a graph and
     *     then every narrowed network, which are released afterwards
     * @param ratios shares of each layer's units to remove, each greater than 0 and less than 1; without any, 0.1, 0.3, 0.5, 0.7 and 0.9
     * @return what was measured
     * @throws IllegalArgumentException if a ratio is out of range, or a quality is not finite, with the layer and the ratio
     */
    public static Sensitivity of(Model model, ToDoubleFunction<ComputationGraph> measure, double... ratios) {
        return measured(model, measure, null, Projections.importance(), ratios);
    }

    /**
     * Measures with calibration data, without refit and with it.
     *
     * @param model as for {@link #of(Model, ToDoubleFunction, double...)}
     * @param measure the program's own measure of quality
     * @param calibration labelled data, typically the training data, of which 10 batches are passed; see {@link TrainingData#of}
     * @param projection name of the projection that chooses what is left, such as {@code importance-taylor}; see {@link
     *     Projections#named}
     * @param ratios shares of each layer's units to remove
     * @return what was measured
     * @throws IllegalArgumentException if there is no such projection, a ratio is out of range, or a quality is not finite
     */
    public static Sensitivity of(
            Model model,
            ToDoubleFunction<ComputationGraph> measure,
            TrainingData calibration,
            String projection,
            double... ratios) {
        Objects.requireNonNull(calibration, "calibration");
        // Refit is measured beside the projection itself.
        String plain =
                projection.endsWith(REFIT) ? projection.substring(0, projection.length() - REFIT.length()) : projection;
        return measured(model, measure, calibration, Projections.named(plain), ratios);
    }

    private static Sensitivity measured(
            Model model,
            ToDoubleFunction<ComputationGraph> measure,
            @Nullable TrainingData calibration,
            Projection projection,
            double[] ratios) {
        Objects.requireNonNull(measure, "measure");
        double[] shares = ratios.length == 0 ? DEFAULT_RATIOS : ratios;
        for (double ratio : shares) {
            requireRatio(ratio);
        }
        NetworkGraph read = ModelReader.read(model, List.of());
        NetworkGraph network = calibration == null
                ? read
                : new Calibrator(CALIBRATION_BATCHES)
                        .withSquaredGradients(projection.needsSquaredGradients())
                        .calibrate(read, calibration);
        double before = quality(network, measure, "The model");
        List<Row> rows = new ArrayList<>();
        for (UnitSpace space : network.spaces()) {
            if (space.resizable() && !space.features() && space.size() != Layout.UNKNOWN) {
                for (double ratio : shares) {
                    rows.add(row(network, space, ratio, projection, measure));
                }
            }
        }
        return new Sensitivity(projection.name(), before, network.parameterCount(), rows);
    }

    private static Row row(
            NetworkGraph network,
            UnitSpace space,
            double ratio,
            Projection projection,
            ToDoubleFunction<ComputationGraph> measure) {
        long wanted = Math.max(Math.max(1, space.minimum()), Math.round((1 - ratio) * space.size()));
        int left = (int) Math.min(space.size(), wanted);
        String what = "Without a share of " + ratio + " of '" + space.name() + "', the model";
        Map<String, Integer> widths = Map.of(space.name(), left);
        NetworkGraph narrow = Resizer.resize(network, widths, projection);
        OptionalDouble repaired = network.calibration().isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(quality(
                        Resizer.resize(network, widths, Projections.refitted(projection)),
                        measure,
                        what + ", refitted,"));
        return new Row(
                space.name(),
                space.producers(),
                space.size(),
                ratio,
                left,
                narrow.parameterCount(),
                quality(narrow, measure, what),
                repaired);
    }

    private static double quality(NetworkGraph network, ToDoubleFunction<ComputationGraph> measure, String what) {
        ComputationGraph live = ModelWriter.toComputationGraph(network);
        try {
            double quality = measure.applyAsDouble(live);
            if (!Double.isFinite(quality)) {
                throw new IllegalArgumentException(what + " has the quality " + quality
                        + ", which does not compare.\nMaybe the measure divides by 0, or takes a logarithm of it?");
            }
            return quality;
        } finally {
            LiveModel.release(live);
        }
    }

    private static void requireFinite(String name, double value) {
        Ranges.require(Double.isFinite(value), name, value, "finite");
    }

    private static void requireRatio(double ratio) {
        if (!(ratio > 0 && ratio < 1)) {
            throw new IllegalArgumentException("The ratio (" + ratio
                    + ") of units to remove must be greater than 0 and less than 1.\nMaybe 0.1 to remove 10 %?");
        }
    }

    /**
     * Writes this for other programs.
     *
     * @return indented JSON, by the names of the components
     */
    public String toJson() {
        return JSON.write(this, nothing());
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @param json an object
     * @return the value
     * @throws IllegalArgumentException if it is no JSON, or if a name or a value is not allowed, with its place
     */
    public static Sensitivity fromJson(String json) {
        return JSON.read(json, nothing());
    }

    private static Sensitivity nothing() {
        return new Sensitivity(Projections.importance().name(), 0, 0, List.of());
    }

    /**
     * Writes this for people.
     *
     * @return a table in Markdown, with a line for the model as it is and one for each row
     */
    public String toMarkdown() {
        StringBuilder table = new StringBuilder("| layer | units | removed | left | parameters | quality | refitted |\n"
                + "|---|---:|---:|---:|---:|---:|---:|\n");
        table.append(String.format(Locale.ROOT, "| (none) | | | | %d | %.4f | |%n", parameters, quality));
        for (Row row : rows) {
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %d | %s %% | %d | %d | %.4f | %s |%n",
                    // A bar would end the cell.
                    String.join(", ", row.layers).replace("|", "\\|"),
                    row.units,
                    percent(row.ratio),
                    row.left,
                    row.parameters,
                    row.quality,
                    row.refitted.isPresent() ? String.format(Locale.ROOT, "%.4f", row.refitted.getAsDouble()) : ""));
        }
        return table.toString().replace(System.lineSeparator(), "\n");
    }

    /** Writes a share without the noise of binary fractions. */
    private static String percent(double ratio) {
        return BigDecimal.valueOf(ratio).movePointRight(2).stripTrailingZeros().toPlainString();
    }

    @Override
    public String toString() {
        return toMarkdown();
    }
}
