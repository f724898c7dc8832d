package org.growingnn.dl4j.action;

import java.util.Map;
import java.util.Optional;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Resizer;

/** What removing and adding neurons have in common: a space and its size afterwards. */
interface ResizeSpace extends StructuralAction {

    String space();

    /** Gives the number of units afterwards. */
    int newSize(UnitSpace resized);

    @Override
    default NetworkGraph apply(NetworkGraph graph, Projection projection) {
        UnitSpace resized = graph.spaceNamed(space());
        if (!resized.resizable() || resized.size() == Layout.UNKNOWN) {
            throw new IllegalArgumentException("The space '" + resized.name() + "' cannot be resized: "
                    + resized.frozen().orElse("its size is unknown") + ".");
        }
        return Resizer.resize(graph, Map.of(space(), newSize(resized)), projection);
    }

    /** From the same size, it leads to the same size. */
    @Override
    default Optional<StructuralAction> carriedOver(NetworkGraph then, NetworkGraph now) {
        Optional<Long> before = find(then, space()).map(UnitSpace::size);
        return before.isPresent() && before.equals(find(now, space()).map(UnitSpace::size))
                ? Optional.of(this)
                : Optional.empty();
    }

    /** Finds a space, if the network has it. */
    static Optional<UnitSpace> find(NetworkGraph graph, String name) {
        return graph.spaces().stream().filter(each -> each.name().equals(name)).findAny();
    }

    @Override
    default boolean preservesFunction(NetworkGraph graph, Projection projection) {
        UnitSpace resized = graph.spaceNamed(space());
        return resized.mixed().isEmpty() && projection.preservesFunction(resized.size(), newSize(resized));
    }
}
