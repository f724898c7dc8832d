package org.growingnn.dl4j;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.adapter.AdapterRegistry;
import org.growingnn.dl4j.adapter.DropoutLimits;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.data.Lease;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.LatencyTable;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.AllocationSearch;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Criterion;
import org.growingnn.dl4j.projection.GlobalRanking.Limits;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.training.AnswerDivergence;
import org.growingnn.dl4j.training.BlasThreads;
import org.growingnn.dl4j.training.Calibrator;
import org.growingnn.dl4j.training.LatencyMeter;
import org.growingnn.dl4j.value.Ranges;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prunes a trained model to a target without a search, at once or in rounds with training in between.
 *
 * <p>With calibration data, units are rated by how much the loss would change without them, and the weights that are left are
 * solved anew so that their layers compute what they did; without, by the norms of their weights.
 */
public final class StructuralPruner {

    /** Trains a model between the rounds and after the last one. */
    @FunctionalInterface
    public interface Recovery {

        /**
         * Trains with Deeplearning4j's own means.
         *
         * @param model the model to train in place; it has the optimiser's state of the one before, as far as it applies, and is
         *     released afterwards
         * @param round number of the round, from 1
         * @param rounds number of rounds
         */
        void train(ComputationGraph model, int round, int rounds);
    }

    private static final int DEFAULT_CALIBRATION_BATCHES = 10;
    private static final int DEFAULT_LATENCY_CHECKS = 4;
    /** What a search grades networks on, unless features take more than the bytes. */
    private static final int GRADED_EXAMPLES = 2000;

    private static final long GRADED_BYTES = 256L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(StructuralPruner.class);

    final PruningTarget target;
    final @Nullable TrainingData data;
    final Calibrator calibrator;
    final Optional<Criterion> criterion;
    final Optional<Projection> projection;
    final boolean refit;
    private final Limits limits;
    private final Map<String, Limits> layerLimits;
    final Set<String> excluded;
    final double inputRatio;
    final boolean positions;
    final int rounds;
    final @Nullable Recovery recovery;
    final long seed;
    private final Optional<LatencyTable> latencies;
    private final boolean pruneFrozenLayers;
    private final LatencyMeter latencyMeter;
    private final boolean latencySettings;
    final int latencyChecks;
    private final int calibrationBatches;
    /** How often a search for widths grades networks; 0 if the ranking decides. */
    final int searchEvaluations;

    private StructuralPruner(Builder builder) {
        this.target = builder.target;
        this.data = builder.data;
        this.refit = builder.refit.orElse(builder.data != null);
        this.criterion = Optional.ofNullable(builder.criterion);
        this.projection = Optional.ofNullable(builder.projection);
        this.calibrator = builder.calibrator()
                .withSquaredGradients(criterion
                                .map(Criterion::needsSquaredGradients)
                                .orElse(false)
                        || projection.map(Projection::needsSquaredGradients).orElse(false)
                        || builder.searchEvaluations > 0 && criterion.isEmpty());
        this.searchEvaluations = builder.searchEvaluations;
        this.calibrationBatches = builder.calibrationBatches.orElse(DEFAULT_CALIBRATION_BATCHES);
        this.limits = builder.limits;
        this.layerLimits = Collections.unmodifiableMap(new LinkedHashMap<>(builder.layerLimits));
        this.excluded = Collections.unmodifiableSet(new LinkedHashSet<>(builder.excluded));
        this.inputRatio = builder.inputRatio;
        this.positions = builder.positions;
        this.rounds = builder.rounds;
        this.recovery = builder.recovery;
        this.seed = builder.seed;
        this.pruneFrozenLayers = builder.pruneFrozenLayers;
        this.latencies = builder.latencies;
        this.latencySettings =
                latencies.isPresent() || builder.latencyChecks.isPresent() || builder.latencyMeter.isPresent();
        this.latencyMeter = builder.latencyMeter.orElseGet(LatencyMeter::new);
        this.latencyChecks = builder.latencyChecks.orElse(latencies.isPresent() ? 0 : DEFAULT_LATENCY_CHECKS);
    }

