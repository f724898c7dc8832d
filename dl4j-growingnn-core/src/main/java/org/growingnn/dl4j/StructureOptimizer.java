package org.growingnn.dl4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.growingnn.dl4j.adapter.AdapterRegistry;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.data.DataSummary;
import org.growingnn.dl4j.data.HoldOut;
import org.growingnn.dl4j.data.Lease;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.folder.RunFolder;
import org.growingnn.dl4j.folder.RunRecorder;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.run.DataSettings;
import org.growingnn.dl4j.run.Outcome;
import org.growingnn.dl4j.run.Run;
import org.growingnn.dl4j.run.RunData;
import org.growingnn.dl4j.run.RunListener;
import org.growingnn.dl4j.run.RunSettings;
import org.growingnn.dl4j.run.RunState;
import org.growingnn.dl4j.run.SettingsBuilder;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.CancelledException;
import org.growingnn.dl4j.training.LatencyMeter;
import org.growingnn.dl4j.training.PassBatch;
import org.growingnn.dl4j.training.RandomState;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Optimises the structure of a trained model: alternates searching for a structural change, applying it without throwing away
 * what was learned, and training, until the model is as small or as good as asked for.
 *
 * <pre>{@code
 * OptimizationResult result = StructureOptimizer.builder()
 *         .train(trainIterator)
 *         .validation(validationIterator)
 *         .generations(20)
 *         .score(Score.metric(1.0).relativeParameters(1.0))
 *         .stopWhen(Stoppers.accuracyAndReduction(0.95, 0.85))
 *         .build()
 *         .optimize(model);
 * ComputationGraph smaller = result.graph();
 * }</pre>
 *
 * <p>An optimiser may be used for several models, one after the other. The models that go in are never modified.
 */
public final class StructureOptimizer {

    private static final Logger log = LoggerFactory.getLogger(StructureOptimizer.class);

    private final TrainingData training;
    private final Optional<TrainingData> validation;
    private final RunSettings settings;
    private final List<RunListener> listeners;
    private final List<TrainingListener> trainingListeners;
    private final LatencyMeter latencyMeter;
    private final Optional<RunFolder> folder;

    private StructureOptimizer(Builder builder) {
        this.training = builder.training;
        this.validation = Optional.ofNullable(builder.validation);
        this.settings = builder.settings();
        this.listeners = List.copyOf(builder.listeners);
        this.trainingListeners = List.copyOf(builder.trainingListeners);
        this.latencyMeter = builder.latencyMeter.orElseGet(LatencyMeter::new);
        this.folder = builder.folder;
    }

    /**
     * Starts with the defaults.
     *
     * @return a builder; only {@code train} must be set
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Optimises a model. An interrupt of the calling thread ends the run within a training step, with the best model so far, and stays
     * set.
     *
     * @param model an initialised {@link org.deeplearning4j.nn.graph.ComputationGraph} or {@link
     *     org.deeplearning4j.nn.multilayer.MultiLayerNetwork}; not modified
     * @return the optimised model with the history of the run, and how the run ended: what goes wrong once the model was measured ends
     *     the run with the best model so far, see {@link OptimizationResult#status()}
     * @throws IllegalArgumentException if the model is null, not initialised, has no layer that the actions can change, or has
     *     a loss that is not a number; if training or validation data is empty, does not fit the model or contains NaN; if the table
     *     of latencies lacks one of its layers; or if metric, score or model cannot be taken to the processes that are to evaluate candidates
     * @throws IllegalStateException if another run that is under way reads one of the iterators, if a cost is unknown that stopper or
     *     score speak of, or if such processes cannot be started
     */
    public OptimizationResult optimize(Model model) {
        return optimize(model, Cancellation.never());
    }

    /**
     * Optimises a model, as {@link #optimize(Model)}.
     *
     * @param model an initialised model; not modified
     * @param cancellation ends the run within a training step, with the best model so far
     * @return the optimised model with the history of the run, and how the run ended
     */
    public OptimizationResult optimize(Model model, Cancellation cancellation) {
        return locked(folder, () -> execute(read(model), cancellation, folder, Optional.empty()));
    }

    /**
     * Goes on with a run of this optimiser, or of another one with the same settings and equal data, from a state that it reached.
     * It ends as if it had never stopped.
     *
     * @param model the model that the run was given; not modified
     * @param state a state that the run told by {@link org.growingnn.dl4j.run.RunEvent.StateReached} or in its outcome
     * @return the optimised model with the history of the whole run
     * @throws IllegalArgumentException if the state is of a run of another model, with other latencies, or in which other layers could
     *     change
     */
    public OptimizationResult resume(Model model, RunState state) {
        return resume(model, state, Cancellation.never());
    }

