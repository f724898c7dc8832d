package org.growingnn.dl4j.adapter;

import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/**
 * Layers and vertices that wrap one other and have its parameters under the same keys: the wrapped one's adapter does the
 * work.
 *
 * @param <C> the wrapper
 * @param <W> what it wraps
 */
final class WrapperAdapter<C, W> implements ConfigurationAdapter<C> {

    /** What the wrapper adds to the wrapped one's propagation. */
    private interface Around<W> {
        Signal propagate(W wrapped, Propagation p);
    }

    private final Class<C> type;
    private final Function<C, W> wrapped;
    private final Around<W> around;

    private WrapperAdapter(Class<C> type, Function<C, W> wrapped, Around<W> around) {
        this.type = type;
        this.wrapped = wrapped;
        this.around = around;
    }

    static ConfigurationAdapter<?> lastTimeStep() {
        return new WrapperAdapter<>(
                LastTimeStep.class,
                LastTimeStep::getUnderlying,
                (layer, p) ->
                        Signal.feedForward(AdapterRegistry.propagate(layer, p).units()));
    }

    static ConfigurationAdapter<?> timeDistributed() {
        return new WrapperAdapter<>(TimeDistributed.class, TimeDistributed::getUnderlying, (layer, p) -> {
            Signal in = Signals.recurrent(p.input());
            // Behind the recurrent signal the layer counts its work once per time step, as dense layers on series do.
            return in.withUnits(AdapterRegistry.propagate(layer, p.behind(in)).units());
        });
    }

    static ConfigurationAdapter<?> maskZero() {
        return new WrapperAdapter<>(MaskZeroLayer.class, MaskZeroLayer::getUnderlying, AdapterRegistry::propagate);
    }

    static ConfigurationAdapter<?> frozenLayer() {
        return new WrapperAdapter<>(FrozenLayer.class, FrozenLayer::getLayer, WrapperAdapter::frozen);
    }

    static ConfigurationAdapter<?> frozenLayerWithBackprop() {
        return new WrapperAdapter<>(
                FrozenLayerWithBackprop.class, FrozenLayerWithBackprop::getUnderlying, WrapperAdapter::frozen);
    }

    static ConfigurationAdapter<?> frozenVertex() {
        return new WrapperAdapter<FrozenVertex, GraphVertex>(
                FrozenVertex.class, FrozenVertex::getUnderlying, WrapperAdapter::frozen);
    }

    private static <W> Signal frozen(W wrapped, Propagation p) {
        Signal signal = AdapterRegistry.propagate(wrapped, p);
        p.freezeProduced("'" + p.vertex() + "' is frozen in the model");
        return signal;
    }

    @Override
    public Class<C> type() {
        return type;
    }

    @Override
    public Signal propagate(C wrapper, Propagation p) {
        return around.propagate(wrapped.apply(wrapper), p);
    }

    @Override
    public List<ParameterPart> parts(C wrapper, String key, long[] declared) {
        return AdapterRegistry.parts(wrapped.apply(wrapper), key, declared);
    }

    @Override
    public C withWidths(C wrapper, Widths widths) {
        W inner = wrapped.apply(wrapper);
        return rewrap(wrapper, inner, AdapterRegistry.withWidths(inner, widths));
    }

    @Override
    public C resized(C wrapper, List<Signal> inputs, ToLongFunction<Block> lengths) {
        W inner = wrapped.apply(wrapper);
        return rewrap(wrapper, inner, AdapterRegistry.resized(inner, inputs, lengths));
    }

    private C rewrap(C wrapper, W inner, W replacement) {
        if (replacement == inner) {
            return wrapper;
        }
        if (wrapper instanceof FrozenVertex) {
            return type.cast(new FrozenVertex((GraphVertex) replacement));
        }
        throw new IllegalStateException("The adapter of " + inner.getClass().getSimpleName()
                + " must return the configuration that it is given, because " + type.getSimpleName()
                + " cannot wrap another one.");
    }
}
