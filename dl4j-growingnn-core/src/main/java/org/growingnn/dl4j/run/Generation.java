package org.growingnn.dl4j.run;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.Costs;
import org.growingnn.dl4j.metric.Reading;

/**
 * What one generation did. Number 0 is the model that the first search starts from: the one that was given, after the initial epochs
 * if there are any.
 *
 * @param number 0 for the initial model
 * @param action the structural action that the search chose; empty if no search took place
 * @param rejection why the generation was taken back; empty if it was accepted
 * @param training what the metric told on training data; {@link Reading#NONE} if predictions were no numbers
 * @param validation what the metric told on validation data; {@link Reading#NONE} if predictions were no numbers
 * @param trainingGoodness place of the former on [0, 1], compared with the model as it was given; higher is better
 * @param goodness place of the latter on [0, 1]
 * @param loss mean training loss of the last epoch; of the initial model as it was given, that of the first batch; NaN if training
 *     diverged or there was none
 * @param costs what the network takes: parameters, multiply-accumulates where they are known, latency by the run's table if it has one,
 *     and what stopper and score ask for
 * @param reduction share of the initial parameters that is gone; negative after growth
 * @param score grade of the model, its metric taken from validation data
 * @param epochs epochs trained in this generation
 * @param evaluations candidates graded in this generation
 * @param elapsed time that the run has been under way
 */
public record Generation(
        int number,
        Optional<StructuralAction> action,
        Optional<String> rejection,
        Reading training,
        Reading validation,
        double trainingGoodness,
        double goodness,
        double loss,
        Costs costs,
        double reduction,
        double score,
        int epochs,
        int evaluations,
        Duration elapsed) {

    /**
     * Tells whether the run went on from this generation.
     *
     * @return false if it was taken back
     */
    public boolean accepted() {
        return rejection.isEmpty();
    }

    /**
     * Counts the parameters.
     *
     * @return the count
     */
    public long parameters() {
        return costs.parameters();
    }

    /**
     * Counts multiply-accumulates per example.
     *
     * @return the count; empty when unknown
     */
    public OptionalLong macs() {
        return costs.of(Cost.MACS);
    }

    /**
     * Tells how long a forward pass takes by the table of latencies that the run was given.
     *
     * @return empty if there is no table
     */
    public Optional<Duration> latency() {
        OptionalLong nanos = costs.of(Cost.LATENCY);
        return nanos.isPresent() ? Optional.of(Duration.ofNanos(nanos.getAsLong())) : Optional.empty();
    }

    /**
     * Tells the metric on training data.
     *
     * @return in the metric's natural unit: an accuracy, an R², a loss; NaN if predictions were no numbers
     */
    public double trainingMetric() {
        return training.value();
    }

    /**
     * Tells the metric on validation data.
     *
     * @return in the metric's natural unit; NaN if predictions were no numbers
     */
    public double validationMetric() {
        return validation.value();
    }

    /** Tells whether its model could be trained and measured. */
    boolean wasMeasured() {
        return validation.measured() && (epochs == 0 || Double.isFinite(loss));
    }

    /** The same generation, behind further training that its model has nothing of. */
    Generation behind(int further, Duration now) {
        return with(rejection, epochs + further, now);
    }

    /** The same generation, taken back. */
    Generation rejected(String reason) {
        return with(Optional.of(reason), epochs, elapsed);
    }

    private Generation with(Optional<String> obstacle, int trained, Duration now) {
        return new Generation(
                number,
                action,
                obstacle,
                training,
                validation,
                trainingGoodness,
                goodness,
                loss,
                costs,
                reduction,
                score,
                trained,
                evaluations,
                now);
    }
}
