package org.growingnn.dl4j.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Criterion;
import org.growingnn.dl4j.projection.GlobalRanking;
import org.growingnn.dl4j.projection.GlobalRanking.Limits;
import org.growingnn.dl4j.projection.UnitGroups;
import org.growingnn.dl4j.value.Ranges;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Trains a model towards a smaller one: while Deeplearning4j fits it, the units that a pruning would remove fade, so that the pruning
 * afterwards loses less.
 *
 * <pre>{@code
 * model.addListeners(new GroupSparsity(model, 0.8));
 * model.fit(train, 10);
 * PruningResult pruned = StructuralPruner.to(PruningTarget.reduction(0.8)).prune(model);
 * }</pre>
 *
 * <p>A group is everything that belongs to one unit, over all layers of its space. Every {@link Settings#interval()} iterations all units
 * are ranked anew. The penalty of those that would go grows by a {@link Settings#step()}, up to a {@link Settings#bound()}; that of the
 * others falls by a step, down to 0 (growing regularisation, Wang et al. 2021). Behind each parameter update, the weights of a unit shrink
 * by the share that its penalty is, and a weight between two units by both: a penalty on squares that is decoupled from the gradient, so
 * that neither the updater's momentum nor its scaling sees it.
 *
 * <p>Left alone are frozen layers, parameters with a learning rate of 0, means and variances of batch norms, and weights that are 0.
 * Constraints of layers are imposed behind it. To be used for one model, on the thread that fits it.
 */
public final class GroupSparsity extends BaseTrainingListener {

    /**
     * How units fade.
     *
     * @param reduction share of the parameters that is to become superfluous, 0 &lt; reduction &lt; 1
     * @param criterion rates units, without calibration; ratings of all spaces are compared with each other
     * @param step by how much penalties grow or fall at a time, 0 &lt; step ≤ bound
     * @param interval number of iterations between, ≥ 1
     * @param bound largest penalty, the share by which weights shrink in an iteration, 0 &lt; bound &lt; 1
     * @param limits what must be left of each space
     * @param excluded names of layers whose units, and those tied to them, are not penalised
     */
    public record Settings(
            double reduction,
            Criterion criterion,
            double step,
            int interval,
            double bound,
            Limits limits,
            Set<String> excluded) {

        /**
         * Checks the ranges.
         *
         * @param reduction share of the parameters
         * @param criterion rates units
         * @param step of penalties
         * @param interval number of iterations
         * @param bound largest penalty
         * @param limits what must be left
         * @param excluded names of layers
         */
        public Settings {
            if (!(reduction > 0 && reduction < 1)) {
                throw new IllegalArgumentException("The reduction (" + reduction
                        + ") must be greater than 0 and less than 1.\nMaybe 0.5 for half of the parameters?");
            }
            if (Objects.requireNonNull(criterion, "criterion").needsCalibration()) {
                throw new IllegalArgumentException("The criterion '" + criterion.name()
                        + "' needs calibration data, which there is none of between two iterations.\n"
                        + "Maybe Criteria.share(Criteria.gain())?");
            }
            if (!(bound > 0 && bound < 1)) {
                throw new IllegalArgumentException(
                        "The bound (" + bound + ") of penalties must be greater than 0 and less than 1.\nMaybe 0.01?");
            }
            if (!(step > 0 && step <= bound)) {
                throw new IllegalArgumentException("The step (" + step
                        + ") of penalties must be greater than 0 and at most their bound (" + bound
                        + ").\nMaybe a hundredth of the bound?");
            }
            Ranges.requireAtLeast("interval", interval, 1);
            Objects.requireNonNull(limits, "limits");
            excluded = Set.copyOf(excluded);
        }

        /**
         * Starts with the defaults: units are ranked by {@link Criteria#gain()} as {@linkplain Criteria#share shares} of each space, as in
         * pruning without calibration; penalties grow by 0.0001 every 10 iterations up to 0.01; there are no limits.
         *
         * @param reduction share of the parameters that is to become superfluous, that of the pruning afterwards
         * @return the settings
         */
        public static Settings towards(double reduction) {
            return new Settings(reduction, Criteria.share(Criteria.gain()), 1e-4, 10, 1e-2, Limits.NONE, Set.of());
        }

        /**
         * Chooses what units are ranked by: best what the pruning ranks by afterwards.
         *
         * @param chosen rates units, without calibration
         * @return the changed settings
         */
        public Settings withCriterion(Criterion chosen) {
            return new Settings(reduction, chosen, step, interval, bound, limits, excluded);
        }

        /**
         * Chooses how penalties grow.
         *
         * @param newStep by how much at a time
         * @param newInterval number of iterations between
         * @param newBound largest penalty
         * @return the changed settings
         */
        public Settings withGrowth(double newStep, int newInterval, double newBound) {
            return new Settings(reduction, criterion, newStep, newInterval, newBound, limits, excluded);
        }

        /**
         * Chooses what must be left.
         *
         * @param chosen limits for every space
         * @return the changed settings
         */
        public Settings withLimits(Limits chosen) {
            return new Settings(reduction, criterion, step, interval, bound, chosen, excluded);
        }

        /**
         * Leaves layers alone.
         *
         * @param layers names of layers
         * @return the changed settings
         */
        public Settings excluding(String... layers) {
            Set<String> all = new LinkedHashSet<>(excluded);
            all.addAll(Arrays.asList(layers));
            return new Settings(reduction, criterion, step, interval, bound, limits, all);
        }
    }

    private final Model model;
    private final Settings settings;
    private final NetworkGraph network;
    private final Set<String> kept = new HashSet<>();
    /** By the name of a space, for each unit the positions of its values in the flattened parameters. */
    private final Map<String, int[][]> groups = new LinkedHashMap<>();

    private final Map<String, double[]> penalties = new LinkedHashMap<>();
    private List<Shrinkage> shrinkages = List.of();
    private int iterations;

    /** What a run of the flattened parameters is multiplied with. */
    private record Shrinkage(long from, long to, INDArray factors) {}

    /**
     * Makes a listener with the {@linkplain Settings#towards default settings}.
     *
     * @param model an initialised {@link ComputationGraph} or {@link MultiLayerNetwork}, which is going to be fitted
     * @param reduction share of the parameters that is to become superfluous
     */
    public GroupSparsity(Model model, double reduction) {
        this(model, Settings.towards(reduction));
    }

    /**
     * Makes a listener.
     *
     * @param model an initialised {@link ComputationGraph} or {@link MultiLayerNetwork}, which is going to be fitted
     * @param settings how units fade
     * @throws IllegalArgumentException if the limits do not allow the reduction, or if the settings name layers that the model does not have
     */
    public GroupSparsity(Model model, Settings settings) {
        this.settings = Objects.requireNonNull(settings, "settings");
        this.network = ModelReader.read(model, List.of());
        this.model = model;
        keepExcluded();
        GlobalRanking ranking = ranking(network);
        if (!ranking.allows(Cost.PARAMETERS, settings.reduction())) {
            throw new IllegalArgumentException("A reduction of " + settings.reduction()
                    + " is out of reach: no more than " + ranking.largestShare(Cost.PARAMETERS)
                    + " of the parameters can go.\nMaybe less, or loosen the limits?");
        }
        // Double precision holds every position exactly.
        double[] order = IntStream.range(0, Math.toIntExact(model.numParams()))
                .asDoubleStream()
                .toArray();
        Map<String, Map<String, Tensor>> positions = ModelReader.vector(network, model, Nd4j.createFromArray(order));
        for (UnitSpace space : ranking.spaces()) {
            groups.put(space.name(), positions(space, positions));
            penalties.put(space.name(), new double[Math.toIntExact(space.size())]);
        }
    }

    private void keepExcluded() {
        for (String layer : settings.excluded()) {
            List<String> names = new ArrayList<>(
                    network.inputs().stream().map(NetworkInput::name).toList());
            names.addAll(network.order());
            if (!names.contains(layer)) {
                throw new IllegalArgumentException("The settings exclude '" + layer
                        + "', but the model has no such layer, vertex or input.\nMaybe one of " + names + "?");
            }
            network.signal(layer)
                    .units()
                    .blocks()
                    .forEach(block -> kept.add(network.space(block).name()));
        }
    }

    private GlobalRanking ranking(NetworkGraph current) {
        // Features of inputs have no weights that produce them, and pruning leaves them unless it is told otherwise.
        return new GlobalRanking(
                current,
                settings.criterion(),
                space -> settings.limits(),
                space -> space.selectionOnly() || kept.contains(space.name()));
    }

    private int[][] positions(UnitSpace space, Map<String, Map<String, Tensor>> flat) {
        List<Set<Integer>> sets = new ArrayList<>();
        IntStream.range(0, Math.toIntExact(space.size())).forEach(unit -> sets.add(new LinkedHashSet<>()));
        UnitGroups.visit(
                network,
                space,
                (unit, vertex, key, position) ->
                        sets.get(unit).add((int) flat.get(vertex).get(key).get(position)));
        return sets.stream()
                .map(set -> set.stream().mapToInt(Integer::intValue).toArray())
                .toArray(int[][]::new);
    }

    /**
     * Gives the penalties of units: by which share their weights shrink in an iteration.
     *
     * @param layer name of a layer
     * @return one for each of its units; empty if they cannot be removed or are excluded
     */
    public double[] penalties(String layer) {
        return penalties
                .getOrDefault(network.space(layer).name(), new double[0])
                .clone();
    }

    /**
     * Shrinks the weights of penalised units.
     *
     * @throws IllegalArgumentException if another network than the one that was given is fitted
     */
    @Override
    @SuppressWarnings("try") // The scope is only left.
    public void iterationDone(Model fitted, int iteration, int epoch) {
        if (fitted != model) {
            // Networks give their listeners to their layers, which call them in layer-wise pretraining.
            if (fitted instanceof MultiLayerNetwork || fitted instanceof ComputationGraph) {
                throw new IllegalArgumentException(
                        "The GroupSparsity listener was made for another network than the one"
                                + " that is fitted.\nMaybe make a new one for each network?");
            }
            return;
        }
        try (MemoryWorkspace workspace = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            if (iterations++ % settings.interval() == 0) {
                grow();
                shrinkages = shrinkages(TrainedParameters.runs(model, iteration, epoch));
            }
            INDArray parameters = model.params().reshape(model.numParams());
            for (Shrinkage shrinkage : shrinkages) {
                parameters
                        .get(NDArrayIndex.interval(shrinkage.from, shrinkage.to))
                        .muli(shrinkage.factors);
            }
        }
    }

    private void grow() {
        Map<String, Map<String, Parameter>> values = new LinkedHashMap<>();
        ModelReader.vector(network, model, model.params().reshape(model.numParams()))
                .forEach((vertex, byKey) -> {
                    Map<String, Parameter> parameters = new LinkedHashMap<>();
                    byKey.forEach((key, tensor) -> parameters.put(key, Parameter.of(tensor)));
                    values.put(vertex, parameters);
                });
        Map<String, int[]> selection =
                ranking(network.withParameters(values)).reduceBy(Cost.PARAMETERS, settings.reduction());
        penalties.forEach((space, own) -> {
            BitSet stays = new BitSet();
            if (selection.containsKey(space)) {
                Arrays.stream(selection.get(space)).forEach(stays::set);
            } else {
                stays.set(0, own.length);
            }
            Arrays.setAll(
                    own,
                    unit -> stays.get(unit)
                            ? Math.max(0, own[unit] - settings.step())
                            : Math.min(settings.bound(), own[unit] + settings.step()));
        });
    }

    private List<Shrinkage> shrinkages(List<TrainedParameters.Run> runs) {
        double[] factors = new double[Math.toIntExact(model.numParams())];
        Arrays.fill(factors, 1);
        penalties.forEach((space, own) -> {
            for (int unit = 0; unit < own.length; unit++) {
                for (int position : groups.get(space)[unit]) {
                    factors[position] *= 1 - own[unit];
                }
            }
        });
        List<Shrinkage> result = new ArrayList<>();
        for (TrainedParameters.Run run : runs) {
            double[] part = Arrays.copyOfRange(factors, (int) run.from(), (int) run.to());
            // What is multiplied with 1 need not come out as it was: processors may flush tiny numbers to 0.
            if (Arrays.stream(part).anyMatch(factor -> factor != 1)) {
                result.add(new Shrinkage(
                        run.from(),
                        run.to(),
                        Nd4j.createFromArray(part).castTo(model.params().dataType())));
            }
        }
        return result;
    }
}
