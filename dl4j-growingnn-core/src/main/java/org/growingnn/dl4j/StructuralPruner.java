package org.growingnn.dl4j;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Selection;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Criterion;
import org.growingnn.dl4j.projection.GlobalRanking;
import org.growingnn.dl4j.projection.GlobalRanking.Limits;
import org.growingnn.dl4j.projection.GlobalRanking.Measure;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Resizer;
import org.growingnn.dl4j.projection.UnitMap;
import org.growingnn.dl4j.training.Calibrator;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

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
         * @param model the model to train in place; it has the optimiser's state of the one before, as far as it applies
         * @param round number of the round, from 1
         * @param rounds number of rounds
         */
        void train(ComputationGraph model, int round, int rounds);
    }

    private final PruningTarget target;
    private final @Nullable TrainingData data;
    private final Calibrator calibrator;
    private final Optional<Criterion> criterion;
    private final Optional<Projection> projection;
    private final boolean refit;
    private final Limits limits;
    private final Map<String, Limits> layerLimits;
    private final Set<String> excluded;
    private final double inputRatio;
    private final int rounds;
    private final @Nullable Recovery recovery;

    private StructuralPruner(Builder builder) {
        this.target = builder.target;
        this.data = builder.data;
        this.refit = builder.refit;
        this.calibrator = new Calibrator(builder.calibrationBatches);
        this.criterion = Optional.ofNullable(builder.criterion);
        this.projection = Optional.ofNullable(builder.projection);
        this.limits = builder.limits;
        this.layerLimits = Map.copyOf(builder.layerLimits);
        this.excluded = Set.copyOf(builder.excluded);
        this.inputRatio = builder.inputRatio;
        this.rounds = builder.rounds;
        this.recovery = builder.recovery;
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
     * Prunes a model.
     *
     * @param model an initialised {@link ComputationGraph} or {@link
     *     org.deeplearning4j.nn.multilayer.MultiLayerNetwork}; not modified
     * @param inputTypes one per network input, or none; needed to count multiply-accumulates, unless there is calibration data
     * @return the pruned model
     * @throws IllegalArgumentException if the model cannot be pruned that far, with the reason
     */
    public PruningResult prune(Model model, InputType... inputTypes) {
        NetworkGraph initial = ModelReader.read(model, List.of(inputTypes));
        if (inputTypes.length == 0 && data != null) {
            initial = ModelReader.read(model, data.inputTypes(initial));
        }
        NetworkGraph start = inputRatio > 0 ? withSelections(initial) : initial;
        NetworkGraph current = start;
        Map<String, int[]> kept = new LinkedHashMap<>();
        for (int round = 1; round <= rounds; round++) {
            if (data != null) {
                current = calibrator.calibrate(current, data);
            }
            Criterion rating = rating(current);
            Map<String, int[]> selection = target.layerWidths().isEmpty()
                    ? byShare(start, current, round, rating)
                    : byWidths(start, current, round, rating);
            current = reduce(current, selection);
            selection.forEach((name, units) -> kept.merge(name, units, StructuralPruner::compose));
            if (recovery != null) {
                ComputationGraph live = ModelWriter.toComputationGraph(current);
                recovery.train(live, round, rounds);
                current = ModelReader.update(current, live);
            }
        }
        // Calibration was of the last round's start.
        current = current.with(Optional.empty());
        NetworkGraph pruned = inputRatio > 0 ? Selection.withoutIdentities(current) : current;
        if (projection.isPresent()) {
            // Mixed units stem from several ones.
            kept.keySet().removeIf(name -> !start.spaceNamed(name).selectionOnly());
        }
        return new PruningResult(ModelWriter.toComputationGraph(pruned), pruned, initial, kept);
    }

    /** Inserts selections of all features, whose spaces are then ranked like those of layers. */
    private NetworkGraph withSelections(NetworkGraph network) {
        NetworkGraph result = network;
        for (NetworkInput input : network.inputs()) {
            if (!excluded.contains(input.name())
                    && Selection.obstacle(result, input.name()).isEmpty()) {
                result = Selection.insert(result, input.name());
            }
        }
        return result;
    }

    private static int[] compose(int[] before, int[] after) {
        return Arrays.stream(after).map(unit -> before[unit]).toArray();
    }

    private Criterion rating(NetworkGraph network) {
        return criterion.orElseGet(
                () -> Criteria.share(network.calibration().isPresent() ? Criteria.taylor() : Criteria.gain()));
    }

    private NetworkGraph reduce(NetworkGraph network, Map<String, int[]> selection) {
        Map<String, UnitMap> maps = GlobalRanking.maps(network, selection);
        projection.ifPresent(mixing -> maps.replaceAll((name, map) -> {
            UnitSpace space = network.spaceNamed(name);
            return space.selectionOnly() ? map : mixing.map(network, space, selection.get(name).length);
        }));
        return Resizer.resize(network, maps, refit && network.calibration().isPresent());
    }

    /** The measure falls by the same factor in each round. */
    private Map<String, int[]> byShare(NetworkGraph initial, NetworkGraph current, int round, Criterion rating) {
        double goal = Math.pow(1 - target.share(), (double) round / rounds);
        double share = 1 - goal * measure(initial) / measure(current);
        if (share <= 0) {
            return Map.of();
        }
        return new GlobalRanking(
                        current, rating, space -> limits(initial, current, space), keptSpaces(current)::contains)
                .reduceBy(target.measure(), share);
    }

    /** Shares refer to the model that was given, whatever earlier rounds removed. */
    private Limits limits(NetworkGraph initial, NetworkGraph current, UnitSpace space) {
        Limits chosen = limits;
        for (Map.Entry<String, Limits> entry : layerLimits.entrySet()) {
            if (current.signal(entry.getKey()).units().blocks().stream()
                    .anyMatch(block -> current.space(block).equals(space))) {
                chosen = entry.getValue();
            }
        }
        if (space.selectionOnly()) {
            chosen = new Limits(1, inputRatio, 1);
        }
        double least =
                (1 - chosen.maximumRatio()) * initial.spaceNamed(space.name()).size();
        return new Limits((int) Math.max(chosen.minimumWidth(), Math.ceil(least - 1e-9)), 1, chosen.multipleOf());
    }

    private double measure(NetworkGraph network) {
        return target.measure() == Measure.PARAMETERS ? network.parameterCount() : network.macs();
    }

    private Set<UnitSpace> keptSpaces(NetworkGraph network) {
        Set<UnitSpace> kept = new LinkedHashSet<>();
        for (String layer : excluded) {
            network.signal(layer).units().blocks().forEach(block -> kept.add(network.space(block)));
        }
        // A model that was saved with a selection has one without being asked.
        for (Vertex vertex : network.vertices()) {
            if (vertex.operation() instanceof Selection
                    && (inputRatio == 0 || vertex.inputs().stream().anyMatch(excluded::contains))) {
                kept.add(network.space(vertex.name()));
            }
        }
        return kept;
    }

    private Map<String, int[]> byWidths(NetworkGraph initial, NetworkGraph current, int round, Criterion rating) {
        Map<String, int[]> kept = new LinkedHashMap<>();
        target.layerWidths().forEach((layer, width) -> {
            UnitSpace space = current.space(layer);
            long before = initial.space(layer).size();
            if (!space.resizable() || width < Math.max(1, space.minimum()) || width > before) {
                throw new IllegalArgumentException("The layer '" + layer + "' of " + before
                        + " units cannot be pruned to " + width + ": "
                        + space.frozen()
                                .orElse("the width must be at least " + space.minimum() + " and at most " + before)
                        + ".");
            }
            int wanted = (int) Math.round(before * Math.pow((double) width / before, (double) round / rounds));
            if (wanted < space.size()) {
                kept.put(space.name(), GlobalRanking.best(Criteria.rate(rating, current, space), wanted));
            }
        });
        return kept;
    }

    /** Configures a pruner. */
    public static final class Builder {

        private final PruningTarget target;
        private @Nullable TrainingData data;
        private int calibrationBatches = 10;
        private @Nullable Criterion criterion;
        private @Nullable Projection projection;
        private boolean refit = true;
        private Limits limits = Limits.NONE;
        private final Map<String, Limits> layerLimits = new LinkedHashMap<>();
        private final Set<String> excluded = new LinkedHashSet<>();
        private double inputRatio;
        private int rounds = 1;
        private @Nullable Recovery recovery;

        private Builder(PruningTarget target) {
            this.target = target;
        }

        /**
         * Gives calibration data.
         *
         * @param iterator labelled data, typically the training data; passed from its start in every round
         * @return this builder
         */
        public Builder calibrate(DataSetIterator iterator) {
            this.data = TrainingData.of(iterator);
            return this;
        }

        /**
         * Chooses how much calibration data is used; 10 batches by default.
         *
         * @param batches number of batches, ≥ 1
         * @return this builder
         */
        public Builder calibrationBatches(int batches) {
            this.calibrationBatches = batches;
            return this;
        }

        /**
         * Chooses the criterion. By default that is {@link Criteria#taylor} with calibration data and {@link Criteria#gain} without,
         * both as {@linkplain Criteria#share shares} of each space.
         *
         * @param chosen rates units; ratings of all spaces are compared with each other
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
         * Chooses whether consumers of removed units are solved anew, which needs calibration data; true by default.
         *
         * @param wanted whether to
         * @return this builder
         */
        public Builder refit(boolean wanted) {
            this.refit = wanted;
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
         * Limits what may be removed of a layer and of all layers tied to it, instead of the limits for every space.
         *
         * @param layer name of a layer
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
         * Keeps the widths of layers, and of all layers tied to them.
         *
         * @param layers names of layers
         * @return this builder
         */
        public Builder exclude(String... layers) {
            excluded.addAll(List.of(layers));
            return this;
        }

        /**
         * Prunes in rounds, in each of which the measure falls by the same factor, with training behind each.
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
         * Makes the pruner.
         *
         * @return the pruner
         */
        public StructuralPruner build() {
            return new StructuralPruner(this);
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
