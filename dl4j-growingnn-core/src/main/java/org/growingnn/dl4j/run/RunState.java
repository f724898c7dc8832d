package org.growingnn.dl4j.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.data.Position;
import org.growingnn.dl4j.graph.Costs;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.metric.Reading;

/**
 * Where a run is: all that the next step depends on besides settings and data. Immutable; {@link Run#step} makes the next one.
 *
 * @param phase what comes next
 * @param initial the network that the run was given
 * @param current the model that the run goes on from
 * @param best the accepted model with the best score; behind the final training, what came of that
 * @param history all generations, the initial model first
 * @param finalTrainings numbers of those generations that only trained a result; runs that {@linkplain #reopened() go on} have several
 * @param rejections actions that were taken back, as they would have to be chosen from the current network to lead to the same, in the order
 *     in which they were tried
 * @param archive the accepted models that no other one beats
 * @param position where training goes on in the training data
 * @param rate how fast training goes on
 * @param verdict what the stopper said last
 * @param elapsed time that the run had been under way when it was measured; whoever takes the state up goes on from there
 */
public record RunState(
        Phase phase,
        NetworkGraph initial,
        Snapshot current,
        Snapshot best,
        List<Generation> history,
        List<Integer> finalTrainings,
        List<Rejection> rejections,
        ParetoArchive archive,
        Position position,
        TrainingRate rate,
        Stopper.Verdict verdict,
        Duration elapsed) {

    /** What the next step does. */
    public enum Phase {
        /** Measuring the model as it was given. */
        UNMEASURED,
        /** The initial epochs. */
        INITIAL_TRAINING,
        /** A generation of search and training. */
        GENERATIONS,
        /** The final training. */
        FINE_TUNING,
        /** Nothing: the run is over. */
        ENDED
    }

    /**
     * Copies the lists.
     *
     * @param phase what comes next
     * @param initial the network that the run was given
     * @param current the model that the run goes on from
     * @param best the accepted model with the best score
     * @param history all generations
     * @param finalTrainings numbers of those that only trained a result
     * @param rejections actions that were taken back
     * @param archive the models that no other one beats
     * @param position where training goes on
     * @param rate how fast training goes on
     * @param verdict what the stopper said last
     * @param elapsed time that the run has been under way
     */
    public RunState {
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(initial, "initial");
        Objects.requireNonNull(current, "current");
        Objects.requireNonNull(best, "best");
        history = List.copyOf(history);
        finalTrainings = List.copyOf(finalTrainings);
        rejections = List.copyOf(rejections);
        Objects.requireNonNull(archive, "archive");
        Objects.requireNonNull(position, "position");
        Objects.requireNonNull(rate, "rate");
        Objects.requireNonNull(verdict, "verdict");
        Objects.requireNonNull(elapsed, "elapsed");
    }

    /** The first state of a run. */
    static RunState of(Snapshot given, ParetoArchive archive, Phase next) {
        return new RunState(
                next,
                given.network(),
                given,
                given,
                List.of(given.generation()),
                List.of(),
                List.of(),
                archive,
                Position.START,
                TrainingRate.GIVEN,
                Stopper.Verdict.CONTINUE,
                given.generation().elapsed());
    }

    /**
     * Makes the state of a run of which nothing was measured: the initial model with grades of 0.
     *
     * @param network the network that the run is given
     * @param paretoCapacity number of accepted models that are kept
     * @param elapsed time that the run has been under way
     * @return the state
     */
    public static RunState unmeasured(NetworkGraph network, int paretoCapacity, Duration elapsed) {
        Generation generation = new Generation(
                0,
                Optional.empty(),
                Optional.empty(),
                Reading.NONE,
                Reading.NONE,
                0,
                0,
                Double.NaN,
                Costs.of(network, Set.of()),
                0,
                0,
                0,
                0,
                elapsed);
        return of(new Snapshot(network, generation, List.of()), new ParetoArchive(paretoCapacity), Phase.UNMEASURED);
    }

    /** The state behind the initial epochs, whose model takes the place of the one that was given. */
    RunState trainedInitially(Snapshot trained, ParetoArchive front, Position reached) {
        return new RunState(
                Phase.GENERATIONS,
                initial,
                trained,
                trained,
                List.of(trained.generation()),
                List.of(),
                List.of(),
                front,
                reached,
                rate,
                verdict,
                trained.generation().elapsed());
    }

    /**
     * Gives the model to return if the run ended here.
     *
     * @return the one that reached the goal, or else the best one
     */
    public Snapshot result() {
        return verdict == Stopper.Verdict.GOAL_REACHED ? current : best;
    }

    /** The state behind a generation that was accepted; of equal scores, the later model is the better one. */
    RunState accepted(Snapshot next, ParetoArchive front, Position reached) {
        List<Rejection> still = rejections.stream()
                .flatMap(rejection -> rejection.carriedOver(current.network(), next.network()).stream())
                .distinct()
                .toList();
        return new RunState(
                phase,
                initial,
                next,
                next.generation().score() >= best.generation().score() ? next : best,
                extended(history, next.generation()),
                finalTrainings,
                still,
                front,
                reached,
                next.generation().epochs() > 0 ? rate.confirmed() : rate,
                verdict,
                next.generation().elapsed());
    }

    /** The state behind a generation that was taken back because of its action. */
    RunState rejected(Generation generation, Position reached) {
        List<Rejection> all = new ArrayList<>(rejections);
        generation
                .action()
                .filter(action -> !rejected().contains(action))
                .ifPresent(action -> all.add(new Rejection(action, generation.wasMeasured())));
        return takenBack(generation, all, reached, rate);
    }

    /**
     * Gives the actions that were taken back.
     *
     * @return those that would lead the current network to where they led before
     */
    public List<StructuralAction> rejected() {
        return rejections.stream().map(Rejection::action).toList();
    }

    /** The state behind a generation that was taken back because of its action: training alone does no harm. */
    RunState rejectedAtProvenRate(Generation generation, Position reached) {
        return rejected(generation, reached).with(rate.confirmed());
    }

    /** The state behind a generation that was taken back because of its learning rate. */
    RunState slowed(Generation generation, Position reached) {
        return takenBack(generation, rejections, reached, rate.lowered());
    }

    private RunState takenBack(Generation generation, List<Rejection> taken, Position reached, TrainingRate next) {
        return new RunState(
                phase,
                initial,
                current,
                best,
                extended(history, generation),
                finalTrainings,
                taken,
                archive,
                reached,
                next,
                verdict,
                generation.elapsed());
    }

    private RunState with(TrainingRate next) {
        return new RunState(
                phase,
                initial,
                current,
                best,
                history,
                finalTrainings,
                rejections,
                archive,
                position,
                next,
                verdict,
                elapsed);
    }

    /**
     * Gives the state from which a run that is over goes on, with another stopper or more generations. Its result stays the one that
     * reached the goal, if one did, until the stopper has judged anew.
     *
     * @return the same state, in front of another generation
     */
    public RunState reopened() {
        return phase == Phase.ENDED || phase == Phase.FINE_TUNING ? with(Phase.GENERATIONS, verdict) : this;
    }

    /**
     * Counts the generations that searched.
     *
     * @return all but the initial model and trainings of results
     */
    public int searched() {
        return history.size() - 1 - finalTrainings.size();
    }

    /**
     * Gives what stoppers and schedules judge: a training of a result that was taken back left everything as it was.
     *
     * @return the history without these
     */
    List<Generation> judged() {
        return history.stream()
                .filter(generation -> generation.accepted() || !finalTrainings.contains(generation.number()))
                .toList();
    }

    /** Tells whether the result was trained already, with success or not, and no generation came behind that. */
    boolean resultWasTrained() {
        return finalTrainings.contains(history.size() - 1)
                || finalTrainings.contains(result().generation().number());
    }

    /** The same state, whose last generation was a final training. */
    RunState trainedAtEnd() {
        List<Integer> trainings = new ArrayList<>(finalTrainings);
        trainings.add(history.size() - 1);
        return new RunState(
                phase,
                initial,
                current,
                best,
                history,
                trainings,
                rejections,
                archive,
                position,
                rate,
                verdict,
                elapsed);
    }

    /** The state behind a final training that was kept: its model is the one to return. */
    RunState tuned(Snapshot tuned, ParetoArchive front, Position reached) {
        return new RunState(
                phase,
                initial,
                tuned,
                tuned,
                extended(history, tuned.generation()),
                finalTrainings,
                rejections,
                front,
                reached,
                rate,
                verdict,
                tuned.generation().elapsed());
    }

    RunState with(Phase next, Stopper.Verdict said) {
        return new RunState(
                next,
                initial,
                current,
                best,
                history,
                finalTrainings,
                rejections,
                archive,
                position,
                rate,
                said,
                elapsed);
    }

    private static List<Generation> extended(List<Generation> history, Generation generation) {
        List<Generation> extended = new ArrayList<>(history);
        extended.add(generation);
        return extended;
    }
}
