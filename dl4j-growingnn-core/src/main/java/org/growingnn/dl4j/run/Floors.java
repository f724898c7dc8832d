package org.growingnn.dl4j.run;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.growingnn.dl4j.metric.Reading;

/**
 * Decides whether a generation is accepted. A floor applies from the moment the run is above it; a model that starts below may climb.
 *
 * @param training value that the metric must reach on training data, if any
 * @param validation value that it must reach on validation data, if any
 * @param drop how far it may fall on validation data below the initial model's; infinite for any
 */
record Floors(OptionalDouble training, OptionalDouble validation, double drop) {

    /** A drop is a difference: 0.99 − 0.97 is a little more than 0.02. */
    private static final double ROUNDING = 1e-9;

    /**
     * Judges.
     *
     * @param generation what was made and measured
     * @param previous the generation that the run would go back to
     * @param initial generation 0
     * @return why it is taken back; empty if it is accepted
     */
    Optional<String> obstacle(Generation generation, Generation previous, Generation initial) {
        if (generation.epochs() > 0 && !Double.isFinite(generation.loss())) {
            return Optional.of("training diverged");
        }
        if (!generation.training().measured() || !generation.validation().measured()) {
            return Optional.of("predictions are no numbers, or leave the metric undefined");
        }
        if (training.isPresent()
                && !generation.training().meets(training.getAsDouble())
                && !climbs(
                        generation.trainingGoodness(),
                        previous.trainingGoodness(),
                        previous.training().meets(training.getAsDouble()))) {
            return below("training", generation.training(), training.getAsDouble());
        }
        if (validation.isPresent()
                && !generation.validation().meets(validation.getAsDouble())
                && !climbs(
                        generation.goodness(),
                        previous.goodness(),
                        previous.validation().meets(validation.getAsDouble()))) {
            return below("validation", generation.validation(), validation.getAsDouble());
        }
        double fallen = generation.validation().drop(initial.validation());
        double before = previous.validation().drop(initial.validation());
        return fallen <= drop + ROUNDING || (before > drop + ROUNDING && fallen <= before)
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        "the metric on validation data, %s, is %.4f worse than the initial %s, more than the %.4f allowed",
                        generation.validation(),
                        fallen,
                        initial.validation(),
                        drop));
    }

    /** Below a floor a model is accepted only while the run has been below it anyway and does not fall further. */
    private static boolean climbs(double goodness, double before, boolean wasAbove) {
        return !wasAbove && goodness >= before;
    }

    private static Optional<String> below(String data, Reading reading, double floor) {
        return Optional.of(String.format(
                Locale.ROOT, "the metric on %s data, %s, does not reach the floor of %.4f", data, reading, floor));
    }
}
