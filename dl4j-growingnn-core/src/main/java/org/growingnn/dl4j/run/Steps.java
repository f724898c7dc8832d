package org.growingnn.dl4j.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.adapter.DropoutLimits;
import org.growingnn.dl4j.data.BatchStream;
import org.growingnn.dl4j.data.DataCheck;
import org.growingnn.dl4j.data.Position;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.search.Evaluated;
import org.growingnn.dl4j.search.Grade;
import org.growingnn.dl4j.search.SearchProgress;
import org.growingnn.dl4j.search.SearchResult;
import org.growingnn.dl4j.search.SearchTask;
import org.growingnn.dl4j.search.Target;
import org.growingnn.dl4j.training.LearningRateSchedule;
import org.growingnn.dl4j.training.LearningRates;
import org.growingnn.dl4j.training.LiveModel;
import org.growingnn.dl4j.training.ModelFailure;
import org.growingnn.dl4j.training.RandomState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The steps of a run, each from one state to the next. */
final class Steps {

    private static final Logger log = LoggerFactory.getLogger(Steps.class);

    /** A smaller learning rate moves weights by less than single precision can tell. */
    private static final double LEAST_LEARNING_RATE = 1e-8;

    private final RunEnvironment environment;
    private final RunSettings settings;
    private final Subscribers subscribers;
    private final Measurer measurer;
    private final TrainingSubscribers trainingListeners;
    private final Supplier<Duration> elapsed;
    private Optional<Duration> trainingStep = Optional.empty();
    private boolean forecast;

    Steps(
            RunEnvironment environment,
            Subscribers subscribers,
            List<TrainingListener> trainingListeners,
            Supplier<Duration> elapsed) {
        this.trainingListeners = new TrainingSubscribers(trainingListeners);
        this.environment = environment;
        this.settings = environment.settings();
        this.subscribers = subscribers;
        this.elapsed = elapsed;
        this.measurer = new Measurer(environment);
    }

    /** Measures the model as it was given. */
    RunState start() {
        NetworkGraph network = environment.initial();
        if (settings.training().trains() || settings.search().simulation().epochs() > 0) {
            DropoutLimits.requireTrainable(network);
        }
        try (LiveModel model = LiveModel.of(network)) {
            double loss = model.loss(environment.firstBatch());
            DataCheck.requireFinite(loss, network);
            requireActions();
            LearningRates rates =
                    new LearningRates(model.model(), settings.training().learningRate());
            if (rates.largest() < LEAST_LEARNING_RATE) {
                log.warn(
                        "The model's learning rate is {} at its current iteration, so candidates will hardly train;"
                                + " maybe set learningRate(...)",
                        rates.largest());
            }
            Generation generation = measurer.measure(
                    model, network, new Measurer.Facts(0, Optional.empty(), 0, 0, loss, elapsed.get()));
            measurer.requireMeasured(model, generation);
            Snapshot given = new Snapshot(network, generation, List.of());
            RunState state = RunState.of(
                    given,
                    new ParetoArchive(settings.paretoCapacity()).with(measurer.entry(model, network, generation)),
                    settings.training().initialEpochs() > 0
                            ? RunState.Phase.INITIAL_TRAINING
                            : RunState.Phase.GENERATIONS);
            return settings.training().initialEpochs() > 0 ? state : told(state, network, network, generation);
        }
    }

    private void requireActions() {
        if (settings.search().meetGoalIn().isPresent()) {
            // Widths follow from the goal, whatever the actions; whether it can be met shows in the first search.
            return;
        }
        NetworkGraph network = environment.calibrated(environment.initial());
        boolean any;
        try (Stream<StructuralAction> actions = settings.search().actions().generate(network)) {
            any = actions.findAny().isPresent();
        }
        if (!any) {
            throw new IllegalArgumentException("No layer of the model can be changed by "
                    + settings.search().actions() + ". This is why:\n" + network.describe());
        }
    }

    /** Describes the model as it was given if there was no time to measure it. */
    RunState unmeasured() {
        return RunState.unmeasured(environment.initial(), settings.paretoCapacity(), elapsed.get());
    }

    /** Trains for the initial epochs; what comes out is generation 0. */
    RunState initialTraining(RunState state) {
        NetworkGraph network = state.current().network();
        try (LiveModel model = LiveModel.of(network)) {
            Training training = new Training(state, model, settings.seed());
            double loss = training.train(settings.training().initialEpochs());
            Generation generation = measurer.measure(
                    model,
                    network,
                    new Measurer.Facts(
                            0, Optional.empty(), 0, settings.training().initialEpochs(), loss, elapsed.get()));
            if (Double.isNaN(generation.loss())) {
                throw new IllegalStateException(
                        "Training diverged in the initial epochs.\n" + "Maybe set a smaller learningRate(...)?");
            }
            Snapshot trained = new Snapshot(model.trained(), generation, List.of());
            RunState next = state.trainedInitially(
                    trained,
                    new ParetoArchive(settings.paretoCapacity())
                            .with(measurer.entry(model, trained.network(), generation)),
                    training.position());
            return told(next, network, trained.network(), generation);
        }
    }

