package org.growingnn.dl4j.action;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;

/**
 * Generates removals and additions of neurons for every resizable unit space, but not of input features, see {@link
 * Actions#inputs()}. Immutable; each method returns a copy.
 *
 * <p>Defaults are the paper's: remove 10 %, 50 % or 90 %, grow to 150 % or 200 %, keep at least one unit.
 */
public final class NeuronActions implements ActionGenerator {

    private final List<Double> removals;
    private final List<Double> additions;
    private final int minimum;
    private final Set<String> excluded;

    NeuronActions() {
        this(List.of(0.1, 0.5, 0.9), List.of(1.5, 2.0), 1, Set.of());
    }

    private NeuronActions(List<Double> removals, List<Double> additions, int minimum, Set<String> excluded) {
        this.removals = removals;
        this.additions = additions;
        this.minimum = minimum;
        this.excluded = excluded;
        // Constructing one action of each ratio checks the ranges here rather than in the middle of a search.
        removals.forEach(ratio -> new RemoveNeurons("any", ratio, minimum));
        additions.forEach(ratio -> new AddNeurons("any", ratio));
    }

    /**
     * Chooses the shares to remove.
     *
     * @param ratios each greater than 0 and less than 1; none to forbid removal
     * @return the changed generator
     */
    public NeuronActions remove(double... ratios) {
        return new NeuronActions(Arrays.stream(ratios).boxed().toList(), additions, minimum, excluded);
    }

    /**
     * Chooses the sizes to grow to.
     *
     * @param ratios each greater than 1, such as 1.5 for 150 %; none to forbid growth
     * @return the changed generator
     */
    public NeuronActions add(double... ratios) {
        return new NeuronActions(removals, Arrays.stream(ratios).boxed().toList(), minimum, excluded);
    }

    /**
     * Chooses the least width.
     *
     * @param units number of units that removal must leave in every space, ≥ 1
     * @return the changed generator
     */
    public NeuronActions minimum(int units) {
        return new NeuronActions(removals, additions, units, excluded);
    }

    /**
     * Keeps the widths of layers, and of all layers tied to them.
     *
     * @param layers names of layers; unknown names are reported when actions are generated
     * @return the changed generator
     */
    public NeuronActions exclude(String... layers) {
        Set<String> all = new LinkedHashSet<>(excluded);
        all.addAll(List.of(layers));
        return new NeuronActions(removals, additions, minimum, Collections.unmodifiableSet(all));
    }

    @Override
    public Stream<StructuralAction> generate(NetworkGraph graph) {
        Set<UnitSpace> kept = new LinkedHashSet<>();
        for (String layer : excluded) {
            graph.signal(layer).units().blocks().forEach(block -> kept.add(graph.space(block)));
        }
        return graph.spaces().stream()
                .filter(space -> space.resizable()
                        && !space.selectionOnly()
                        && space.size() != Layout.UNKNOWN
                        && !kept.contains(space))
                .flatMap(this::actions);
    }

    private Stream<StructuralAction> actions(UnitSpace space) {
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
        for (double ratio : additions) {
            AddNeurons action = new AddNeurons(space.name(), ratio);
            if (sizes.add(action.newSize(space))) {
                result.add(action);
            }
        }
        return result.stream();
    }

    @Override
    public String toString() {
        return "neurons(remove=" + removals + ", add=" + additions + ", minimum=" + minimum + ", exclude=" + excluded
                + ")";
    }
}
