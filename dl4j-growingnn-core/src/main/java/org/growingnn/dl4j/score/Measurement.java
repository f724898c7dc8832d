package org.growingnn.dl4j.score;

import java.util.Objects;
import java.util.OptionalLong;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.Costs;

/**
 * What is known of a candidate when it is graded.
 *
 * @param goodness the metric's place on [0, 1], higher is better: accuracy, F1 and R² themselves, 0.5 for an error or a loss as large as
 *     that of the model that the run started from
 * @param loss mean loss per example, without penalties on weights; NaN when it was not computed or training diverged
 * @param costs what it takes: parameters, multiply-accumulates where they are known, latency where the run has a table, and what terms
 *     {@linkplain ScoreTerm#costs() ask for}
 * @param initialCosts what the model takes that the run started from
 */
public record Measurement(double goodness, double loss, Costs costs, Costs initialCosts) {

    /**
     * Checks that nothing is missing.
     *
     * @param goodness the metric's place on [0, 1]
     * @param loss mean loss per example
     * @param costs what it takes
     * @param initialCosts what the model takes that the run started from
     */
    public Measurement {
        Objects.requireNonNull(costs, "costs");
        Objects.requireNonNull(initialCosts, "initialCosts");
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
     * Counts the parameters of the model that the run started from.
     *
     * @return the count
     */
    public long initialParameters() {
        return initialCosts.parameters();
    }

    /**
     * Counts multiply-accumulates per example.
     *
     * @return the count; empty when the input size is unknown
     */
    public OptionalLong macs() {
        return costs.of(Cost.MACS);
    }

    /**
     * Counts those of the model that the run started from.
     *
     * @return the count; empty when the input size is unknown
     */
    public OptionalLong initialMacs() {
        return initialCosts.of(Cost.MACS);
    }
}
