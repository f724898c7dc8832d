package org.growingnn.dl4j.action;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Operation;
import org.growingnn.dl4j.graph.Selection;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Resizer;

/**
 * Leaves out the features of a network input that rate lowest by {@link
 * org.growingnn.dl4j.projection.Criteria#of}: of {@code n} features that are left so far, {@code round((1 −
 * ratio) · n)} stay, but never fewer than the minimum, and always at least one goes. The network still takes all features; a
 * {@link Selection} behind the input, which is inserted if there is none, drops them.
 *
 * @param input name of the network input
 * @param ratio share of the features to leave out, 0 &lt; ratio &lt; 1
 * @param minimum least number of features to keep, ≥ 1
 */
public record RemoveInputs(String input, double ratio, int minimum) implements StructuralAction {

    /**
     * Checks the ranges.
     *
     * @param input name of the network input
     * @param ratio share of the features to leave out, 0 &lt; ratio &lt; 1
     * @param minimum least number of features to keep, ≥ 1
     */
    public RemoveInputs {
        Objects.requireNonNull(input, "input");
        if (!(ratio > 0 && ratio < 1)) {
            throw new IllegalArgumentException("The ratio (" + ratio + ") of features to leave out of '" + input
                    + "' must be greater than 0 and less than 1.\nMaybe 0.1 to leave out 10 %?");
        }
        if (minimum < 1) {
            throw new IllegalArgumentException(
                    "The minimum (" + minimum + ") of features to keep of '" + input + "' must be at least 1.");
        }
    }

    /** Tells why the action does not apply to a network; empty if it does. */
    Optional<String> obstacle(NetworkGraph graph) {
        return Selection.obstacle(graph, input).or(() -> untrainable(graph)).or(() -> {
            long least =
                    Math.max(minimum, present(graph).map(UnitSpace::minimum).orElse(1L));
            return size(graph) > least
                    ? Optional.empty()
                    : Optional.of("none of its " + size(graph) + " features can go without falling below " + least);
        });
    }

    /** What selects features is a vertex of Deeplearning4j's that wants gradients, as the input itself does not. */
    private Optional<String> untrainable(NetworkGraph graph) {
        boolean stopped = present(graph).isEmpty()
                && graph.successors(input).stream()
                        .map(name -> graph.vertex(name).operation())
                        .allMatch(Operation::stopsGradients);
        return stopped
                ? Optional.of("no gradient comes back from " + graph.successors(input)
                        + ", without which Deeplearning4j cannot train a selection in front")
                : Optional.empty();
    }

    private Optional<UnitSpace> present(NetworkGraph graph) {
        return Selection.behind(graph, input).map(Vertex::name).map(graph::space);
    }

    private long size(NetworkGraph graph) {
        return present(graph).orElseGet(() -> graph.space(input)).size();
    }

    /** Gives the number of features afterwards. */
    int newSize(NetworkGraph graph) {
        long size = size(graph);
        long least = Math.max(minimum, present(graph).map(UnitSpace::minimum).orElse(1L));
        return (int) Math.min(Math.max(least, Math.round((1 - ratio) * size)), size - 1);
    }

    @Override
    public NetworkGraph apply(NetworkGraph graph, Projection projection) {
        obstacle(graph).ifPresent(reason -> {
            throw new IllegalArgumentException(
                    "Features of the network input '" + input + "' cannot be left out: " + reason + ".");
        });
        int newSize = newSize(graph);
        NetworkGraph selecting = Selection.insert(graph, input);
        String features = Selection.behind(selecting, input).orElseThrow().name();
        return Resizer.resize(selecting, Map.of(features, newSize), projection);
    }

    @Override
    public boolean preservesFunction(NetworkGraph graph, Projection projection) {
        return false;
    }

    @Override
    public String toString() {
        return "remove-inputs(input=" + input + ", ratio=" + ratio + ", minimum=" + minimum + ")";
    }
}
