package org.growingnn.dl4j.action;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.LayerFactory;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Role;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Kind;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.projection.Projection;

/**
 * Adds a layer between two directly connected ones: a fully connected one that starts as the identity, or a 3 × 3 convolution
 * that starts as Dirac kernels, each as wide as what arrives.
 *
 * @param from the vertex that feeds the new layer
 * @param to the layer that takes the new layer's units instead: one with weights, or one that makes maps smaller
 * @param activation name of an activation function, or {@code auto}: a rectifier where no arriving value is negative, which
 *     it therefore does not change, and else none. With {@code auto} the function is preserved.
 */
public record AddSequential(String from, String to, String activation) implements StructuralAction {

    /** Lets the new layer preserve the network's function. */
    public static final String AUTO = "auto";

    private static final int KERNEL = 3;

    /**
     * Checks the values.
     *
     * @param from the vertex that feeds the new layer
     * @param to the layer behind it
     * @param activation name of an activation function, or {@code auto}
     */
    public AddSequential {
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
        Objects.requireNonNull(activation, "activation");
    }

    /** Tells why the action does not apply to a network; empty if it does. */
    Optional<String> obstacle(NetworkGraph graph) {
        Vertex target = graph.vertex(to);
        Signal arriving = graph.signal(from);
        if (!graph.isVertex(from) || !target.inputs().contains(from)) {
            return Optional.of("'" + from + "' is no layer that feeds '" + to + "' directly");
        }
        if (!Edits.mayFeed(graph, from)) {
            return Optional.of("'" + from + "' is an output of the network");
        }
        if (arriving.kind() != Kind.FEED_FORWARD && arriving.kind() != Kind.CONVOLUTIONAL) {
            return Optional.of("between series, volumes or unknown layers no layer can be added");
        }
        if (arriving.units().length() == Layout.UNKNOWN) {
            return Optional.of("the width of '" + from + "' is unknown");
        }
        if (target.operation().stopsGradients()) {
            return Optional.of("'" + to + "' lets no gradient through, so that nothing in front of it could learn");
        }
        if (Edits.areIndices(graph, from)) {
            return Optional.of("units of '" + from + "' are indices, which are no values to weigh");
        }
        return consumes(graph) || shrinksMaps(graph)
                ? graph.origin().layerObstacle(graph)
                : Optional.of("'" + to + "' has no weights and leaves the size of maps as it is");
    }

    /**
     * Tells whether a pooling or the like follows, in front of which there is a place that none in front of a layer with weights is as good
     * as. Flattening leaves the positions as they are; it is the layer behind it that takes them.
     */
    private boolean shrinksMaps(NetworkGraph graph) {
        Signal arriving = graph.signal(from);
        Signal leaving = graph.signal(to);
        return maps(graph)
                && arriving.positions() != 1
                && leaving.units().length() == arriving.units().length()
                && (leaving.kind() == Kind.FEED_FORWARD
                        || leaving.kind() == Kind.CONVOLUTIONAL
                                && leaving.positions() >= 0
                                && leaving.positions() < arriving.positions());
    }

    private boolean consumes(NetworkGraph graph) {
        return graph.axes(to).values().stream()
                .flatMap(List::stream)
                .map(Axis::role)
                .anyMatch(Role.CONSUMES::equals);
    }

    /** Counts the parameters of the new layer. */
    long addedParameters(NetworkGraph graph) {
        long units = graph.signal(from).units().length();
        return units * units * (maps(graph) ? KERNEL * KERNEL : 1) + units;
    }

    /** Counts the multiply-accumulates of the new layer, or gives {@link Layout#UNKNOWN}. */
    long addedMacs(NetworkGraph graph) {
        long units = graph.signal(from).units().length();
        long positions = graph.signal(from).positions();
        return positions < 0 ? Layout.UNKNOWN : units * units * (maps(graph) ? KERNEL * KERNEL : 1) * positions;
    }

    private boolean maps(NetworkGraph graph) {
        return graph.signal(from).kind() == Kind.CONVOLUTIONAL;
    }

    @Override
    public NetworkGraph apply(NetworkGraph graph, Projection projection) {
        obstacle(graph).ifPresent(reason -> {
            throw new IllegalArgumentException("No layer can be added: " + reason + ".");
        });
        LayerFactory layers = graph.origin().layers();
        String function =
                !activation.equals(AUTO) ? activation : layers.isNonNegative(graph, from) ? "relu" : "identity";
        String name = graph.freshName(from + "+" + to);
        int units = Math.toIntExact(graph.signal(from).units().length());
        boolean wide = Weights.isDouble(graph);
        Vertex added;
        if (maps(graph)) {
            Tensor dirac = Weights.make(
                    wide,
                    index -> index[0] == index[1] && index[2] == KERNEL / 2 && index[3] == KERNEL / 2 ? 1 : 0,
                    units,
                    units,
                    KERNEL,
                    KERNEL);
            added = layers.convolution(graph, name, from, dirac, new int[] {1, 1}, Optional.empty(), function);
        } else {
            Tensor identity = Weights.make(wide, index -> index[0] == index[1] ? 1 : 0, units, units);
            added = layers.dense(graph, name, from, identity, function);
        }
        return Edits.graph(
                graph,
                Edits.insert(graph, List.of(added), graph.vertex(to).reconnected(from, name)),
                preservesFunction(graph, projection) ? Map.of(name, from) : Map.of(),
                known -> known);
    }

    @Override
    public boolean preservesFunction(NetworkGraph graph, Projection projection) {
        return activation.equals(AUTO);
    }

    @Override
    public String toString() {
        return "add-sequential(from=" + from + ", to=" + to + ", activation=" + activation + ")";
    }
}
