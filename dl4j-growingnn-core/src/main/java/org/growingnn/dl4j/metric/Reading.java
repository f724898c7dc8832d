package org.growingnn.dl4j.metric;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * What a metric told of a model.
 *
 * @param value in the metric's natural unit, for several outputs the weighted mean of their values; NaN if it could not be measured
 * @param standardError of the value over the examples; 0 if unknown
 * @param scale which values are better
 * @param parts the readings of the outputs, if there are several, otherwise none
 */
public record Reading(double value, double standardError, Scale scale, List<Part> parts) implements Serializable {

    /** Nothing could be measured, for example because predictions were no numbers. */
    public static final Reading NONE = new Reading(Double.NaN, 0, Scale.SHARE, List.of());

    /**
     * The reading of one of several outputs.
     *
     * @param output the output's name
     * @param weight how much it counts in means, &gt; 0
     * @param reading what was read
     */
    public record Part(String output, double weight, Reading reading) implements Serializable {

        /**
         * Checks that nothing is missing.
         *
         * @param output the output's name
         * @param weight how much it counts
         * @param reading what was read
         */
        public Part {
            Objects.requireNonNull(output, "output");
            Objects.requireNonNull(reading, "reading");
        }
    }

    /**
     * Copies the parts.
     *
     * @param value in the metric's natural unit
     * @param standardError of the value
     * @param scale which values are better
     * @param parts the readings of several outputs
     */
    public Reading {
        Objects.requireNonNull(scale, "scale");
        parts = List.copyOf(parts);
    }

    /**
     * Makes a reading of one output.
     *
     * @param value in the metric's natural unit
     * @param standardError of the value; 0 if unknown
     * @param scale which values are better
     * @return the reading
     */
    public static Reading of(double value, double standardError, Scale scale) {
        return new Reading(value, standardError, scale, List.of());
    }

    /** Puts the readings of several outputs together. */
    static Reading of(List<Part> parts) {
        if (parts.size() == 1) {
            return parts.get(0).reading();
        }
        double weights = parts.stream().mapToDouble(Part::weight).sum();
        double value = parts.stream()
                        .mapToDouble(part -> part.weight * part.reading.value)
                        .sum()
                / weights;
        double error = parts.stream()
                .mapToDouble(part -> part.weight * part.reading.standardError / weights)
                .reduce(0, Math::hypot);
        return new Reading(value, error, parts.get(0).reading.scale, parts);
    }

    /**
     * Tells whether there is a value, for each output if there are several.
     *
     * @return false if something could not be measured
     */
    public boolean measured() {
        return parts.isEmpty() ? !Double.isNaN(value) : parts.stream().allMatch(part -> part.reading.measured());
    }

    /**
     * Gives the place on [0, 1], higher is better: a share is its own place, limited to [0, 1]; what has no bound is compared with the
     * initial model, {@code 1 / (1 + exp(drop))}, so that 0.5 is as good as that. Several outputs: the weighted mean.
     *
     * @param initial what the metric told of the model that the run started from
     * @return the place; 0 if nothing could be measured
     */
    public double goodness(Reading initial) {
        if (!measured()) {
            return 0;
        }
        if (parts.isEmpty()) {
            return scale.goodness(value, initial.value);
        }
        double sum = 0;
        double weights = 0;
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            sum += part.weight * part.reading.goodness(initial.parts.get(i).reading);
            weights += part.weight;
        }
        return sum / weights;
    }

    /**
     * Gives the standard error of the goodness, as far as errors are known; those of several outputs are taken as independent.
     *
     * @param initial what the metric told of the model that the run started from
     * @return the error, ≥ 0
     */
    public double goodnessError(Reading initial) {
        if (!measured()) {
            return 0;
        }
        if (parts.isEmpty()) {
            return scale == Scale.SHARE
                    ? standardError
                    : Math.abs(scale.goodness(value + standardError, initial.value)
                                    - scale.goodness(value - standardError, initial.value))
                            / 2;
        }
        double weights = parts.stream().mapToDouble(Part::weight).sum();
        double error = 0;
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            error = Math.hypot(error, part.weight * part.reading.goodnessError(initial.parts.get(i).reading) / weights);
        }
        return error;
    }

    /**
     * Tells how much worse this is than the initial model: in points where the metric is a share, as a share of the initial value where it
     * has no bound. The worst of several outputs decides.
     *
     * @param initial what the metric told of the model that the run started from
     * @return the drop, negative if this is better; infinite if nothing could be measured
     */
    public double drop(Reading initial) {
        if (!measured()) {
            return Double.POSITIVE_INFINITY;
        }
        if (parts.isEmpty()) {
            return scale.drop(value, initial.value);
        }
        double worst = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < parts.size(); i++) {
            worst = Math.max(worst, parts.get(i).reading.drop(initial.parts.get(i).reading));
        }
        return worst;
    }

    /**
     * Tells whether the value is as good as demanded, that of each output if there are several.
     *
     * @param demanded the least value allowed, the largest if lower is better
     * @return true if it is
     */
    public boolean meets(double demanded) {
        return measured()
                && (parts.isEmpty()
                        ? scale.meets(value, demanded)
                        : parts.stream().allMatch(part -> part.reading.meets(demanded)));
    }

    /**
     * Tells how far a model may fall below this one if nothing is said.
     *
     * @return the smallest of the outputs' default drops
     */
    public double defaultDrop() {
        return parts.isEmpty()
                ? scale.defaultDrop()
                : parts.stream()
                        .mapToDouble(part -> part.reading.defaultDrop())
                        .min()
                        .orElseThrow();
    }

    @Override
    public String toString() {
        return parts.isEmpty()
                ? String.format(Locale.ROOT, "%.4f", value)
                : parts.stream().map(part -> part.output + " " + part.reading).collect(Collectors.joining(", "));
    }
}
