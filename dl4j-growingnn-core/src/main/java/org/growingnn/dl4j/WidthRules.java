package org.growingnn.dl4j;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.CostGoal;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Selection;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.GlobalRanking;
import org.growingnn.dl4j.projection.GlobalRanking.Limits;
import org.growingnn.dl4j.projection.Resizer;

/**
 * What was said about layers, as it applies to the unit spaces of a network, whose names last through all rounds. Tied layers
 * share a space; what is said about them must agree, in whatever order it was said.
 */
final class WidthRules {

    /** Something that was said about a layer. */
    private record Said<T>(String layer, T value) {}

    /** How many layers a message names. */
    private static final int LARGEST = 3;

    private final NetworkGraph start;
    private final Limits general;
    private final double inputRatio;
    private final boolean positions;
    private final Map<String, Said<Limits>> limits = new LinkedHashMap<>();
    private final Map<String, String> excluded = new LinkedHashMap<>();
    private final Set<String> untouchedFeatures = new LinkedHashSet<>();
    private final Map<String, Said<Integer>> widths = new LinkedHashMap<>();

    /**
     * Resolves names of layers.
     *
     * @param start the network that is to be pruned, with selections of features; shares refer to it
     * @param general limits for every space
     * @param layerLimits limits for some layers instead
     * @param excludedLayers layers to keep
     * @param layerWidths widths to reach, if they are the target
     * @param inputRatio largest share of an input's features that may be left out
     * @param positions whether positions of flattened maps may be left out
     * @throws IllegalArgumentException if a layer does not exist, or if rules contradict each other
     */
    WidthRules(
            NetworkGraph start,
            Limits general,
            Map<String, Limits> layerLimits,
            Set<String> excludedLayers,
            Map<String, Integer> layerWidths,
            double inputRatio,
            boolean positions) {
        this.start = start;
        this.general = general;
        this.inputRatio = inputRatio;
        this.positions = positions;
        requireNames("exclude(…)", excludedLayers);
        requireNames("limits(…)", layerLimits.keySet());
        requireNames("The target's widths", layerWidths.keySet());
        for (String layer : names()) {
            if (excludedLayers.contains(layer)) {
                spaces(layer).forEach(space -> excluded.putIfAbsent(space.name(), layer));
            }
        }
        for (String layer : names()) {
            if (layerLimits.containsKey(layer)) {
                limit(layer, layerLimits.get(layer));
            }
        }
        for (String layer : names()) {
            if (layerWidths.containsKey(layer)) {
                narrow(layer, layerWidths.get(layer));
            }
        }
        for (Vertex vertex : start.vertices()) {
            // A model that was saved with a selection has one without being asked.
            if (vertex.operation() instanceof Selection && !mayLose(vertex, excludedLayers)) {
                untouchedFeatures.add(start.space(vertex.name()).name());
            }
        }
    }

    /** Inputs and vertices in the order of the network, so that nothing depends on the order in which rules were made. */
    private List<String> names() {
        List<String> names =
                new ArrayList<>(start.inputs().stream().map(NetworkInput::name).toList());
        names.addAll(start.order());
        return names;
    }

    private void requireNames(String setting, Collection<String> layers) {
        List<String> names = names();
        for (String layer : layers) {
            if (!names.contains(layer)) {
                throw new IllegalArgumentException(setting + " names '" + layer
                        + "', but the model has no such layer, vertex or input.\nMaybe one of " + names + "?");
            }
        }
    }

    private List<UnitSpace> spaces(String layer) {
        return start.signal(layer).units().blocks().stream()
                .map(start::space)
                .distinct()
                .toList();
    }

