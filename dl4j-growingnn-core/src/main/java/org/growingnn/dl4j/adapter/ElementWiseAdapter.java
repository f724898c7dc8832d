package org.growingnn.dl4j.adapter;

import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.growingnn.dl4j.graph.LayerFactory.Join;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/** Sums, differences, products, means and maxima tie their inputs unit by unit; inputs of one unit or one position are broadcast. */
final class ElementWiseAdapter implements ConfigurationAdapter<ElementWiseVertex> {

    @Override
    public Class<ElementWiseVertex> type() {
        return ElementWiseVertex.class;
    }

    @Override
    public Signal propagate(ElementWiseVertex vertex, Propagation p) {
        Signal widest = p.inputs().stream()
                .max(Comparator.comparingLong(in -> in.units().length()))
                .orElseThrow();
        for (Signal in : p.inputs()) {
            if (in.units().length() == 1 && widest.units().length() > 1) {
                p.freeze(in.units(), "'" + p.vertex() + "' broadcasts its single unit");
                // With one unit left, nothing would tell which side is broadcast to which.
                p.atLeast(widest.units(), 2);
            } else {
                p.unify(widest.units(), in.units());
            }
        }
        return Signals.spread(widest, p.inputs());
    }

    @Override
    public Optional<Join> join(ElementWiseVertex vertex) {
        return switch (vertex.getOp()) {
            case Add, Average, Max -> Optional.of(Join.ELEMENT_WISE);
            default -> Optional.empty();
        };
    }

    @Override
    public Set<Trait> traits(ElementWiseVertex vertex) {
        return join(vertex).isPresent() ? Set.of(Trait.KEEPS_SIGN) : Set.of();
    }
}
