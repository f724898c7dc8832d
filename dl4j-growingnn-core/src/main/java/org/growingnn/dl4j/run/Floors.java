package org.growingnn.dl4j.run;

import java.util.Locale;
import java.util.Optional;

/**
 * Decides whether a generation is accepted. A floor applies from the moment the run is above it; a model that starts below may climb.
 *
 * @param training training accuracy below which nothing is accepted; 0 for none
 * @param drop how far validation accuracy may fall below the initial model's; 1 for any
 */
record Floors(double training, double drop) {

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
        if (!above(training, generation.trainAccuracy(), previous.trainAccuracy())) {
            return Optional.of(below("training", generation.trainAccuracy(), training));
        }
        double floor = initial.validationAccuracy() - drop;
        return above(floor, generation.validationAccuracy(), previous.validationAccuracy())
                ? Optional.empty()
                : Optional.of(below("validation", generation.validationAccuracy(), floor));
    }

    /** Below a floor a model is accepted only while the run has been below it anyway and does not fall further. */
    private static boolean above(double floor, double accuracy, double before) {
        return accuracy >= floor || (before < floor && accuracy >= before);
    }

    private static String below(String data, double accuracy, double floor) {
        return String.format(Locale.ROOT, "%s accuracy %.4f is below the floor of %.4f", data, accuracy, floor);
    }
}
