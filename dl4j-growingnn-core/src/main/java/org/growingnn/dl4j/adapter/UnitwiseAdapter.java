package org.growingnn.dl4j.adapter;

import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/** Layers, vertices and preprocessors that keep units and positions as they are and store no width. */
final class UnitwiseAdapter<C> implements ConfigurationAdapter<C> {

    private final Class<C> type;
    private final String mixes;

    UnitwiseAdapter(Class<C> type) {
        this(type, null);
    }

    /** @param mixes how units influence each other, or null if they do not */
    UnitwiseAdapter(Class<C> type, String mixes) {
        this.type = type;
        this.mixes = mixes;
    }

    @Override
    public Class<C> type() {
        return type;
    }

    @Override
    public Signal propagate(C configuration, Propagation p) {
        if (mixes != null) {
            p.mixes(p.input().units(), mixes + " in '" + p.vertex() + "'");
        }
        if (configuration instanceof ActivationLayer layer) {
            Signals.activation(layer.getActivationFn(), p.input().units(), p);
        }
        return p.input();
    }
}
