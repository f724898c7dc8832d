package org.growingnn.dl4j.adapter;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
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
