package org.growingnn.dl4j.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.data.DataCheck;
import org.growingnn.dl4j.data.Examples;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.score.Measurement;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.CandidateExecutor;
import org.growingnn.dl4j.search.SearchResult;
import org.growingnn.dl4j.search.SearchTask;
import org.growingnn.dl4j.search.ThreadExecutor;
import org.growingnn.dl4j.training.Calibrator;
import org.growingnn.dl4j.training.CandidateEvaluator;
import org.growingnn.dl4j.training.LearningRates;
import org.growingnn.dl4j.training.Models;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Alternates search and training: each generation searches for an action, applies it, trains, and keeps the result unless
 * accuracy falls below a floor, in which case the last good model is restored and the action is not chosen again for it.
 *
 * <p>A floor applies from the moment the run is above it; a model that starts below may climb.
 */
public final class GenerationLoop {

    /** Enough to tell units apart; a fraction of what the search's candidates take. */
    private static final int CALIBRATION_EXAMPLES = 1000;

    private static final Logger log = LoggerFactory.getLogger(GenerationLoop.class);

    private static final int MEASURING_BATCH = 200;

    private final RunSettings settings;
    private final TrainingData training;
    private final TrainingData validation;
    private final List<OptimizationListener> listeners;

    private final long started = System.nanoTime();
    private final List<Generation> history = new ArrayList<>();
    private final List<StructuralAction> journal = new ArrayList<>();
    private final ParetoArchive archive;
    private NetworkGraph initial;
    private TrainingData trainingSample;
    private Iterator<MultiDataSet> stream;
    private int epochBatches;

    /**
     * Prepares a run.
     *
     * @param settings what defines it
     * @param training data to train on
     * @param validation data to judge by
     * @param listeners told about progress
     */
    public GenerationLoop(
            RunSettings settings,
            TrainingData training,
            TrainingData validation,
            List<OptimizationListener> listeners) {
        this.settings = settings;
        this.training = training;
        this.validation = validation;
        this.listeners = List.copyOf(listeners);
        this.archive = new ParetoArchive(settings.paretoCapacity());
    }

    /**
     * The outcome of a run.
     *
     * @param network the best accepted network, or the one that reached the goal
     * @param history all generations, the initial model first
     * @param actions the actions that lead from the initial structure to the returned one, without no-ops
     * @param pareto the accepted models that no other one beats, the smallest first
     */
    public record Outcome(
            NetworkGraph network,
            List<Generation> history,
            List<StructuralAction> actions,
            List<ParetoArchive.Entry> pareto) {}

    /** A network with what was measured of it. */
    private record State(NetworkGraph network, Generation generation, List<StructuralAction> journal) {}

    /**
     * Runs.
     *
     * @param network the network to start from; not modified
     * @return the outcome
     * @throws IllegalArgumentException if the data or the model cannot be trained with, or if no action applies to the model, with
     *     the reason
     */
    public Outcome run(NetworkGraph network) {
        epochBatches = Math.min(training.check(network), settings.batchesPerEpoch());
        initial = calibrated(network);
        requireActions(initial);
        // The original teaches in training; candidates are few steps from it and are graded on true labels.
        Optional<ComputationGraph> teacher =
                settings.distillation().map(distillation -> ModelWriter.toComputationGraph(network));
        stream = Models.endless(
                teacher.map(model -> settings.distillation().orElseThrow().distil(training, model))
                        .orElse(training));
        trainingSample = settings.trainAccuracySamples() == Integer.MAX_VALUE
                ? training
                : TrainingData.of(
                        Examples.sample(training, settings.trainAccuracySamples(), MEASURING_BATCH, settings.seed()));
        CandidateExecutor workers = new ThreadExecutor(settings.workers());
        try {
            State current = start();
            State best = current;
            Set<StructuralAction> rejected = new HashSet<>();
            CandidateEvaluator evaluator = new CandidateEvaluator(
                    training,
                    settings.simulation(),
                    settings.score(),
                    initial,
                    settings.learningRate(),
                    settings.seed());
            Stopper.Verdict verdict = settings.stopper().judge(history);
            for (int number = 1; number <= settings.generations() && verdict == Stopper.Verdict.CONTINUE; number++) {
                Optional<SearchResult> found = Optional.empty();
                if (settings.scheduler().simulate(history)) {
                    current = new State(calibrated(current.network), current.generation, current.journal);
                    found = Optional.of(search(current, evaluator, rejected, number, workers));
                }
                State next = train(current, found, number);
                if (next.generation.accepted()) {
                    if (!next.network.structureHash().equals(current.network.structureHash())) {
                        rejected.clear();
                    }
                    current = next;
                    if (next.generation.score() >= best.generation.score()) {
                        best = next;
                    }
                } else {
                    found.map(SearchResult::action).ifPresent(rejected::add);
                }
                verdict = settings.stopper().judge(history);
            }
            State result = verdict == Stopper.Verdict.GOAL_REACHED ? current : best;
            if (settings.fineTuneEpochs() > 0) {
                result = fineTune(result);
            }
            return new Outcome(
                    result.network.with(Optional.empty()), List.copyOf(history), result.journal, archive.entries());
        } finally {
            teacher.ifPresent(Models::release);
            workers.close();
        }
    }

