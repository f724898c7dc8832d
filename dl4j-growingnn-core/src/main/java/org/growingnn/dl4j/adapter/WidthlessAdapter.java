package org.growingnn.dl4j.adapter;

import java.util.Set;
import java.util.function.BiFunction;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/** Layers, vertices and preprocessors that store no width. */
final class WidthlessAdapter<C> implements ConfigurationAdapter<C> {

    private final Class<C> type;
    private final BiFunction<C, Propagation, Signal> rule;
    private final Set<Trait> traits;

    /** @param rule see {@link ConfigurationAdapter#propagate} */
    WidthlessAdapter(Class<C> type, BiFunction<C, Propagation, Signal> rule, Trait... traits) {
        this.type = type;
        this.rule = rule;
        this.traits = Set.of(traits);
    }

    /** Makes the adapter of what keeps units and positions as they are. */
    static <C> WidthlessAdapter<C> unitwise(Class<C> type, Trait... traits) {
        return new WidthlessAdapter<>(type, (configuration, p) -> p.input(), traits);
    }

    @Override
    public Class<C> type() {
        return type;
    }

    @Override
    public Signal propagate(C configuration, Propagation p) {
        return rule.apply(configuration, p);
    }

    @Override
    public Set<Trait> traits(C configuration) {
        return traits;
    }
}
