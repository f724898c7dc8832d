package org.growingnn.dl4j.action;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.value.Ranges;

/**
 * Generates the actions of several generators, one after the other.
 *
 * @param generators at least one
 */
public record CombinedActions(List<ActionGenerator> generators) implements ActionGenerator {

    /**
     * Checks that there are generators.
     *
     * @param generators at least one
     */
    public CombinedActions {
        Ranges.requireItems("generators", generators);
        generators = List.copyOf(generators);
        Ranges.require(!generators.isEmpty(), "generators", generators, "at least one");
    }

    /** Extends a combination rather than to nest it. */
    static CombinedActions of(ActionGenerator first, ActionGenerator second) {
        List<ActionGenerator> all =
                new ArrayList<>(first instanceof CombinedActions several ? several.generators : List.of(first));
        all.add(Objects.requireNonNull(second, "other"));
        return new CombinedActions(all);
    }

    @Override
    public Stream<StructuralAction> generate(NetworkGraph graph) {
        return generators.stream().flatMap(generator -> generator.generate(graph));
    }

    @Override
    public String toString() {
        return generators.stream().map(ActionGenerator::toString).collect(Collectors.joining(" and "));
    }
}
