package org.growingnn.dl4j.action;

import java.util.List;
import java.util.stream.Stream;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.value.Ranges;

/**
 * Generates {@linkplain Swap swaps} between all pairs of spaces. Immutable.
 *
 * @param ratios widths of growing spaces afterwards relative to before, each &gt; 1; at least one
 */
public record SwapActions(List<Double> ratios) implements ActionGenerator {

    /** A quarter more. */
    public static final SwapActions DEFAULT = new SwapActions(List.of(1.25));

    /**
     * Checks the ranges.
     *
     * @param ratios widths of growing spaces afterwards relative to before
     */
    public SwapActions {
        Ranges.requireItems("ratios", ratios);
        ratios = List.copyOf(ratios);
        Ranges.require(!ratios.isEmpty(), "ratios", ratios, "at least one", "1.25");
        ratios.forEach(ratio -> new Swap("into", "from", ratio));
    }

    /**
     * Chooses by how much spaces grow.
     *
     * @param chosen widths afterwards relative to before, each &gt; 1
     * @return the changed generator
     */
    public SwapActions by(Double... chosen) {
        return new SwapActions(List.of(chosen));
    }

    @Override
    public Stream<StructuralAction> generate(NetworkGraph graph) {
        List<UnitSpace> spaces = graph.spaces().stream()
                .filter(space -> space.resizable() && space.size() != Layout.UNKNOWN && !space.features())
                .toList();
        return spaces.stream()
                .flatMap(into -> spaces.stream()
                        .filter(from -> !from.equals(into))
                        .flatMap(from -> ratios.stream().map(ratio -> new Swap(into.name(), from.name(), ratio)))
                        .filter(swap -> swap.widths(graph).isPresent()));
    }
}
