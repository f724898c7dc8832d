package org.growingnn.dl4j.action;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;

/**
 * Generates removals of input features for every network input that is a vector of features. Inputs that are reshaped to images,
 * taken for indices or added to other units are left alone. Immutable; each method returns a copy.
 *
 * <p>By default 10 % or 50 % of the features that are left go, down to one.
 */
public final class InputActions implements ActionGenerator {

    private final List<Double> removals;
    private final int minimum;
    private final Set<String> excluded;

    InputActions() {
        this(List.of(0.1, 0.5), 1, Set.of());
    }

    private InputActions(List<Double> removals, int minimum, Set<String> excluded) {
        this.removals = removals;
        this.minimum = minimum;
        this.excluded = excluded;
        // Constructing one action of each ratio checks the ranges here rather than in the middle of a search.
        removals.forEach(ratio -> new RemoveInputs("any", ratio, minimum));
    }

    /**
     * Chooses the shares to leave out.
     *
     * @param ratios each greater than 0 and less than 1
     * @return the changed generator
     */
    public InputActions remove(double... ratios) {
        return new InputActions(Arrays.stream(ratios).boxed().toList(), minimum, excluded);
    }

    /**
     * Chooses the least number of features.
     *
     * @param features number of features that must be left of every input, ≥ 1
     * @return the changed generator
     */
    public InputActions minimum(int features) {
        return new InputActions(removals, features, excluded);
    }

    /**
     * Keeps all features of some inputs.
     *
     * @param inputs names of network inputs; unknown names are reported when actions are generated
     * @return the changed generator
     */
    public InputActions exclude(String... inputs) {
        Set<String> all = new LinkedHashSet<>(excluded);
        all.addAll(List.of(inputs));
        return new InputActions(removals, minimum, Collections.unmodifiableSet(all));
    }

    @Override
    public Stream<StructuralAction> generate(NetworkGraph graph) {
        List<String> names = graph.inputs().stream().map(NetworkInput::name).toList();
        for (String name : excluded) {
            if (!names.contains(name)) {
                throw new IllegalArgumentException(
                        "The network has no input '" + name + "'.\nMaybe one of " + names + "?");
            }
        }
        return names.stream().filter(name -> !excluded.contains(name)).flatMap(name -> actions(graph, name));
    }

    private Stream<StructuralAction> actions(NetworkGraph graph, String input) {
        List<RemoveInputs> actions = removals.stream()
                .map(ratio -> new RemoveInputs(input, ratio, minimum))
                .toList();
        // What forbids one ratio forbids all, and telling it takes another graph.
        if (actions.isEmpty() || actions.get(0).obstacle(graph).isPresent()) {
            return Stream.empty();
        }
        Set<Integer> sizes = new HashSet<>();
        return actions.stream()
                .filter(action -> sizes.add(action.newSize(graph)))
                .map(StructuralAction.class::cast);
    }

    @Override
    public String toString() {
        return "inputs(remove=" + removals + ", minimum=" + minimum + ", exclude=" + excluded + ")";
    }
}