    private State start() {
        ComputationGraph model = Models.build(initial);
        try {
            double loss = model.score(training.iterator().next(), false);
            DataCheck.requireFinite(loss, initial);
            Models.Quality quality = Models.measure(model, trainingSample, false);
            LearningRates rates = new LearningRates(model, settings.learningRate());
            if (rates.largest() < 1e-8) {
                log.warn(
                        "The model's learning rate is {} at its current iteration, so candidates will hardly train;"
                                + " maybe set learningRate(...)",
                        rates.largest());
            }
            NetworkGraph network = initial;
            if (settings.initialEpochs() > 0) {
                Nd4j.getRandom().setSeed(settings.seed());
                loss = Models.fit(model, stream, epochBatches, settings.initialEpochs(), rates, settings.schedule());
                DataCheck.requireFinite(loss, initial);
                quality = Models.measure(model, trainingSample, false);
                network = trained(initial, model);
            }
            Generation generation =
                    generation(0, Optional.empty(), network, model, quality, loss, settings.initialEpochs(), 0);
            add(generation);
            return archived(new State(network, generation, List.of()), model);
        } finally {
            Models.release(model);
        }
    }

    /** Calibrates once for all candidates of a generation; a network that has it was not trained since. */
    private NetworkGraph calibrated(NetworkGraph network) {
        return settings.projection().needsCalibration() && network.calibration().isEmpty()
                ? Calibrator.withExamples(training, CALIBRATION_EXAMPLES).calibrate(network, training)
                : network;
    }

    private void requireActions(NetworkGraph network) {
        if (settings.actions().generate(network).findAny().isEmpty()) {
            throw new IllegalArgumentException("No layer of the model can be changed by " + settings.actions()
                    + ". This is why:\n" + network.describe());
        }
    }

    /** Reads what training has changed, which makes calibration stale. */
    private static NetworkGraph trained(NetworkGraph network, ComputationGraph model) {
        return ModelReader.update(network, model).with(Optional.empty());
    }

    private SearchResult search(
            State current,
            CandidateEvaluator evaluator,
            Set<StructuralAction> rejected,
            int number,
            CandidateExecutor workers) {
        SearchTask task = new SearchTask(
                current.network,
                settings.actions(),
                settings.projection(),
                evaluator,
                rejected,
                settings.seed() + 0x9E3779B97F4A7C15L * number,
                workers,
                Cancellation.never(),
                (candidate, progress) -> listeners.forEach(listener -> listener.onSearchProgress(number, progress)));
        SearchResult result =
                Models.withSingleBlasThread(() -> settings.search().search(task));
        if (!result.complete()) {
            log.warn(
                    "The search of generation {} ended after {} evaluations in {} before it had tried every action once;"
                            + " maybe give it more time or fewer actions",
                    number,
                    result.evaluations(),
                    result.elapsed());
        }
        listeners.forEach(listener -> listener.onSearch(number, result));
        return result;
    }

    private State train(State current, Optional<SearchResult> found, int number) {
        StructuralAction action = found.map(SearchResult::action).orElse(new NoOp());
        NetworkGraph changed = action.apply(current.network, settings.projection());
        ComputationGraph model = Models.build(changed);
        try {
            Nd4j.getRandom().setSeed(settings.seed() + number);
            LearningRates rates = new LearningRates(model, settings.learningRate());
            double loss = Double.NaN;
            int epochs = settings.epochsPerGeneration();
            if (epochs > 0) {
                loss = Models.fit(model, stream, epochBatches, epochs, rates, settings.schedule());
            }
            Generation generation = measure(number, found, changed, model, loss, epochs, current);
            for (int extra = 0; extra < settings.recoveryEpochs() && !generation.accepted(); extra++) {
                loss = Models.fit(model, stream, epochBatches, 1, rates, settings.schedule());
                generation = measure(number, found, changed, model, loss, ++epochs, current);
            }
            add(generation);
            List<StructuralAction> path = new ArrayList<>(current.journal);
            if (!(action instanceof NoOp)) {
                path.add(action);
            }
            return archived(new State(trained(changed, model), generation, List.copyOf(path)), model);
        } finally {
            Models.release(model);
        }
    }