    /**
     * Starts with the defaults.
     *
     * @param target how far to prune
     * @return a builder
     */
    public static Builder to(PruningTarget target) {
        return new Builder(Objects.requireNonNull(target, "target"));
    }

    /**
     * Finds the smallest network that passes a check of the program's own, with the default settings; {@link PruningTarget#smallest}
     * takes others, such as calibration data.
     *
     * @param model an initialised {@link ComputationGraph} or {@link
     *     org.deeplearning4j.nn.multilayer.MultiLayerNetwork}; not modified
     * @param passes tells whether a network is good enough, see {@link PruningTarget#smallest(Predicate, int)}
     * @return the smallest network that was seen to pass, and the number of checks
     * @throws IllegalArgumentException if the model does not pass as it is
     */
    public static PruningResult smallest(Model model, Predicate<ComputationGraph> passes) {
        return to(PruningTarget.smallest(passes)).prune(model);
    }

    /**
     * Prunes a model. A target that it meets already leaves it unchanged and untrained, with a warning in the log.
     *
     * <p>ND4J's random generator of the calling thread is seeded for each calibration and each recovery, and is afterwards as it
     * was before.
     *
     * @param model an initialised {@link ComputationGraph} or {@link
     *     org.deeplearning4j.nn.multilayer.MultiLayerNetwork}; not modified
     * @param inputTypes one per network input, or none; needed to count multiply-accumulates and memory, unless there is calibration data
     * @return the pruned model, whose weights are finite
     * @throws IllegalArgumentException if the model cannot be pruned that far, with the reason; if it does not pass the target's own
     *     check as it is; if settings contradict each other or
     *     name layers that the model does not have; if a given table of latencies lacks one that it has; if calibration data or a
     *     recovery leave weights that are not finite; if the model is to be trained, and has dropout that Deeplearning4j cannot train
     * @throws IllegalStateException if somebody else who is under way, such as a run or another pruner, reads the calibration iterator;
     *     if a cost that the target names is unknown
     */
    public PruningResult prune(Model model, InputType... inputTypes) {
        return prepare(model, inputTypes).prune(target);
    }

    /**
     * Reads a model, to prune it to several targets: calibration data is passed once for all of them, as in each first round.
     *
     * @param model an initialised {@link ComputationGraph} or {@link
     *     org.deeplearning4j.nn.multilayer.MultiLayerNetwork}; not modified
     * @param inputTypes as for {@link #prune(Model, InputType...)}
     * @return the model, which this pruner's settings apply to
     * @throws IllegalArgumentException if the model cannot be read, or cannot be trained where there is a recovery
     */
    @SuppressWarnings("try") // The lease is only held.
    public PreparedModel prepare(Model model, InputType... inputTypes) {
        for (InputType inputType : Objects.requireNonNull(inputTypes, "inputTypes")) {
            Objects.requireNonNull(inputType, "inputType");
        }
        NetworkGraph read = ModelReader.read(
                model, AdapterRegistry.load().pruneFrozenLayers(pruneFrozenLayers), List.of(inputTypes));
        FiniteWeights.require(read, "The model to prune has", "it diverged in training");
        if (recovery != null) {
            DropoutLimits.requireTrainable(read);
        }
        if (inputTypes.length > 0 || data == null) {
            return new PreparedModel(this, read);
        }
        try (Lease lease = lease()) {
            return new PreparedModel(this, ModelReader.withInputTypes(read, data.inputTypes(read)));
        }
    }

    /** Keeps others from reading the data. */
    Lease lease() {
        return Lease.of("a StructuralPruner", data == null ? List.of() : List.of(data));
    }

