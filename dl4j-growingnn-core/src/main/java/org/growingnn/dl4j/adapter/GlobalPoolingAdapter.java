package org.growingnn.dl4j.adapter;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/** Pooling over all positions of each unit. */
final class GlobalPoolingAdapter implements ConfigurationAdapter<GlobalPoolingLayer> {

    @Override
    public Class<GlobalPoolingLayer> type() {
        return GlobalPoolingLayer.class;
    }

    @Override
    public Signal propagate(GlobalPoolingLayer layer, Propagation p) {
        if (layer.isCollapseDimensions()) {
            return Signal.feedForward(p.input().units());
        }
        long[] extents = p.input().extents();
        Arrays.fill(extents, 1);
        return p.input().withExtents(extents);
    }
}