    private State fineTune(State state) {
        ComputationGraph model = Models.build(state.network);
        try {
            Nd4j.getRandom().setSeed(settings.seed() - 1);
            double loss = Models.fit(
                    model,
                    stream,
                    epochBatches,
                    settings.fineTuneEpochs(),
                    new LearningRates(model, settings.learningRate()),
                    settings.schedule());
            Generation generation = measure(
                    history.size(), Optional.empty(), state.network, model, loss, settings.fineTuneEpochs(), state);
            add(generation);
            return generation.accepted()
                    ? archived(new State(trained(state.network, model), generation, state.journal), model)
                    : state;
        } finally {
            Models.release(model);
        }
    }

    private Generation measure(
            int number,
            Optional<SearchResult> found,
            NetworkGraph network,
            ComputationGraph model,
            double loss,
            int epochs,
            State previous) {
        Models.Quality quality = Models.measure(model, trainingSample, false);
        Generation generation = generation(
                number,
                found.map(SearchResult::action),
                network,
                model,
                quality,
                loss,
                epochs,
                found.map(SearchResult::evaluations).orElse(0));
        boolean diverged = epochs > 0 && !Double.isFinite(loss);
        boolean accepted = !diverged
                && above(settings.accuracyFloor(), generation.trainAccuracy(), previous.generation.trainAccuracy())
                && above(
                        history.get(0).validationAccuracy() - settings.maxAccuracyDrop(),
                        generation.validationAccuracy(),
                        previous.generation.validationAccuracy());
        return accepted ? generation : rejected(generation);
    }

    /** Below a floor a model is accepted only while the run has been below it anyway and does not fall further. */
    private static boolean above(double floor, double accuracy, double before) {
        return accuracy >= floor || (before < floor && accuracy >= before);
    }

    private Generation generation(
            int number,
            Optional<StructuralAction> action,
            NetworkGraph network,
            ComputationGraph model,
            Models.Quality quality,
            double loss,
            int epochs,
            int evaluations) {
        Models.Quality held = Models.measure(model, validation, settings.score().needsLoss());
        if (held.examples() == 0) {
            throw new IllegalArgumentException(
                    "The validation data is empty.\nMaybe leave validation(...) out to hold out part of the training data?");
        }
        OptionalLong macs = CandidateEvaluator.macs(network);
        double score = settings.score()
                .grade(new Measurement(
                        held.accuracy(),
                        held.loss(),
                        network.parameterCount(),
                        initial.parameterCount(),
                        macs,
                        CandidateEvaluator.macs(initial)));
        return new Generation(
                number,
                action,
                true,
                quality.accuracy(),
                held.accuracy(),
                loss,
                network.parameterCount(),
                1 - (double) network.parameterCount() / initial.parameterCount(),
                macs,
                score,
                epochs,
                evaluations,
                Duration.ofNanos(System.nanoTime() - started));
    }

    private static Generation rejected(Generation g) {
        return new Generation(
                g.number(),
                g.action(),
                false,
                g.trainAccuracy(),
                g.validationAccuracy(),
                g.loss(),
                g.parameters(),
                g.reduction(),
                g.macs(),
                g.score(),
                g.epochs(),
                g.evaluations(),
                g.elapsed());
    }

    private State archived(State state, ComputationGraph model) {
        Generation generation = state.generation;
        if (generation.accepted()) {
            // The moments of calibration may be larger than the network.
            archive.add(new ParetoArchive.Entry(
                    state.network.with(Optional.empty()),
                    generation.validationAccuracy(),
                    generation.parameters(),
                    generation.macs(),
                    Models.latency(model, validation.iterator().next()),
                    generation.number()));
        }
        return state;
    }

    private void add(Generation generation) {
        history.add(generation);
        log.debug("{}", generation);
        listeners.forEach(listener -> listener.onGeneration(generation));
    }
}