    /**
     * Goes on with a run, as {@link #resume(Model, RunState)}.
     *
     * @param model the model that the run was given; not modified
     * @param state a state that the run reached
     * @param cancellation ends the run within a training step, with the best model so far
     * @return the optimised model with the history of the whole run
     */
    public OptimizationResult resume(Model model, RunState state, Cancellation cancellation) {
        Objects.requireNonNull(state, "state");
        return locked(folder, () -> execute(read(model), cancellation, folder, Optional.of(state)));
    }

    /**
     * Goes on with the run in a folder, from its last checkpoint, and writes to the same folder. With the settings of the run, {@link
     * RunFolder#settings()}, and equal data it ends as if it had never stopped, if these are deterministic.
     *
     * @param from the folder of a run; a run that is over stays so
     * @param cancellation ends the run within a training step, with the best model so far
     * @return the optimised model with the history of the whole run
     * @throws IllegalArgumentException if the folder's checkpoint cannot be read, or as {@link #resume(Model, RunState)}
     * @throws IllegalStateException if another process writes to the folder
     */
    public OptimizationResult resume(RunFolder from, Cancellation cancellation) {
        return locked(Optional.of(from), () -> {
            RunState state = from.state();
            return execute(state.initial(), cancellation, Optional.of(from), Optional.of(state));
        });
    }

    /**
     * Goes on with the run in a folder to another target: with another stopper, or with more generations. A run that was not over goes on
     * as with {@link #resume(RunFolder, Cancellation)}. A result that was trained at the end already is not trained there again.
     *
     * @param from the folder of a run
     * @param cancellation ends the run within a training step, with the best model so far
     * @return the optimised model with the history of the whole run
     * @throws IllegalArgumentException if the folder's checkpoint cannot be read, or as {@link #resume(Model, RunState)}
     * @throws IllegalStateException if another process writes to the folder
     */
    public OptimizationResult proceed(RunFolder from, Cancellation cancellation) {
        return locked(Optional.of(from), () -> {
            RunState state = from.state().reopened();
            return execute(state.initial(), cancellation, Optional.of(from), Optional.of(state));
        });
    }

    /** A folder is locked before its state is read. */
    @SuppressWarnings("try") // The lock is only held.
    private static OptimizationResult locked(Optional<RunFolder> place, Supplier<OptimizationResult> work) {
        if (place.isEmpty()) {
            return work.get();
        }
        try (RunFolder.Lock lock = place.get().lock()) {
            return work.get();
        }
    }

    /** Reading without input types checks the model before any data is touched. */
    private NetworkGraph read(Model model) {
        return ModelReader.read(
                model,
                AdapterRegistry.load().pruneFrozenLayers(settings.search().pruneFrozenLayers()),
                List.of());
    }

    @SuppressWarnings("try") // Lease, random state and recorder are only held.
    private OptimizationResult execute(
            NetworkGraph untyped, Cancellation given, Optional<RunFolder> place, Optional<RunState> from) {
        Objects.requireNonNull(given, "cancellation");
        Cancellation cancellation = given.withInterrupt();
        Provenance provenance = Provenance.of(settings, untyped);
        List<RunListener> all = new ArrayList<>(listeners);
        try (RunRecorder recorder = place.map(path -> RunRecorder.open(
                                path, provenance.versions(), provenance.modelSha256(), from, cancellation))
                        .orElse(null);
                Lease lease = Lease.of("a StructureOptimizer's run", sources());
                RandomState kept = RandomState.keep(settings.seed())) {
            if (recorder != null) {
                // What others are told is on the disk.
                all.add(0, recorder);
            }
            Function<Run, Outcome> course = run -> from.map(run::resume).orElseGet(run::run);
            NetworkGraph network = untyped;
            Outcome outcome;
            Optional<MultiDataSet> passed = Optional.empty();
            try {
                RunData data = data(untyped, cancellation);
                NetworkGraph typed = ModelReader.withInputTypes(untyped, training.inputTypes(untyped));
                network = typed;
                // That nothing will be measured is to be known before the run.
                passed = settings.latencies().flatMap(table -> passed(data, table.examples()));
                outcome = run(data, typed, all, cancellation, course);
            } catch (CancelledException e) {
                String reason = e.getMessage();
                NetworkGraph begun = network;
                outcome = from.map(state -> new Outcome(Outcome.Status.CANCELLED, reason, Optional.empty(), state))
                        .orElseGet(() -> Run.cancelledBefore(settings, begun, reason));
            }
            if (recorder != null
                    && recorder.failure().isPresent()
                    && outcome.cause().isEmpty()) {
                // Also where the run was over when its last state could not be saved.
                outcome = new Outcome(
                        Outcome.Status.CANCELLED, recorder.failure().get(), Optional.empty(), outcome.state());
            }
            NetworkGraph result = outcome.state().result().network();
            return new OptimizationResult(
                    ModelWriter.toComputationGraph(result),
                    result,
                    outcome.state().initial(),
                    outcome,
                    provenance,
                    latency(outcome, passed));
        }
    }

