package org.growingnn.dl4j.action;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.value.Ranges;

/**
 * Generates reductions of the whole network, so that large networks do not need one generation for each layer. Immutable; each
 * method returns a copy. Defaults: 10 %, 30 % or 60 % of the parameters, keeping at least one unit of every space.
 *
 * @param removals shares of the network's parameters to remove, each greater than 0 and less than 1
 * @param minimum number of units that removal must leave in every space, ≥ 1
 */
public record GlobalActions(List<Double> removals, int minimum) implements ActionGenerator {

    /** 10 %, 30 % or 60 %. */
    public static final GlobalActions DEFAULT = new GlobalActions(List.of(0.1, 0.3, 0.6), 1);

    /**
     * Checks the ranges.
     *
     * @param removals shares of the network's parameters to remove
     * @param minimum number of units to leave in every space
     */
    public GlobalActions {
        Ranges.requireItems("removals", removals);
        removals = List.copyOf(removals);
        Ranges.requireAtLeast("minimum", minimum, 1);
        Ranges.require(
                !removals.isEmpty(), "removals", removals, "at least one share: there is nothing to search", "0.3");
        // Constructing an action of each ratio checks the ranges here rather than in the middle of a search.
        for (double ratio : removals) {
            new PruneGlobally(ratio, minimum);
        }
    }

    /**
     * Chooses the shares of parameters to remove.
     *
     * @param shares each greater than 0 and less than 1
     * @return the changed generator
     */
    public GlobalActions remove(double... shares) {
        return new GlobalActions(
                Arrays.stream(Objects.requireNonNull(shares, "shares")).boxed().toList(), minimum);
    }

    /**
     * Chooses the least width.
     *
     * @param units number of units that removal must leave in every space, ≥ 1
     * @return the changed generator
     */
    public GlobalActions minimum(int units) {
        return new GlobalActions(removals, units);
    }

    @Override
    public Stream<StructuralAction> generate(NetworkGraph graph) {
        return removals.stream()
                .map(ratio -> new PruneGlobally(ratio, minimum))
                .filter(action -> action.applies(graph))
                .map(action -> action);
    }

    @Override
    public String toString() {
        return "global(remove=" + removals + ", minimum=" + minimum + ")";
    }
}
