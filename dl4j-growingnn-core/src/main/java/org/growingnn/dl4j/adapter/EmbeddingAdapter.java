package org.growingnn.dl4j.adapter;

import java.util.Optional;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Kind;

/** Look-up tables {@code W [vocabulary, nOut]}, optional bias {@code b [nOut]}: what arrives are indices, not units. */
final class EmbeddingAdapter<L extends FeedForwardLayer> implements ConfigurationAdapter<L> {

    private static final String WEIGHT = DefaultParamInitializer.WEIGHT_KEY;
    private static final String BIAS = DefaultParamInitializer.BIAS_KEY;

    private final Class<L> type;

    private EmbeddingAdapter(Class<L> type) {
        this.type = type;
    }

    static ConfigurationAdapter<?> single() {
        return new EmbeddingAdapter<>(EmbeddingLayer.class);
    }

    static ConfigurationAdapter<?> sequence() {
        return new EmbeddingAdapter<>(EmbeddingSequenceLayer.class);
    }

    @Override
    public Class<L> type() {
        return type;
    }

    @Override
    public Signal propagate(L layer, Propagation p) {
        p.freeze(p.input().units(), "'" + p.vertex() + "' takes indices");
        p.indices(p.input().units());
        Layout out = p.produce(p.shape(WEIGHT)[1]);
        p.axes(WEIGHT, Axis.free(), Axis.produces(out));
        if (p.has(BIAS)) {
            p.axes(BIAS, Axis.produces(out));
        }
        Signals.activation(layer.getActivationFn(), out, p);
        if (!(layer instanceof EmbeddingSequenceLayer sequence)) {
            return Signal.feedForward(out);
        }
        long steps = sequence.isInferInputLength() ? Layout.UNKNOWN : sequence.getInputLength();
        return new Signal(Kind.RECURRENT, out, InputTypes.format(sequence.getOutputFormat()), steps);
    }

    @Override
    public L withWidths(L layer, Widths widths) {
        layer.setNOut(widths.size(WEIGHT, 1));
        return layer;
    }

    /** What arrives are indices, not as many values as the vocabulary has words. */
    @Override
    public Optional<InputHint> expectedInput(L layer, Optional<InputHint> behind) {
        if (!(layer instanceof EmbeddingSequenceLayer sequence)) {
            return Optional.of(InputHint.vectors(1));
        }
        return Optional.of(
                InputHint.vectors(sequence.isInferInputLength() ? Layout.UNKNOWN : sequence.getInputLength()));
    }
}
