package org.growingnn.dl4j.run;

import java.util.Objects;
import java.util.OptionalInt;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.GreedySearch;
import org.growingnn.dl4j.search.SearchStrategy;
import org.growingnn.dl4j.training.SimulationSettings;
import org.growingnn.dl4j.value.Ranges;

/**
 * How a run searches.
 *
 * @param strategy chooses actions
 * @param actions lists actions
 * @param projection how weights follow
 * @param pruneFrozenLayers whether layers that are frozen in the model may lose units
 * @param scheduler decides when to search
 * @param simulation how candidates are trained and graded
 * @param score grades models; some weight must be greater than 0
 * @param meetGoalIn number of changes by which networks come to the stopper's costs, ≥ 1: each search is one for the best network at the costs
 *     of its turn, which fall by the same factor each time; empty to change networks action by action until the stopper is content
 */
public record SearchSettings(
        SearchStrategy strategy,
        ActionGenerator actions,
        Projection projection,
        boolean pruneFrozenLayers,
        SimulationScheduler scheduler,
        SimulationSettings simulation,
        Score score,
        OptionalInt meetGoalIn) {

    /** What holds unless something else is said. */
    public static final SearchSettings DEFAULT = new SearchSettings(
            GreedySearch.create(),
            Actions.neurons(),
            Projections.refitted(Projections.selection(Criteria.taylor())),
            false,
            SimulationScheduler.always(),
            SimulationSettings.DEFAULT,
            Score.metric(1).relativeParameters(1),
            OptionalInt.empty());

    /**
     * Checks that nothing is missing and that the score tells models apart.
     *
     * @param strategy chooses actions
     * @param actions lists actions
     * @param projection how weights follow
     * @param pruneFrozenLayers whether layers that are frozen in the model may lose units
     * @param scheduler decides when to search
     * @param simulation how candidates are trained and graded
     * @param score grades models
     * @param meetGoalIn number of changes by which networks come to the stopper's costs
     */
    public SearchSettings {
        Objects.requireNonNull(strategy, "strategy");
        Objects.requireNonNull(actions, "actions");
        Objects.requireNonNull(projection, "projection");
        Objects.requireNonNull(scheduler, "scheduler");
        Objects.requireNonNull(simulation, "simulation");
        Objects.requireNonNull(score, "score").requireWeight();
        Objects.requireNonNull(meetGoalIn, "meetGoalIn")
                .ifPresent(changes -> Ranges.requireAtLeast("meetGoalIn", changes, 1));
    }
}