    /** Finds what passes are measured on; no decision depends on it, so that too small batches are no reason to refuse a run. */
    private static Optional<MultiDataSet> passed(RunData data, int examples) {
        Optional<MultiDataSet> passed =
                PassBatch.first(data.validation(), examples).or(() -> PassBatch.first(data.training(), examples));
        if (passed.isEmpty()) {
            log.warn(
                    "The latency of the result will not be measured: the latencies are of passes with {} examples, and the first "
                            + "batches of validation and training data have fewer.\n"
                            + "Maybe use larger batches, or a table of latencies for fewer examples?",
                    examples);
        }
        return passed;
    }

    /**
     * Measures outside of the run, with as many BLAS threads as when the table was measured. Empty if nobody gave a table, or if the run
     * was cancelled before it was opened.
     */
    private Optional<LatencyReport> latency(Outcome outcome, Optional<MultiDataSet> passed) {
        NetworkGraph initial = outcome.state().initial();
        if (initial.origin().latencies().isEmpty()) {
            return Optional.empty();
        }
        NetworkGraph result = outcome.state().result().network();
        LatencyCheck check = new LatencyCheck(latencyMeter, initial, this::latencyLimit, 1, passed);
        LatencyReport report;
        try {
            boolean ended = outcome.status() == Outcome.Status.FINISHED || outcome.status() == Outcome.Status.STOPPED;
            report = check.latency(result, ended && passed.isPresent() ? 1 : 0);
        } catch (RuntimeException | OutOfMemoryError e) {
            // ND4J reports by the latter that native memory is exhausted, of which two more models take some.
            log.warn("The run is over, but its result's latency cannot be measured", e);
            report = check.latency(result, 0);
        }
        if (report.met()) {
            log.info(report.describe());
        } else {
            log.warn(report.describe());
        }
        return Optional.of(report);
    }

    private OptionalDouble latencyLimit(long before) {
        Double limit = settings.stopper().limits(cost -> before).get(Cost.LATENCY);
        return limit == null || limit.isInfinite() ? OptionalDouble.empty() : OptionalDouble.of(limit);
    }

    private Outcome run(
            RunData data,
            NetworkGraph network,
            List<RunListener> told,
            Cancellation cancellation,
            Function<Run, Outcome> course) {
        try (Run run = Run.open(settings, data, network, told, trainingListeners, cancellation)) {
            return course.apply(run);
        }
    }

    private List<TrainingData> sources() {
        List<TrainingData> sources = new ArrayList<>(List.of(training));
        validation.ifPresent(sources::add);
        return sources;
    }

    /** Checks the data and splits it as far as it was not given in parts; ends between two batches if asked to. */
    private RunData data(NetworkGraph network, Cancellation cancellation) {
        UnaryOperator<MultiDataSet> checking = batch -> {
            cancellation.check();
            return batch;
        };
        TrainingData all = training.map(checking);
        Optional<TrainingData> judging = validation.map(data -> data.map(checking));
        DataSummary summary = all.check(network);
        judging.ifPresent(data -> data.check(network));
        double share = settings.data().holdOutShare().orElse(DataSettings.DEFAULT_HOLD_OUT_SHARE);
        HoldOut parts =
                judging.map(data -> new HoldOut(all, data)).orElseGet(() -> HoldOut.of(all, share, settings.seed()));
        Optional<TrainingData> grading = Optional.empty();
        if (settings.data().gradeOnHeldOut()) {
            HoldOut further = HoldOut.of(parts.training(), share, settings.seed() + 1);
            parts = new HoldOut(further.training(), parts.validation());
            grading = Optional.of(further.validation());
        }
        DataSummary left = parts.training() == all ? summary : parts.training().check(network);
        return new RunData(parts.training(), left, parts.validation(), grading);
    }

    /** Collects data, settings and listeners; each method returns the builder. */
    public static final class Builder extends SettingsBuilder<Builder> {

