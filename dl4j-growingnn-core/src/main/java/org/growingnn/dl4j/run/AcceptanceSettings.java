package org.growingnn.dl4j.run;

import java.util.Objects;
import java.util.OptionalDouble;
import org.growingnn.dl4j.value.Ranges;

/**
 * Which generations are kept.
 *
 * @param accuracyFloor training accuracy below which no generation is accepted, 0 to 1; 0 for none
 * @param maxAccuracyDrop how far validation accuracy may fall below the initial model's, 0 to 1; without it {@value #DEFAULT_DROP} if
 *     there is no floor, else any
 */
public record AcceptanceSettings(double accuracyFloor, OptionalDouble maxAccuracyDrop) {

    /** The drop that is allowed where there is no floor and nothing else is said. */
    public static final double DEFAULT_DROP = 0.02;

    /** What holds unless something else is said. */
    public static final AcceptanceSettings DEFAULT = new AcceptanceSettings(0, OptionalDouble.empty());

    /**
     * Checks the ranges.
     *
     * @param accuracyFloor training accuracy below which no generation is accepted
     * @param maxAccuracyDrop how far validation accuracy may fall
     */
    public AcceptanceSettings {
        Ranges.requireShare("accuracyFloor", accuracyFloor);
        Objects.requireNonNull(maxAccuracyDrop, "maxAccuracyDrop");
        maxAccuracyDrop.ifPresent(drop -> Ranges.requireShare("maxAccuracyDrop", drop));
    }

    /**
     * Tells how far validation accuracy may fall, whether it was said or not.
     *
     * @return the largest drop; 1 for any
     */
    public double largestDrop() {
        return maxAccuracyDrop.orElse(accuracyFloor > 0 ? 1 : DEFAULT_DROP);
    }
}
