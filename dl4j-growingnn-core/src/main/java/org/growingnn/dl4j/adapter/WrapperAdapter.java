package org.growingnn.dl4j.adapter;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.growingnn.dl4j.adapter.Weighing.Features;
import org.growingnn.dl4j.adapter.Weighing.Rows;
import org.growingnn.dl4j.adapter.Weighing.Term;
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

    /** What the wrapper does with the work of the wrapped one's adapter. */
    private interface Around<C, W> {
        Signal propagate(C wrapper, Propagation p, Function<Propagation, Signal> wrapped);

        /** What the wrapper takes, if the wrapped one takes this. */
        default InputHint takes(C wrapper, InputHint wrapped) {
            return wrapped;
        }

        /** How the wrapper weighs, if the wrapped one weighs so. */
        default Weighing weighs(C wrapper, Weighing wrapped) {
            return wrapped;
        }
    }

    private final Class<C> type;
    private final Function<C, W> wrapped;
    private final Around<C, W> around;
    private final Supplier<AdapterRegistry> adapters;
    private final Set<Trait> traits;

    private WrapperAdapter(
            Class<C> type,
            Function<C, W> wrapped,
            Around<C, W> around,
            Supplier<AdapterRegistry> adapters,
            Set<Trait> traits) {
        this.type = type;
        this.wrapped = wrapped;
        this.around = around;
        this.adapters = adapters;
        this.traits = traits;
    }

    static ConfigurationAdapter<?> lastTimeStep() {
        return of(
                LastTimeStep.class,
                LastTimeStep::getUnderlying,
                (layer, p, wrapped) -> Signal.feedForward(wrapped.apply(p).units()));
    }

    static ConfigurationAdapter<?> timeDistributed() {
        return of(TimeDistributed.class, TimeDistributed::getUnderlying, new AtEachStep());
    }

    /** Applies a layer to all steps of a series, whose format the wrapper knows. */
    private static final class AtEachStep implements Around<TimeDistributed, Layer> {
        @Override
        public Signal propagate(TimeDistributed layer, Propagation p, Function<Propagation, Signal> wrapped) {
            Signal in = Signals.recurrent(p.input());
            // Behind the recurrent signal the layer counts its work once per time step, as dense layers on series do.
            return in.withUnits(wrapped.apply(p.behind(in)).units());
        }

        @Override
        public InputHint takes(TimeDistributed layer, InputHint wrapped) {
            return InputHint.series(wrapped.size(), InputTypes.format(layer.getRnnDataFormat()));
        }

        @Override
        public Weighing weighs(TimeDistributed layer, Weighing wrapped) {
            Features rows = new Rows(InputTypes.format(layer.getRnnDataFormat()));
            return new Weighing(
                    wrapped.terms().stream()
                            .map(term -> term.features() instanceof Rows ? new Term(term.key(), rows) : term)
                            .toList(),
                    wrapped.linear());
        }
    }

    static ConfigurationAdapter<?> maskZero() {
        return of(MaskZeroLayer.class, MaskZeroLayer::getUnderlying, WrapperAdapter::asIs);
    }

    static ConfigurationAdapter<?> frozenLayer() {
        return of(FrozenLayer.class, FrozenLayer::getLayer, WrapperAdapter::asIs, Trait.FROZEN, Trait.STOPS_GRADIENTS);
    }

    static ConfigurationAdapter<?> frozenLayerWithBackprop() {
        return of(
                FrozenLayerWithBackprop.class,
                FrozenLayerWithBackprop::getUnderlying,
                WrapperAdapter::asIs,
                Trait.FROZEN);
    }

    static ConfigurationAdapter<?> frozenVertex() {
        return of(
                FrozenVertex.class,
                FrozenVertex::getUnderlying,
                WrapperAdapter::asIs,
                Trait.FROZEN,
                Trait.STOPS_GRADIENTS);
    }

    private static <C, W> WrapperAdapter<C, W> of(
            Class<C> type, Function<C, W> wrapped, Around<C, W> around, Trait... traits) {
        return new WrapperAdapter<>(type, wrapped, around, AdapterRegistry::standard, Set.of(traits));
    }

    private static Signal asIs(Object wrapper, Propagation p, Function<Propagation, Signal> wrapped) {
        return wrapped.apply(p);
    }

    @Override
    public Class<C> type() {
        return type;
    }

    @Override
    public WrapperAdapter<C, W> within(AdapterRegistry registry) {
        return new WrapperAdapter<>(type, wrapped, around, () -> registry, traits);
    }

    /** What is frozen inside stays so. What else the wrapped one does is not certain any more. */
    @Override
    public Set<Trait> traits(C wrapper) {
        W inner = wrapped.apply(wrapper);
        Set<Trait> all = new HashSet<>(adapter(inner).traits(inner));
        all.retainAll(Set.of(Trait.FROZEN, Trait.STOPS_GRADIENTS));
        all.addAll(traits);
        return all;
    }

    private ConfigurationAdapter<W> adapter(W inner) {
        return adapters.get().of(inner);
    }

    @Override
    public Signal propagate(C wrapper, Propagation p) {
        W inner = wrapped.apply(wrapper);
        Signal signal = around.propagate(wrapper, p, behind -> adapter(inner).propagate(inner, behind));
        if (traits.contains(Trait.FROZEN)) {
            String reason = "'" + p.vertex() + "' is frozen in the model";
            if (adapters.get().prunesFrozenLayers()) {
                p.keepWeights(reason);
            } else {
                p.freezeProduced(reason + "; pruneFrozenLayers(true) lets its units be removed");
            }
        }
        return signal;
    }

    @Override
    public Optional<InputHint> expectedInput(C wrapper, Optional<InputHint> behind) {
        W inner = wrapped.apply(wrapper);
        return adapter(inner).expectedInput(inner, behind).map(hint -> around.takes(wrapper, hint));
    }

    @Override
    public Optional<Weighing> weighing(C wrapper) {
        W inner = wrapped.apply(wrapper);
        return adapter(inner).weighing(inner).map(weighing -> around.weighs(wrapper, weighing));
    }

    @Override
    public List<ParameterPart> parts(C wrapper, String key, long[] declared) {
        W inner = wrapped.apply(wrapper);
        return adapter(inner).parts(inner, key, declared);
    }

    @Override
    public C withWidths(C wrapper, Widths widths) {
        W inner = wrapped.apply(wrapper);
        return rewrap(wrapper, inner, adapter(inner).withWidths(inner, widths));
    }

    @Override
    public C resized(C wrapper, List<Signal> inputs, ToLongFunction<Block> lengths) {
        W inner = wrapped.apply(wrapper);
        return rewrap(wrapper, inner, adapter(inner).resized(inner, inputs, lengths));
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