    private void limit(String layer, Limits chosen) {
        List<UnitSpace> spaces = spaces(layer);
        if (spaces.stream().noneMatch(UnitSpace::resizable)) {
            throw new IllegalArgumentException("The " + chosen + " of '" + layer
                    + "' have no effect, because its width is fixed: "
                    + spaces.stream()
                            .flatMap(space -> space.frozen().stream())
                            .findFirst()
                            .orElse("it has no units")
                    + ".\nMaybe leave them out?");
        }
        for (UnitSpace space : spaces) {
            if (space.features() && isInput(space)) {
                throw new IllegalArgumentException(
                        "The " + chosen + " of '" + layer
                                + "' have no effect on features of a network input.\nMaybe choose leaveOutInputs(maximumRatio)?");
            }
            if (excluded.containsKey(space.name())) {
                throw contradiction(
                        "The " + chosen + " of '" + layer + "'",
                        "exclude('" + excluded.get(space.name()) + "')",
                        space);
            }
            Said<Limits> other = limits.putIfAbsent(space.name(), new Said<>(layer, chosen));
            if (other != null && !other.value.equals(chosen)) {
                throw contradiction(
                        "The " + other.value + " of '" + other.layer + "'",
                        "the " + chosen + " of '" + layer + "'",
                        space);
            }
        }
    }

    private void narrow(String layer, int width) {
        UnitSpace space = start.space(layer);
        if (!space.resizable() || width < Math.max(1, space.minimum()) || width > space.size()) {
            throw new IllegalArgumentException("The layer '" + layer + "' of " + space.size()
                    + " units cannot be pruned to " + width + ": "
                    + space.frozen()
                            .orElse("the width must be at least " + space.minimum() + " and at most " + space.size())
                    + ".");
        }
        String target = "The width " + width + " of '" + layer + "'";
        Said<Integer> other = widths.putIfAbsent(space.name(), new Said<>(layer, width));
        if (other != null && other.value != width) {
            throw contradiction(
                    "The width " + other.value + " of '" + other.layer + "'",
                    "the width " + width + " of '" + layer + "'",
                    space);
        }
        if (width < space.size() && excluded.containsKey(space.name())) {
            throw contradiction(target, "exclude('" + excluded.get(space.name()) + "')", space);
        }
        if (limits(space).width(space, width) != width) {
            throw contradiction(target, ruleOf(space), space);
        }
    }

    private static IllegalArgumentException contradiction(String first, String second, UnitSpace space) {
        return new IllegalArgumentException(
                first + " and " + second + " contradict each other: they are about the same " + space.size()
                        + " units, those of '" + space.name() + "'.\nMaybe drop one of them?");
    }

    private boolean mayLose(Vertex selection, Set<String> excludedLayers) {
        return isInput(start.space(selection.name()))
                ? inputRatio > 0 && selection.inputs().stream().noneMatch(excludedLayers::contains)
                : positions && start.successors(selection.name()).stream().noneMatch(excludedLayers::contains);
    }

    /** Tells whether what is selected are features of a network input. */
    private boolean isInput(UnitSpace selected) {
        List<String> source = start.vertex(selected.producers().get(0)).inputs();
        return start.inputs().stream().anyMatch(input -> source.contains(input.name()));
    }

    private Limits chosen(UnitSpace space) {
        if (space.features() && isInput(space)) {
            return inputRatio == 0 ? Limits.NONE : new Limits(1, inputRatio, 1);
        }
        // Positions of maps are no units of which a number would be convenient.
        Limits others = space.features() ? Limits.NONE : general;
        return limits.containsKey(space.name()) ? limits.get(space.name()).value : others;
    }

    /** Says where the limits of a space come from. */
    private String ruleOf(UnitSpace space) {
        if (space.features() && isInput(space)) {
            return "leaveOutInputs(" + inputRatio + ")";
        }
        Said<Limits> own = limits.get(space.name());
        return own == null ? "the " + general + " of every layer" : "the " + own.value + " of '" + own.layer + "'";
    }

    /**
     * Gives the limits of a space in any round.
     *
     * @param space a space of the network or of one that was made from it
     * @return limits without a ratio, which refers to the network at the start, whatever earlier rounds removed
     */
    Limits limits(UnitSpace space) {
        Limits chosen = chosen(space);
        double least =
                (1 - chosen.maximumRatio()) * start.spaceNamed(space.name()).size();
        return new Limits((int) Math.max(chosen.minimumWidth(), Math.ceil(least - 1e-9)), 1, chosen.multipleOf());
    }

    /**
     * Tells whether a space must keep its size.
     *
     * @param space a space of the network or of one that was made from it
     * @return true if it is excluded
     */
    boolean keeps(UnitSpace space) {
        return excluded.containsKey(space.name()) || untouchedFeatures.contains(space.name());
    }

