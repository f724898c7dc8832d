package org.growingnn.dl4j.action;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.value.Ranges;

/**
 * Generates removals of input features for every network input that is a vector of features. Inputs that are reshaped to images,
 * taken for indices or added to other units are left alone. Immutable; each method returns a copy.
 *
 * <p>By default 10 % or 50 % of the features that are left go, down to one.
 *
 * @param removals shares of the features to leave out, each greater than 0 and less than 1
 * @param minimum number of features that must be left of every input, ≥ 1
 * @param excluded names of network inputs whose features all stay
 */
public record InputActions(List<Double> removals, int minimum, Set<String> excluded) implements ActionGenerator {

    /** 10 % or 50 %. */
    public static final InputActions DEFAULT = new InputActions(List.of(0.1, 0.5), 1, Set.of());

    /**
     * Checks the ranges.
     *
     * @param removals shares of the features to leave out
     * @param minimum number of features to leave
     * @param excluded names of network inputs whose features all stay
     */
    public InputActions {
        Ranges.requireItems("removals", removals);
        Ranges.requireItems("excluded", excluded);
        removals = List.copyOf(removals);
        // In order, so that what is written does not depend on the process.
        excluded = Collections.unmodifiableSet(new TreeSet<>(excluded));
        Ranges.requireAtLeast("minimum", minimum, 1);
        Ranges.require(
                !removals.isEmpty(), "removals", removals, "at least one ratio: there is nothing to search", "0.5");
        // Constructing an action of each ratio checks the ranges here rather than in the middle of a search.
        for (double ratio : removals) {
            new RemoveInputs("any input", ratio, minimum);
        }
    }

    /**
     * Chooses the shares to leave out.
     *
     * @param ratios each greater than 0 and less than 1
     * @return the changed generator
     */
    public InputActions remove(double... ratios) {
        return new InputActions(
                Arrays.stream(Objects.requireNonNull(ratios, "ratios")).boxed().toList(), minimum, excluded);
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
        all.addAll(Arrays.asList(Objects.requireNonNull(inputs, "inputs")));
        return new InputActions(removals, minimum, all);
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
