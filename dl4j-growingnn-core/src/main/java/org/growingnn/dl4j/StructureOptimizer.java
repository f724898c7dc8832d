package org.growingnn.dl4j;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Properties;
import org.deeplearning4j.nn.api.Model;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.data.HoldOut;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.run.GenerationLoop;
import org.growingnn.dl4j.run.OptimizationListener;
import org.growingnn.dl4j.run.ParetoArchive;
import org.growingnn.dl4j.run.RunSettings;
import org.growingnn.dl4j.run.SimulationScheduler;
import org.growingnn.dl4j.run.Stopper;
import org.growingnn.dl4j.run.Stoppers;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.GreedySearch;
import org.growingnn.dl4j.search.MonteCarloTreeSearch;
import org.growingnn.dl4j.search.SearchStrategy;
import org.growingnn.dl4j.training.Distillation;
import org.growingnn.dl4j.training.LearningRateSchedule;
import org.growingnn.dl4j.training.SimulationSettings;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/**
 * Optimises the structure of a trained model: alternates searching for a structural change, applying it without throwing away
 * what was learned, and training, until the model is as small or as good as asked for.
 *
 * <pre>{@code
 * OptimizationResult result = StructureOptimizer.builder()
 *         .train(trainIterator)
 *         .validation(testIterator)
 *         .generations(20)
 *         .score(Score.accuracy(1.0).relativeParameters(1.0))
 *         .stopWhen(Stoppers.accuracyAndReduction(0.95, 0.85))
 *         .build()
 *         .optimize(model);
 * ComputationGraph smaller = result.graph();
 * }</pre>
 *
 * <p>An optimiser may be used for several models, one after the other. The models that go in are never modified.
 */
public final class StructureOptimizer {

    private static final double DEFAULT_MAX_ACCURACY_DROP = 0.02;

    private final TrainingData training;
    private final Optional<TrainingData> validation;
    private final double holdOutShare;
    private final RunSettings settings;
    private final List<OptimizationListener> listeners;

    private StructureOptimizer(Builder builder) {
        this.training = builder.training;
        this.validation = Optional.ofNullable(builder.validation);
        this.holdOutShare = builder.holdOutShare;
        this.settings = builder.settings();
        this.listeners = List.copyOf(builder.listeners);
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
     * Optimises a model.
     *
     * @param model an initialised {@link org.deeplearning4j.nn.graph.ComputationGraph} or {@link
     *     org.deeplearning4j.nn.multilayer.MultiLayerNetwork}; not modified
     * @return the optimised model with the history of the run
     * @throws IllegalArgumentException if the model is null, not initialised, has no layer that the actions can change, or has
     *     a loss that is not a number; or if the data is empty, has no labels or contains NaN
     */
    public OptimizationResult optimize(Model model) {
        // Reading without input types checks the model before any data is touched.
        NetworkGraph untyped = ModelReader.read(model, List.of());
        training.check(untyped);
        NetworkGraph network = ModelReader.read(model, training.inputTypes(untyped));
        HoldOut data = validation
                .map(given -> new HoldOut(training, given))
                .orElseGet(() -> HoldOut.of(training, holdOutShare, settings.seed()));
        GenerationLoop.Outcome outcome =
                new GenerationLoop(settings, data.training(), data.validation(), listeners).run(network);
        return new OptimizationResult(
                ModelWriter.toComputationGraph(outcome.network()),
                outcome.network(),
                network,
                outcome.history(),
                outcome.actions(),
                outcome.pareto(),
                provenance(settings, network));
    }

    private static Provenance provenance(RunSettings run, NetworkGraph network) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("seed", String.valueOf(run.seed()));
        values.put("generations", String.valueOf(run.generations()));
        values.put("initialEpochs", String.valueOf(run.initialEpochs()));
        values.put("epochsPerGeneration", String.valueOf(run.epochsPerGeneration()));
        values.put("batchesPerEpoch", String.valueOf(run.batchesPerEpoch()));
        values.put("recoveryEpochs", String.valueOf(run.recoveryEpochs()));
        values.put("fineTuneEpochs", String.valueOf(run.fineTuneEpochs()));
        values.put("accuracyFloor", String.valueOf(run.accuracyFloor()));
        values.put("maxAccuracyDrop", String.valueOf(run.maxAccuracyDrop()));
        values.put("score", run.score().toString());
        values.put("search", run.search().toString());
        values.put("actions", run.actions().toString());
        values.put("projection", run.projection().name());
        values.put("learningRate", run.learningRate().toString());
        values.put("distillation", run.distillation().toString());
        values.put("simulation", run.simulation().toString());
        values.put("workers", String.valueOf(run.workers()));
        Map<String, String> versions = new LinkedHashMap<>();
        versions.put("dl4j-growingnn", version("org.growingnn", "dl4j-growingnn-core"));
        versions.put("deeplearning4j", version("org.deeplearning4j", "deeplearning4j-nn"));
        versions.put("java", System.getProperty("java.version"));
        versions.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        return new Provenance(values, versions, sha256(network));
    }