    /** Refuses a target that settings contradict. */
    void requireSuited(PruningTarget other) {
        if (recovery != null && other.check().isPresent()) {
            throw new IllegalArgumentException(
                    "rounds(" + rounds + ", …) contradicts the target: the smallest network that passes"
                            + " a check is found by pruning at once.\nMaybe train in the check, or afterwards?");
        }
        boolean latency = other.goals().stream().anyMatch(goal -> goal.cost() == Cost.LATENCY);
        if (searchEvaluations > 0 && (latency || other.goals().isEmpty())) {
            throw new IllegalArgumentException("searchWidths(" + searchEvaluations
                    + ") contradicts the target: widths are searched for numbers of parameters and multiply-accumulates, memory and"
                    + " sizes of files.\nMaybe leave the search out, or choose such a target?");
        }
        if (!latency && latencySettings) {
            throw new IllegalArgumentException("Latencies have no effect on a target that is not about latency."
                    + "\nMaybe join it with PruningTarget.latency(…) or leave them out?");
        }
        if (latency && selects()) {
            throw new IllegalArgumentException(
                    (inputRatio > 0 ? "leaveOutInputs(" + inputRatio : "leaveOutPositions(true")
                            + ") contradicts a target of latency: what it takes to select features was not measured."
                            + "\nMaybe leave it out, since it saves no time?");
        }
    }

    /** Tells whether positions of vectors may be left out, be they features of inputs or of flattened maps. */
    boolean selects() {
        return inputRatio > 0 || positions;
    }

    Optional<LatencyCheck> latencyCheck(PruningTarget other, NetworkGraph network) {
        return LatencyCheck.of(other.goals(), network, data, latencies, latencyMeter, latencyChecks);
    }

    WidthRules widthRules(NetworkGraph start, PruningTarget other) {
        return new WidthRules(start, limits, layerLimits, excluded, other.layerWidths(), inputRatio, positions);
    }

    /** Calibrates, if there is data; on one BLAS thread, so that the result does not depend on how many there are. */
    @SuppressWarnings("try") // The lease is only held.
    NetworkGraph calibrated(NetworkGraph network, int round) {
        if (data == null) {
            return network;
        }
        try (BlasThreads single = BlasThreads.single()) {
            return calibrator.withSeed(seed("calibration", round)).calibrate(network, data);
        }
    }

    /** Measures answers on examples behind those that calibrate, if there are any. */
    @SuppressWarnings("try") // The lease is only held.
    AnswerDivergence divergence(NetworkGraph network) {
        try (BlasThreads single = BlasThreads.single()) {
            return AnswerDivergence.from(
                    network, Objects.requireNonNull(data), calibrationBatches, GRADED_EXAMPLES, GRADED_BYTES);
        }
    }

    /** Random streams depend on nothing but the seed and what they are for. */
    long seed(String purpose, int round) {
        long mixed = new SplittableRandom(seed).nextLong() + 31L * purpose.hashCode() + round;
        return new SplittableRandom(mixed).nextLong();
    }

    /** Configures a pruner. */
    public static final class Builder {

        private final PruningTarget target;
        private @Nullable TrainingData data;
        private OptionalInt calibrationBatches = OptionalInt.empty();
        private OptionalInt calibrationFeatures = OptionalInt.empty();
        private OptionalLong calibrationMemory = OptionalLong.empty();
        private @Nullable Criterion criterion;
        private @Nullable Projection projection;
        private Optional<Boolean> refit = Optional.empty();
        private Limits limits = Limits.NONE;
        private final Map<String, Limits> layerLimits = new LinkedHashMap<>();
        private final Set<String> excluded = new LinkedHashSet<>();
        private boolean pruneFrozenLayers;
        private double inputRatio;
        private boolean positions;
        private int rounds = 1;
        private @Nullable Recovery recovery;
        private long seed = 42;
        private Optional<LatencyTable> latencies = Optional.empty();
        private OptionalInt latencyChecks = OptionalInt.empty();
        private Optional<LatencyMeter> latencyMeter = Optional.empty();
        private int searchEvaluations;

        private Builder(PruningTarget target) {
            this.target = target;
        }

        /**
         * Gives calibration data. Without labels, gradients are those of targets drawn from the model's own outputs, see {@link
         * Calibrator}.
         *
         * @param iterator data, typically the training data; passed from its start in every round
         * @return this builder
         */
        public Builder calibrate(DataSetIterator iterator) {
            this.data = TrainingData.of(iterator).named("calibration data");
            return this;
        }

        /**
         * Gives calibration data for a model with several inputs or outputs.
         *
         * @param iterator data, typically the training data; passed from its start in every round
         * @return this builder
         */
        public Builder calibrate(MultiDataSetIterator iterator) {
            this.data = TrainingData.of(iterator).named("calibration data");
            return this;
        }

