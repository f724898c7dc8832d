package org.growingnn.dl4j.adapter;

import java.util.List;
import java.util.function.ToLongFunction;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/** A preprocessor as a vertex of its own. */
final class PreprocessorVertexAdapter implements ConfigurationAdapter<PreprocessorVertex> {

    @Override
    public Class<PreprocessorVertex> type() {
        return PreprocessorVertex.class;
    }

    @Override
    public Signal propagate(PreprocessorVertex vertex, Propagation p) {
        return AdapterRegistry.propagate(vertex.getPreProcessor(), p);
    }

    @Override
    public PreprocessorVertex withWidths(PreprocessorVertex vertex, Widths widths) {
        vertex.setPreProcessor(AdapterRegistry.withWidths(vertex.getPreProcessor(), widths));
        return vertex;
    }

    @Override
    public PreprocessorVertex resized(PreprocessorVertex vertex, List<Signal> inputs, ToLongFunction<Block> lengths) {
        InputPreProcessor resized = AdapterRegistry.resized(vertex.getPreProcessor(), inputs, lengths);
        return resized == vertex.getPreProcessor() ? vertex : new PreprocessorVertex(resized);
    }
}
