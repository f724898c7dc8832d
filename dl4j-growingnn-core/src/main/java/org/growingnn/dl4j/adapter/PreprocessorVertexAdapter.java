package org.growingnn.dl4j.adapter;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/** A preprocessor as a vertex of its own. */
final class PreprocessorVertexAdapter implements ConfigurationAdapter<PreprocessorVertex> {

    private final Supplier<AdapterRegistry> adapters;

    PreprocessorVertexAdapter(Supplier<AdapterRegistry> adapters) {
        this.adapters = adapters;
    }

    @Override
    public PreprocessorVertexAdapter within(AdapterRegistry registry) {
        return new PreprocessorVertexAdapter(() -> registry);
    }

    private ConfigurationAdapter<InputPreProcessor> adapter(PreprocessorVertex vertex) {
        return adapters.get().of(vertex.getPreProcessor());
    }

    @Override
    public Class<PreprocessorVertex> type() {
        return PreprocessorVertex.class;
    }

    @Override
    public Signal propagate(PreprocessorVertex vertex, Propagation p) {
        return adapter(vertex).propagate(vertex.getPreProcessor(), p);
    }

    @Override
    public Optional<InputHint> expectedInput(PreprocessorVertex vertex, Optional<InputHint> behind) {
        return adapter(vertex).expectedInput(vertex.getPreProcessor(), behind);
    }

    @Override
    public PreprocessorVertex withWidths(PreprocessorVertex vertex, Widths widths) {
        vertex.setPreProcessor(adapter(vertex).withWidths(vertex.getPreProcessor(), widths));
        return vertex;
    }

    @Override
    public PreprocessorVertex resized(PreprocessorVertex vertex, List<Signal> inputs, ToLongFunction<Block> lengths) {
        InputPreProcessor resized = adapter(vertex).resized(vertex.getPreProcessor(), inputs, lengths);
        return resized == vertex.getPreProcessor() ? vertex : new PreprocessorVertex(resized);
    }
}
