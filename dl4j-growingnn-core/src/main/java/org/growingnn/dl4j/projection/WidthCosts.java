package org.growingnn.dl4j.projection;

import java.util.List;
import java.util.Map;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.LatencyTable;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Role;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.Vertex;

/**
 * Tells what a network would cost at other widths, from its axes, without making it. Multiply-accumulates of a vertex are taken to be
 * in proportion to its weights, and the rest of a file not to change.
 */
final class WidthCosts {

    private final NetworkGraph graph;
    private long overhead = -1;

    WidthCosts(NetworkGraph graph) {
        this.graph = graph;
    }

    /**
     * Measures.
     *
     * @param cost what to measure
     * @param widths by the names of spaces; others keep theirs
     * @throws IllegalStateException if a file's size is unknown; other costs that are have no meaning
     */
    double of(Cost cost, Map<String, Integer> widths) {
        return switch (cost) {
            case PARAMETERS -> parameters(widths);
            case MACS -> macs(widths);
            case MEMORY -> Cost.bytes(graph, (long) parameters(widths) + activations(widths));
            case FILE_SIZE -> Cost.fileSize(overhead(), Cost.bytes(graph, (long) parameters(widths)));
            case LATENCY -> Cost.latencies(graph).of(graph, vertex -> size(vertex, widths));
        };
    }

    private long overhead() {
        if (overhead < 0) {
            overhead = graph.origin().fileOverhead(graph);
        }
        return overhead;
    }

    private double parameters(Map<String, Integer> widths) {
        double sum = 0;
        for (Vertex vertex : graph.vertices()) {
            for (Map.Entry<String, List<Axis>> entry : graph.axes(vertex.name()).entrySet()) {
                sum += length(vertex.parameters().get(entry.getKey()).value(), entry.getValue(), widths);
            }
        }
        return sum;
    }

    private double macs(Map<String, Integer> widths) {
        double sum = 0;
        for (Vertex vertex : graph.vertices()) {
            double before = 0;
            double after = 0;
            for (Map.Entry<String, List<Axis>> entry : graph.axes(vertex.name()).entrySet()) {
                Tensor value = vertex.parameters().get(entry.getKey()).value();
                // Biases cost no multiplication.
                if (value.rank() > 1) {
                    before += value.length();
                    after += length(value, entry.getValue(), widths);
                }
            }
            if (before > 0) {
                sum += graph.macs(vertex.name()) * after / before;
            }
        }
        return sum;
    }

    private long activations(Map<String, Integer> widths) {
        long sum = 0;
        for (NetworkInput input : graph.inputs()) {
            sum += activations(input.name(), widths);
        }
        for (String name : graph.order()) {
            sum += activations(name, widths);
        }
        return sum;
    }

    private long activations(String name, Map<String, Integer> widths) {
        return Cost.activations(graph, name, units(name, widths)).orElse(0);
    }

    private LatencyTable.Size size(String name, Map<String, Integer> widths) {
        Vertex vertex = graph.vertex(name);
        double weights = 0;
        for (Map.Entry<String, List<Axis>> entry : graph.axes(name).entrySet()) {
            Tensor value = vertex.parameters().get(entry.getKey()).value();
            if (value.rank() > 1) {
                weights += length(value, entry.getValue(), widths);
            }
        }
        long inputs = 0;
        for (String input : vertex.inputs()) {
            inputs += units(input, widths);
        }
        return new LatencyTable.Size(inputs, units(name, widths), weights);
    }

    private long units(String name, Map<String, Integer> widths) {
        Layout units = graph.signal(name).units();
        return units.length() == Layout.UNKNOWN ? 0 : length(units, widths);
    }

    private double length(Tensor value, List<Axis> axes, Map<String, Integer> widths) {
        double product = 1;
        for (int axis = 0; axis < value.rank(); axis++) {
            Axis typed = axes.get(axis);
            product *= typed.role() == Role.FREE || typed.layout().length() == Layout.UNKNOWN
                    ? value.size(axis)
                    : length(typed.layout(), widths);
        }
        return product;
    }

    private long length(Layout layout, Map<String, Integer> widths) {
        long length = 0;
        for (Block block : layout.blocks()) {
            Integer width = widths.get(graph.space(block).name());
            length += width == null ? block.length() : (long) width * block.inner();
        }
        return length;
    }
}