    /** Searches, applies what was found, trains, and keeps the result or takes it back. */
    RunState generation(RunState state) {
        int number = state.history().size();
        NetworkGraph before = state.current().network();
        Optional<SearchResult> found = settings.search().scheduler().simulate(state.judged())
                ? Optional.of(search(state, number))
                : Optional.empty();
        environment.cancellation().check();
        NetworkGraph changed = found.map(result -> result.chosen().network()).orElse(before);
        Optional<StructuralAction> action = found.map(SearchResult::action);
        int evaluations = found.map(SearchResult::evaluations).orElse(0);
        boolean change = action.filter(chosen -> !(chosen instanceof NoOp)).isPresent();
        Training training;
        Generation generation;
        try (LiveModel model = LiveModel.of(changed)) {
            training = new Training(state, model, settings.seed() + number);
            try {
                generation = trainAndMeasure(state, training, model, changed, action, evaluations);
            } catch (ModelFailure e) {
                if (!change) {
                    throw e;
                }
                log.warn("The model behind {} cannot be trained", action.get(), e);
                requireSound(before, e);
                generation = untrainable(changed, number, action, evaluations, e);
            }
            if (generation.accepted()) {
                List<JournalEntry> journal = new ArrayList<>(state.current().journal());
                if (change) {
                    journal.add(new JournalEntry(
                            number, action.get(), settings.search().projection().name()));
                }
                Snapshot next = new Snapshot(model.trained(), generation, journal);
                ParetoArchive archive = state.archive().with(measurer.entry(model, next.network(), generation));
                return told(state.accepted(next, archive, training.position()), before, next.network(), generation);
            }
        }
        return takenBack(state, generation, changed, training);
    }

    /** A generation whose model could not be trained, taken back. */
    private Generation untrainable(
            NetworkGraph network,
            int number,
            Optional<StructuralAction> action,
            int evaluations,
            ModelFailure failure) {
        return measurer.unmeasured(
                        network, new Measurer.Facts(number, action, evaluations, 0, Double.NaN, elapsed.get()))
                .rejected(failure.getMessage());
    }

    /** What looks like the model's fault may be that of data that was different when it was checked. */
    private void requireSound(NetworkGraph network, ModelFailure failure) {
        if (failure.getCause() instanceof OutOfMemoryError) {
            return;
        }
        try {
            environment.data().training().check(network);
            environment.data().validation().check(network);
        } catch (RuntimeException e) {
            e.addSuppressed(failure);
            throw e;
        }
    }

    /**
     * Goes back to the last good model. What was trained at a rate that has not proven to do no harm may have failed by that rate: then
     * training the last good model as it is fails, too, and the next generations train at a lower one.
     */
    private RunState takenBack(RunState state, Generation generation, NetworkGraph changed, Training training) {
        NetworkGraph before = state.current().network();
        Position reached = training.position();
        boolean change =
                generation.action().filter(action -> !(action instanceof NoOp)).isPresent();
        if (generation.epochs() == 0
                || !training.lowersRate()
                || (change && state.rate().proven())) {
            return told(state.rejected(generation, reached), before, changed, generation);
        }
        Generation control = change ? control(state, generation) : generation;
        Generation taken = change ? generation.behind(control.epochs(), elapsed.get()) : generation;
        if (control.accepted()) {
            return told(state.rejectedAtProvenRate(taken, reached), before, changed, taken);
        }
        if (control.epochs() == 0) {
            return told(state.rejected(taken, reached), before, changed, taken);
        }
        String blamed = String.format(
                Locale.ROOT,
                "training alone, without a change, fails: %s. The learning rate is lowered from %.2g to %.2g",
                control.rejection().orElseThrow(),
                training.rate(),
                training.rate() * state.rate().lowered().factor() / state.rate().factor());
        log.info("Generation {}: {}", generation.number(), blamed);
        Generation slowed = taken.rejected(blamed);
        return told(state.slowed(slowed, reached), before, changed, slowed);
    }

