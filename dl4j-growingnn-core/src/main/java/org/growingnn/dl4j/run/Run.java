package org.growingnn.dl4j.run;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.growingnn.dl4j.graph.ContentHash;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.CancelledException;
import org.growingnn.dl4j.training.RandomState;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Alternates search and training: each generation searches for an action, applies it, trains, and keeps the result unless
 * the metric falls below a floor, in which case the last good model is restored and the action is not chosen again for it.
 *
 * <p>A run is a sequence of steps from one {@link RunState} to the next. Nothing else changes: a step that fails or is cancelled leaves
 * the state before it, with the best model so far. A run that goes on from a saved state ends like one that never stopped, given the
 * same settings, data and initial network.
 *
 * <p>While a run is open it holds workers and one BLAS thread. Each step leaves the calling thread's random numbers as it found them.
 */
public final class Run implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Run.class);

    private final RunEnvironment environment;
    private final RunSettings settings;
    private final Subscribers subscribers;
    private final Steps steps;
    /** The clock: the time at which it read {@link #before}. */
    private long since = System.nanoTime();

    private Duration before = Duration.ZERO;
    private @Nullable RunState latest;

    private Run(RunEnvironment environment, List<RunListener> listeners, List<TrainingListener> trainingListeners) {
        this.environment = environment;
        this.settings = environment.settings();
        this.subscribers = new Subscribers(listeners);
        this.steps = new Steps(environment, subscribers, trainingListeners, this::elapsed);
    }

    /**
     * Prepares a run: draws samples of the data, starts workers.
     *
     * @param settings what defines it
     * @param data data to train on and to judge by, checked
     * @param network the network to start from; not modified
     * @param listeners told about what happens
     * @param trainingListeners Deeplearning4j's own, told about every step of the run's own training, not of that of candidates;
     *     one that throws is told nothing more
     * @param cancellation ends the run within one training step
     * @return the run, to be closed
     * @throws IllegalArgumentException if the data is too small for the settings, if no action applies to the model, or if the table of
     *     latencies lacks one of its layers, or if metric, score or model cannot be taken to the processes that are to evaluate
     *     candidates, with the reason
     * @throws IllegalStateException if a cost is unknown that stopper or score speak of, or if such processes cannot be started
     */
    public static Run open(
            RunSettings settings,
            RunData data,
            NetworkGraph network,
            List<RunListener> listeners,
            List<TrainingListener> trainingListeners,
            Cancellation cancellation) {
        Objects.requireNonNull(settings, "settings");
        Objects.requireNonNull(data, "data");
        Objects.requireNonNull(network, "network");
        Objects.requireNonNull(cancellation, "cancellation");
        List<RunListener> all = List.copyOf(listeners);
        List<TrainingListener> steps = List.copyOf(trainingListeners);
        return new Run(RunEnvironment.open(settings, data, network, cancellation), all, steps);
    }

    /**
     * Runs from the beginning to the end.
     *
     * @return the outcome; failures behind generation 0 are told there
     * @throws org.growingnn.dl4j.training.ModelFailure if Deeplearning4j cannot run the model
     * @throws IllegalArgumentException if the model's loss or predictions are no numbers, or if no action applies to it, with the reason
     */
    public Outcome run() {
        subscribers.tell(new RunEvent.RunStarted(settings, environment.metricChoice(), environment.initial()));
        RunState state;
        try {
            state = start();
        } catch (RuntimeException e) {
            if (!environment.cancellation().requested()) {
                throw e;
            }
            return ended(cancelled(steps.unmeasured(), e));
        }
        return toEnd(state);
    }

    /**
     * Goes on from a state to the end.
     *
     * @param state a state of a run with the same settings, data and initial network
     * @return the outcome
     * @throws IllegalArgumentException if the state is of a run of another model, with other latencies, or in which other layers could
     *     change
     */
    public Outcome resume(RunState state) {
        // Nothing depends on what was not measured yet.
        if (state.phase() != RunState.Phase.UNMEASURED) {
            requireSameBegin(state.initial());
        }
        subscribers.tell(new RunEvent.RunStarted(settings, environment.metricChoice(), environment.initial()));
        return toEnd(state);
    }

    /** Latencies and what may change are no part of what a network is, but decisions depend on both. */
    private void requireSameBegin(NetworkGraph begun) {
        if (!ContentHash.of(begun).equals(ContentHash.of(environment.initial()))) {
            throw new IllegalArgumentException(
                    "The state to go on from is of a run of another model than the one that was given.\n"
                            + "Maybe pass the model that the run began with, not the one that it had reached?");
        }
        if (!begun.origin().latencies().equals(environment.initial().origin().latencies())) {
            throw new IllegalArgumentException(
                    "The state to go on from is of a run with other latencies than those of this one.\n"
                            + "Maybe give the table of latencies that the run began with, or none if it had none?");
        }
        List<String> others = begun.spaces().stream()
                .filter(space -> !environment.initial().spaces().contains(space))
                .map(UnitSpace::name)
                .toList();
        if (!others.isEmpty()) {
            throw new IllegalArgumentException(
                    "The state to go on from is of a run in which other changes were allowed, namely of the units of "
                            + others + ".\nMaybe choose the same search.pruneFrozenLayers as when the run began?");
        }
    }

    /**
     * Measures the model as it was given.
     *
     * @return the first state
     * @throws CancelledException if asked to end
     */
    @SuppressWarnings("try") // The random state is only kept.
    public RunState start() {
        try (RandomState kept = RandomState.keep(settings.seed())) {
            latest = steps.start();
            subscribers.tell(new RunEvent.StateReached(latest));
            return latest;
        }
    }

    /**
     * Does what comes next: a generation, unless the stopper or their number says that there were enough. The time that the run has been
     * under way goes on from that of the state, unless it is the one that this run has reached last: then it has not stopped meanwhile.
     *
     * @param state a state
     * @return the next state; the same if the run is over
     * @throws CancelledException if asked to end
     */
    @SuppressWarnings("try") // The random state is only kept.
    public RunState step(RunState state) {
        takeUp(state);
        try (RandomState kept = RandomState.keep(settings.seed())) {
            RunState next = switch (state.phase()) {
                case UNMEASURED -> steps.start();
                case INITIAL_TRAINING -> steps.initialTraining(state);
                case GENERATIONS -> {
                    RunState judged = judged(state);
                    yield judged.phase() == RunState.Phase.GENERATIONS ? steps.generation(judged) : judged;
                }
                case FINE_TUNING -> steps.fineTuning(state).with(RunState.Phase.ENDED, state.verdict());
                case ENDED -> state;
            };
            latest = next;
            subscribers.tell(new RunEvent.StateReached(next));
            return next;
        }
    }

    private Outcome toEnd(RunState first) {
        RunState state = first;
        try {
            while (state.phase() != RunState.Phase.ENDED) {
                environment.cancellation().check();
                state = step(state);
            }
        } catch (Throwable e) {
            // Errors, too: user code may throw any, and ND4J reports that native memory is exhausted by one.
            if (environment.cancellation().requested()) {
                return ended(cancelled(state, e));
            }
            log.error(
                    "The run failed in generation {}; it ends with the best model so far",
                    state.history().size(),
                    e);
            return ended(new Outcome(Outcome.Status.FAILED, reason(e), Optional.of(e), state));
        }
        return ended(
                state.verdict() == Stopper.Verdict.CONTINUE
                        ? new Outcome(Outcome.Status.FINISHED, "all generations have run", Optional.empty(), state)
                        : new Outcome(
                                Outcome.Status.STOPPED,
                                state.verdict() == Stopper.Verdict.GOAL_REACHED
                                        ? "the goal was reached: " + settings.stopper()
                                        : "going on was not worthwhile: " + settings.stopper(),
                                Optional.empty(),
                                state));
    }

    private Outcome cancelled(RunState state, Throwable thrown) {
        if (!(thrown instanceof CancelledException)) {
            // Whatever an interrupt meets may throw anything; what was no consequence of it must not be lost.
            log.warn("The run ended by an exception while it was being cancelled", thrown);
        }
        return new Outcome(
                Outcome.Status.CANCELLED,
                environment.cancellation().reason().orElse("it was cancelled"),
                Optional.empty(),
                state);
    }

    /**
     * Tells how a run ended that was asked to before it had been opened.
     *
     * @param settings what defines it
     * @param network the network that it was given
     * @param reason why it ended
     * @return the outcome, with the network as it was given
     */
    public static Outcome cancelledBefore(RunSettings settings, NetworkGraph network, String reason) {
        return new Outcome(
                Outcome.Status.CANCELLED,
                reason,
                Optional.empty(),
                RunState.unmeasured(network, settings.paretoCapacity(), Duration.ZERO));
    }

    private static String reason(Throwable thrown) {
        return thrown.getMessage() == null ? thrown.toString() : thrown.getMessage();
    }

    private Outcome ended(Outcome outcome) {
        subscribers.tell(new RunEvent.RunEnded(outcome));
        return outcome;
    }

    /** Asks the stopper, and moves on to the next phase where this one is over. */
    private RunState judged(RunState state) {
        Stopper.Verdict verdict = settings.stopper().judge(state.judged());
        if (verdict == Stopper.Verdict.GOAL_REACHED && state.history().size() == 1) {
            log.warn("The goal ({}) is met before the first search, so that nothing will change", settings.stopper());
        }
        boolean over = verdict != Stopper.Verdict.CONTINUE || state.searched() >= settings.generations();
        if (!over) {
            return state.with(RunState.Phase.GENERATIONS, verdict);
        }
        RunState ended = state.with(RunState.Phase.ENDED, verdict);
        return trains(ended) ? ended.with(RunState.Phase.FINE_TUNING, verdict) : ended;
    }

    /** What nobody asked for is not done to the model that was given, nor when the time is over. */
    private boolean trains(RunState ended) {
        // Stoppers whose verdict does not follow from the models look at the clock.
        boolean outOfTime = ended.verdict() == Stopper.Verdict.GIVE_UP
                && !settings.stopper().isDeterministic();
        return environment.fineTuneEpochs() > 0
                && !ended.resultWasTrained()
                && (settings.training().fineTuneEpochs().isPresent()
                        || !ended.result().journal().isEmpty() && !outOfTime);
    }

    private void takeUp(RunState state) {
        if (state != latest) {
            before = state.elapsed();
            since = System.nanoTime();
        }
    }

    private Duration elapsed() {
        return before.plus(Duration.ofNanos(System.nanoTime() - since));
    }

    /** Awaits the workers and gives BLAS its threads back. */
    @Override
    public void close() {
        environment.close();
    }
}