    /**
     * Gives the widths that are the target.
     *
     * @return by the names of spaces, in the order of the network
     */
    Map<String, Integer> widths() {
        Map<String, Integer> result = new LinkedHashMap<>();
        for (UnitSpace space : start.spaces()) {
            if (widths.containsKey(space.name())) {
                result.put(space.name(), widths.get(space.name()).value);
            }
        }
        return result;
    }

    /**
     * Checks that the rules allow a target.
     *
     * @param goals what costs are to become
     * @param initial the network that was given, to which shares refer
     * @throws IllegalArgumentException if they do not, with how far they do, which of them stand in the way, and the layers that take
     *     most of what is left then
     */
    void requireReachable(List<CostGoal> goals, NetworkGraph initial) {
        // Which units go first does not matter to how many can go.
        GlobalRanking ranking = new GlobalRanking(start, Criteria.random(0), this::limits, this::keeps);
        NetworkGraph least = Selection.withoutIdentities(
                Resizer.resize(start, GlobalRanking.maps(start, ranking.narrowest()), false));
        List<String> missed = goals.stream()
                .filter(goal -> goal.cost().of(least) > goal.limit(goal.cost().of(initial)))
                .map(goal -> missed(goal, initial, least))
                .toList();
        if (missed.isEmpty()) {
            return;
        }
        List<String> obstacles = obstacles();
        throw new IllegalArgumentException(String.join(" ", missed) + " "
                + (obstacles.isEmpty()
                        ? "Every layer that can shrink would be at its least width."
                        : "In the way: " + String.join("; ", obstacles) + ".")
                + "\nMaybe remove less" + (obstacles.isEmpty() ? "" : ", or loosen what stands in the way") + "?");
    }

    private static String missed(CostGoal goal, NetworkGraph initial, NetworkGraph least) {
        Cost cost = goal.cost();
        long before = cost.of(initial);
        long after = cost.of(least);
        long most = (long) Math.floor(goal.limit(before));
        String largest = least.order().stream()
                .filter(name -> cost.of(least, name) > 0)
                .sorted(Comparator.comparingLong((String name) -> -cost.of(least, name)))
                .limit(LARGEST)
                .map(name -> "'" + name + "' (" + cost.of(least, name) + ")")
                .collect(Collectors.joining(", "));
        return String.format(
                Locale.ROOT,
                "%s: no more than %.4f can go, so that %d of %d %s are left, %d more than the %d of the target.%s%s",
                goal.unreachable(),
                Math.max(0, 1 - (double) after / before),
                after,
                before,
                cost.unit(),
                after - most,
                most,
                largest.isEmpty() ? "" : " Most of them are those of " + largest + " at the least widths.",
                cost == Cost.FILE_SIZE
                        ? " Configuration and headers take " + least.origin().fileOverhead(least) + "."
                        : cost == Cost.LATENCY
                                ? " A pass takes "
                                        + Math.round(Cost.latencies(least).pass()) + " beside its layers."
                                : "");
    }

    private List<String> obstacles() {
        Set<UnitSpace> ends = new LinkedHashSet<>();
        start.inputs().forEach(input -> ends.addAll(spaces(input.name())));
        start.outputs().forEach(output -> ends.addAll(spaces(output)));
        List<String> result = new ArrayList<>();
        for (UnitSpace space : start.spaces()) {
            if (ends.contains(space) || space.size() == Layout.UNKNOWN) {
                continue;
            }
            int least = limits(space).width(space, 0);
            if (excluded.containsKey(space.name())) {
                result.add("'" + space.name() + "' keeps its " + space.size() + " units because of exclude('"
                        + excluded.get(space.name()) + "')");
            } else if (!space.resizable()) {
                result.add("'" + space.name() + "' keeps its " + space.size() + " units: "
                        + space.frozen().orElseThrow());
            } else if (!keeps(space) && least > space.minimum()) {
                result.add("'" + space.name() + "' keeps " + least + " of " + space.size() + " units because of "
                        + ruleOf(space));
            }
        }
        return result;
    }
}
