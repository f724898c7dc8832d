package org.growingnn.dl4j.projection;

import java.util.List;
import java.util.Map;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Role;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;

/** Finds everything that belongs to a unit, in all layers of its space: what goes when it goes. */
public final class UnitGroups {

    private UnitGroups() {}

    /** Is told values that belong to a unit. */
    @FunctionalInterface
    public interface Visitor {

        /**
         * Visits a value. A value is visited twice if both of its axes index the unit.
         *
         * @param unit index of the unit in its space
         * @param vertex the layer
         * @param key the parameter's key
         * @param position row-major position in the parameter
         */
        void visit(int unit, String vertex, String key, int position);
    }

    /**
     * Visits what training chose for the units of a space: weights and biases that produce them, weights that consume them, and values
     * that follow them, such as scales and shifts of batch norms, but not their means and variances.
     *
     * @param graph the network
     * @param space a space of the network with a known size
     * @param visitor is told each value
     */
    public static void visit(NetworkGraph graph, UnitSpace space, Visitor visitor) {
        for (Vertex vertex : graph.vertices()) {
            for (Map.Entry<String, List<Axis>> entry : graph.axes(vertex.name()).entrySet()) {
                String key = entry.getKey();
                Tensor value = vertex.parameters().get(key).value();
                for (int i = 0; i < entry.getValue().size(); i++) {
                    Axis axis = entry.getValue().get(i);
                    if (axis.role() != Role.FREE && !axis.statistic().estimatesInput()) {
                        UnitWeights.visit(
                                graph,
                                space,
                                axis,
                                value,
                                i,
                                (unit, position) -> visitor.visit(unit, vertex.name(), key, position));
                    }
                }
            }
        }
    }
}