    /** Trains the last good model as it is, as long as the one that was taken back. */
    private Generation control(RunState state, Generation generation) {
        NetworkGraph network = state.current().network();
        try (LiveModel model = LiveModel.of(network)) {
            Training training = new Training(state, model, settings.seed() + generation.number());
            return trainAndMeasure(state, training, model, network, Optional.empty(), 0);
        } catch (ModelFailure e) {
            // Nothing was found out. Whatever is wrong with the model or the data ends the run when it matters.
            log.warn("The model cannot be trained without a change, either", e);
            requireSound(network, e);
            return untrainable(network, generation.number(), Optional.empty(), 0, e);
        }
    }

    private Generation trainAndMeasure(
            RunState state,
            Training training,
            LiveModel model,
            NetworkGraph changed,
            Optional<StructuralAction> action,
            int evaluations) {
        int number = state.history().size();
        int epochs = settings.training()
                .epochsPerGeneration(environment.data().summary().batches());
        double loss = training.train(epochs);
        Generation generation = judged(state, model, changed, number, action, evaluations, epochs, loss);
        for (int extra = 0; extra < settings.training().recoveryEpochs() && !generation.accepted(); extra++) {
            // What has diverged does not come back.
            if (epochs > 0 && Double.isNaN(generation.loss())) {
                break;
            }
            loss = training.train(1);
            generation = judged(state, model, changed, number, action, evaluations, ++epochs, loss);
        }
        return generation;
    }

    private Generation judged(
            RunState state,
            LiveModel model,
            NetworkGraph network,
            int number,
            Optional<StructuralAction> action,
            int evaluations,
            int epochs,
            double loss) {
        Generation generation = measurer.measure(
                model,
                network,
                new Measurer.Facts(number, action, evaluations, epochs, loss, elapsed.get()),
                initial(state));
        return obstacle(generation, state.current().generation(), state)
                .map(generation::rejected)
                .orElse(generation);
    }

    private static Generation initial(RunState state) {
        return state.history().get(0);
    }

    private Optional<String> obstacle(Generation generation, Generation previous, RunState state) {
        Generation initial = initial(state);
        return settings.acceptance().floors(initial.validation()).obstacle(generation, previous, initial);
    }

    private SearchResult search(RunState state, int number) {
        SearchTask task = new SearchTask(
                environment.calibrated(state.current().network()),
                settings.search().actions(),
                settings.search().projection(),
                environment
                        .evaluator(initial(state).validation())
                        .withSchedule(state.rate().of(LearningRateSchedule.constant())),
                new LinkedHashSet<>(state.rejected()),
                settings.seed() + 0x9E3779B97F4A7C15L * number,
                environment.executor(),
                environment.cancellation(),
                (candidate, progress) -> {
                    subscribers.tell(new RunEvent.CandidateEvaluated(number, candidate, progress));
                    forecast(state, candidate, progress);
                },
                target(state));
        SearchResult result = settings.search().strategy().search(task);
        if (!result.complete() && !environment.cancellation().requested()) {
            log.warn(
                    "The search of generation {} ended after {} evaluations in {} before it had tried every action once;"
                            + " maybe give it more time or fewer actions",
                    number,
                    result.evaluations(),
                    result.elapsed());
        }
        subscribers.tell(new RunEvent.SearchEnded(number, result));
        return result;
    }

    /** What the next network has to meet: each change takes the same factor off, the last one comes to the goal. */
    private Optional<Target> target(RunState state) {
        if (settings.search().meetGoalIn().isEmpty()) {
            return Optional.empty();
        }
        NetworkGraph before = environment.initial();
        int changes = settings.search().meetGoalIn().getAsInt();
        double done = Math.min(1, (state.current().journal().size() + 1.0) / changes);
        Map<Cost, Double> costs = new EnumMap<>(Cost.class);
        settings.stopper().limits(cost -> cost.of(before)).forEach((cost, limit) -> {
            double initially = Math.max(limit, cost.of(before));
            costs.put(cost, done == 1 ? limit : initially * Math.pow(limit / initially, done));
        });
        return Optional.of(Target.of(costs, environment::calibratedVariant));
    }

    /** Says once how long the run will take, as soon as a candidate was graded. */
    private void forecast(RunState state, Evaluated candidate, SearchProgress progress) {
        if (forecast
                || progress.expected().isEmpty()
                || !(candidate.evaluation() instanceof Grade)
                || environment.cancellation().requested()) {
            return;
        }
        forecast = true;
        Duration step = trainingStep.orElseGet(() -> Forecast.step(
                candidate.time(),
                environment.simulationSet(),
                settings.search().simulation().epochs(),
                environment.data().summary().largestBatch()));
        Forecast told = Forecast.of(
                progress.expected().get(),
                step,
                environment.batchesPerEpoch(),
                settings.generations() - state.searched(),
                settings.training());
        log.info(told.describe());
        subscribers.tell(new RunEvent.RunForecast(state.history().size(), told));
    }

