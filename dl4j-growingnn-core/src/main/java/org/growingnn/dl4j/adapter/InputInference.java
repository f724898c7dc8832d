package org.growingnn.dl4j.adapter;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Signal.Kind;

/**
 * Infers an input from the first layers that it reaches, because DL4J does not store input types. Heights, widths and lengths
 * stay unknown unless a preprocessor states them.
 *
 * @param operations the vertices by name
 * @param vertexInputs what feeds them
 */
record InputInference(Map<String, VertexOperation> operations, Map<String, List<String>> vertexInputs) {

    NetworkInput infer(String name) {
        Deque<String> front = new ArrayDeque<>(List.of(name));
        Set<String> seen = new HashSet<>(front);
        Set<String> resampled = new HashSet<>();
        Set<String> narrowed = new HashSet<>();
        Optional<InputHint> ofUnknownWidth = Optional.empty();
        while (!front.isEmpty()) {
            String source = front.remove();
            for (Map.Entry<String, List<String>> entry : vertexInputs.entrySet()) {
                if (!entry.getValue().contains(source)) {
                    continue;
                }
                VertexOperation vertex = operations.get(entry.getKey());
                Optional<InputHint> found = expected(entry.getKey()).filter(hint -> hint.kind() != Kind.UNKNOWN);
                boolean behindResampling = resampled.contains(source);
                boolean behindSelection = narrowed.contains(source);
                if (found.isPresent() && !(behindResampling && found.get().kind() == Kind.FEED_FORWARD)) {
                    if (!behindSelection) {
                        return found.get().toInput(name);
                    }
                    // Something else that the input feeds may tell its width.
                    ofUnknownWidth = ofUnknownWidth.or(() -> found.map(InputHint::withUnknownSize));
                }
                if (!behindResampling && !behindSelection) {
                    Optional<InputHint> rest = remainder(entry.getKey(), source);
                    if (rest.isPresent()) {
                        return rest.get().toInput(name);
                    }
                }
                boolean selects = selects(entry.getKey(), source);
                if (behindSelection || selects) {
                    narrowed.add(entry.getKey());
                }
                // What was pooled or padded before the first weights was no vector, even if the weights take one.
                boolean unitwise =
                        vertex.is(Trait.UNITWISE) && vertex.preprocessor().isEmpty();
                if (behindResampling || !selects && !unitwise) {
                    resampled.add(entry.getKey());
                }
                if (found.isPresent() || preprocesses(vertex)) {
                    // What is behind weights, or behind a preprocessor of which nothing is known, tells nothing of the
                    // input.
                    continue;
                }
                // A join does not tell the widths of its single inputs, whatever follows it.
                if ((entry.getValue().size() == 1 || selects) && seen.add(entry.getKey())) {
                    front.add(entry.getKey());
                }
            }
        }
        return ofUnknownWidth.orElseGet(() -> InputHint.units(Layout.UNKNOWN)).toInput(name);
    }

    private Optional<InputHint> expected(String name) {
        VertexOperation vertex = operations.get(name);
        // An activation function, too, takes what is taken from it.
        Optional<InputHint> behind = !preprocesses(vertex) || !vertex.takesWhatFollows()
                ? Optional.empty()
                : vertexInputs.entrySet().stream()
                        .filter(entry -> entry.getValue().equals(List.of(name)))
                        .map(entry -> expected(entry.getKey()))
                        .flatMap(Optional::stream)
                        .findFirst();
        return vertex.expectedInput(behind);
    }

    /** What a join gets from one of its inputs, if all the others and the weights behind the join tell their widths. */
    private Optional<InputHint> remainder(String join, String source) {
        List<String> joined = vertexInputs.get(join);
        if (!(configuration(join) instanceof MergeVertex) || Collections.frequency(joined, source) != 1) {
            return Optional.empty();
        }
        List<OptionalLong> others = joined.stream()
                .filter(other -> !other.equals(source))
                .map(this::width)
                .toList();
        if (others.isEmpty() || others.stream().anyMatch(OptionalLong::isEmpty)) {
            return Optional.empty();
        }
        long known = others.stream().mapToLong(OptionalLong::getAsLong).sum();
        return vertexInputs.entrySet().stream()
                .filter(entry -> entry.getValue().equals(List.of(join)))
                .flatMap(entry -> expected(entry.getKey()).stream())
                .filter(hint -> hint.kind() != Kind.UNKNOWN && hint.size() > known)
                .map(hint -> new InputHint(hint.kind(), hint.format(), hint.size() - known, hint.extents()))
                .findFirst();
    }

    /** The number of units that a vertex gives, if layers with weights tell it. */
    private OptionalLong width(String name) {
        VertexOperation vertex = operations.get(name);
        if (vertex == null) {
            return OptionalLong.empty();
        }
        if (vertex.configuration() instanceof LayerVertex layer
                && layer.getLayerConf().getLayer() instanceof FeedForwardLayer weighted
                && weighted.getNOut() > 0) {
            return OptionalLong.of(weighted.getNOut());
        }
        boolean keeps = vertex.preprocessor().isEmpty() && (vertex.is(Trait.UNITWISE) || vertex.is(Trait.KEEPS_UNITS));
        return keeps ? width(vertexInputs.get(name).get(0)) : OptionalLong.empty();
    }

    private static boolean preprocesses(VertexOperation vertex) {
        return vertex.preprocessor().isPresent() || vertex.configuration() instanceof PreprocessorVertex;
    }

    /** Tells whether a vertex takes a range of what feeds it, or joins ranges of one and the same source. */
    private boolean selects(String vertex, String source) {
        if (configuration(vertex) instanceof SubsetVertex) {
            return true;
        }
        List<String> origin = vertexInputs.get(source);
        return configuration(vertex) instanceof MergeVertex
                && vertexInputs.get(vertex).stream()
                        .allMatch(input -> operations.containsKey(input)
                                && configuration(input) instanceof SubsetVertex
                                && vertexInputs.get(input).equals(origin));
    }

    private GraphVertex configuration(String vertex) {
        return operations.get(vertex).configuration();
    }
}
