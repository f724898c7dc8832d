package org.growingnn.dl4j.adapter;

import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.params.CenterLossParamInitializer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.params.PretrainParamInitializer;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Kind;

/**
 * Fully connected layers: {@code W [nIn, nOut]}, optional bias {@code b [nOut]} and layer-norm gain {@code g [nOut]}. Some have
 * values per arriving unit besides: the visible bias {@code vb [nIn]} of an auto-encoder, the class centres {@code cL [nOut,
 * nIn]} of the centre loss.
 */
final class DenseAdapter<L extends FeedForwardLayer> implements ConfigurationAdapter<L> {

    private static final String WEIGHT = DefaultParamInitializer.WEIGHT_KEY;
    private static final String BIAS = DefaultParamInitializer.BIAS_KEY;
    private static final String GAIN = DefaultParamInitializer.GAIN_KEY;
    private static final String VISIBLE_BIAS = PretrainParamInitializer.VISIBLE_BIAS_KEY;
    private static final String CENTRES = CenterLossParamInitializer.CENTER_KEY;

    private final Class<L> type;
    private final Function<L, InputHint> input;

    private DenseAdapter(Class<L> type, Function<L, InputHint> input) {
        this.type = type;
        this.input = input;
    }

    static <L extends FeedForwardLayer> DenseAdapter<L> vectors(Class<L> type) {
        return new DenseAdapter<>(type, layer -> InputHint.vectors(layer.getNIn()));
    }

    static ConfigurationAdapter<?> series() {
        return new DenseAdapter<>(
                RnnOutputLayer.class,
                layer -> InputHint.series(layer.getNIn(), InputTypes.format(layer.getRnnDataFormat())));
    }

    @Override
    public Class<L> type() {
        return type;
    }

    @Override
    public Signal propagate(L layer, Propagation p) {
        long[] shape = p.shape(WEIGHT);
        Layout in = p.input().units();
        Layout out = p.produce(shape[1]);
        p.axes(WEIGHT, Axis.consumes(in), Axis.produces(out));
        if (p.has(BIAS)) {
            p.axes(BIAS, Axis.produces(out));
        }
        if (p.has(GAIN)) {
            p.axes(GAIN, Axis.produces(out));
            p.mixes(out, "layer normalisation in '" + p.vertex() + "'");
            // A single unit has no spread to divide by.
            p.atLeast(out, 2);
        }
        if (p.has(VISIBLE_BIAS)) {
            p.axes(VISIBLE_BIAS, Axis.follows(in));
        }
        if (p.has(CENTRES)) {
            p.axes(CENTRES, Axis.produces(out), Axis.follows(in));
        }
        Signals.activation(layer.getActivationFn(), out, p);
        boolean series = p.input().kind() == Kind.RECURRENT;
        p.macs(Signals.product(shape[0], shape[1], series ? p.input().positions() : 1));
        return series ? p.input().withUnits(out) : Signal.feedForward(out);
    }

    @Override
    public L withWidths(L layer, Widths widths) {
        layer.setNIn(widths.size(WEIGHT, 0));
        layer.setNOut(widths.size(WEIGHT, 1));
        return layer;
    }

    @Override
    public Optional<InputHint> expectedInput(L layer, Optional<InputHint> behind) {
        return Optional.of(input.apply(layer)).filter(hint -> hint.size() > 0);
    }

    private static boolean hasLayerNorm(FeedForwardLayer layer) {
        return layer instanceof DenseLayer dense && dense.hasLayerNorm();
    }

    @Override
    public Optional<Weighing> weighing(L layer) {
        // The weights of an auto-encoder are those of its decoder, too.
        return hasLayerNorm(layer) || layer instanceof AutoEncoder
                ? Optional.empty()
                : Optional.of(Weighing.rows(
                        WEIGHT, input.apply(layer).format(), Activations.isIdentity(layer.getActivationFn())));
    }

    @Override
    public Set<Trait> traits(L layer) {
        return hasLayerNorm(layer) ? Set.of() : Activations.traits(layer.getActivationFn());
    }
}
