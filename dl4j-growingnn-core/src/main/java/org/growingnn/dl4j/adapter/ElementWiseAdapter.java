package org.growingnn.dl4j.adapter;

import java.util.Comparator;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/** Sums, differences, products, means and maxima tie their inputs unit by unit; inputs of one unit are broadcast. */
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
        return widest;
    }
}