        /**
         * Chooses how much calibration data is used; 10 batches by default.
         *
         * @param batches number of batches, ≥ 1
         * @return this builder
         */
        public Builder calibrationBatches(int batches) {
            if (batches < 1) {
                throw new IllegalArgumentException(
                        "The number of calibrationBatches (" + batches + ") must be at least 1.");
            }
            this.calibrationBatches = OptionalInt.of(batches);
            return this;
        }

        /**
         * Chooses up to how many input features a layer is refitted; {@value Calibrator#DEFAULT_MAXIMUM_FEATURES} by default. A layer
         * with {@code n} of them needs {@code 8 n²} bytes, and time that grows with the third power.
         *
         * @param features largest number of input features, ≥ 0
         * @return this builder
         */
        public Builder calibrationFeatures(int features) {
            // Checks the range.
            new Calibrator().withMaximumFeatures(features);
            this.calibrationFeatures = OptionalInt.of(features);
            return this;
        }

        /**
         * Limits how much native memory calibration takes beside the model, see {@link Calibrator#withNativeMemory}; by default only
         * activations are limited, to {@link Calibrator#DEFAULT_MEMORY}.
         *
         * @param bytes largest number of bytes, ≥ 1
         * @return this builder
         */
        public Builder calibrationMemory(long bytes) {
            Ranges.requireAtLeast("calibrationMemory", bytes, 1);
            this.calibrationMemory = OptionalLong.of(bytes);
            return this;
        }

        /**
         * Chooses the criterion. By default that is {@link Criteria#taylor} with calibration data and {@link Criteria#gain} without,
         * both as {@linkplain Criteria#share shares} of each space.
         *
         * <p>Units of all layers are ranked together, each by its share of what its own layer still has; only criteria whose ratings
         * have one scale in all layers ({@link Criterion#comparable}), such as {@link Criteria#taylor}, are compared as they are. {@link
         * Criteria#relative} and {@link Criteria#absolute} choose otherwise.
         *
         * @param chosen rates units
         * @return this builder
         */
        public Builder criterion(Criterion chosen) {
            this.criterion = Objects.requireNonNull(chosen, "criterion");
            return this;
        }

        /**
         * Mixes units instead of keeping the best ones: the criterion then decides on widths only, and the result does not tell
         * which units were kept.
         *
         * @param chosen how units turn into others
         * @return this builder
         */
        public Builder projection(Projection chosen) {
            this.projection = Objects.requireNonNull(chosen, "projection");
            return this;
        }

        /**
         * Chooses whether consumers of removed units are solved anew, which needs calibration data; by default they are if there is
         * some.
         *
         * @param wanted whether to
         * @return this builder
         */
        public Builder refit(boolean wanted) {
            this.refit = Optional.of(wanted);
            return this;
        }

        /**
         * Searches how many units each layer keeps, instead of leaving that to the ranking: networks that cost as much as the target allows
         * are made, refitted, and graded by how far their answers are from the original's, without labels and without training. Where
         * no criterion was chosen, the search decides on one, too. It is worth its time where much is removed and nothing is
         * trained afterwards; training evens such differences out.
         *
         * <p>Networks are graded on up to 2,000 examples, which are kept in memory: those behind the calibration batches if there are half
         * as many, and otherwise the first ones.
         *
         * @param evaluations how many networks are made and graded at most, ≥ 1; some 30 for three layers, 150 for ten. Each takes as long as
         *     a pruning with refit and a pass over the graded examples
         * @return this builder
         * @see AllocationSearch
         * @see AnswerDivergence
         */
        public Builder searchWidths(int evaluations) {
            Ranges.requireAtLeast("searchWidths", evaluations, 1);
            this.searchEvaluations = evaluations;
            return this;
        }

        /**
         * Limits what may be removed.
         *
         * @param chosen limits for every space
         * @return this builder
         */
        public Builder limits(Limits chosen) {
            this.limits = Objects.requireNonNull(chosen, "limits");
            return this;
        }