        private TrainingData training;
        private TrainingData validation;
        private final List<RunListener> listeners = new ArrayList<>();
        private final List<TrainingListener> trainingListeners = new ArrayList<>();
        private Optional<LatencyMeter> latencyMeter = Optional.empty();
        private Optional<RunFolder> folder = Optional.empty();

        private Builder() {}

        @Override
        protected Builder self() {
            return this;
        }

        /**
         * Sets the training data. Required.
         *
         * @param iterator features and labels; must support resetting
         * @return this builder
         */
        public Builder train(DataSetIterator iterator) {
            training = TrainingData.of(iterator).named("training data");
            return this;
        }

        /**
         * Sets the training data, for models with several inputs or outputs. Required.
         *
         * @param iterator features and labels; must support resetting
         * @return this builder
         */
        public Builder train(MultiDataSetIterator iterator) {
            training = TrainingData.of(iterator).named("training data");
            return this;
        }

        /**
         * Sets the data by which models are judged. Without it, a share of every class of the training data is held out and
         * both parts are kept in memory; pass validation data if the training data is too large for that.
         *
         * @param iterator features and labels; must support resetting
         * @return this builder
         */
        public Builder validation(DataSetIterator iterator) {
            validation = TrainingData.of(iterator).named("validation data");
            return this;
        }

        /**
         * Sets the data by which models are judged, for models with several inputs or outputs.
         *
         * @param iterator features and labels; must support resetting
         * @return this builder
         */
        public Builder validation(MultiDataSetIterator iterator) {
            validation = TrainingData.of(iterator).named("validation data");
            return this;
        }

        /**
         * Has the run written to a folder: what happens, and after every generation a checkpoint, from which a run that was stopped goes on,
         * see {@link StructureOptimizer#resume(RunFolder, Cancellation)}. If the folder cannot be written, the run ends with the best model
         * so far, and with the reason in its outcome.
         *
         * @param value the folder of one new run
         * @return this builder
         */
        public Builder folder(RunFolder value) {
            folder = Optional.of(value);
            return this;
        }

        /**
         * Adds a listener.
         *
         * @param value told about everything that happens; {@link RunListener#generations} for generations only
         * @return this builder
         */
        public Builder listener(RunListener value) {
            listeners.add(Objects.requireNonNull(value, "listener"));
            return this;
        }

        /**
         * Adds listeners of Deeplearning4j, such as a {@code StatsListener} that shows the run in its {@code UIServer}, or a {@code
         * ScoreIterationListener}. They are told about the training of the run itself, each generation with a model of its own, and not
         * about that of candidates. The iterations that they are told go on where a generation is taken back. One that throws is told
         * nothing more, and the run goes on.
         *
         * @param values attached while the run trains
         * @return this builder
         */
        public Builder trainingListeners(TrainingListener... values) {
            trainingListeners.addAll(List.of(values));
            return this;
        }

        /**
         * Chooses how the latency of the result is measured beside that of the model as it was given, once the run is over; by the median of
         * 30 passes by default. They run on the first batch of validation data, or else of training data, that has as many examples as
         * the table is for; without one, nothing is measured, and a warning says so. No decision depends on it.
         *
         * @param meter measures; only where {@link #latencies} are given
         * @return this builder
         */
        public Builder latencyMeter(LatencyMeter meter) {
            latencyMeter = Optional.of(Objects.requireNonNull(meter, "meter"));
            return this;
        }

        /**
         * Finishes.
         *
         * @return the optimiser
         * @throws IllegalStateException if there is no training data, if settings contradict each other, or if a share to hold out was
         *     chosen although nothing is held out, neither for validation nor for grading
         */
        public StructureOptimizer build() {
            if (training == null) {
                throw new IllegalStateException("There is no training data.\nMaybe call train(iterator)?");
            }
            settings().data().holdOutShare().ifPresent(share -> {
                if (validation != null && !settings().data().gradeOnHeldOut()) {
                    throw new IllegalStateException("The data.holdOutShare (" + share
                            + ") says to hold out training data for validation, but there is validation data.\n"
                            + "Maybe leave out either holdOut(...) or validation(...), or hold out for grading by"
                            + " gradeOnHeldOut(true)?");
                }
            });
            if (latencyMeter.isPresent() && settings().latencies().isEmpty()) {
                throw new IllegalStateException(
                        "The latencyMeter has no effect, because there is no table of latencies.\n"
                                + "Maybe call latencies(table), or leave it out?");
            }
            settings().contradictions().stream().findFirst().ifPresent(reason -> {
                throw new IllegalStateException(reason);
            });
            settings().warnings().forEach(log::warn);
            return new StructureOptimizer(this);
        }
    }
}
