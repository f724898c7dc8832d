package org.growingnn.dl4j.action;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.growingnn.dl4j.action.AddResidual.Start;
import org.growingnn.dl4j.action.RemoveLayer.Rewiring;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.NetworkMeasures;
import org.growingnn.dl4j.value.Ranges;

/**
 * Generates additions and removals of layers: sequential and residual ones, whole branches. Immutable; each method returns a
 * copy.
 *
 * <p>By default all kinds are generated, residual layers start from random weights, removal composes weights, and no single
 * addition may more than double the network's parameters.
 *
 * @param kinds which actions to generate; at least one
 * @param starts initial weights of residual layers, of which one action each is generated
 * @param rewiring how weights follow when a layer is removed
 * @param maximumParameters no layer is added that would make the network larger, if present; ≥ 1
 * @param maximumMacs no layer is added that would make the network cost more multiply-accumulates, if present; ≥ 1
 * @param maximumDepth no layer is added to a network that is as deep, if present; ≥ 1
 */
public record LayerActions(
        Set<Kind> kinds,
        Set<Start> starts,
        Rewiring rewiring,
        OptionalLong maximumParameters,
        OptionalLong maximumMacs,
        OptionalInt maximumDepth)
        implements ActionGenerator {

    /** Kinds of actions on layers. */
    public enum Kind {
        /** {@link AddSequential}. */
        ADD_SEQUENTIAL,
        /** {@link AddResidual}. */
        ADD_RESIDUAL,
        /** {@link RemoveLayer}. */
        REMOVE_LAYER,
        /** {@link RemoveBranch}. */
        REMOVE_BRANCH
    }

    /** All kinds, without limits. */
    public static final LayerActions DEFAULT = new LayerActions(
            EnumSet.allOf(Kind.class),
            EnumSet.of(Start.RANDOM),
            Rewiring.COMPOSITION,
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalInt.empty());

    /** Composing larger matrices would take longer than training what they save. */
    private static final long LARGEST_COMPOSITION = 1L << 22;

    /**
     * Checks the ranges.
     *
     * @param kinds which actions to generate
     * @param starts initial weights of residual layers
     * @param rewiring how weights follow when a layer is removed
     * @param maximumParameters limit of growth by parameters
     * @param maximumMacs limit of growth by multiply-accumulates
     * @param maximumDepth limit of growth by depth
     */
    public LayerActions {
        kinds = ordered("kinds", kinds, Kind.class);
        starts = ordered("starts", starts, Start.class);
        Objects.requireNonNull(rewiring, "rewiring");
        Objects.requireNonNull(maximumParameters, "maximumParameters");
        Objects.requireNonNull(maximumMacs, "maximumMacs");
        Objects.requireNonNull(maximumDepth, "maximumDepth");
        Ranges.require(!kinds.isEmpty(), "kinds", kinds, "at least one: there is nothing to search");
        Ranges.require(
                !starts.isEmpty() || !kinds.contains(Kind.ADD_RESIDUAL),
                "starts",
                starts,
                "at least one for residual layers",
                "RANDOM, or only(...) without ADD_RESIDUAL");
        maximumParameters.ifPresent(limit -> Ranges.requireAtLeast("maximumParameters", limit, 1));
        maximumMacs.ifPresent(limit -> Ranges.requireAtLeast("maximumMacs", limit, 1));
        maximumDepth.ifPresent(limit -> Ranges.requireAtLeast("maximumDepth", limit, 1));
    }

    private static <E extends Enum<E>> Set<E> ordered(String name, Set<E> constants, Class<E> type) {
        Ranges.requireItems(name, constants);
        EnumSet<E> set = EnumSet.noneOf(type);
        set.addAll(constants);
        return Collections.unmodifiableSet(set);
    }

    private static <E> Set<E> set(E[] constants) {
        return new LinkedHashSet<>(Arrays.asList(Objects.requireNonNull(constants, "allowed")));
    }

    /**
     * Chooses the kinds of actions.
     *
     * @param allowed the kinds to generate
     * @return the changed generator
     */
    public LayerActions only(Kind... allowed) {
        return new LayerActions(set(allowed), starts, rewiring, maximumParameters, maximumMacs, maximumDepth);
    }

    /**
     * Chooses the initial weights of residual layers.
     *
     * @param allowed one action is generated for each
     * @return the changed generator
     */
    public LayerActions residualStarts(Start... allowed) {
        return new LayerActions(kinds, set(allowed), rewiring, maximumParameters, maximumMacs, maximumDepth);
    }

    /**
     * Chooses how weights follow when a layer is removed.
     *
     * @param chosen the rewiring; where composition is not possible, layers are bypassed
     * @return the changed generator
     */
    public LayerActions rewiring(Rewiring chosen) {
        return new LayerActions(kinds, starts, chosen, maximumParameters, maximumMacs, maximumDepth);
    }

    /**
     * Limits growth by parameters.
     *
     * @param limit no layer is added that would make the network larger
     * @return the changed generator
     */
    public LayerActions maximumParameters(long limit) {
        return new LayerActions(kinds, starts, rewiring, OptionalLong.of(limit), maximumMacs, maximumDepth);
    }

    /**
     * Limits growth by multiply-accumulates.
     *
     * @param limit no layer is added that would make the network cost more, or whose cost is unknown
     * @return the changed generator
     */
    public LayerActions maximumMacs(long limit) {
        return new LayerActions(kinds, starts, rewiring, maximumParameters, OptionalLong.of(limit), maximumDepth);
    }

    /**
     * Limits growth by depth.
     *
     * @param limit no layer is added to a network that is as deep already, see {@link NetworkMeasures#depth}
     * @return the changed generator
     */
    public LayerActions maximumDepth(int limit) {
        return new LayerActions(kinds, starts, rewiring, maximumParameters, maximumMacs, OptionalInt.of(limit));
    }

    @Override
    public Stream<StructuralAction> generate(NetworkGraph graph) {
        return Stream.of(Kind.values()).filter(kinds::contains).flatMap(kind -> switch (kind) {
            case ADD_SEQUENTIAL -> sequential(graph);
            case ADD_RESIDUAL -> residual(graph);
            case REMOVE_LAYER -> removals(graph);
            case REMOVE_BRANCH -> branches(graph);
        });
    }

    private Stream<StructuralAction> sequential(NetworkGraph graph) {
        if (NetworkMeasures.depth(graph) >= maximumDepth.orElse(Integer.MAX_VALUE)) {
            return Stream.empty();
        }
        return graph.order().stream()
                .flatMap(to -> graph.vertex(to).inputs().stream()
                        .distinct()
                        .map(from -> new AddSequential(from, to, AddSequential.AUTO)))
                .filter(action -> action.obstacle(graph).isEmpty()
                        && fits(graph, action.addedParameters(graph), action.addedMacs(graph)))
                .map(StructuralAction.class::cast);
    }

    private Stream<StructuralAction> residual(NetworkGraph graph) {
        if (NetworkMeasures.depth(graph) >= maximumDepth.orElse(Integer.MAX_VALUE)) {
            return Stream.empty();
        }
        List<String> sources = Stream.concat(graph.inputs().stream().map(NetworkInput::name), graph.order().stream())
                .toList();
        return graph.order().stream()
                .filter(to -> graph.vertex(to).parameterCount() > 0
                        && graph.signal(to).units().length() != Layout.UNKNOWN)
                .flatMap(to -> sources.stream().map(from -> residual(graph, from, to, Start.RANDOM)))
                .filter(action -> action.obstacle(graph).isEmpty()
                        && fits(graph, action.addedParameters(graph), action.addedMacs(graph)))
                .flatMap(action -> starts.stream().map(start -> residual(graph, action.from(), action.to(), start)));
    }

    /** Offers as many units as the layer has that they help. */
    private static AddResidual residual(NetworkGraph graph, String from, String to, Start start) {
        int units = Math.toIntExact(graph.signal(to).units().length());
        return new AddResidual(from, to, units, start, AddResidual.DEFAULT_ACTIVATION);
    }

    private boolean fits(NetworkGraph graph, long parameters, long macs) {
        boolean cheap = maximumMacs.isEmpty()
                || macs != Layout.UNKNOWN && graph.macsKnown() && graph.macs() + macs <= maximumMacs.getAsLong();
        return cheap
                && parameters <= graph.parameterCount()
                && graph.parameterCount() + parameters <= maximumParameters.orElse(Long.MAX_VALUE);
    }

    private Stream<StructuralAction> removals(NetworkGraph graph) {
        return graph.order().stream()
                .filter(name -> graph.vertex(name).parameterCount() > 0)
                .flatMap(name -> Stream.of(rewiring, Rewiring.BYPASS)
                        .distinct()
                        .filter(how -> how == Rewiring.BYPASS || isComposable(graph, name))
                        .map(how -> new RemoveLayer(name, how))
                        .filter(action -> action.obstacle(graph).isEmpty())
                        .limit(1));
    }

    private static boolean isComposable(NetworkGraph graph, String name) {
        return graph.vertex(name).inputs().size() == 1
                && graph.signal(name).units().length()
                                * graph.signal(graph.vertex(name).inputs().get(0))
                                        .units()
                                        .length()
                        <= LARGEST_COMPOSITION;
    }

    private static Stream<StructuralAction> branches(NetworkGraph graph) {
        return graph.order().stream()
                .map(graph::vertex)
                .filter(vertex -> vertex.inputs().size() > 1
                        && graph.origin().layers().join(vertex).isPresent())
                .flatMap(vertex -> vertex.inputs().stream()
                        .map(input -> new RemoveBranch(vertex.name(), input))
                        .filter(action -> action.obstacle(graph).isEmpty()));
    }
}
