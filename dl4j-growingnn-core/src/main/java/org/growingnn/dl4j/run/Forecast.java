package org.growingnn.dl4j.run;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.growingnn.dl4j.training.SimulationSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * About how long a run takes, told from how long its first candidate took: roughly, so that nobody waits for days unawares. Goals, a
 * scheduler that leaves out searches, and models that become smaller make it shorter; recovery makes it longer.
 *
 * @param search one search
 * @param training the training of one generation
 * @param last the training at the end
 * @param run all generations that are left, and the training at the end
 */
public record Forecast(Duration search, Duration training, Duration last, Duration run) {

    /** From here on a run is long enough to say what else there is. */
    static final Duration LONG = Duration.ofHours(1);

    /** A training step passes forward once, and backward at the price of two passes. */
    private static final int PASSES_PER_STEP = 3;

    /**
     * Checks that nothing is missing.
     *
     * @param search one search
     * @param training the training of one generation
     * @param last the training at the end
     * @param run all generations that are left, and the training at the end
     */
    public Forecast {
        Objects.requireNonNull(search, "search");
        Objects.requireNonNull(training, "training");
        Objects.requireNonNull(last, "last");
        Objects.requireNonNull(run, "run");
    }

    /**
     * Adds up.
     *
     * @param search one search
     * @param step one training step
     * @param batchesPerEpoch steps of an epoch
     * @param generations how many are left
     * @param settings how long generations and the result are trained
     */
    static Forecast of(
            Duration search, Duration step, int batchesPerEpoch, int generations, TrainingSettings settings) {
        Duration epoch = step.multipliedBy(batchesPerEpoch);
        Duration training = epoch.multipliedBy(settings.epochsPerGeneration(batchesPerEpoch));
        Duration last = epoch.multipliedBy(settings.fineTuneEpochs(batchesPerEpoch));
        return new Forecast(
                search,
                training,
                last,
                search.plus(training).multipliedBy(generations).plus(last));
    }

    /**
     * Tells about how long a training step takes, from how long a candidate took to be trained and graded.
     *
     * @param candidate the time of a candidate
     * @param set what it was trained and graded on
     * @param epochs how often it was trained on that
     * @param examples examples of the step
     */
    static Duration step(Duration candidate, SimulationSet set, int epochs, long examples) {
        int gradings = epochs > 0 && set.unseen() ? 2 : 1;
        long passed =
                PASSES_PER_STEP * epochs * examples(set.training()) + gradings * Math.max(1, examples(set.grading()));
        return candidate.multipliedBy(PASSES_PER_STEP * examples).dividedBy(passed);
    }

    private static long examples(List<MultiDataSet> batches) {
        return batches.stream().mapToLong(batch -> batch.getFeatures(0).size(0)).sum();
    }

    /**
     * Tells how long a generation takes.
     *
     * @return search and training together
     */
    public Duration generation() {
        return search.plus(training);
    }

    /**
     * Says it, and what to choose instead if it is long.
     *
     * @return one line, or two if it takes hours
     */
    public String describe() {
        return "A generation takes about " + text(generation()) + " (" + text(search) + " to search, " + text(training)
                + " to train), and what is left of the run about " + text(run)
                + ", unless a goal ends it before; of that, the training at the end takes " + text(last) + "."
                + hint().map(hint -> "\nMaybe " + hint + "?").orElse("");
    }

    private Optional<String> hint() {
        if (run.compareTo(LONG) < 0) {
            return Optional.empty();
        }
        return Optional.of(
                search.compareTo(training) >= 0
                        ? "prune with StructuralPruner before the run, grade on fewer samples (simulation), offer fewer actions, or limit"
                                + " the search (timeLimit, maxEvaluations)"
                        : "prune with StructuralPruner before the run, or train less in each generation (batchesPerEpoch) or at the end"
                                + " (fineTuneEpochs)");
    }

    private static String text(Duration duration) {
        double seconds = duration.toNanos() / 1e9;
        return seconds < 120
                ? String.format(Locale.ROOT, "%.1f s", seconds)
                : seconds < 7200
                        ? String.format(Locale.ROOT, "%.0f min", seconds / 60)
                        : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
    }
}
