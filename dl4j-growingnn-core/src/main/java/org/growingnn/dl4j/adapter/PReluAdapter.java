package org.growingnn.dl4j.adapter;

import java.util.Arrays;
import java.util.Set;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.params.PReLUParamInitializer;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Format;

/** Parametric ReLU: slopes {@code W} in the shape of one example, of extent 1 along shared axes. */
final class PReluAdapter implements ConfigurationAdapter<PReLULayer> {

    private static final String WEIGHT = PReLUParamInitializer.WEIGHT_KEY;

    @Override
    public Class<PReLULayer> type() {
        return PReLULayer.class;
    }

    @Override
    public Signal propagate(PReLULayer layer, Propagation p) {
        Axis[] axes = new Axis[p.shape(WEIGHT).length];
        Arrays.fill(axes, Axis.free());
        int unitAxis = p.input().format() == Format.CHANNELS_FIRST ? 0 : axes.length - 1;
        // DL4J counts shared axes from 1, behind the one of examples.
        boolean shared = layer.getSharedAxes() != null
                && Arrays.stream(layer.getSharedAxes()).anyMatch(axis -> axis == unitAxis + 1);
        if (!shared) {
            axes[unitAxis] = Axis.follows(p.input().units());
        }
        p.axes(WEIGHT, axes);
        return p.input();
    }

    @Override
    public PReLULayer withWidths(PReLULayer layer, Widths widths) {
        layer.setInputShape(widths.parameters().get(WEIGHT).value().shape());
        return layer;
    }

    @Override
    public Set<Trait> traits(PReLULayer layer) {
        return Set.of(Trait.BELONGS_TO_LAYER_IN_FRONT);
    }
}
