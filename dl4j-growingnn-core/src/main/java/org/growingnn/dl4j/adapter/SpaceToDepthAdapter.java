package org.growingnn.dl4j.adapter;

import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/** Moves blocks of {@code s × s} positions into channels: the whole list of channels comes s² times. */
final class SpaceToDepthAdapter implements ConfigurationAdapter<SpaceToDepthLayer> {

    @Override
    public Class<SpaceToDepthLayer> type() {
        return SpaceToDepthLayer.class;
    }

    @Override
    public Signal propagate(SpaceToDepthLayer layer, Propagation p) {
        Signal in = Signals.convolutional(p.input());
        long side = layer.getBlockSize();
        return in.withUnits(in.units().repeat(side * side)).withExtents(InputTypes.outputExtents(layer, in));
    }
}
