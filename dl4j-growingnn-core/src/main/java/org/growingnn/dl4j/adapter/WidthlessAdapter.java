package org.growingnn.dl4j.adapter;

import java.util.function.BiFunction;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/** Layers, vertices and preprocessors that store no width. */
final class WidthlessAdapter<C> implements ConfigurationAdapter<C> {

    private final Class<C> type;
    private final BiFunction<C, Propagation, Signal> rule;

    /** @param rule see {@link ConfigurationAdapter#propagate} */
    WidthlessAdapter(Class<C> type, BiFunction<C, Propagation, Signal> rule) {
        this.type = type;
        this.rule = rule;
    }

    /** Makes the adapter of what keeps units and positions as they are. */
    static <C> WidthlessAdapter<C> unitwise(Class<C> type) {
        return new WidthlessAdapter<>(type, (configuration, p) -> p.input());
    }

    @Override
    public Class<C> type() {
        return type;
    }

    @Override
    public Signal propagate(C configuration, Propagation p) {
        return rule.apply(configuration, p);
    }
}