    /** Trains the result once more; what comes of it is kept unless a floor forbids it, it is worse, or it misses the goal. */
    RunState fineTuning(RunState state) {
        Snapshot result = state.result();
        NetworkGraph network = result.network();
        int number = state.history().size();
        int epochs = environment.fineTuneEpochs();
        try (LiveModel model = LiveModel.of(network)) {
            Training training = new Training(state, model, settings.seed() - 1);
            Generation generation;
            try {
                double loss = training.train(epochs);
                Generation measured = measurer.measure(
                        model,
                        network,
                        new Measurer.Facts(number, Optional.empty(), 0, epochs, loss, elapsed.get()),
                        initial(state));
                generation = obstacle(measured, result.generation(), state)
                        .or(() -> worse(measured, result.generation(), initial(state)))
                        .or(() -> missesGoal(measured, state))
                        .map(measured::rejected)
                        .orElse(measured);
            } catch (ModelFailure e) {
                log.warn("The result cannot be trained any more; it stays as it is", e);
                requireSound(network, e);
                generation = untrainable(network, number, Optional.empty(), 0, e);
            }
            if (!generation.accepted()) {
                return told(
                        state.rejected(generation, training.position()).trainedAtEnd(), network, network, generation);
            }
            Snapshot tuned = new Snapshot(model.trained(), generation, result.journal());
            ParetoArchive archive = state.archive().with(measurer.entry(model, tuned.network(), generation));
            return told(
                    state.tuned(tuned, archive, training.position()).trainedAtEnd(),
                    network,
                    tuned.network(),
                    generation);
        }
    }

    /** Runs choose by the score; of several outputs, the worst decides. */
    private static Optional<String> worse(Generation trained, Generation before, Generation initial) {
        if (trained.score() < before.score()) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "the training at the end lowered the score from %.4f to %.4f",
                    before.score(),
                    trained.score()));
        }
        return trained.validation().drop(initial.validation())
                        > before.validation().drop(initial.validation())
                ? Optional.of("the training at the end made the metric on validation data worse: " + before.validation()
                        + " before, " + trained.validation() + " afterwards")
                : Optional.empty();
    }

    /** A goal may look at the metric, on training data, too. */
    private Optional<String> missesGoal(Generation trained, RunState state) {
        List<Generation> history = new ArrayList<>(state.history());
        history.add(trained);
        return state.verdict() == Stopper.Verdict.GOAL_REACHED
                        && settings.stopper().judge(history) != Stopper.Verdict.GOAL_REACHED
                ? Optional.of("behind the training at the end the goal that had been reached is missed")
                : Optional.empty();
    }

    private RunState told(RunState state, NetworkGraph before, NetworkGraph after, Generation generation) {
        log.debug("{}", generation);
        subscribers.tell(RunEvent.GenerationEnded.of(generation, before, after));
        generation
                .rejection()
                .ifPresent(reason -> subscribers.tell(new RunEvent.GenerationRejected(generation, reason)));
        return state;
    }

    /** Training of one model within one step. */
    private final class Training {

        private final BatchStream stream;
        private final LiveModel model;
        private final LearningRates rates;
        private final TrainingRate rate;

        Training(RunState state, LiveModel model, long seed) {
            this.stream = environment.data().training().stream(state.position());
            this.model = model;
            this.rates = new LearningRates(model.model(), settings.training().learningRate());
            this.rate = state.rate();
            RandomState.seed(seed);
        }

        double train(int epochs) {
            Duration before = elapsed.get();
            int counted = model.model().getConfiguration().getIterationCount();
            model.model().setListeners(trainingListeners.from(counted));
            double loss = model.fit(
                    environment.taught(stream),
                    environment.batchesPerEpoch(),
                    epochs,
                    rates,
                    rate.of(settings.training().schedule()),
                    environment.cancellation());
            // Measuring is none of their business.
            model.model().setListeners(List.of());
            if (Double.isFinite(loss)) {
                trainingStep = Optional.of(
                        elapsed.get().minus(before).dividedBy((long) epochs * environment.batchesPerEpoch()));
            }
            return loss;
        }

        /** Gives the largest learning rate. */
        double rate() {
            return rates.largest() * rate.factor();
        }

        /** Tells whether there is a lower rate to try. */
        boolean lowersRate() {
            return rate.canBeLowered() && rate() > LEAST_LEARNING_RATE;
        }

        Position position() {
            return stream.position();
        }
    }
}
