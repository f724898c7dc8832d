package org.growingnn.dl4j.adapter;

import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.Constraint;
import org.growingnn.dl4j.graph.LayerFactory.Join;
import org.growingnn.dl4j.graph.LayerFactory.Scaling;
import org.growingnn.dl4j.graph.Operation;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.jspecify.annotations.Nullable;
import org.nd4j.shade.jackson.core.JsonProcessingException;

/** A vertex of a computation graph: its preprocessor's adapter, then its layer's or its own. */
final class VertexOperation implements Operation {

    private final AdapterRegistry adapters;
    private final GraphVertex configuration;
    private final boolean original;
    private volatile @Nullable String configured;

    private VertexOperation(AdapterRegistry adapters, GraphVertex configuration, boolean original) {
        this.adapters = adapters;
        this.configuration = configuration;
        this.original = original;
    }

    /** Makes the operation of a vertex of the model that was read; never modified afterwards. */
    static VertexOperation original(AdapterRegistry adapters, GraphVertex configuration) {
        return new VertexOperation(adapters, configuration, true);
    }

    /** Makes the operation of a vertex that the model which was read does not have in this form; never modified afterwards. */
    static VertexOperation edited(AdapterRegistry adapters, GraphVertex configuration) {
        return new VertexOperation(adapters, configuration, false);
    }

    /** Makes the operation of a preprocessor alone. */
    static VertexOperation ofPreprocessor(AdapterRegistry adapters, InputPreProcessor preprocessor) {
        return edited(adapters, new PreprocessorVertex(preprocessor));
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
            behind = p.behind(
                    adapters.of(vertex.getPreProcessor()).propagate(vertex.getPreProcessor(), p.before("input")));
        }
        return adapters.of(subject()).propagate(subject(), behind);
    }

    @Override
    public VertexOperation resized(List<Signal> inputs, ToLongFunction<Block> lengths) {
        if (configuration instanceof LayerVertex vertex) {
            InputPreProcessor old = vertex.getPreProcessor();
            InputPreProcessor preprocessor =
                    old == null ? null : adapters.of(old).resized(old, inputs, lengths);
            return preprocessor == old ? this : edited(adapters, new LayerVertex(vertex.getLayerConf(), preprocessor));
        }
        GraphVertex resized = adapters.of(configuration).resized(configuration, inputs, lengths);
        return resized == configuration ? this : edited(adapters, resized);
    }

    /** Tells how the array of a parameter is to be seen. */
    List<ParameterPart> parts(String key, long[] declared) {
        return adapters.of(subject()).parts(subject(), key, declared);
    }

    /** An adapter that shows an array in another shape reverses it, so that showing it twice gives the shape that was declared. */
    @Override
    public Optional<Constraint> constraint(String key) {
        return configuration instanceof LayerVertex vertex
                ? ParameterConstraint.of(
                        layer(vertex), key, shape -> parts(key, shape).get(0).shape())
                : Optional.empty();
    }

    @Override
    public boolean isFrozen() {
        return is(Trait.FROZEN);
    }

    @Override
    public boolean stopsGradients() {
        return is(Trait.STOPS_GRADIENTS);
    }

    /** Copies the configuration deeply, which DL4J's {@code clone()} does not. */
    GraphVertex copy() {
        return parse(json());
    }

    /** Reads what {@link #json()} wrote. */
    static GraphVertex parse(String json) {
        try {
            return NeuralNetConfiguration.mapper().readValue(json, GraphVertex.class);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("A vertex cannot be made of its configuration: " + json, e);
        }
    }

    String json() {
        try {
            return NeuralNetConfiguration.mapper().writeValueAsString(configuration);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("The configuration of " + type() + " cannot be written.", e);
        }
    }

    /** Widths in it may be stale, which shares fewer grades, but no wrong ones. The origin has the vertices that were read. */
    @Override
    public String configured() {
        if (configured == null) {
            configured = original ? structure() : json();
        }
        return configured;
    }

    /** Writes widths into a fresh copy of a vertex's configuration, or replaces it. */
    GraphVertex withWidths(GraphVertex copy, Widths widths) {
        if (!(copy instanceof LayerVertex vertex)) {
            return adapters.of(copy).withWidths(copy, widths);
        }
        InputPreProcessor preprocessor = vertex.getPreProcessor();
        if (preprocessor != null) {
            vertex.setPreProcessor(adapters.of(preprocessor).withWidths(preprocessor, widths));
        }
        vertex.getLayerConf().setLayer(adapters.of(layer(vertex)).withWidths(layer(vertex), widths));
        return vertex;
    }

    /**
     * Tells what the vertex takes, before its preprocessor.
     *
     * @param behind what is taken from it, if it is a preprocessor itself
     */
    Optional<InputHint> expectedInput(Optional<InputHint> behind) {
        Optional<InputHint> taken = adapters.of(subject()).expectedInput(subject(), behind);
        if (taken.isEmpty() && is(Trait.UNITWISE)) {
            taken = behind;
        }
        Optional<InputHint> layer = taken;
        return preprocessor()
                .map(preprocessor -> adapters.of(preprocessor).expectedInput(preprocessor, layer))
                .orElse(layer);
    }

    /** Tells whether the vertex, not counting its preprocessor, passes on what it takes, or is a preprocessor itself. */
    boolean takesWhatFollows() {
        return configuration instanceof PreprocessorVertex || is(Trait.UNITWISE);
    }

    Optional<Weighing> weighing() {
        return adapters.of(subject()).weighing(subject());
    }

    /** Tells whether the vertex, not counting its preprocessor, has a trait. */
    boolean is(Trait trait) {
        return traits(subject()).contains(trait);
    }

    /** Tells whether there is a preprocessor that has a trait. */
    boolean preprocessorIs(Trait trait) {
        return preprocessor()
                .filter(preprocessor -> traits(preprocessor).contains(trait))
                .isPresent();
    }

    private <C> Set<Trait> traits(C subject) {
        return adapters.of(subject).traits(subject);
    }

    Optional<Join> join() {
        return adapters.of(subject()).join(subject());
    }

    Optional<Scaling> scaling(Map<String, Parameter> parameters) {
        return adapters.of(subject()).scaling(subject(), parameters);
    }

    /** Gives the preprocessor in front of the vertex's layer. */
    Optional<InputPreProcessor> preprocessor() {
        return configuration instanceof LayerVertex vertex
                ? Optional.ofNullable(vertex.getPreProcessor())
                : Optional.empty();
    }

    /** Makes the operation of what is frozen as if it were not; this one where nothing is. */
    VertexOperation thawed() {
        return is(Trait.FROZEN) ? edited(adapters, FrozenLayers.unwrapped(copy())) : this;
    }

    /** Makes the same operation without the preprocessor in front of it. */
    VertexOperation withoutPreprocessor() {
        return configuration instanceof LayerVertex vertex
                ? edited(adapters, new LayerVertex(vertex.getLayerConf(), null))
                : this;
    }
}
