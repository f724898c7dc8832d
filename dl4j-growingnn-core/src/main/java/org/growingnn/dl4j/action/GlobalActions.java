package org.growingnn.dl4j.action;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.growingnn.dl4j.graph.NetworkGraph;

/**
 * Generates reductions of the whole network, so that large networks do not need one generation for each layer. Immutable; each
 * method returns a copy. Defaults: 10 %, 30 % or 60 % of the parameters, keeping at least one unit of every space.
 */
public final class GlobalActions implements ActionGenerator {

    private final List<Double> ratios;
    private final int minimum;

    GlobalActions() {
        this(List.of(0.1, 0.3, 0.6), 1);
    }

    private GlobalActions(List<Double> ratios, int minimum) {
        this.ratios = ratios;
        this.minimum = minimum;
        // Constructing an action of each ratio checks the ranges here rather than in the middle of a search.
        ratios.forEach(ratio -> new PruneGlobally(ratio, minimum));
    }

    /**
     * Chooses the shares of parameters to remove.
     *
     * @param shares each greater than 0 and less than 1
     * @return the changed generator
     */
    public GlobalActions remove(double... shares) {
        return new GlobalActions(Arrays.stream(shares).boxed().toList(), minimum);
    }

    /**
     * Chooses the least width.
     *
     * @param units number of units that removal must leave in every space, ≥ 1
     * @return the changed generator
     */
    public GlobalActions minimum(int units) {
        return new GlobalActions(ratios, units);
    }

    @Override
    public Stream<StructuralAction> generate(NetworkGraph graph) {
        return ratios.stream()
                .map(ratio -> new PruneGlobally(ratio, minimum))
                .filter(action -> action.applies(graph))
                .map(action -> action);
    }

    @Override
    public String toString() {
        return "global(remove=" + ratios + ", minimum=" + minimum + ")";
    }
}
