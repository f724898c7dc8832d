package org.growingnn.dl4j.adapter;

import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.ToLongFunction;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.Operation;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.nd4j.shade.jackson.core.JsonProcessingException;

/** A vertex of a computation graph: its preprocessor's adapter, then its layer's or its own. */
final class VertexOperation implements Operation {

    private final GraphVertex configuration;
    private final boolean original;

    private VertexOperation(GraphVertex configuration, boolean original) {
        this.configuration = configuration;
        this.original = original;
    }

    /** Makes the operation of a vertex of the model that was read; never modified afterwards. */
    static VertexOperation original(GraphVertex configuration) {
        return new VertexOperation(configuration, true);
    }

    /** Makes the operation of a vertex that the model which was read does not have in this form; never modified afterwards. */
    static VertexOperation edited(GraphVertex configuration) {
        return new VertexOperation(configuration, false);
    }

    /** Makes the operation of a preprocessor alone. */
    static VertexOperation ofPreprocessor(InputPreProcessor preprocessor) {
        return edited(new PreprocessorVertex(preprocessor));
    }

    /** Tells whether the configuration of the model that was read holds this vertex, but for widths. */
    boolean isOriginal() {
        return original;
    }

    GraphVertex configuration() {
        return configuration;
    }

    private Object subject() {
        return configuration instanceof LayerVertex vertex ? layer(vertex) : configuration;
    }

    private static Layer layer(LayerVertex vertex) {
        return vertex.getLayerConf().getLayer();
    }

    @Override
    public String type() {
        return subject().getClass().getSimpleName();
    }

    @Override
    public Signal propagate(Propagation p) {
        Propagation behind = p;
        if (configuration instanceof LayerVertex vertex && vertex.getPreProcessor() != null) {
            behind = p.behind(AdapterRegistry.propagate(vertex.getPreProcessor(), p.before("input")));
        }
        return AdapterRegistry.propagate(subject(), behind);
    }

    @Override
    public VertexOperation resized(List<Signal> inputs, ToLongFunction<Block> lengths) {
        if (configuration instanceof LayerVertex vertex) {
            InputPreProcessor old = vertex.getPreProcessor();
            InputPreProcessor preprocessor = old == null ? null : AdapterRegistry.resized(old, inputs, lengths);
            return preprocessor == old ? this : edited(new LayerVertex(vertex.getLayerConf(), preprocessor));
        }
        GraphVertex resized = AdapterRegistry.resized(configuration, inputs, lengths);
        return resized == configuration ? this : edited(resized);
    }

    /** Tells how the array of a parameter is to be seen. */
    List<ParameterPart> parts(String key, long[] declared) {
        return AdapterRegistry.parts(subject(), key, declared);
    }

    /** Copies the configuration deeply, which DL4J's {@code clone()} does not. */
    GraphVertex copy() {
        try {
            return NeuralNetConfiguration.mapper()
                    .readValue(NeuralNetConfiguration.mapper().writeValueAsString(configuration), GraphVertex.class);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("The configuration of " + type() + " cannot be copied.", e);
        }
    }

    /** Writes widths into a fresh copy of a vertex's configuration, or replaces it. */
    static GraphVertex withWidths(GraphVertex copy, Widths widths) {
        if (!(copy instanceof LayerVertex vertex)) {
            return AdapterRegistry.withWidths(copy, widths);
        }
        if (vertex.getPreProcessor() != null) {
            vertex.setPreProcessor(AdapterRegistry.withWidths(vertex.getPreProcessor(), widths));
        }
        vertex.getLayerConf().setLayer(AdapterRegistry.withWidths(layer(vertex), widths));
        return vertex;
    }
}
