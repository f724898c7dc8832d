package org.growingnn.dl4j.adapter;

import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/** Layers, vertices and preprocessors that keep units and positions as they are and store no width. */
final class UnitwiseAdapter<C> implements ConfigurationAdapter<C> {

    private final Class<C> type;

    UnitwiseAdapter(Class<C> type) {
        this.type = type;
    }

    @Override
    public Class<C> type() {
        return type;
    }

    @Override
    public Signal propagate(C configuration, Propagation p) {
        if (configuration instanceof ActivationLayer layer) {
            Signals.activation(layer.getActivationFn(), p.input().units(), p);
        }
        return p.input();
    }
}
