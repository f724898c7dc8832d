package org.growingnn.dl4j.adapter;

import org.deeplearning4j.nn.conf.layers.Layer;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Kind;

/** Layers without parameters that work on each unit's map alone and change its extents: pooling, padding. */
final class ResamplingAdapter<L extends Layer> implements ConfigurationAdapter<L> {

    private final Class<L> type;

    ResamplingAdapter(Class<L> type) {
        this.type = type;
    }

    @Override
    public Class<L> type() {
        return type;
    }

    @Override
    public Signal propagate(L layer, Propagation p) {
        Signal in = p.input();
        return in.kind() == Kind.UNKNOWN ? in : in.withExtents(InputTypes.outputExtents(layer, in));
    }
}