        /**
         * Limits what may be removed of a layer and of all layers tied to it, instead of the limits for every space. Limits of tied
         * layers must agree.
         *
         * @param layer name of a layer; a second call for the same one replaces the first
         * @param chosen limits for the units that leave it
         * @return this builder
         */
        public Builder limits(String layer, Limits chosen) {
            layerLimits.put(Objects.requireNonNull(layer, "layer"), Objects.requireNonNull(chosen, "limits"));
            return this;
        }

        /**
         * Lets features of network inputs be left out, in competition with units. The pruned model still takes all features. Inputs
         * that are no vectors of features, or that are reshaped to images, stay as they are. The space of an input's features is
         * called like the input with {@code -selected} behind it, as in {@link PruningResult#kept()}; {@link #exclude} takes names
         * of inputs, too.
         *
         * <p>This saves parameters, not time: Deeplearning4j copies every run of features that follow each other, and a small network
         * behind 25 runs trains at about half the speed.
         *
         * @param maximumRatio largest share of an input's features that may be left out, 0 to 1; 0 by default
         * @return this builder
         */
        public Builder leaveOutInputs(double maximumRatio) {
            if (!(maximumRatio >= 0 && maximumRatio <= 1)) {
                throw new IllegalArgumentException(
                        "The maximumRatio (" + maximumRatio + ") of input features must be in [0, 1].");
            }
            this.inputRatio = maximumRatio;
            return this;
        }

        /**
         * Lets single positions be left out of the maps that layers flatten, in competition with units. Where maps are flattened in front
         * of a dense layer, each channel has as many weights for each unit as it has positions, of which those at the border of an image
         * may be worth nothing. Positions of a channel that goes go with it. In front of such a layer, channels can be left out, but not
         * mixed.
         *
         * <p>The space of a layer's positions is called like the layer with {@code -selected} behind it, as in {@link
         * PruningResult#kept()}; {@link #limits(String, Limits)} of that name bounds how many go by themselves, which with a ranking are
         * many. {@link #exclude} of the layer leaves them as they are. What was said of {@link #leaveOutInputs} about
         * time holds here, too.
         *
         * @param wanted whether to; not by default
         * @return this builder
         */
        public Builder leaveOutPositions(boolean wanted) {
            this.positions = wanted;
            return this;
        }

        /**
         * Keeps the widths of layers, and of all layers tied to them.
         *
         * @param layers names of layers
         * @return this builder
         */
        public Builder exclude(String... layers) {
            for (String layer : Objects.requireNonNull(layers, "layers")) {
                excluded.add(Objects.requireNonNull(layer, "layer"));
            }
            return this;
        }

        /**
         * Chooses whether layers that are frozen in the model, as {@link org.deeplearning4j.nn.transferlearning.TransferLearning} makes
         * them, may lose units. What is left of their weights stays as it is, bit for bit, and they stay frozen. A {@link #projection}
         * that mixes units is then not applied to units that a frozen layer computes or takes; of these, the best by the criterion stay.
         * Gradients are those of the network as if nothing were frozen, since frozen layers have none of their own.
         *
         * @param allowed false by default: frozen layers keep all of their units
         * @return this builder
         */
        public Builder pruneFrozenLayers(boolean allowed) {
            this.pruneFrozenLayers = allowed;
            return this;
        }

        /**
         * Prunes in rounds, in each of which every cost of the target falls by the same factor, with training behind each. A round that has nothing
         * left to remove trains only, with a warning in the log. The training itself may read the calibration iterator, since every
         * calibration starts at its beginning; a run or another pruner that does so is refused. The model that is trained is released behind each round, also when
         * the training throws an exception, which is passed on.
         *
         * @param number number of rounds, ≥ 1
         * @param training trains the model behind each round
         * @return this builder
         */
        public Builder rounds(int number, Recovery training) {
            if (number < 1) {
                throw new IllegalArgumentException("The number of rounds (" + number + ") must be at least 1.");
            }
            this.rounds = number;
            this.recovery = Objects.requireNonNull(training, "training");
            return this;
        }

        /**
         * Chooses what ND4J's random generator starts from in calibrations and recoveries, which matters to dropout; 42 by default.
         *
         * @param chosen any number
         * @return this builder
         */
        public Builder seed(long chosen) {
            this.seed = chosen;
            return this;
        }