    private static String version(String group, String artifact) {
        String path = "/META-INF/maven/" + group + "/" + artifact + "/pom.properties";
        try (InputStream in = StructureOptimizer.class.getResourceAsStream(path)) {
            if (in == null) {
                return "unknown";
            }
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version", "unknown");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("Cannot read " + path + " from the class path.", e);
        }
    }

    private static String sha256(NetworkGraph network) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(network.structureHash().getBytes(StandardCharsets.UTF_8));
            for (Vertex vertex : network.vertices()) {
                vertex.parameters().values().forEach(parameter -> {
                    double[] values = parameter.value().toDoubles();
                    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Double.BYTES));
                    bytes.asDoubleBuffer().put(values);
                    digest.update(bytes);
                });
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform provides SHA-256.", e);
        }
    }

    /** Collects the settings; each method returns the builder. */
    public static final class Builder {

        private TrainingData training;
        private TrainingData validation;
        private double holdOutShare = 0.1;
        private int generations = 10;
        private int initialEpochs = 0;
        private int epochsPerGeneration = 1;
        private int batchesPerEpoch = Integer.MAX_VALUE;
        private int recoveryEpochs = 1;
        private int fineTuneEpochs = 0;
        private double accuracyFloor = 0;
        private OptionalDouble maxAccuracyDrop = OptionalDouble.empty();
        private Score score = Score.accuracy(1).relativeParameters(1);
        private SearchStrategy search = GreedySearch.create();
        private ActionGenerator actions = Actions.neurons();
        private Projection projection = Projections.refitted(Projections.selection(Criteria.taylor()));
        private SimulationScheduler scheduler = SimulationScheduler.always();
        private Stopper stopper = Stoppers.never();
        private LearningRateSchedule schedule = LearningRateSchedule.progressive(0.2);
        private OptionalDouble learningRate = OptionalDouble.empty();
        private Optional<Distillation> distillation = Optional.empty();
        private SimulationSettings simulation = SimulationSettings.DEFAULT;
        private int trainAccuracySamples = Integer.MAX_VALUE;
        private int paretoCapacity = ParetoArchive.DEFAULT_CAPACITY;
        private int workers = Runtime.getRuntime().availableProcessors();
        private long seed = 42;
        private boolean deterministic;
        private final List<OptimizationListener> listeners = new ArrayList<>();

        private Builder() {}

        /**
         * Sets the training data. Required.
         *
         * @param iterator features and labels; must support resetting
         * @return this builder
         */
        public Builder train(DataSetIterator iterator) {
            training = TrainingData.of(iterator);
            return this;
        }

        /**
         * Sets the training data, for models with several inputs or outputs. Required.
         *
         * @param iterator features and labels; must support resetting
         * @return this builder
         */
        public Builder train(MultiDataSetIterator iterator) {
            training = TrainingData.of(iterator);
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
            validation = TrainingData.of(iterator);
            return this;
        }

        /**
         * Sets the data by which models are judged, for models with several inputs or outputs.
         *
         * @param iterator features and labels; must support resetting
         * @return this builder
         */
        public Builder validation(MultiDataSetIterator iterator) {
            validation = TrainingData.of(iterator);
            return this;
        }

        /**
         * Chooses the share that is held out when there is no validation data.
         *
         * @param share 0 &lt; share ≤ 0.5; 0.1 by default
         * @return this builder
         */
        public Builder holdOut(double share) {
            require(share > 0 && share <= 0.5, "holdOut", share, "in (0, 0.5]");
            holdOutShare = share;
            return this;
        }

        /**
         * Chooses how many generations of search and training to run at most.
         *
         * @param count ≥ 1; 10 by default
         * @return this builder
         */
        public Builder generations(int count) {
            require(count >= 1, "generations", count, "at least 1");
            generations = count;
            return this;
        }

        /**
         * Chooses how long to train before the first search: for models that are not trained yet.
         *
         * @param epochs ≥ 0; 0 by default
         * @return this builder
         */
        public Builder initialEpochs(int epochs) {
            require(epochs >= 0, "initialEpochs", epochs, "at least 0");
            initialEpochs = epochs;
            return this;
        }

        /**
         * Chooses how long to train after every structural change.
         *
         * @param epochs ≥ 0; 1 by default
         * @return this builder
         */
        public Builder epochsPerGeneration(int epochs) {
            require(epochs >= 0, "epochsPerGeneration", epochs, "at least 0");
            epochsPerGeneration = epochs;
            return this;
        }

        /**
         * Counts this many batches as an epoch instead of a whole pass over the training data: for large data sets, where a
         * fraction of a pass shows whether a change pays. Epochs go on where the previous one ended.
         *
         * @param batches ≥ 1; all by default
         * @return this builder
         */
        public Builder batchesPerEpoch(int batches) {
            require(batches >= 1, "batchesPerEpoch", batches, "at least 1");
            batchesPerEpoch = batches;
            return this;
        }

        /**
         * Chooses how much longer a generation may train while its accuracy is below a floor, before it is taken back.
         *
         * @param epochs ≥ 0; 1 by default
         * @return this builder
         */
        public Builder recoveryEpochs(int epochs) {
            require(epochs >= 0, "recoveryEpochs", epochs, "at least 0");
            recoveryEpochs = epochs;
            return this;
        }

        /**
         * Lets the original model teach: its answers are mixed into the labels in all training but that of candidates. It helps most
         * where training data is scarce. For classifiers whose outputs are class probabilities.
         *
         * @param temperature softens the answers, ≥ 1
         * @param weight share of the answers, 0 &lt; weight ≤ 1
         * @return this builder
         */
        public Builder distillation(double temperature, double weight) {
            distillation = Optional.of(new Distillation(temperature, weight));
            return this;
        }

        /**
         * Chooses how long to train the result at the end.
         *
         * @param epochs ≥ 0; 0 by default
         * @return this builder
         */
        public Builder fineTuneEpochs(int epochs) {
            require(epochs >= 0, "fineTuneEpochs", epochs, "at least 0");
            fineTuneEpochs = epochs;
            return this;
        }

        /**
         * Never accepts a model below this training accuracy: the last good one is restored. A model that starts below the
         * floor may climb.
         *
         * @param accuracy 0 to 1; none by default
         * @return this builder
         */
        public Builder accuracyFloor(double accuracy) {
            require(accuracy >= 0 && accuracy <= 1, "accuracyFloor", accuracy, "in [0, 1]");
            accuracyFloor = accuracy;
            return this;
        }

        /**
         * Never accepts a model whose validation accuracy is further below the initial model's than this.
         *
         * @param drop 0 to 1; 0.02 by default if there is no accuracy floor either, otherwise unlimited
         * @return this builder
         */
        public Builder maxAccuracyDrop(double drop) {
            require(drop >= 0 && drop <= 1, "maxAccuracyDrop", drop, "in [0, 1]");
            maxAccuracyDrop = OptionalDouble.of(drop);
            return this;
        }

        /**
         * Chooses what the GrowingNN paper does instead of the defaults: its projection, its neuron actions, tree search by UCB1 that
         * takes the most visited action, candidates graded on what they were trained on, a size term {@code 1 / (1 + 0.001 p)}, a
         * progressive learning rate, and no limit to how far accuracy may fall. Settings made afterwards replace its own.
         *
         * @param sizeWeight weight of the size term beside accuracy's 1; the paper grows with 0.1 and shrinks with 4
         * @return this builder
         */
        public Builder paper(double sizeWeight) {
            return projection(Projections.paper())
                    .actions(Actions.neurons())
                    .search(MonteCarloTreeSearch.paper().build())
                    .simulation(new SimulationSettings(200, 0, 5, 50))
                    .score(Score.accuracy(1).parameters(sizeWeight))
                    .learningRateSchedule(LearningRateSchedule.progressive(0.2))
                    .maxAccuracyDrop(1);
        }

        /**
         * Chooses how models are graded.
         *
         * @param value accuracy and relative parameters in equal parts by default
         * @return this builder
         */
        public Builder score(Score value) {
            score = Objects.requireNonNull(value, "score");
            return this;
        }

        /**
         * Chooses how actions are searched. Where the effects of actions add up, as those of removing units mostly do, tree search
         * finds the same as greedy search does with fewer evaluations; it pays where actions only show their worth together, or
         * where there are many more of them than evaluations.
         *
         * @param strategy greedy search by default, which evaluates every action once
         * @return this builder
         */
        public Builder search(SearchStrategy strategy) {
            search = Objects.requireNonNull(strategy, "search");
            return this;
        }

        /**
         * Chooses the structural actions.
         *
         * @param generator the paper's neuron actions by default
         * @return this builder
         */
        public Builder actions(ActionGenerator generator) {
            actions = Objects.requireNonNull(generator, "actions");
            return this;
        }

        /**
         * Chooses how weights follow a structural change.
         *
         * @param value by default, units whose loss would matter least go, and what consumed them is refitted
         * @return this builder
         */
        public Builder projection(Projection value) {
            projection = Objects.requireNonNull(value, "projection");
            return this;
        }

        /**
         * Chooses in which generations a search takes place.
         *
         * @param value all by default
         * @return this builder
         */
        public Builder simulateWhen(SimulationScheduler value) {
            scheduler = Objects.requireNonNull(value, "simulateWhen");
            return this;
        }

        /**
         * Chooses when to end before all generations have run.
         *
         * @param value never by default
         * @return this builder
         */
        public Builder stopWhen(Stopper value) {
            stopper = Objects.requireNonNull(value, "stopWhen");
            return this;
        }

        /**
         * Chooses how the learning rate changes within a generation.
         *
         * @param value rises during the first fifth and falls afterwards by default
         * @return this builder
         */
        public Builder learningRateSchedule(LearningRateSchedule value) {
            schedule = Objects.requireNonNull(value, "learningRateSchedule");
            return this;
        }

        /**
         * Replaces the model's learning rate during the run: the largest of its layers gets this rate, the others keep their
         * proportion to it. The returned model has its own learning rates and schedules again.
         *
         * @param rate &gt; 0; the model's own by default
         * @return this builder
         */
        public Builder learningRate(double rate) {
            require(rate > 0 && !Double.isInfinite(rate), "learningRate", rate, "finite and greater than 0");
            learningRate = OptionalDouble.of(rate);
            return this;
        }

        /**
         * Chooses how candidates are trained and graded during a search.
         *
         * @param value {@link SimulationSettings#DEFAULT} by default
         * @return this builder
         */
        public Builder simulation(SimulationSettings value) {
            simulation = Objects.requireNonNull(value, "simulation");
            return this;
        }

        /**
         * Measures training accuracy on a sample, balanced by class and the same in every generation, instead of on all
         * training data.
         *
         * @param samples ≥ 1; all by default
         * @return this builder
         */
        public Builder trainAccuracySamples(int samples) {
            require(samples >= 1, "trainAccuracySamples", samples, "at least 1");
            trainAccuracySamples = samples;
            return this;
        }

        /**
         * Chooses how many models {@link OptimizationResult#pareto()} holds at most. They stay in memory with their optimisers'
         * states.
         *
         * @param models ≥ 2; 10 by default
         * @return this builder
         */
        public Builder paretoCapacity(int models) {
            require(models >= 2, "paretoCapacity", models, "at least 2");
            paretoCapacity = models;
            return this;
        }

        /**
         * Chooses how many threads evaluate candidates. The result does not depend on it.
         *
         * @param threads ≥ 1; the number of processors by default
         * @return this builder
         */
        public Builder workers(int threads) {
            require(threads >= 1, "workers", threads, "at least 1");
            workers = threads;
            return this;
        }

        /**
         * Sets what all randomness derives from.
         *
         * @param value any number; 42 by default
         * @return this builder
         */
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /**
         * Insists on results that depend on the seed only: {@link #build()} then refuses searches with a time limit.
         *
         * @return this builder
         */
        public Builder deterministic() {
            deterministic = true;
            return this;
        }

        /**
         * Adds a listener.
         *
         * @param value told about every generation
         * @return this builder
         */
        public Builder listener(OptimizationListener value) {
            listeners.add(Objects.requireNonNull(value, "listener"));
            return this;
        }

        /**
         * Finishes.
         *
         * @return the optimiser
         * @throws IllegalStateException if there is no training data, or if the run should be deterministic and its search has
         *     a time limit
         */
        public StructureOptimizer build() {
            if (training == null) {
                throw new IllegalStateException("There is no training data.\nMaybe call train(iterator)?");
            }
            if (deterministic && !search.isDeterministic()) {
                throw new IllegalStateException("The search (" + search
                        + ") is limited by time, so its result depends on the machine's speed.\n"
                        + "Maybe limit it by maxEvaluations instead?");
            }
            return new StructureOptimizer(this);
        }

        private RunSettings settings() {
            return new RunSettings(
                    generations,
                    initialEpochs,
                    epochsPerGeneration,
                    batchesPerEpoch,
                    recoveryEpochs,
                    fineTuneEpochs,
                    accuracyFloor,
                    maxAccuracyDrop.orElse(accuracyFloor > 0 ? 1 : DEFAULT_MAX_ACCURACY_DROP),
                    score,
                    search,
                    actions,
                    projection,
                    scheduler,
                    stopper,
                    schedule,
                    learningRate,
                    distillation,
                    simulation,
                    trainAccuracySamples,
                    paretoCapacity,
                    workers,
                    seed);
        }

        private static void require(boolean valid, String name, Object value, String range) {
            if (!valid) {
                throw new IllegalArgumentException("The " + name + " (" + value + ") must be " + range + ".");
            }
        }
    }
}
