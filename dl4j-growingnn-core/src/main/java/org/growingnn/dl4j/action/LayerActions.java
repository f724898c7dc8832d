package org.growingnn.dl4j.action;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.growingnn.dl4j.action.AddResidual.Start;
import org.growingnn.dl4j.action.RemoveLayer.Rewiring;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.NetworkMeasures;

/**
 * Generates additions and removals of layers: sequential and residual ones, whole branches. Immutable; each method returns a
 * copy.
 *
 * <p>By default all kinds are generated, residual layers start from random weights, removal composes weights, and no single
 * addition may more than double the network's parameters.
 */
public final class LayerActions implements ActionGenerator {

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

    /** Composing larger matrices would take longer than training what they save. */
    private static final long LARGEST_COMPOSITION = 1L << 22;

    private final Set<Kind> kinds;
    private final Set<Start> starts;
    private final Rewiring rewiring;
    private final long maximumParameters;
    private final long maximumMacs;
    private final int maximumDepth;

    LayerActions() {
        this(
                EnumSet.allOf(Kind.class),
                EnumSet.of(Start.RANDOM),
                Rewiring.COMPOSITION,
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                Integer.MAX_VALUE);
    }

    private LayerActions(
            Set<Kind> kinds,
            Set<Start> starts,
            Rewiring rewiring,
            long maximumParameters,
            long maximumMacs,
            int maximumDepth) {
        this.kinds = kinds;
        this.starts = starts;
        this.rewiring = rewiring;
        this.maximumParameters = maximumParameters;
        this.maximumMacs = maximumMacs;
        this.maximumDepth = maximumDepth;
    }

    /**
     * Chooses the kinds of actions.
     *
     * @param allowed the kinds to generate
     * @return the changed generator
     */
    public LayerActions only(Kind... allowed) {
        EnumSet<Kind> set = EnumSet.noneOf(Kind.class);
        set.addAll(Arrays.asList(allowed));
        return new LayerActions(set, starts, rewiring, maximumParameters, maximumMacs, maximumDepth);
    }

    /**
     * Chooses the initial weights of residual layers.
     *
     * @param allowed one action is generated for each
     * @return the changed generator
     */
    public LayerActions residualStarts(Start... allowed) {
        EnumSet<Start> set = EnumSet.noneOf(Start.class);
        set.addAll(Arrays.asList(allowed));
        return new LayerActions(kinds, set, rewiring, maximumParameters, maximumMacs, maximumDepth);
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
        return new LayerActions(kinds, starts, rewiring, limit, maximumMacs, maximumDepth);
    }

    /**
     * Limits growth by multiply-accumulates.
     *
     * @param limit no layer is added that would make the network cost more, or whose cost is unknown
     * @return the changed generator
     */
    public LayerActions maximumMacs(long limit) {
        return new LayerActions(kinds, starts, rewiring, maximumParameters, limit, maximumDepth);
    }

    /**
     * Limits growth by depth.
     *
     * @param limit no layer is added to a network that is as deep already, see {@link NetworkMeasures#depth}
     * @return the changed generator
     */
    public LayerActions maximumDepth(int limit) {
        return new LayerActions(kinds, starts, rewiring, maximumParameters, maximumMacs, limit);
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
        if (NetworkMeasures.depth(graph) >= maximumDepth) {
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
        if (NetworkMeasures.depth(graph) >= maximumDepth) {
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
        boolean cheap = maximumMacs == Long.MAX_VALUE
                || macs != Layout.UNKNOWN && graph.macsKnown() && graph.macs() + macs <= maximumMacs;
        return cheap
                && parameters <= graph.parameterCount()
                && graph.parameterCount() + parameters <= maximumParameters;
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

    @Override
    public String toString() {
        return "layers(kinds=" + kinds + ", starts=" + starts + ", rewiring=" + rewiring + ", maximumParameters="
                + maximumParameters + ", maximumMacs=" + maximumMacs + ", maximumDepth=" + maximumDepth + ")";
    }
}