        /**
         * Gives the times by which units are removed for a target of latency, instead of measuring them: those of an earlier {@link
         * LatencyReport#table()}, so that its decisions repeat, or what a {@link LatencyMeter} told on the machine that the model is for.
         * Nothing is measured then, unless {@link #latencyChecks} are asked for.
         *
         * @param table has all layers of the model
         * @return this builder
         */
        public Builder latencies(LatencyTable table) {
            this.latencies = Optional.of(Objects.requireNonNull(table, "table"));
            return this;
        }

        /**
         * Chooses how many pruned networks may be measured for a target of latency: the one that the table of times leads to, and, as
         * long as one takes too long, the next, for which the time by the table falls by the factor that was missed. By default {@value
         * #DEFAULT_LATENCY_CHECKS}, or none if the table was given. With measurements, the result need not be the same another time.
         *
         * @param most largest number of networks, ≥ 0
         * @return this builder
         */
        public Builder latencyChecks(int most) {
            Ranges.requireAtLeast("number of latencyChecks", most, 0);
            this.latencyChecks = OptionalInt.of(most);
            return this;
        }

        /**
         * Chooses how times are measured for a target of latency; by the median of 30 passes by default.
         *
         * @param meter measures
         * @return this builder
         */
        public Builder latencyMeter(LatencyMeter meter) {
            this.latencyMeter = Optional.of(Objects.requireNonNull(meter, "meter"));
            return this;
        }

        /**
         * Makes the pruner.
         *
         * @return the pruner
         * @throws IllegalArgumentException if a setting has no effect or contradicts another
         */
        public StructuralPruner build() {
            if (refit.equals(Optional.of(false)) && projection != null && projection.refits()) {
                throw new IllegalArgumentException("refit(false) contradicts the projection " + projection.name()
                        + ".\nMaybe choose the projection without refit?");
            }
            if (data == null) {
                calibrationBatches.ifPresent(batches -> refuse("calibrationBatches(" + batches + ")"));
                calibrationFeatures.ifPresent(features -> refuse("calibrationFeatures(" + features + ")"));
                calibrationMemory.ifPresent(bytes -> refuse("calibrationMemory(" + bytes + ")"));
                refit.filter(wanted -> wanted).ifPresent(wanted -> refuse("refit(true)"));
                if (criterion != null && criterion.needsCalibration()) {
                    refuse("The criterion " + criterion.name());
                }
                if (projection != null && projection.needsCalibration()) {
                    refuse("The projection " + projection.name());
                }
            }
            if (searchEvaluations > 0) {
                if (data == null) {
                    refuse("searchWidths(" + searchEvaluations + ")");
                }
                if (recovery != null) {
                    throw new IllegalArgumentException(
                            "searchWidths(" + searchEvaluations + ") contradicts rounds(" + rounds
                                    + ", …): what is graded without training says nothing of what training leaves."
                                    + "\nMaybe train behind the pruning, or leave the search out?");
                }
            }
            StructuralPruner pruner = new StructuralPruner(this);
            pruner.requireSuited(target);
            return pruner;
        }

        /** Chooses units without a backward pass where nothing looks at gradients. */
        private Calibrator calibrator() {
            Calibrator chosen = new Calibrator(calibrationBatches.orElse(DEFAULT_CALIBRATION_BATCHES));
            if (calibrationFeatures.isPresent()) {
                chosen = chosen.withMaximumFeatures(calibrationFeatures.getAsInt());
            }
            if (calibrationMemory.isPresent()) {
                chosen = chosen.withNativeMemory(calibrationMemory.getAsLong());
            }
            boolean gradients = criterion == null
                    || criterion.needsGradients()
                    || projection != null && projection.needsGradients();
            return gradients ? chosen : chosen.momentsOnly();
        }

        private static void refuse(String setting) {
            throw new IllegalArgumentException(
                    setting + " needs calibration data, but there is none.\nMaybe call calibrate(iterator)?");
        }

        /**
         * Prunes a model, as {@code build().prune(model, inputTypes)}.
         *
         * @param model the model; not modified
         * @param inputTypes one per network input, or none
         * @return the pruned model
         */
        public PruningResult prune(Model model, InputType... inputTypes) {
            return build().prune(model, inputTypes);
        }
    }
}
