package org.growingnn.dl4j.action;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Resizer;
import org.growingnn.dl4j.value.Ranges;

/**
 * Generates removals and additions of neurons for every resizable unit space, but not of input features, see {@link
 * Actions#inputs()}. Where frozen layers have weights of the units, there are removals only. Immutable; each method returns a copy.
 *
 * <p>Defaults are the paper's: remove 10 %, 50 % or 90 %, grow to 150 % or 200 %, keep at least one unit.
 *
 * @param removals shares to remove, each greater than 0 and less than 1
 * @param additions sizes to grow to, each greater than 1 and at most 100
 * @param minimum number of units that removal must leave in every space, ≥ 1
 * @param excluded names of layers whose widths stay
 * @param maximumParameters no units are added that would make the network larger, if present; ≥ 1
 */
public record NeuronActions(
        List<Double> removals,
        List<Double> additions,
        int minimum,
        Set<String> excluded,
        OptionalLong maximumParameters)
        implements ActionGenerator {

    /** The paper's. */
    public static final NeuronActions DEFAULT =
            new NeuronActions(List.of(0.1, 0.5, 0.9), List.of(1.5, 2.0), 1, Set.of(), OptionalLong.empty());

    /**
     * Checks the ranges.
     *
     * @param removals shares to remove
     * @param additions sizes to grow to
     * @param minimum number of units to leave in every space
     * @param excluded names of layers whose widths stay
     * @param maximumParameters limit of growth
     */
    public NeuronActions {
        Ranges.requireItems("removals", removals);
        Ranges.requireItems("additions", additions);
        Ranges.requireItems("excluded", excluded);
        removals = List.copyOf(removals);
        additions = List.copyOf(additions);
        // In order, so that what is written and generated does not depend on the process.
        excluded = Collections.unmodifiableSet(new TreeSet<>(excluded));
        Ranges.requireAtLeast("minimum", minimum, 1);
        Objects.requireNonNull(maximumParameters, "maximumParameters");
        maximumParameters.ifPresent(limit -> Ranges.requireAtLeast("maximumParameters", limit, 1));
        // Constructing one action of each ratio checks the ranges here rather than in the middle of a search.
        for (double ratio : removals) {
            new RemoveNeurons("any layer", ratio, minimum);
        }
        for (double ratio : additions) {
            new AddNeurons("any layer", ratio);
        }
        if (removals.isEmpty() && additions.isEmpty()) {
            throw new IllegalArgumentException(
                    "The removals and additions of neurons must not both be empty: there is nothing to search.\n"
                            + "Maybe remove(0.5)?");
        }
    }

    /**
     * Chooses the shares to remove.
     *
     * @param ratios each greater than 0 and less than 1; none to forbid removal
     * @return the changed generator
     */
    public NeuronActions remove(double... ratios) {
        return new NeuronActions(
                Arrays.stream(Objects.requireNonNull(ratios, "ratios")).boxed().toList(),
                additions,
                minimum,
                excluded,
                maximumParameters);
    }

    /**
     * Chooses the sizes to grow to.
     *
     * @param ratios each greater than 1, such as 1.5 for 150 %; none to forbid growth
     * @return the changed generator
     */
    public NeuronActions add(double... ratios) {
        return new NeuronActions(
                removals,
                Arrays.stream(Objects.requireNonNull(ratios, "ratios")).boxed().toList(),
                minimum,
                excluded,
                maximumParameters);
    }

    /**
     * Chooses the least width.
     *
     * @param units number of units that removal must leave in every space, ≥ 1
     * @return the changed generator
     */
    public NeuronActions minimum(int units) {
        return new NeuronActions(removals, additions, units, excluded, maximumParameters);
    }

    /**
     * Keeps the widths of layers, and of all layers tied to them.
     *
     * @param layers names of layers; unknown names are reported when actions are generated
     * @return the changed generator
     */
    public NeuronActions exclude(String... layers) {
        Set<String> all = new LinkedHashSet<>(excluded);
        all.addAll(Arrays.asList(Objects.requireNonNull(layers, "layers")));
        return new NeuronActions(removals, additions, minimum, all, maximumParameters);
    }

    /**
     * Limits growth by parameters.
     *
     * @param limit no units are added that would make the network larger
     * @return the changed generator
     */
    public NeuronActions maximumParameters(long limit) {
        return new NeuronActions(removals, additions, minimum, excluded, OptionalLong.of(limit));
    }

    @Override
    public Stream<StructuralAction> generate(NetworkGraph graph) {
        Set<UnitSpace> kept = new LinkedHashSet<>();
        for (String layer : excluded) {
            graph.signal(layer).units().blocks().forEach(block -> kept.add(graph.space(block)));
        }
        return graph.spaces().stream()
                .filter(space -> space.resizable()
                        && !space.features()
                        && space.size() != Layout.UNKNOWN
                        && !kept.contains(space))
                .flatMap(space -> actions(graph, space));
    }

    private Stream<StructuralAction> actions(NetworkGraph graph, UnitSpace space) {
        List<StructuralAction> result = new ArrayList<>();
        Set<Integer> sizes = new LinkedHashSet<>();
        if (space.size() > Math.max(minimum, space.minimum())) {
            for (double ratio : removals) {
                RemoveNeurons action = new RemoveNeurons(space.name(), ratio, minimum);
                if (sizes.add(action.newSize(space))) {
                    result.add(action);
                }
            }
        }
        if (!space.selectionOnly()) {
            for (double ratio : additions) {
                AddNeurons action = new AddNeurons(space.name(), ratio);
                int size = action.newSize(space);
                if (fits(graph, space, size) && sizes.add(size)) {
                    result.add(action);
                }
            }
        }
        return result.stream();
    }

    private boolean fits(NetworkGraph graph, UnitSpace space, int size) {
        return maximumParameters.isEmpty()
                || Resizer.parameterCount(graph, Map.of(space.name(), size)) <= maximumParameters.getAsLong();
    }

    @Override
    public String toString() {
        return "neurons(remove=" + removals + ", add=" + additions + ", minimum=" + minimum + ", exclude=" + excluded
                + (maximumParameters.isPresent() ? ", maximumParameters=" + maximumParameters.getAsLong() : "") + ")";
    }
}
