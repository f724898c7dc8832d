package org.growingnn.dl4j.folder;

import java.util.List;
import java.util.Optional;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;
import org.nd4j.shade.jackson.databind.node.ArrayNode;
import org.nd4j.shade.jackson.databind.node.JsonNodeFactory;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/** The structure of a network as JSON, for reports and scripts: what {@link NetworkGraph#describe()} tells people. */
public final class NetworkJson {

    private NetworkJson() {}

    /**
     * Describes a network.
     *
     * @param network the network
     * @return parameters, macs (null if unknown), inputs, outputs, and the vertices in topological order with name, type, inputs, shape,
     *     parameters, macs, space, units, and whether the units can be resized or why not
     */
    public static ObjectNode of(NetworkGraph network) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("parameters", network.parameterCount());
        node.put("macs", network.macsKnown() ? network.macs() : null);
        ArrayNode inputs = node.putArray("inputs");
        for (NetworkInput input : network.inputs()) {
            inputs.addObject()
                    .put("name", input.name())
                    .put("shape", network.signal(input.name()).toString());
        }
        ArrayNode outputs = node.putArray("outputs");
        network.outputs().forEach(outputs::add);
        ArrayNode vertices = node.putArray("vertices");
        network.order().forEach(name -> vertices.add(vertex(network, network.vertex(name))));
        return node;
    }

    private static ObjectNode vertex(NetworkGraph network, Vertex vertex) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("name", vertex.name()).put("type", vertex.operation().type());
        ArrayNode inputs = node.putArray("inputs");
        vertex.inputs().forEach(inputs::add);
        node.put("shape", network.signal(vertex.name()).toString());
        node.put("parameters", vertex.parameterCount());
        node.put("macs", network.macsKnown() ? network.macs(vertex.name()) : null);
        List<UnitSpace> leaving = network.signal(vertex.name()).units().blocks().stream()
                .map(network::space)
                .distinct()
                .toList();
        Optional<UnitSpace> frozen =
                leaving.stream().filter(space -> !space.resizable()).findFirst();
        node.put(
                "space",
                leaving.isEmpty()
                        ? null
                        : String.join(
                                ", ", leaving.stream().map(UnitSpace::name).toList()));
        node.put("units", leaving.size() == 1 ? leaving.get(0).size() : null);
        node.put("resizable", !leaving.isEmpty() && frozen.isEmpty());
        node.put("reason", frozen.flatMap(UnitSpace::frozen).orElse(null));
        return node;
    }
}
