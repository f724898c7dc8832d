package org.growingnn.dl4j.cli.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.elk.alg.layered.options.LayeredOptions;
import org.eclipse.elk.core.RecursiveGraphLayoutEngine;
import org.eclipse.elk.core.math.ElkPadding;
import org.eclipse.elk.core.options.CoreOptions;
import org.eclipse.elk.core.options.Direction;
import org.eclipse.elk.core.options.EdgeRouting;
import org.eclipse.elk.core.util.NullElkProgressMonitor;
import org.eclipse.elk.graph.ElkEdge;
import org.eclipse.elk.graph.ElkEdgeSection;
import org.eclipse.elk.graph.ElkNode;
import org.eclipse.elk.graph.util.ElkGraphUtil;

/**
 * Where boxes and arrows of a layered graph are, from top to bottom.
 *
 * @param width of the whole drawing
 * @param height of the whole drawing
 * @param places left upper corners of the boxes, by name
 * @param arrows ways of the arrows: places that straight lines join
 */
record GraphLayout(
        double width, double height, Map<String, GraphLayout.Place> places, List<List<GraphLayout.Place>> arrows) {

    private static final double BETWEEN_LAYERS = 24;
    private static final double BETWEEN_BOXES = 16;
    private static final double BORDER = 4;

    /** A place on the drawing. */
    record Place(double x, double y) {}

    /** A box and the names of those that arrows lead from. */
    record Box(double width, double height, List<String> from) {}

    /**
     * Lays out a graph.
     *
     * @param boxes boxes by name; arrows from boxes that do not exist are left out
     */
    static synchronized GraphLayout of(Map<String, Box> boxes) {
        // Synchronized, since ELK's registries are filled by the first one that asks.
        ElkNode graph = ElkGraphUtil.createGraph();
        graph.setProperty(CoreOptions.ALGORITHM, LayeredOptions.ALGORITHM_ID);
        graph.setProperty(CoreOptions.DIRECTION, Direction.DOWN);
        graph.setProperty(CoreOptions.EDGE_ROUTING, EdgeRouting.ORTHOGONAL);
        graph.setProperty(CoreOptions.PADDING, new ElkPadding(BORDER));
        graph.setProperty(CoreOptions.SPACING_NODE_NODE, BETWEEN_BOXES);
        graph.setProperty(LayeredOptions.SPACING_NODE_NODE_BETWEEN_LAYERS, BETWEEN_LAYERS);
        Map<String, ElkNode> nodes = new LinkedHashMap<>();
        boxes.forEach((name, box) -> {
            ElkNode node = ElkGraphUtil.createNode(graph);
            node.setDimensions(box.width(), box.height());
            nodes.put(name, node);
        });
        boxes.forEach((name, box) -> box.from().stream()
                .map(nodes::get)
                .filter(node -> node != null)
                .forEach(node -> ElkGraphUtil.createSimpleEdge(node, nodes.get(name))));
        new RecursiveGraphLayoutEngine().layout(graph, new NullElkProgressMonitor());
        Map<String, Place> places = new LinkedHashMap<>();
        nodes.forEach((name, node) -> places.put(name, new Place(node.getX(), node.getY())));
        List<List<Place>> arrows =
                graph.getContainedEdges().stream().map(GraphLayout::way).toList();
        return new GraphLayout(graph.getWidth(), graph.getHeight(), places, arrows);
    }

    private static List<Place> way(ElkEdge edge) {
        List<Place> way = new ArrayList<>();
        for (ElkEdgeSection section : edge.getSections()) {
            way.add(new Place(section.getStartX(), section.getStartY()));
            section.getBendPoints().forEach(bend -> way.add(new Place(bend.getX(), bend.getY())));
            way.add(new Place(section.getEndX(), section.getEndY()));
        }
        return way;
    }
}
