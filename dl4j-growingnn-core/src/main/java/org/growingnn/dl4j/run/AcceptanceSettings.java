package org.growingnn.dl4j.run;

import java.util.Objects;
import java.util.OptionalDouble;
import org.growingnn.dl4j.metric.Reading;
import org.growingnn.dl4j.value.Ranges;

/**
 * Which generations are kept. Values and drops are those of the metric: a floor is the least value allowed, or the largest one where lower
 * is better; a drop counts in points where the metric is a share (accuracy, F1, R²), and as a share of the initial model's value where it
 * has no bound (losses, errors).
 *
 * @param accuracyFloor training accuracy below which no generation is accepted, 0 to 1, as in the GrowingNN paper; 0 for none. It is for
 *     networks that are judged by accuracy
 * @param floor value that the metric must reach on validation data
 * @param maxDrop how far the metric may fall on validation data below the initial model's, 0 to 1; without it the metric's own,
 *     {@link Reading#defaultDrop}, if there is no floor, else any
 */
public record AcceptanceSettings(double accuracyFloor, OptionalDouble floor, OptionalDouble maxDrop) {

    /** What holds unless something else is said. */
    public static final AcceptanceSettings DEFAULT =
            new AcceptanceSettings(0, OptionalDouble.empty(), OptionalDouble.empty());

    /**
     * Checks the ranges.
     *
     * @param accuracyFloor training accuracy below which no generation is accepted
     * @param floor value that the metric must reach
     * @param maxDrop how far the metric may fall
     */
    public AcceptanceSettings {
        Ranges.requireShare("accuracyFloor", accuracyFloor);
        Objects.requireNonNull(floor, "floor");
        Objects.requireNonNull(maxDrop, "maxDrop");
        floor.ifPresent(value -> Ranges.require(Double.isFinite(value), "floor", value, "finite"));
        maxDrop.ifPresent(drop -> Ranges.requireShare("maxDrop", drop));
    }

    /** What a run must be above, given what the metric told of its initial model. */
    Floors floors(Reading initial) {
        return new Floors(
                accuracyFloor > 0 ? OptionalDouble.of(accuracyFloor) : OptionalDouble.empty(),
                floor,
                maxDrop.orElse(
                        accuracyFloor > 0 || floor.isPresent() ? Double.POSITIVE_INFINITY : initial.defaultDrop()));
    }
}
