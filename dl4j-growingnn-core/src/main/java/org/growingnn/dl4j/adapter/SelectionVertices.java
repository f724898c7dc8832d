package org.growingnn.dl4j.adapter;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Selection;
import org.growingnn.dl4j.graph.Selection.Run;
import org.growingnn.dl4j.graph.Signal.Kind;
import org.growingnn.dl4j.graph.Vertex;

/**
 * How a {@link Selection} looks in Deeplearning4j: one {@link SubsetVertex} per run of positions, and, if there are several runs,
 * a {@link MergeVertex} that has the selection's name. They take a network input, or a {@link PreprocessorVertex} that flattens maps.
 */
final class SelectionVertices {

    private SelectionVertices() {}

    /** Puts the vertices of a selection into a configuration; taken names are avoided, given names become taken. */
    static void write(
            Vertex vertex, Set<String> taken, Map<String, GraphVertex> vertices, Map<String, List<String>> inputs) {
        List<Run> runs = ((Selection) vertex.operation()).runs();
        List<String> names = names(vertex.name(), runs, taken);
        for (int i = 0; i < runs.size(); i++) {
            vertices.put(
                    names.get(i),
                    new SubsetVertex(runs.get(i).from(), runs.get(i).to()));
            inputs.put(names.get(i), vertex.inputs());
        }
        if (runs.size() > 1) {
            vertices.put(vertex.name(), new MergeVertex());
            inputs.put(vertex.name(), names);
        }
        taken.addAll(names);
    }

    private static List<String> names(String selection, List<Run> runs, Set<String> taken) {
        if (runs.size() == 1) {
            return List.of(selection);
        }
        List<String> names = new ArrayList<>();
        for (Run run : runs) {
            String base = selection + "/" + run.from() + "-" + run.to();
            String name = base;
            for (int number = 2; taken.contains(name); number++) {
                name = base + "#" + number;
            }
            names.add(name);
        }
        return names;
    }

    /** A selection in a configuration, and the vertices that are a part of it. */
    record Found(String input, Selection selection, Set<String> parts) {}

    /**
     * Finds the selections in a configuration by the names of the vertices that carry what they select. Only what writing the
     * selection would give again is taken for one, so that models that are read and written stay as they are.
     */
    static Map<String, Found> find(ComputationGraphConfiguration configuration, Collection<NetworkInput> inputs) {
        Map<String, Found> found = new LinkedHashMap<>();
        for (NetworkInput input : inputs) {
            if (input.kind() == Kind.FEED_FORWARD) {
                found.putAll(new Search(configuration, input.name(), input.size()).run());
            }
        }
        configuration.getVertices().forEach((name, vertex) -> {
            if (vertex instanceof PreprocessorVertex flattening && flattens(flattening.getPreProcessor())) {
                CnnToFeedForwardPreProcessor maps = (CnnToFeedForwardPreProcessor) flattening.getPreProcessor();
                long size = maps.getNumChannels() * maps.getInputHeight() * maps.getInputWidth();
                found.putAll(new Search(configuration, name, size).run());
            }
        });
        return found;
    }

    /** Tells whether a preprocessor makes vectors of maps whose size it knows. */
    static boolean flattens(InputPreProcessor preprocessor) {
        return preprocessor instanceof CnnToFeedForwardPreProcessor maps
                && maps.getNumChannels() * maps.getInputHeight() * maps.getInputWidth() > 0;
    }

    /** Looks for the selections behind one vector of so many positions. */
    private record Search(ComputationGraphConfiguration configuration, String input, long size) {

        Map<String, Found> run() {
            Map<String, Found> found = new LinkedHashMap<>();
            Set<String> single = new HashSet<>(subsets());
            configuration.getVertices().forEach((name, vertex) -> {
                if (vertex instanceof MergeVertex merge && isWritten(name, merge)) {
                    List<String> parts = configuration.getVertexInputs().get(name);
                    found.put(name, new Found(input, selection(parts), Set.copyOf(parts)));
                    single.removeAll(parts);
                }
            });
            // Several ranges that are not joined are towers of the user's, which nothing says are to be reduced.
            if (single.size() == 1) {
                String name = single.iterator().next();
                Selection selection = selection(List.of(name));
                if (!selection.isIdentity(size)
                        && !configuration.getNetworkOutputs().contains(name)) {
                    found.put(name, new Found(input, selection, Set.of()));
                }
            }
            return found;
        }

        private List<String> subsets() {
            return configuration.getVertices().keySet().stream()
                    .filter(this::isSubset)
                    .toList();
        }

        private boolean isSubset(String name) {
            return configuration.getVertices().get(name) instanceof SubsetVertex
                    && configuration.getVertexInputs().get(name).equals(List.of(input));
        }

        private SubsetVertex subset(String name) {
            return (SubsetVertex) configuration.getVertices().get(name);
        }

        private Selection selection(List<String> subsets) {
            return Selection.of(subsets.stream()
                    .map(this::subset)
                    .flatMapToInt(subset -> IntStream.rangeClosed(subset.getFrom(), subset.getTo()))
                    .toArray());
        }

        private boolean isWritten(String name, MergeVertex merge) {
            List<String> parts = configuration.getVertexInputs().get(name);
            boolean plain = merge.getMergeAxis() == MergeVertex.DEFAULT_MERGE_DIM && !merge.isModified();
            if (!plain || !parts.stream().allMatch(part -> isSubset(part) && feedsOnly(part, name))) {
                return false;
            }
            List<Run> ranges = parts.stream()
                    .map(this::subset)
                    .map(subset -> new Run(subset.getFrom(), subset.getTo()))
                    .toList();
            for (int i = 1; i < ranges.size(); i++) {
                if (ranges.get(i).from() <= ranges.get(i - 1).to()) {
                    return false;
                }
            }
            Set<String> others = new HashSet<>(configuration.getVertices().keySet());
            others.addAll(configuration.getNetworkInputs());
            parts.forEach(others::remove);
            return selection(parts).runs().equals(ranges)
                    && names(name, ranges, others).equals(parts);
        }

        private boolean feedsOnly(String name, String consumer) {
            return !configuration.getNetworkOutputs().contains(name)
                    && configuration.getVertexInputs().entrySet().stream()
                            .allMatch(entry -> entry.getKey().equals(consumer)
                                    || !entry.getValue().contains(name));
        }
    }
}
